import type { Hasher } from '../../base/hasher.ts';
import { Errno } from '../public/errno.ts';
import type { SoftTimer } from '../sched/scheduler.ts';
import { type Nanoseconds, nanoseconds } from './time.ts';

/** Number of watchdogs of a domain. */
const count = 2;

/** The watchdogs of a domain (SCHEDOP_watchdog in public/sched.h). */
export class Watchdogs {
  private readonly timers: readonly SoftTimer[];
  private readonly inUse: boolean[] = new Array(count).fill(false);
  private readonly now: () => Nanoseconds;

  constructor(now: () => Nanoseconds, createTimer: (callback: () => void) => SoftTimer, expired: () => void) {
    this.now = now;
    this.timers = Array.from({ length: count }, () => createTimer(expired));
  }

  /**
   * Starts a free watchdog for id 0, and returns its id; otherwise restarts it, or stops it for a timeout of 0. Or a
   * negated error.
   */
  set(id: number, timeout: Nanoseconds): number {
    if (id > count) return -Errno.EINVAL;
    if (id === 0) {
      const free = this.inUse.indexOf(false);
      if (free < 0) return -Errno.ENOSPC;
      this.start(free, timeout);
      return free + 1;
    }
    if (!this.inUse[id - 1]) return -Errno.EINVAL;
    if (timeout === 0) this.stop(id - 1);
    else this.start(id - 1, timeout);
    return 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.inUse);
  }

  stopAll(): void {
    this.timers.forEach((_, i) => {
      this.stop(i);
    });
  }

  private start(index: number, timeout: Nanoseconds): void {
    this.inUse[index] = true;
    this.timers[index]?.set(nanoseconds(this.now() + timeout));
  }

  private stop(index: number): void {
    this.inUse[index] = false;
    this.timers[index]?.stop();
  }
}
