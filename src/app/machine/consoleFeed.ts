import type { StoreApi } from 'zustand/vanilla';
import type { ConsoleId, ConsoleWindow } from '../../session/api/console.ts';
import { WorkerLost } from '../../worker/client.ts';
import type { ControlView } from './control.ts';

/** Where a console's bytes go: `write` resolves when they have been taken in, which holds back the next window. */
export interface ConsoleSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes that the worker no longer holds. */
  lost(count: number): void;
  /** Another machine's output begins. */
  clear(): void;
  /** The output of another console of the same name begins: the domain was created anew. */
  another?(): void;
}

type View = Pick<ControlView, 'status' | 'epoch' | 'crash'>;

/** Brings a console's output from the worker to a sink, window by window, each asked for when the one before has been taken in. */
export class ConsoleFeed {
  #position = 0;
  #console: ConsoleId | null = null;
  #epoch: number;
  #busy = false;

  constructor(
    readonly machine: {
      readonly store: Pick<StoreApi<View>, 'getState'>;
      readConsole(console: ConsoleId, from: number): Promise<ConsoleWindow>;
    },
    readonly sink: ConsoleSink,
    /** The console that is meant now, or null where there is none. */
    readonly find: () => ConsoleId | null = () => 'serial',
  ) {
    this.#epoch = machine.store.getState().epoch;
  }

  /** Asks for what is new. To be called whenever the machine's view changes. */
  async pull(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (await this.#pullWindow());
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** Whether a window came that had something in it. */
  async #pullWindow(): Promise<boolean> {
    const { status, epoch, crash } = this.machine.store.getState();
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#position = 0;
      this.#console = null;
      this.sink.clear();
    }
    const console = this.find();
    if (console && console !== this.#console) {
      if (this.#console) this.sink.another?.();
      this.#console = console;
      this.#position = 0;
    }
    // A domain that is gone has still printed what it printed last.
    const asked = this.#console;
    if (crash || !asked || (status?.consoleEnd[asked] ?? 0) <= this.#position) return false;
    const window = await this.machine.readConsole(asked, this.#position);
    // The answer may be the old machine's, or the new one's before its boot was known here: the next round asks again.
    if (this.machine.store.getState().epoch !== this.#epoch) return true;
    if (window.from > this.#position) this.sink.lost(window.from - this.#position);
    this.#position = window.from + window.bytes.length;
    await this.sink.write(window.bytes);
    return window.bytes.length > 0;
  }
}
