import { integerParameter } from '../command-line.ts';

/** The rate limit of context switches, in microseconds, which credit and credit2 share. */
export const ratelimitParameter = integerParameter('sched_ratelimit_us');
