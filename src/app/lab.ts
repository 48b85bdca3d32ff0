import { createContext, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { assert, defined } from '../base/assert.ts';
import { registerCommands } from './commands/commands.ts';
import { CommandRegistry } from './commands/registry.ts';
import { Documents } from './editor/documents.ts';
import { type Translate, translator } from './i18n/translate.ts';
import { Dock } from './layout/dock.ts';
import type { Mode } from './layout/panels.ts';
import type { ControlView } from './machine/control.ts';
import { alone, helloElfGuest } from './machine/guests.ts';
import { Machine, type MachineView } from './machine/machine.ts';
import { createSettings, type Settings, type SettingsStore } from './settings/settings.ts';
import { followConsoles } from './xen/actions.ts';
import { XenMachine, type XenView } from './xen/xenMachine.ts';

/** What is open over the panels. */
export interface Overlay {
  readonly open: 'palette' | 'keys' | 'costs' | null;
}

/** The page's parts, one of each; components reach them through `useLab`. */
export interface Lab {
  readonly mode: Mode;
  readonly settings: SettingsStore;
  /** The machine, of either mode. */
  readonly control: Machine | XenMachine;
  /** The machine of the Board mode. */
  readonly machine: Machine;
  /** The machine of the Xen mode. */
  readonly xen: XenMachine;
  readonly documents: Documents;
  readonly dock: Dock;
  readonly commands: CommandRegistry;
  readonly overlay: StoreApi<Overlay>;
  /** Shows the browser's file picker; gives the files chosen. */
  readonly pickFiles: () => Promise<File[]>;
}

export function createLab(mode: Mode, settings: SettingsStore = createSettings()): Lab {
  const translate = () => translator(settings.getState().language);
  const spawn = () => new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
  const control =
    mode === 'xen'
      ? new XenMachine(spawn, translate, () => settings.getState().costs)
      : new Machine(spawn, translate, () => settings.getState().machine);
  const lab: Lab = {
    mode,
    settings,
    control,
    get machine() {
      assert(control instanceof Machine, 'the board is asked for in Xen mode');
      return control;
    },
    get xen() {
      assert(control instanceof XenMachine, 'Xen is asked for in Board mode');
      return control;
    },
    documents: new Documents(),
    dock: new Dock(mode),
    commands: new CommandRegistry(),
    overlay: createStore<Overlay>(() => ({ open: null })),
    pickFiles,
  };
  registerCommands(lab);
  if (mode === 'xen') followConsoles(lab);
  return lab;
}

/** A machine runs from the first second on. */
export function begin(lab: Lab): void {
  if (lab.mode === 'xen') void lab.xen.start();
  else void lab.machine.boot(alone(helloElfGuest), lab.settings.getState().machine);
}

function pickFiles(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

export const LabContext = createContext<Lab | null>(null);

export const useLab = (): Lab => defined(useContext(LabContext), 'LabContext');

/** Part of what is known of either machine; the component renders again only when that part changes. */
export function useControl<T>(select: (view: ControlView) => T): T {
  const store: Pick<StoreApi<ControlView>, 'getState' | 'getInitialState' | 'subscribe'> = useLab().control.store;
  return useStore(store, select);
}

/** Part of the board's view. */
export function useMachine<T>(select: (view: MachineView) => T): T {
  return useStore(useLab().machine.store, select);
}

/** Part of the view of the machine with Xen. */
export function useXen<T>(select: (view: XenView) => T): T {
  return useStore(useLab().xen.store, select);
}

export function useSettings<T>(select: (settings: Settings) => T): T {
  return useStore(useLab().settings, select);
}

/** The texts in the user's language. */
export function useTranslate(): Translate {
  const language = useSettings((s) => s.language);
  return useMemo(() => translator(language), [language]);
}
