import { rtds } from './rtds.ts';
import type { LibxlScheduler } from './scheduler.ts';
import { weightAndCap } from './weight-and-cap.ts';

/** The schedulers whose parameters libxl checks, one a line. */
export const libxlSchedulers: readonly LibxlScheduler[] = [
  weightAndCap('credit', 232),
  weightAndCap('credit2', 439),
  rtds,
];

/** libxl's error where it reads a domain's parameters: it knows none of ARINC 653. */
export const unknownScheduler = (domid: number): string =>
  `libxl: error: libxl_sched.c:905:libxl_domain_sched_params_get: Domain ${domid}:Unknown scheduler`;
