import type { Hasher } from '../../base/hasher.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { Signal, type Task } from './task.ts';

/** What lies below Dom0's programs. */
export interface ProcessHost {
  now(): Nanoseconds;
  /** Calls back once virtual time has come to `time`. Returns how to call that off. */
  at(time: Nanoseconds, callback: () => void): () => void;
  /** There is work for Dom0: `Processes.work` is to be called, in Dom0's time. */
  wake(): void;
}

/** How long one program keeps the CPU before another has its turn. */
const timeSlice = nanoseconds(1_000_000);

export class Process {
  /** Raised when it has ended. */
  readonly ended = new Signal('end of a process');
  /** Undefined until then: what the task has returned, or null if it was killed. */
  result: number | null | undefined;
  /** CPU time that it still needs before it goes on. */
  needs = 0;
  /** What it waits for: the name of a signal, or when its sleep ends; null while it is ready. */
  waitsFor: string | Nanoseconds | null = null;
  /** The number of its last step, counted over all processes. */
  lastStep = 0;
  /** Calls off what it waits for. */
  stopWaiting: () => void = () => {};

  constructor(
    readonly id: number,
    readonly argv: readonly string[],
    readonly task: Task<number>,
  ) {}
}

/** Dom0's programs and whose turn it is: one after the other, each for a slice of CPU time. */
export class Processes {
  readonly #host: ProcessHost;
  /** Those that can go on, in the order of their turns. */
  readonly #ready: Process[] = [];
  /** Those that have not ended. */
  readonly #live = new Set<Process>();
  #spawned = 0;
  #steps = 0;

  constructor(host: ProcessHost) {
    this.#host = host;
  }

  spawn(argv: readonly string[], task: Task<number>): Process {
    const process = new Process(++this.#spawned, argv, task);
    this.#live.add(process);
    this.#makeReady(process);
    return process;
  }

  /** Ends a process wherever it waits. */
  kill(process: Process): void {
    if (process.result !== undefined) return;
    process.stopWaiting();
    const at = this.#ready.indexOf(process);
    if (at >= 0) this.#ready.splice(at, 1);
    process.task.return(0);
    this.#end(process, null);
  }

  /**
   * Lets programs work, in Dom0's time, until one needs the CPU. Returns for how long; that time must pass before the next
   * call. 0: all of them wait.
   */
  work(): Nanoseconds {
    for (let process = this.#ready.shift(); process; process = this.#ready.shift()) {
      if (process.needs === 0) {
        this.#step(process);
        continue;
      }
      const slice = Math.min(process.needs, timeSlice);
      process.needs -= slice;
      this.#ready.push(process);
      return nanoseconds(slice);
    }
    return nanoseconds(0);
  }

  /**
   * Adds each process: what it is, how far it has come and what it waits for. A coroutine's variables cannot be read; they
   * follow from its arguments and from what it has read, which the fingerprints of files, xenstore and terminals hold.
   */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.#spawned, this.#steps, this.#ready.length, ...this.#ready.map(({ id }) => id));
    for (const { id, argv, needs, waitsFor, lastStep } of this.#live) hasher.add(id, argv, needs, waitsFor, lastStep);
  }

  #step(process: Process): void {
    process.lastStep = ++this.#steps;
    const { value, done } = process.task.next();
    if (done) {
      this.#end(process, value);
      return;
    }
    const wake = (): void => {
      process.stopWaiting = () => {};
      process.waitsFor = null;
      this.#makeReady(process);
    };
    switch (value.kind) {
      case 'cpu':
        process.needs = value.time;
        this.#ready.push(process);
        break;
      case 'sleep':
        process.waitsFor = nanoseconds(this.#host.now() + value.time);
        process.stopWaiting = this.#host.at(process.waitsFor, wake);
        break;
      case 'signal':
        process.waitsFor = value.signal.name;
        process.stopWaiting = value.signal.wait(wake);
        break;
    }
  }

  #makeReady(process: Process): void {
    this.#ready.push(process);
    this.#host.wake();
  }

  #end(process: Process, result: number | null): void {
    process.result = result;
    this.#live.delete(process);
    process.ended.raise();
  }
}
