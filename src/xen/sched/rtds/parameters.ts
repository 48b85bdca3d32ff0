/** The parameters of RTDS: docs/xen/rtds.md, section 1. All are whole microseconds but extratime, which is 0 or 1. */
import { microseconds, type Nanoseconds } from '../../time/time.ts';
import type { ParameterRange } from '../scheduler.ts';

/** Rules 1.1 and 1.2. No budget is longer than its period. */
export const unitRanges = {
  period: { min: 10, max: 0xffff_ffff, standard: 10_000 },
  budget: { min: 10, max: 0xffff_ffff, standard: 4_000 },
  extratime: { min: 0, max: 1, standard: 1 },
} as const satisfies Record<string, ParameterRange>;

/** Rule 7.1: what there is for a domain as a whole. */
export const domainRanges = { period: unitRanges.period, budget: unitRanges.budget } as const;

export type RtdsParameters = { readonly [name in keyof typeof unitRanges]: number };

export const standardPeriod: Nanoseconds = microseconds(unitRanges.period.standard);
export const standardBudget: Nanoseconds = microseconds(unitRanges.budget.standard);

/** Rule 1.2. */
export const areRtdsParameters = ({ period, budget }: Pick<RtdsParameters, 'period' | 'budget'>): boolean =>
  budget >= unitRanges.budget.min && period <= unitRanges.period.max && budget <= period;
