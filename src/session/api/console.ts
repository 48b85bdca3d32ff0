/** What a machine shows: the bytes of its consoles, and its log. Plain data. */

/**
 * A byte stream in and out: the UARTs at FF000000 and FF010000; with Xen also the terminal of Dom0's shell, and by its number
 * each domain's PV console and, if it has one, its virtual UART. Numbers of domains are never used twice.
 */
export type ConsoleId = 'serial' | 'serial1' | 'dom0' | `${number}/pv` | `${number}/vuart`;

export const isConsoleId = (text: string): text is ConsoleId => /^(serial1?|dom0|\d{1,5}\/(pv|vuart))$/.test(text);

/** Part of a console's byte stream. */
export interface ConsoleWindow {
  /** Offset of the first byte given: later than the one asked for when the ring no longer holds that. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Offset after the last byte printed so far. */
  readonly end: number;
}

/** A message of the machine about itself: an unknown register, a firmware call, the loaded kernel. */
export interface LogEntry {
  readonly index: number;
  readonly virtualNs: number;
  /** The part that speaks: `uart0`, `psci`, `loader`... */
  readonly source: string;
  readonly text: string;
}

export interface LogWindow {
  readonly entries: readonly LogEntry[];
  readonly end: number;
}
