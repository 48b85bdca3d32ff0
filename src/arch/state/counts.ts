import { Core } from '../../a64/layout.ts';

/**
 * Numbers of the counters in Core.counts. Synchronous exceptions and SErrors have those of their class, ESR_ELx.EC; these
 * follow them. They say nothing about how the machine goes on, so no fingerprint has them; each wraps at 2^32.
 */
export const Count = { irq: 64, fiq: 65, dataTlbMiss: 66, codeTlbMiss: 67 } as const;

/** Index into CoreState.words of a counter. */
export const countWord = (count: number): number => Core.counts / 4 + count;
