/** What a machine shows: the bytes of its consoles, and its log. Plain data. */

/**
 * A stream of bytes in and out: the UARTs at FF000000 and FF010000, and with Xen the terminal of Dom0's shell, the PV
 * console of each domain, and its virtual UART if it has one. A domain's number is not used again before the machine is
 * reset.
 */
export type ConsoleId = 'serial' | 'serial1' | 'dom0' | `${number}/pv` | `${number}/vuart`;

export const isConsoleId = (text: string): text is ConsoleId => /^(serial1?|dom0|\d{1,5}\/(pv|vuart))$/.test(text);

/** Part of a console's byte stream. */
export interface ConsoleWindow {
  /** Offset of the first byte given. It is later than the offset asked for if the ring no longer holds that. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Offset after the last byte printed so far. */
  readonly end: number;
  /** Offset of the first byte of the domain that has the number now: before a restart of the machine another had it. */
  readonly begin: number;
}

/** A message about the machine: an unknown register, a firmware call, the loaded kernel. */
export interface LogEntry {
  readonly index: number;
  readonly virtualNs: number;
  /** The part of the machine that it comes from: `uart0`, `psci`, `loader`... */
  readonly source: string;
  readonly text: string;
}

export interface LogWindow {
  readonly entries: readonly LogEntry[];
  readonly end: number;
}
