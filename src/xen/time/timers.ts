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

/** What a timer needs of the queues. */
interface Queues {
  add(timer: QueuedTimer): void;
  remove(timer: QueuedTimer): void;
}

class QueuedTimer implements Timer {
  /** How many timers had been made before: it tells timers apart. */
  readonly number: number;
  cpu: number;
  expires = nanoseconds(0);
  /** Whether it is in the queue of its pCPU. */
  isSet = false;
  readonly callback: () => void;
  private readonly queues: Queues;

  constructor(number: number, cpu: number, callback: () => void, queues: Queues) {
    this.number = number;
    this.cpu = cpu;
    this.callback = callback;
    this.queues = queues;
  }

  set(at: Nanoseconds): void {
    this.queues.remove(this);
    this.expires = at;
    this.queues.add(this);
  }

  stop(): void {
    this.queues.remove(this);
  }

  migrate(to: number): void {
    if (to === this.cpu) return;
    const { isSet } = this;
    this.queues.remove(this);
    this.cpu = to;
    if (isSet) this.queues.add(this);
  }
}

/** Xen's software timers: for each pCPU a queue, driven by its hypervisor timer. */
export class Timers implements Queues {
  private readonly host: TimerHost;
  /** By pCPU: the timers that are set, by deadline. Of equal deadlines, the one that was set first comes first. */
  private readonly queues: readonly QueuedTimer[][];
  private made = 0;

  constructor(cpus: number, host: TimerHost) {
    this.host = host;
    this.queues = Array.from({ length: cpus }, () => []);
  }

  create(cpu: number, callback: () => void): Timer {
    return new QueuedTimer(this.made++, cpu, callback, this);
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

  private queue(cpu: number): QueuedTimer[] {
    return defined(this.queues[cpu], 'a pCPU that is there');
  }

  /** Only for timers. */
  add(timer: QueuedTimer): void {
    const queue = this.queue(timer.cpu);
    let at = queue.length;
    while (at > 0 && (queue[at - 1] as QueuedTimer).expires > timer.expires) at--;
    queue.splice(at, 0, timer);
    timer.isSet = true;
    if (at === 0) this.host.raise(timer.cpu);
  }

  /** Only for timers. */
  remove(timer: QueuedTimer): void {
    if (!timer.isSet) return;
    const queue = this.queue(timer.cpu);
    const at = queue.indexOf(timer);
    queue.splice(at, 1);
    timer.isSet = false;
    if (at === 0) this.host.raise(timer.cpu);
  }
}
