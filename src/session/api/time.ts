/** The past of a machine, as front doors see it. Plain data. */

/** What can be looked for backward. `stop`: where a breakpoint or watchpoint would have stopped the machine. */
export const findsBack = ['exception', 'hypercall', 'contextSwitch', 'consoleLine', 'stop'] as const;
export type FindBack = (typeof findsBack)[number];

/** How much of the past is kept at first, in bytes. */
export const defaultTimeLimit = 256 * 2 ** 20;

export interface TimeStatus {
  /** Whether the machine is at an earlier moment than it has been: then nothing enters it. */
  readonly isPast: boolean;
  /** Whether it is on its way to another moment. */
  readonly isSeeking: boolean;
  /** Virtual time of the present, in nanoseconds. */
  readonly presentNs: number;
  /** Virtual time of the earliest moment that it can go to; null where it cannot go anywhere. */
  readonly beginNs: number | null;
  /** Whether the last search has found nothing. */
  readonly foundNothing: boolean;
  /** Bytes that the past takes, and may take. */
  readonly bytes: number;
  readonly limit: number;
  /** Grows when moments or inputs have become more or fewer. */
  readonly version: number;
}

/** What the time bar shows. Times are in nanoseconds of virtual time. */
export interface TimeMarks {
  /** Moments that are kept. */
  readonly moments: readonly number[];
  /** What has entered the machine, also after the moment where it is. */
  readonly inputs: readonly TimeInput[];
}

export interface TimeInput {
  readonly ns: number;
  readonly kind: string;
  /** What was typed, the name of a file, or nothing. */
  readonly text: string;
  /** The console, if it was typed. */
  readonly console: string | null;
}
