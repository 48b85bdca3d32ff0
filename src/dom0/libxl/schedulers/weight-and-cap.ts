import { domainRanges } from '../../../xen/sched/credit/parameters.ts';
import type { LibxlScheduler } from './scheduler.ts';

const { weight: weights, cap: caps } = domainRanges;

/**
 * What libxl does for a scheduler with weights and caps, credit or credit2 (tools/libs/light/libxl_sched.c). `line` is where it asks
 * for a domain's parameters; the checks follow.
 */
export const weightAndCap = (name: string, line: number): LibxlScheduler => {
  const refuse = (domid: number, after: number, text: string): string => {
    const domain = domid > 0 ? `Domain ${domid}:` : '';
    return `libxl: error: libxl_sched.c:${line + after}:sched_${name}_domain_set: ${domain}${text}`;
  };
  return {
    name,
    refusal({ domid, vcpus }, { weight, cap }) {
      if (weight !== undefined && (weight < weights.min || weight > weights.max))
        return refuse(domid, 6, 'Cpu weight out of range, valid values are within range from 1 to 65535');
      const most = caps.max * vcpus;
      if (cap !== undefined && (cap < caps.min || cap > most))
        return refuse(
          domid,
          16,
          `Cpu cap out of range, valid range is from 0 to ${most} for specified number of vcpus`,
        );
      return null;
    },
    mismatch: (domid) => refuse(domid, 0, `Getting domain sched ${name}: Invalid argument`),
  };
};
