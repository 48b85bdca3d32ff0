import type { ConsoleId } from '../../session/api/console.ts';
import { WorkerLost } from '../../worker/client.ts';
import type { Connection, ControlView } from './connection.ts';

/** Where a console's bytes go: `write` resolves when the sink has taken them, and the next window waits for that. */
export interface ConsoleSink {
  /** @param isPast they were printed before the sink began to show the console: what they ask a terminal has been answered */
  write(bytes: Uint8Array, isPast: boolean): Promise<void>;
  /** Bytes that the worker no longer holds. */
  lost(count: number): void;
  /** Another machine's output begins. */
  clear(): void;
  /** The output of another console of the same name begins: the domain was created again. */
  another?(): void;
}

/** The machine that prints. */
interface Source extends Pick<Connection, 'readConsole'> {
  readonly view: Pick<ControlView, 'status' | 'epoch' | 'crash'>;
}

/**
 * Brings a console's output from the worker to a sink, window by window; each is asked for when the sink has taken
 * the last.
 */
export class ConsoleFeed {
  #position = 0;
  /** Where the console's output ended when it began to be shown. */
  #past = 0;
  #console: ConsoleId | null = null;
  #epoch: number;
  #busy = false;

  constructor(
    readonly machine: Source,
    readonly sink: ConsoleSink,
    /** The console to show now, or null while there is none. */
    readonly find: () => ConsoleId | null = () => 'serial',
  ) {
    this.#epoch = machine.view.epoch;
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

  /** Returns whether there may be more. */
  async #pullWindow(): Promise<boolean> {
    const { status, epoch, crash } = this.machine.view;
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
    // The last output of a domain that is gone is still there.
    const asked = this.#console;
    // On its way to another moment a machine prints again what it has printed.
    if (crash || !asked || status?.time?.isSeeking) return false;
    const end = status?.consoleEnd[asked] ?? 0;
    if (end < this.#position) {
      // The machine has gone back.
      this.#position = 0;
      this.sink.clear();
    }
    if (end <= this.#position) return false;
    if (this.#position === 0) this.#past = end;
    const window = await this.machine.readConsole(asked, this.#position);
    // The reply may be the old machine's, or the new one's before its boot was known here: the next round asks again.
    if (this.machine.view.epoch !== this.#epoch) return true;
    const { from, bytes, begin } = window;
    if (from > this.#position) this.sink.lost(from - this.#position);
    const isAnother = begin > 0 && begin >= this.#position && begin < from + bytes.length;
    const isPast = from < this.#past;
    this.#position = from + bytes.length;
    if (isAnother) {
      const before = bytes.subarray(0, Math.max(0, begin - from));
      await this.sink.write(before, isPast);
      this.sink.another?.();
      await this.sink.write(bytes.subarray(before.length), isPast);
    } else await this.sink.write(bytes, isPast);
    return bytes.length > 0;
  }
}
