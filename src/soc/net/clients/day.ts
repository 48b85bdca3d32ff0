/** How demand goes through a day, and what is counted of it. */
import type { Cycles } from '../../../base/units.ts';

export const hours = 24;

/** A web service's day: little at night, most in the evening. Per cent of the peak, by the hour. */
export const usualDay: readonly number[] = [
  25, 15, 10, 8, 8, 10, 20, 40, 60, 70, 75, 80, 85, 80, 75, 75, 80, 90, 100, 100, 90, 70, 50, 35,
];

/** What is counted in an hour of the day. */
export interface Hour {
  asked: number;
  answered: number;
  /** Requests for which there was no room, or whose server has not answered. */
  lost: number;
  /** Response times in microseconds, in the order of the answers. */
  readonly times: number[];
  /** Servers by the time that they were there, in cycles. */
  serverTime: number;
}

export const emptyHour = (): Hour => ({ asked: 0, answered: 0, lost: 0, times: [], serverTime: 0 });

/** A time that so many per mille of times do not exceed; 0 if there is none. */
export function percentile(times: readonly number[], perMille: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil((sorted.length * perMille) / 1000) - 1, 0)] ?? 0;
}

/** The demand at a time of the day between 0 and 1: straight from the middle of an hour to that of the next. */
export function demandAt(day: readonly number[], time: number): number {
  const at = time * hours - 0.5;
  const before = Math.floor(at);
  const part = at - before;
  const of = (hour: number): number => day[(hour + hours) % hours] ?? 0;
  return (of(before) * (1 - part) + of(before + 1) * part) / 100;
}

export interface DaySettings {
  /** Requests per second at the peak. */
  readonly peak: number;
  /** How long a day is. */
  readonly length: Cycles;
  /** CPU time that a request takes a server, in microseconds. */
  readonly work: number;
  /** Demand by the hour, in per cent of the peak. */
  readonly day: readonly number[];
}
