import { createContext, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { defined } from '../base/assert.ts';
import { registerCommands } from './commands/commands.ts';
import { CommandRegistry } from './commands/registry.ts';
import { type Translate, translator } from './i18n/translate.ts';
import { Dock } from './layout/dock.ts';
import { Machine, type MachineView } from './machine/machine.ts';
import { createSettings, type Settings, type SettingsStore } from './settings/settings.ts';

/** What is open over the panels. */
export interface Overlay {
  readonly open: 'palette' | 'keys' | null;
}

/** The page's parts, one of each; components reach them through `useLab`. */
export interface Lab {
  readonly settings: SettingsStore;
  readonly machine: Machine;
  readonly dock: Dock;
  readonly commands: CommandRegistry;
  readonly overlay: StoreApi<Overlay>;
  /** Shows the browser's file picker; see Machine.open for what becomes of the files chosen. */
  readonly pickGuest: () => void;
}

export function createLab(): Lab {
  const settings = createSettings();
  const translate = () => translator(settings.getState().language);
  const spawn = () => new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
  const machine = new Machine(spawn, translate);
  const lab: Lab = {
    settings,
    machine,
    dock: new Dock(),
    commands: new CommandRegistry(),
    overlay: createStore<Overlay>(() => ({ open: null })),
    pickGuest() {
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.addEventListener('change', () => {
        void machine.open([...(input.files ?? [])], settings.getState().machine);
      });
      input.click();
    },
  };
  registerCommands(lab);
  return lab;
}

export const LabContext = createContext<Lab | null>(null);

export const useLab = (): Lab => defined(useContext(LabContext), 'LabContext');

/** Part of the machine's view; the component renders again only when that part changes. */
export function useMachine<T>(select: (view: MachineView) => T): T {
  return useStore(useLab().machine.store, select);
}

export function useSettings<T>(select: (settings: Settings) => T): T {
  return useStore(useLab().settings, select);
}

/** The texts in the user's language. */
export function useTranslate(): Translate {
  const language = useSettings((s) => s.language);
  return useMemo(() => translator(language), [language]);
}
