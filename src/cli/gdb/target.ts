/** What the protocol knows of a machine. `session-target.ts` implements it. */
import type { Result } from '../../base/result.ts';

export interface ThreadInfo {
  /** Its number, from 1 on. */
  readonly id: number;
  readonly name: string;
  /** The core that it is, or that it runs on. */
  readonly core: number | null;
  /** What GDB shows behind its name. */
  readonly detail: string;
}

/** Z0, Z1: breakpoints; Z2, Z3, Z4: watchpoints of writes, reads and both. */
export type PointType = 0 | 1 | 2 | 3 | 4;

export interface Point {
  readonly type: PointType;
  readonly address: bigint;
  /** Bytes that a watchpoint watches. */
  readonly length: number;
}

/** Addresses from `start` up to before `end`, in which a step goes on. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export type Motion =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step'; readonly thread: number; readonly range: Range | null }
  | { readonly kind: 'stepBack'; readonly thread: number }
  | { readonly kind: 'continueBack' };

/** Why the machine stands still. */
export type Stop =
  | { readonly kind: 'stopped'; readonly thread: number; readonly why: StopReason }
  /** The run is over, or the domain is no more. */
  | { readonly kind: 'exited' };

export type StopReason =
  | { readonly kind: 'step' | 'interrupt' }
  | { readonly kind: 'point'; readonly point: Point; readonly address: bigint }
  /** The beginning or the end of what has been. */
  | { readonly kind: 'history'; readonly end: 'begin' | 'end' };

export interface Target {
  /** Names of the system registers that can be read. */
  readonly systemRegisters: readonly string[];
  /** Whether it has a past to go back to. */
  readonly hasPast: boolean;
  /** All threads in the order of their numbers. */
  threads(): readonly ThreadInfo[];
  /** A register by its name; null if it is not known. */
  register(thread: number, name: string): bigint | null;
  /** Memory as a thread sees it, up to the first byte that cannot be read. */
  read(thread: number, address: bigint, length: number): Uint8Array;
  /** Sets all breakpoints and watchpoints anew. */
  setPoints(points: readonly Point[]): Result<null>;
  /** Stops for the debugger that has come. */
  halt(): void;
  /** The debugger has gone: nothing of it is left, and the machine goes on. */
  release(): void;
  move(motion: Motion): Result<null>;
  /** Stops a motion. */
  interrupt(): void;
  /** The stop that ends the last motion, once. */
  arrived(): Stop | null;
  /** Answers a command of `monitor`. */
  monitor(thread: number, command: string): string;
}
