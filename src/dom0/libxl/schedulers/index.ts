import { credit } from './credit.ts';
import type { LibxlScheduler } from './scheduler.ts';

/** The schedulers whose parameters libxl checks, one a line. */
export const libxlSchedulers: readonly LibxlScheduler[] = [credit];
