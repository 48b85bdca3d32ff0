/** What the credit scheduler keeps of units and domains (xen/common/sched/credit.c). */
import type { Nanoseconds } from '../../time/time.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';

/** CSCHED_PRI_*: a higher number goes first. */
export const Priority = { boost: 0, under: -1, over: -2, idle: -64 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/** Bits of a unit's flags; Xen's CSCHED_FLAG_UNIT_* are the numbers of these bits. */
export const UnitFlag = {
  /** Over its cap, and kept from running. */
  parked: 1 << 0,
  yield: 1 << 1,
  /** Is being moved, so that its next wake-up earns no boost. */
  migrating: 1 << 2,
  /** Can run on one pCPU only. */
  pinned: 1 << 4,
} as const;

export interface CreditUnit {
  readonly unit: SchedUnit;
  /** Undefined for idle units. */
  readonly domain: CreditDomain | undefined;
  priority: Priority;
  flags: number;
  credit: number;
  /** What is left of a credit, in tenths of a nanosecond's worth: see the burning of credits. */
  residual: number;
  /** Up to when credits are burnt while it runs; less the present while it does not. */
  startTime: Nanoseconds;
  lastSchedTime: Nanoseconds;
}

export interface CreditDomain {
  readonly domain: SchedDomain;
  /** Units that earn credits, the last that became active first. */
  readonly activeUnits: CreditUnit[];
  weight: number;
  /** Percent of one pCPU, 0 for none. */
  cap: number;
}

export const creditsPerMs = 10;
export const defaultWeight = 256;

/** Ticks in a time slice. */
export const tickPeriods = (tsliceMs: number): number => (tsliceMs < 3 ? 1 : 3);
