import { type Nanoseconds, seconds } from './time.ts';

/** Levels of messages (xen/include/xen/lib.h, XENLOG_*). */
export const Level = { error: 0, warning: 1, info: 2, debug: 3 } as const;
export type Level = (typeof Level)[keyof typeof Level];

/** Messages below `lower` are always printed, those from `upper` on never, those between at a limited rate. */
export interface Threshold {
  readonly lower: number;
  readonly upper: number;
}

export const everything: Threshold = { lower: 4, upper: 4 };

/** Size of the console ring: "Allocated console ring of 32 KiB". */
export const ringSize = 32 * 1024;

/** printk_ratelimit: five seconds a message, ten of them in a burst. */
const ratelimit = seconds(5);
const burst = 10;

/** Xen's console (xen/drivers/char/console.c): the ring that `xl dmesg` shows, and the serial line. */
export class XenLog {
  readonly #now: () => Nanoseconds;
  readonly #serial: (text: string) => void;
  readonly #own: Threshold;
  readonly #guest: Threshold;
  #ring = '';
  #lineBegins = true;
  #tokens: number = ratelimit * burst;
  #lastMessage = 0;
  #missed = 0;

  /** `serial` gets what leaves on the line. */
  constructor(now: () => Nanoseconds, serial: (text: string) => void, own = everything, guest = everything) {
    this.#now = now;
    this.#serial = serial;
    this.#own = own;
    this.#guest = guest;
  }

  /** A message of Xen's own; a line unless it ends otherwise. */
  printk(text: string, level: Level = Level.warning): void {
    this.#leveled(text, level, this.#own);
  }

  /** A message that a guest has caused. */
  guestPrintk(text: string, level: Level): void {
    this.#leveled(text, level, this.#guest);
  }

  /** A line that a guest writes on Xen's console. */
  guestLine(domain: number, text: string, level: Level): void {
    if (this.#passes(level, this.#guest)) this.#lines(`${text}\n`, `(d${domain}) `);
  }

  /** Text as it is: what Dom0 writes. */
  write(text: string): void {
    this.#ring = (this.#ring + text).slice(-ringSize);
    this.#serial(text.replaceAll('\n', '\r\n'));
    if (text !== '') this.#lineBegins = text.endsWith('\n');
  }

  /** What the ring holds. */
  get ring(): string {
    return this.#ring;
  }

  clear(): void {
    this.#ring = '';
  }

  #leveled(text: string, level: Level, threshold: Threshold): void {
    if (this.#passes(level, threshold)) this.#lines(`${text}\n`);
  }

  #passes(level: Level, { lower, upper }: Threshold): boolean {
    return level < lower || (level < upper && this.#allowed());
  }

  #lines(text: string, prefix = '(XEN) '): void {
    const begin = this.#lineBegins ? '' : '\n';
    this.write(begin + text.replaceAll(/[^\n]*\n/g, (line) => prefix + line));
  }

  /** __printk_ratelimit. */
  #allowed(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(ratelimit * burst, this.#tokens + now - this.#lastMessage);
    this.#lastMessage = now;
    if (this.#tokens < ratelimit) {
      this.#missed++;
      return false;
    }
    const missed = this.#missed;
    this.#missed = 0;
    this.#tokens -= ratelimit;
    if (missed > 0) this.#lines(`printk: ${missed} messages suppressed.\n`);
    return true;
  }
}
