import { clockHz } from '../../soc/board/zynqmp.ts';

/**
 * Length of a slice in cycles: 50 µs of virtual time. Slices begin at multiples of it, whatever the wall clock does,
 * and inputs enter only between slices. So a run depends on its inputs and their slices alone.
 */
export const sliceCycles = clockHz / 20_000;
