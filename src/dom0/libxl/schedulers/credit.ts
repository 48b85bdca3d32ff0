import { domainRanges } from '../../../xen/sched/credit/parameters.ts';
import type { LibxlScheduler } from './scheduler.ts';

const { weight: weights, cap: caps } = domainRanges;

/** What libxl does for the credit scheduler (tools/libs/light/libxl_sched.c). */
export const credit: LibxlScheduler = {
  name: 'credit',
  refusal({ domid, vcpus }, { weight, cap }) {
    const refuse = (line: number, text: string): string => {
      const domain = domid > 0 ? `Domain ${domid}:` : '';
      return `libxl: error: libxl_sched.c:${line}:sched_credit_domain_set: ${domain}${text}`;
    };
    if (weight !== undefined && (weight < weights.min || weight > weights.max))
      return refuse(238, 'Cpu weight out of range, valid values are within range from 1 to 65535');
    const most = caps.max * vcpus;
    if (cap !== undefined && (cap < caps.min || cap > most))
      return refuse(248, `Cpu cap out of range, valid range is from 0 to ${most} for specified number of vcpus`);
    return null;
  },
};
