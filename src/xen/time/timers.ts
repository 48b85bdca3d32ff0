import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import type { SoftTimer } from '../sched/scheduler.ts';
import { microseconds, type Nanoseconds, nanoseconds } from './time.ts';

/** One interrupt serves timers whose deadlines are this close (timer_slop on Xen's command line). */
const slop = microseconds(50);

/** The parts of Xen that timers use. */
export interface TimerHost {
  now(): Nanoseconds;
  /** Sets the deadline of the hypervisor's timer of the pCPU that runs this; null for never. */
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
  /** How many timers had been made before: it tells timers apart. */
  readonly number: number;
  cpu: number;
  expires: Nanoseconds;
  /** Whether it is in the queue of its pCPU. */
  isSet: boolean;
  readonly callback: () => void;
}

/** Xen's software timers: for each pCPU a queue, driven by its hypervisor timer. */
export class Timers {
  private readonly host: TimerHost;
  /** By pCPU: the timers that are set, by deadline. Of equal deadlines, the one that was set first comes first. */
  private readonly queues: readonly Entry[][];
  private made = 0;

  constructor(cpus: number, host: TimerHost) {
    this.host = host;
    this.queues = Array.from({ length: cpus }, () => []);
  }

  create(cpu: number, callback: () => void): Timer {
    const entry: Entry = { number: this.made++, cpu, expires: nanoseconds(0), isSet: false, callback };
    return {
      set: (at) => {
        this.remove(entry);
        entry.expires = at;
        this.add(entry);
      },
      stop: () => this.remove(entry),
      migrate: (to) => {
        if (to === entry.cpu) return;
        const { isSet } = entry;
        this.remove(entry);
        entry.cpu = to;
        if (isSet) this.add(entry);
      },
      get isSet() {
        return entry.isSet;
      },
    };
  }

  /** Adds which timers are set, and for when. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.made);
    for (const queue of this.queues) hasher.add(queue.flatMap(({ number, expires }) => [number, expires]));
  }

  /**
   * The timer softirq: runs the timers that have expired on a pCPU, and programs its next interrupt. Returns how many
   * have run.
   */
  run(cpu: number): number {
    const queue = this.queue(cpu);
    const now = this.host.now();
    let called = 0;
    for (let first = queue[0]; first && first.expires < now; first = queue[0]) {
      queue.shift();
      first.isSet = false;
      called++;
      first.callback();
    }
    const next = queue[0];
    this.host.program(next ? nanoseconds(Math.max(next.expires, this.host.now() + slop)) : null);
    return called;
  }

  private queue(cpu: number): Entry[] {
    return defined(this.queues[cpu], 'a pCPU that is there');
  }

  private add(entry: Entry): void {
    const queue = this.queue(entry.cpu);
    let at = queue.length;
    while (at > 0 && (queue[at - 1] as Entry).expires > entry.expires) at--;
    queue.splice(at, 0, entry);
    entry.isSet = true;
    if (at === 0) this.host.raise(entry.cpu);
  }

  private remove(entry: Entry): void {
    if (!entry.isSet) return;
    const queue = this.queue(entry.cpu);
    const at = queue.indexOf(entry);
    queue.splice(at, 1);
    entry.isSet = false;
    if (at === 0) this.host.raise(entry.cpu);
  }
}
