import type { Hasher } from '../base/hasher.ts';
import type { CommandLine, Parameter } from './command-line.ts';
import { type Nanoseconds, seconds } from './time/time.ts';

/** Levels of messages (XENLOG_* in Xen). */
export const LogLevel = { error: 0, warning: 1, info: 2, debug: 3 } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Messages below `lower` are always printed, messages from `upper` on never, and those between at a limited rate. */
interface Threshold {
  readonly lower: number;
  readonly upper: number;
}

/** The levels that `loglvl=` and `guest_loglvl=` may name. */
const thresholds = new Map([
  ['none', 0],
  ['error', 1],
  ['warning', 2],
  ['info', 3],
  ['debug', 4],
  ['all', 4],
]);

/** A parameter `LEVEL` or `LOWER/UPPER`. */
const thresholdParameter = (name: string): Parameter<Threshold> => ({
  name,
  takes: [...thresholds.keys()].join(', '),
  parse: (value) => {
    const [lower, upper] = value.split('/').map((level) => thresholds.get(level));
    return lower === undefined ? null : { lower, upper: Math.max(lower, upper ?? lower) };
  },
});

const ownThreshold = thresholdParameter('loglvl');
const guestThreshold = thresholdParameter('guest_loglvl');
export const logParameters = [ownThreshold, guestThreshold] as const;

/**
 * The thresholds of the command line, or those of a release build: errors and warnings, those of guests at a limited
 * rate.
 */
const thresholdsOf = (commandLine: CommandLine): { readonly own: Threshold; readonly guest: Threshold } => ({
  own: commandLine.get(ownThreshold, { lower: 2, upper: 2 }),
  guest: commandLine.get(guestThreshold, { lower: 0, upper: 2 }),
});

/** Size of the console ring. */
const ringSize = 32 * 1024;

/** The limited rate: a message every five seconds, and up to ten at once. */
const ratelimit = seconds(5);
const burst = 10;

/** Xen's console: the ring that `xl dmesg` shows, and the serial line. */
export class XenLog {
  private readonly now: () => Nanoseconds;
  private readonly serial: (text: string) => void;
  private readonly own: Threshold;
  private readonly guest: Threshold;
  private readonly _ring = new Uint8Array(ringSize);
  /** Number of bytes that were ever put into the ring, and number of the first that it shows. */
  private end = 0;
  private start = 0;
  private lineBegins = true;
  private tokens: number = ratelimit * burst;
  private lastMessage = 0;
  private missed = 0;

  /** `serial` gets the text that leaves on the serial line. */
  constructor(now: () => Nanoseconds, serial: (text: string) => void, commandLine: CommandLine) {
    this.now = now;
    this.serial = serial;
    const { own, guest } = thresholdsOf(commandLine);
    this.own = own;
    this.guest = guest;
  }

  /** Prints a message of Xen. */
  printk(text: string, level: LogLevel = LogLevel.warning): void {
    this.leveled(text, level, this.own);
  }

  /** Prints a message that a guest has caused. */
  guestPrintk(text: string, level: LogLevel): void {
    this.leveled(text, level, this.guest);
  }

  /** Prints a message that a vCPU has caused; it begins with the name of the vCPU. */
  gprintk(vcpu: { toString(): string }, level: LogLevel, text: string): void {
    this.guestPrintk(`${vcpu} ${text}`, level);
  }

  /** Prints the text that Dom0 writes, unchanged. Characters are bytes. */
  write(text: string): void {
    for (let i = 0; i < text.length; i++) this._ring[this.end++ % ringSize] = text.charCodeAt(i);
    this.serial(text.replaceAll('\n', '\r\n'));
    if (text !== '') this.lineBegins = text.endsWith('\n');
  }

  /** The text in the ring. */
  get ring(): string {
    const from = Math.max(this.start, this.end - ringSize);
    const bytes = Array.from({ length: this.end - from }, (_, i) => this._ring[(from + i) % ringSize] as number);
    return bytes.map((byte) => String.fromCharCode(byte)).join('');
  }

  /** XEN_SYSCTL_readconsole with `clear`. */
  clear(): void {
    this.start = this.end;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this._ring, this.start, this.end, this.lineBegins, this.tokens, this.lastMessage, this.missed);
  }

  private leveled(text: string, level: LogLevel, threshold: Threshold): void {
    if (this.passes(level, threshold)) this.lines(`${text}\n`);
  }

  private passes(level: LogLevel, { lower, upper }: Threshold): boolean {
    return level < lower || (level < upper && this.allowed());
  }

  private lines(text: string): void {
    const begin = this.lineBegins ? '' : '\n';
    this.write(begin + text.replaceAll(/[^\n]*\n/g, (line) => `(XEN) ${line}`));
  }

  /** Whether the limited rate allows a message now. */
  private allowed(): boolean {
    const now = this.now();
    this.tokens = Math.min(ratelimit * burst, this.tokens + now - this.lastMessage);
    this.lastMessage = now;
    if (this.tokens < ratelimit) {
      this.missed++;
      return false;
    }
    const missed = this.missed;
    this.missed = 0;
    this.tokens -= ratelimit;
    if (missed > 0) this.lines(`printk: ${missed} messages suppressed.\n`);
    return true;
  }
}
