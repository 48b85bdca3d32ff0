import type { StoreApi } from 'zustand/vanilla';
import type { ConsoleWindow } from '../../session/api.ts';
import { WorkerLost } from '../../worker/client.ts';
import type { MachineView } from './machine.ts';

/** Where a console's bytes go: `write` resolves when they have been taken in, which holds back the next window. */
export interface ConsoleSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes that the worker no longer holds. */
  lost(count: number): void;
  /** Another machine's output begins. */
  clear(): void;
}

type View = Pick<MachineView, 'status' | 'epoch' | 'crash'>;

/** Brings serial port 0's output from the worker to a sink, window by window, each asked for when the one before has been taken in. */
export class ConsoleFeed {
  #position = 0;
  #epoch: number;
  #busy = false;

  constructor(
    readonly machine: {
      readonly store: Pick<StoreApi<View>, 'getState'>;
      readonly client: { console(from: number): Promise<ConsoleWindow> };
    },
    readonly sink: ConsoleSink,
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
      this.sink.clear();
    }
    if (crash || (status?.consoleEnd.serial ?? 0) <= this.#position) return false;
    const window = await this.machine.client.console(this.#position);
    // The answer may be the old machine's, or the new one's before its boot was known here: the next round asks again.
    if (this.machine.store.getState().epoch !== this.#epoch) return true;
    if (window.from > this.#position) this.sink.lost(window.from - this.#position);
    this.#position = window.from + window.bytes.length;
    await this.sink.write(window.bytes);
    return window.bytes.length > 0;
  }
}
