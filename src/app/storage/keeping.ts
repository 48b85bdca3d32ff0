import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DisksState } from '../../worker/disks/worker-disks.ts';
import type { KeepReply, KeptMoment } from '../../worker/keep/worker-keep.ts';

/** Why the browser does not keep what the user has made. */
export type StorageFault = 'full' | 'blocked' | 'removed';

export interface KeepingView {
  /** Null while the browser keeps everything. */
  readonly fault: StorageFault | null;
  /** Whether the user has seen the fault and wants to read no more of it. */
  readonly isDismissed: boolean;
  /** Names of what is being written. */
  readonly writing: readonly string[];
  /** Names of what is in the page alone, because the browser has refused it. */
  readonly unkept: readonly string[];
  /** Whether the browser has promised not to remove by itself what it keeps; null before it was asked. */
  readonly isPersistent: boolean | null;
  /** How it keeps the disks of domains. */
  readonly disks: DisksState;
  /** How it keeps the machine; null before it has said, or when the user wants to read no more of it. */
  readonly machine: KeepReply['state'] | null;
  /** As at which moment it has the machine. */
  readonly machineMoment: KeptMoment | null;
}

const faultOf = (error: unknown): StorageFault =>
  error instanceof Error && error.name === 'QuotaExceededError' ? 'full' : 'blocked';

/**
 * The browser's answer to the question whether it will not remove by itself what it keeps for this page, or to the
 * request for that. A private window promises nothing.
 */
async function isPersistent(how: 'persisted' | 'persist'): Promise<boolean> {
  try {
    return await navigator.storage[how]();
  } catch {
    return false;
  }
}

/** Has the browser write what the user has made, and knows what of it is written. */
export class Keeping {
  readonly store: StoreApi<KeepingView> = createStore<KeepingView>(() => ({
    fault: null,
    isDismissed: false,
    writing: [],
    unkept: [],
    isPersistent: null,
    disks: 'none',
    machine: null,
    machineMoment: null,
  }));
  /** By name: how many writes are on their way. */
  readonly #writing = new Map<string, number>();
  /** By name: the write that was refused. */
  readonly #refused = new Map<string, () => Promise<void>>();
  #isAsked = false;

  /** Whether something would be gone if the page closed now. */
  get isAtRisk(): boolean {
    const { disks } = this.store.getState();
    return this.#writing.size > 0 || this.#refused.size > 0 || disks === 'full' || disks === 'blocked';
  }

  /** Writes what `name` stands for. A refusal shows in the view, where it can be tried again. */
  async write(name: string, write: () => Promise<void>): Promise<void> {
    this.#writing.set(name, (this.#writing.get(name) ?? 0) + 1);
    this.#show();
    try {
      await write();
      this.#refused.delete(name);
      // What was refused at a visit's start may be possible now.
      if (this.#refused.size === 0) this.store.setState({ fault: null });
      void this.#persist();
    } catch (error) {
      this.#refused.set(name, write);
      this.store.setState({ fault: faultOf(error), isDismissed: false });
    }
    const left = (this.#writing.get(name) ?? 1) - 1;
    if (left > 0) this.#writing.set(name, left);
    else this.#writing.delete(name);
    this.#show();
  }

  /** Reads what is kept; `otherwise`, if the browser refuses. */
  async read<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      const kept = await read();
      if (this.store.getState().isPersistent === null)
        this.store.setState({ isPersistent: await isPersistent('persisted') });
      return kept;
    } catch (error) {
      this.store.setState({ fault: faultOf(error), isDismissed: false });
      return otherwise;
    }
  }

  /** What was kept under these names is no longer kept; `write` keeps one of them again. */
  lost(names: readonly string[], write: (name: string) => Promise<void>): void {
    for (const name of names) this.#refused.set(name, () => write(name));
    if (names.length > 0) this.store.setState({ fault: 'removed', isDismissed: false });
    this.#show();
  }

  /** What has this name need not be kept any more. */
  forget(name: string): void {
    this.#refused.delete(name);
    if (this.#refused.size === 0) this.store.setState({ fault: null });
    this.#show();
  }

  /** Tries again all that was refused. */
  async retry(): Promise<void> {
    await Promise.all([...this.#refused].map(([name, write]) => this.write(name, write)));
  }

  /** The browser keeps the disks of domains in this way; `none`: the user wants to read no more of it. */
  showDisks(disks: DisksState): void {
    this.store.setState({ disks });
    if (disks === 'kept') void this.#persist();
  }

  showMachine(part: Partial<Pick<KeepingView, 'machine' | 'machineMoment'>>): void {
    this.store.setState(part);
  }

  dismiss(): void {
    this.store.setState({ isDismissed: true });
  }

  async #persist(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.store.setState({ isPersistent: await isPersistent('persist') });
  }

  #show(): void {
    this.store.setState({ writing: [...this.#writing.keys()], unkept: [...this.#refused.keys()] });
  }
}
