/**
 * The gate by which everything enters a machine. Inputs enter between slices only. What comes while the debugger has
 * stopped the machine inside a slice waits for the end of the slice. Each input is recorded with its slice.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Input } from '../api/input.ts';
import type { JournalEntry } from '../api/journal.ts';

export interface GateHost {
  /** Gives an input to the machine: how many bytes of it were taken, or one sentence why it cannot be. */
  enter(input: Input): Result<number>;
  /** An input that had to wait, or that was replayed, could not enter. */
  log(text: string): void;
}

/** A recording to play: its inputs, and how many slices there are to run. */
export type Recording = { readonly inputs: readonly JournalEntry[]; readonly slices: number };

/** What a gate remembers besides what has entered. */
export interface GateState {
  readonly isOpen: boolean;
  readonly isIdle: boolean;
  readonly waiting: readonly Input[];
}

export class Gate {
  readonly #host: GateHost;
  readonly #entered: JournalEntry[] = [];
  #waiting: Input[] = [];
  /** What is being replayed, and how much of it has entered. */
  #recording: Recording | null;
  #replayed = 0;
  #slices = 0;
  #isOpen = true;
  /** The last slice ended because nothing can happen any more. */
  #isIdle = false;

  constructor(host: GateHost, recording: Recording | null) {
    this.#host = host;
    this.#recording = recording;
  }

  /** How many slices have ended. */
  get slices(): number {
    return this.#slices;
  }

  /** Whether a recording plays: nothing else enters meanwhile. */
  get replays(): boolean {
    return this.#recording !== null;
  }

  /** What has entered since power-on. */
  get entered(): readonly JournalEntry[] {
    return this.#entered;
  }

  saveState(): GateState {
    return { isOpen: this.#isOpen, isIdle: this.#isIdle, waiting: [...this.#waiting] };
  }

  /** Continues from a saved state: so much has entered, in so many slices. Then a recording that began likewise plays. */
  loadState(
    { isOpen, isIdle, waiting }: GateState,
    { inputs, slices }: Recording,
    recording: Recording | null = null,
  ): void {
    this.#isOpen = isOpen;
    this.#isIdle = isIdle;
    this.#waiting = [...waiting];
    this.#entered.splice(0, Number.POSITIVE_INFINITY, ...inputs);
    this.#slices = slices;
    this.#recording = recording;
    this.#replayed = inputs.length;
  }

  /**
   * Lets an input enter, or wait for the end of the slice. The result is how many bytes were taken. If it waits, that
   * is all of them, and those that find no room later are lost. The gate keeps the bytes, so they must not change
   * afterwards.
   */
  enter(input: Input): Result<number> {
    if (this.replays) return err('A recording is being played: nothing else can enter the machine until its end.');
    if (this.#isOpen) return this.#pass(input);
    this.#waiting.push(input);
    return ok('bytes' in input ? input.bytes.length : 0);
  }

  /** The debugger has stopped the machine inside a slice. */
  sliceInterrupted(): void {
    this.#isOpen = false;
  }

  /**
   * A slice has ended. One in which nothing could happen does not count again until something has entered, since how
   * often the user has paused and run the machine meanwhile is no input.
   */
  sliceEnded(isIdle: boolean): void {
    this.#isOpen = true;
    if (!isIdle || !this.#isIdle) this.#slices++;
    this.#isIdle = isIdle;
    for (const input of this.#waiting.splice(0)) this.#passUnasked(input);
    this.replay();
  }

  /** The machine has ended by itself inside a slice: nothing enters any more. */
  machineEnded(): void {
    this.#slices++;
    this.#waiting = [];
    this.#recording = null;
  }

  /** What is left of the recording does not play. */
  fork(): void {
    this.#recording = null;
  }

  /** Plays the rest of a recording, of which all that has entered is the beginning. */
  play(recording: Recording): void {
    this.#recording = recording;
    this.#replayed = this.#entered.length;
    this.replay();
  }

  /** Lets in the inputs of the recording that are due. */
  replay(): void {
    const recording = this.#recording;
    if (!recording) return;
    for (let next = recording.inputs[this.#replayed]; next?.slice === this.#slices; ) {
      this.#passUnasked(next.input);
      next = recording.inputs[++this.#replayed];
    }
    if (this.#slices >= recording.slices) this.#recording = null;
  }

  #pass(input: Input): Result<number> {
    const entered = this.#host.enter(input);
    if (input.kind === 'keys') {
      // What found no room has not entered.
      const taken = entered.ok ? entered.value : 0;
      if (taken === 0) return entered;
      this.#record({ ...input, bytes: input.bytes.slice(0, taken) });
    } else {
      // An operation that fails may have done a part: it made directories.
      this.#record(input);
    }
    return entered;
  }

  #record(input: Input): void {
    this.#entered.push({ slice: this.#slices, input });
    this.#isIdle = false;
  }

  #passUnasked(input: Input): void {
    const entered = this.#pass(input);
    if (!entered.ok) this.#host.log(entered.error);
    else if (input.kind === 'keys' && entered.value < input.bytes.length)
      this.#host.log(`${input.console} had no room for ${input.bytes.length - entered.value} bytes typed`);
  }
}
