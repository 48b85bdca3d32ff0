import type { LibxlScheduler } from './scheduler.ts';
import { weightAndCap } from './weight-and-cap.ts';

/** The schedulers whose parameters libxl checks, one a line. */
export const libxlSchedulers: readonly LibxlScheduler[] = [weightAndCap('credit', 232), weightAndCap('credit2', 439)];
