import { unitRanges } from '../../../xen/sched/rtds/parameters.ts';
import type { LibxlScheduler } from './scheduler.ts';

const say = (line: number, name: string, text: string): string =>
  `libxl: error: libxl_sched.c:${line}:${name}: ${text}`;

/** libxl's error for a period and a budget, or null (tools/libs/light/libxl_sched.c, sched_rtds_validate_params). */
export function refusesRtds(period: number, budget: number): string | null {
  const refuse = (line: number, text: string): string => say(line, 'sched_rtds_validate_params', text);
  if (period < 1) return refuse(477, `Invalid VCPU period of ${period} (it should be >= 1)`);
  if (budget < 1) return refuse(483, `Invalid VCPU budget of ${budget} (it should be >= 1)`);
  if (budget > period)
    return refuse(489, `VCPU budget must be smaller than or equal to period, but ${budget} > ${period}`);
  return null;
}

/** What libxl does for RTDS. A config can give a period, but no budget. */
export const rtds: LibxlScheduler = {
  name: 'rtds',
  refusal: (_, { period = unitRanges.period.standard, budget = unitRanges.budget.standard }) =>
    refusesRtds(period, budget),
};
