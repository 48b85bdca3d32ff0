import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import { assert, defined } from '../../base/assert.ts';
import type { FileEntry } from '../../session/api/files.ts';
import type { DomainInfo, PoolInfo } from '../../session/api/hypervisor.ts';
import type { CommandRegistry } from '../commands/registry.ts';
import type { PlainKey, Translate } from '../i18n/translate.ts';
import type { BoardMachine, BoardView } from '../machine/board/boardMachine.ts';
import type { ControlView } from '../machine/connection.ts';
import type { Settings, SettingsStore } from '../settings/settings.ts';
import type { Keeping, KeepingView } from '../storage/keeping.ts';
import { chosenOf } from '../xen/domains.ts';
import type { XenMachine, XenView } from '../xen/xenMachine.ts';
import type { Announcer } from './announcer.ts';
import type { Documents } from './files/documents.ts';
import type { Upload } from './files/uploads.ts';
import type { Introduction } from './introduction.ts';
import type { Dock } from './layout/dock.ts';
import type { Undo } from './undo.ts';

/** What is open over the panels. */
export interface Overlay {
  readonly open: 'palette' | 'keys' | 'costs' | 'start' | 'upload' | 'share' | null;
  /** The files that the user is asked about. */
  readonly uploads: readonly Upload[];
}

/** A question before something is done. */
export interface Question {
  readonly text: (t: Translate) => string;
  /** What it is about, one a line. */
  readonly items: readonly string[];
  /** The name of the button that does it. */
  readonly yes: PlainKey;
  readonly answer: (isYes: boolean) => void;
}

/** The page's parts that both modes have, one of each. */
interface LabParts {
  readonly settings: SettingsStore;
  /** What the browser keeps of the user's, for all systems. */
  readonly keeping: Keeping;
  /** What the user can take back, in all systems. */
  readonly undo: Undo;
  readonly documents: Documents;
  readonly dock: Dock;
  readonly announcer: Announcer;
  readonly commands: CommandRegistry;
  readonly overlay: StoreApi<Overlay>;
  /** What the user is asked before something is done; null while nothing is. */
  readonly question: StoreApi<{ readonly asked: Question | null }>;
}

/** The page in Board mode. */
export interface BoardLab extends LabParts {
  readonly mode: 'board';
  readonly machine: BoardMachine;
}

/** The page in Xen mode. */
export interface XenLab extends LabParts {
  readonly mode: 'xen';
  readonly machine: XenMachine;
  readonly introduction: Introduction;
}

export type Lab = BoardLab | XenLab;

export const LabContext = createContext<Lab | null>(null);

export const useLab = (): Lab => defined(useContext(LabContext), 'LabContext');

/** The lab, in a panel that is in Board mode only. */
export function useBoardLab(): BoardLab {
  const lab = useLab();
  assert(lab.mode === 'board', 'a panel of the board is shown in Xen mode');
  return lab;
}

/** The lab, in a panel that is in Xen mode only. */
export function useXenLab(): XenLab {
  const lab = useLab();
  assert(lab.mode === 'xen', 'a panel of Xen is shown in Board mode');
  return lab;
}

// A component that uses one of these renders again only when the part that it selects changes.

/** Part of what is known of the machine in either mode. */
export function useMachine<T>(select: (view: ControlView) => T): T {
  const store: Pick<StoreApi<ControlView>, 'getState' | 'getInitialState' | 'subscribe'> = useLab().machine.store;
  return useStore(store, select);
}

/** Part of what is known of the board. */
export function useBoard<T>(select: (view: BoardView) => T): T {
  return useStore(useBoardLab().machine.store, select);
}

/** Part of what is known of the machine with Xen. */
export function useXen<T>(select: (view: XenView) => T): T {
  return useStore(useXenLab().machine.store, select);
}

/** Part of the list of domains. */
export function useDomains<T>(select: (domains: readonly DomainInfo[]) => T): T {
  return useStore(useXenLab().machine.domains.store, ({ domains }) => select(domains));
}

/** The pools of pCPUs. */
export const usePools = (): readonly PoolInfo[] => useStore(useXenLab().machine.domains.store, ({ pools }) => pools);

/** The domain whose details are shown: the one that was chosen, or one of its name; else the first guest. */
export function useChosenDomain(): DomainInfo | undefined {
  return useStore(useXenLab().machine.domains.store, chosenOf);
}

/** Part of the list of Domain-0's files. */
export function useDom0Files<T>(select: (files: readonly FileEntry[]) => T): T {
  return useStore(useXenLab().machine.files.store, ({ files }) => select(files));
}

export function useSettings<T>(select: (settings: Settings) => T): T {
  return useStore(useLab().settings, select);
}

/** Part of what is known of the browser's keeping. */
export function useKeeping<T>(select: (view: KeepingView) => T): T {
  return useStore(useLab().keeping.store, select);
}
