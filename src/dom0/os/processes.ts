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
  readonly ended = new Signal();
  /** Undefined until then: what the task has returned, or null if it was killed. */
  result: number | null | undefined;
  /** CPU time that it still needs before it goes on. */
  needs = 0;
  /** Calls off what it waits for. */
  stopWaiting: () => void = () => {};

  constructor(
    readonly name: string,
    readonly task: Task<number>,
  ) {}
}

/** Dom0's programs and whose turn it is: one after the other, each for a slice of CPU time. */
export class Processes {
  readonly #host: ProcessHost;
  /** Those that can go on, in the order of their turns. */
  readonly #ready: Process[] = [];

  constructor(host: ProcessHost) {
    this.#host = host;
  }

  spawn(name: string, task: Task<number>): Process {
    const process = new Process(name, task);
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

  #step(process: Process): void {
    const { value, done } = process.task.next();
    if (done) {
      this.#end(process, value);
      return;
    }
    const wake = (): void => {
      process.stopWaiting = () => {};
      this.#makeReady(process);
    };
    switch (value.kind) {
      case 'cpu':
        process.needs = value.time;
        this.#ready.push(process);
        break;
      case 'sleep':
        process.stopWaiting = this.#host.at(nanoseconds(this.#host.now() + value.time), wake);
        break;
      case 'signal':
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
    process.ended.raise();
  }
}
