/**
 * The rate limit of a virtual interface: bytes that the domain may send in an interval (`rate=` of
 * xl-network-configuration(5), node `rate`). As in Linux's xen-netback, unused credit adds up, to 128 KiB.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { type Nanoseconds, nanoseconds } from '../../../xen/time/time.ts';

export interface Rate {
  readonly bytes: number;
  readonly microseconds: number;
}

/** Credit adds up to this at least, so that the greatest packet can be paid for. */
const burst = 131072;

/** The value of a `rate` node; null: there is no limit. */
export const readRate = (text: string | null): Rate | null => {
  const [, bytes, microseconds] = /^(\d+),(\d+)$/.exec(text ?? '') ?? [];
  return bytes === undefined || Number(microseconds) === 0
    ? null
    : { bytes: Number(bytes), microseconds: Number(microseconds) };
};

export class Credit {
  private readonly now: () => Nanoseconds;
  private readonly rate: Rate | null;
  private remaining: number;
  private windowStart: Nanoseconds;
  /** When credit comes that a packet waits for. */
  private _due: Nanoseconds | null = null;

  constructor(rate: Rate | null, now: () => Nanoseconds) {
    this.rate = rate;
    this.now = now;
    this.remaining = rate?.bytes ?? 0;
    this.windowStart = now();
  }

  /** When a packet that waits for credit can go on; null if none waits. */
  get due(): Nanoseconds | null {
    return this._due;
  }

  /** Whether a packet waits for credit that has not come yet. */
  get isExhausted(): boolean {
    return this._due !== null && this.now() < this._due;
  }

  /** Pays for a packet. False: it has to wait until `due`. */
  spend(size: number): boolean {
    const rate = this.rate;
    if (!rate) return true;
    const now = this.now();
    if (this._due !== null) {
      if (now < this._due) return false;
      this._due = null;
      this.add(rate);
    }
    if (size > this.remaining) {
      const end = nanoseconds(this.windowStart + rate.microseconds * 1000);
      if (now >= end) {
        this.windowStart = now;
        this.add(rate);
      }
      if (size > this.remaining) {
        this._due = now >= end ? nanoseconds(now + rate.microseconds * 1000) : end;
        this.windowStart = this._due;
        return false;
      }
    }
    this.remaining -= size;
    return true;
  }

  private add(rate: Rate): void {
    this.remaining = Math.min(this.remaining + rate.bytes, Math.max(burst, rate.bytes));
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.rate?.bytes ?? -1, this.rate?.microseconds ?? 0, this.remaining, this.windowStart, this._due ?? -1);
  }
}
