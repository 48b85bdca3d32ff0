import { Core } from '../../a64/layout.ts';

/**
 * Numbers of the counters in Core.counts. Synchronous exceptions and SErrors are counted by their class, ESR_ELx.EC;
 * these numbers follow. The counters have no effect on the machine, so no fingerprint covers them. Each wraps at 2^32.
 */
export const Count = { irq: 64, fiq: 65, dataTlbMiss: 66, codeTlbMiss: 67 } as const;

/** Index into CoreState.words of a counter. */
export const countWord = (count: number): number => Core.counts / 4 + count;
