import type { Hasher } from '../../base/hasher.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { Signal, type Task, type Wait } from './task.ts';

/** What Dom0's programs run on. */
export interface ProcessHost {
  now(): Nanoseconds;
  /** Calls back when virtual time reaches `time`. Returns a function that cancels this. */
  at(time: Nanoseconds, callback: () => void): () => void;
  /** A program is ready: `Processes.work` must be called when Dom0 runs next. */
  wake(): void;
}

/** How long a program keeps the CPU before the next one gets it. */
const timeSlice = nanoseconds(1_000_000);

export class Process {
  /** Raised when it has ended. */
  readonly ended = new Signal('end of a process');
  /** Undefined until then: what the task has returned, or null if it was killed. */
  result: number | null | undefined;
  /** CPU time that it needs before its next step. */
  needs = 0;
  /** What it waits for: the name of a signal, or when its sleep ends; null while it is ready. */
  waitsFor: string | Nanoseconds | null = null;
  /** The number of its last step; steps are counted over all processes. */
  lastStep = 0;
  /** The signal that it waits for. */
  signal: Signal | null = null;
  /** What does as a new coroutine all that is left to do; null where only the present one knows. */
  again: (() => Task<number>) | null;
  task: Task<number>;
  /** Cancels its wait. */
  stopWaiting: () => void = () => {};

  constructor(
    readonly id: number,
    readonly argv: readonly string[],
    run: () => Task<number>,
  ) {
    this.again = run;
    this.task = run();
  }
}

/** Dom0's programs. They take turns, each for a slice of CPU time. */
export class Processes {
  private readonly host: ProcessHost;
  /** Processes that are ready, in the order of their turns. */
  private readonly ready: Process[] = [];
  /** Processes that have not ended. */
  private readonly live = new Set<Process>();
  private spawned = 0;
  private steps = 0;

  constructor(host: ProcessHost) {
    this.host = host;
  }

  /** `run` gives the program's coroutine, anew each time. */
  spawn(argv: readonly string[], run: () => Task<number>): Process {
    const process = new Process(++this.spawned, argv, run);
    this.live.add(process);
    this.makeReady(process);
    return process;
  }

  /** Ends a process, whatever it waits for. */
  kill(process: Process): void {
    if (process.result !== undefined) return;
    process.stopWaiting();
    const at = this.ready.indexOf(process);
    if (at >= 0) this.ready.splice(at, 1);
    process.task.return(0);
    this.end(process, null);
  }

  /**
   * Runs programs until one needs CPU time. Returns how much; that time must pass before the next call. Returns 0 if
   * all of them wait.
   */
  work(): Nanoseconds {
    for (let process = this.ready.shift(); process; process = this.ready.shift()) {
      if (process.needs === 0) {
        this.step(process);
        continue;
      }
      const slice = Math.min(process.needs, timeSlice);
      process.needs -= slice;
      this.ready.push(process);
      return nanoseconds(slice);
    }
    return nanoseconds(0);
  }

  /** Whether all processes wait where they can be begun anew. */
  get isQuiet(): boolean {
    for (const { again } of this.live) if (!again) return false;
    return true;
  }

  /** Dom0 is at another moment of its own: coroutines that have gone on since then are begun anew. */
  moved(): void {
    for (const process of this.live) if (process.again) process.task = process.again();
  }

  /**
   * Adds each process: what it is, how far it has come and what it waits for. A coroutine's variables cannot be read;
   * they follow from its arguments and from what it has read, which the fingerprints of files, xenstore and terminals
   * hold.
   */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.spawned, this.steps, this.ready.length, ...this.ready.map(({ id }) => id));
    for (const { id, argv, needs, waitsFor, lastStep } of this.live) hasher.add(id, argv, needs, waitsFor, lastStep);
  }

  private step(process: Process): void {
    process.lastStep = ++this.steps;
    process.again = null;
    process.signal = null;
    const { value, done } = process.task.next();
    if (done) {
      this.end(process, value);
      return;
    }
    const wake = (): void => {
      process.stopWaiting = () => {};
      process.waitsFor = null;
      this.makeReady(process);
    };
    switch (value.kind) {
      case 'cpu':
        process.needs = value.time;
        this.ready.push(process);
        break;
      case 'sleep':
        process.waitsFor = nanoseconds(this.host.now() + value.time);
        process.again = value.again ?? null;
        process.stopWaiting = this.host.at(process.waitsFor, wake);
        break;
      case 'signal':
        process.waitsFor = value.signal.name;
        process.again = value.again ?? null;
        process.signal = value.signal;
        process.stopWaiting = this.firstOf(value, wake);
        break;
    }
  }

  /** Calls `wake` once, at the signal or at its time. Returns how to stop waiting for both. */
  private firstOf({ signal, until }: Extract<Wait, { kind: 'signal' }>, wake: () => void): () => void {
    if (until === undefined) return signal.wait(wake);
    const stops: (() => void)[] = [];
    const stop = (): void => {
      for (const each of stops) each();
    };
    const first = (): void => {
      stop();
      wake();
    };
    stops.push(signal.wait(first), this.host.at(until, first));
    return stop;
  }

  private makeReady(process: Process): void {
    this.ready.push(process);
    this.host.wake();
  }

  private end(process: Process, result: number | null): void {
    process.result = result;
    this.live.delete(process);
    process.ended.raise();
  }
}
