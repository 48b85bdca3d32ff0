import { defined } from '../../base/assert.ts';
import type { SoftTimer } from '../sched/scheduler.ts';
import { microseconds, type Nanoseconds, nanoseconds } from './time.ts';

/** Timers this close together are served by one interrupt: `timer_slop`. */
const slop = microseconds(50);

/** What lies below the timers of all pCPUs. */
export interface TimerHost {
  now(): Nanoseconds;
  /** Sets when the pCPU that runs this is to be interrupted; null for never. */
  program(deadline: Nanoseconds | null): void;
  /** Raises TIMER_SOFTIRQ. */
  raise(cpu: number): void;
}

/** A software timer that fires once, on one pCPU. */
export interface Timer extends SoftTimer {
  /** Moves it to another pCPU, with its deadline if it is set. */
  migrate(cpu: number): void;
  readonly isSet: boolean;
}

interface Entry {
  cpu: number;
  expires: Nanoseconds;
  /** Position in its pCPU's queue, or -1. */
  isSet: boolean;
  readonly callback: () => void;
}

/** Xen's software timers, one queue a pCPU over the hypervisor's physical timer (xen/common/timer.c). */
export class Timers {
  readonly #host: TimerHost;
  /** By deadline, the earliest first; of equal ones that set first. */
  readonly #queues: readonly Entry[][];

  constructor(cpus: number, host: TimerHost) {
    this.#host = host;
    this.#queues = Array.from({ length: cpus }, () => []);
  }

  create(cpu: number, callback: () => void): Timer {
    const entry: Entry = { cpu, expires: nanoseconds(0), isSet: false, callback };
    return {
      set: (at) => {
        this.#remove(entry);
        entry.expires = at;
        this.#add(entry);
      },
      stop: () => this.#remove(entry),
      migrate: (to) => {
        if (to === entry.cpu) return;
        const { isSet } = entry;
        this.#remove(entry);
        entry.cpu = to;
        if (isSet) this.#add(entry);
      },
      get isSet() {
        return entry.isSet;
      },
    };
  }

  /** TIMER_SOFTIRQ: calls what has expired on a pCPU and asks for its next interrupt. Says how many were called. */
  run(cpu: number): number {
    const queue = this.#queue(cpu);
    const now = this.#host.now();
    let called = 0;
    for (let first = queue[0]; first && first.expires < now; first = queue[0]) {
      queue.shift();
      first.isSet = false;
      called++;
      first.callback();
    }
    const next = queue[0];
    this.#host.program(next ? nanoseconds(Math.max(next.expires, this.#host.now() + slop)) : null);
    return called;
  }

  #queue(cpu: number): Entry[] {
    return defined(this.#queues[cpu], 'a pCPU that is there');
  }

  #add(entry: Entry): void {
    const queue = this.#queue(entry.cpu);
    let at = queue.length;
    while (at > 0 && (queue[at - 1] as Entry).expires > entry.expires) at--;
    queue.splice(at, 0, entry);
    entry.isSet = true;
    if (at === 0) this.#host.raise(entry.cpu);
  }

  #remove(entry: Entry): void {
    if (!entry.isSet) return;
    const queue = this.#queue(entry.cpu);
    const at = queue.indexOf(entry);
    queue.splice(at, 1);
    entry.isSet = false;
    if (at === 0) this.#host.raise(entry.cpu);
  }
}
