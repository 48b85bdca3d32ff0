import { clockHz } from '../soc/board/zynqmp.ts';

/**
 * Length of a slice in cycles: 50 µs of virtual time. Inputs enter between slices only, and slices begin on a grid of virtual
 * time, whatever the wall clock does. So a run depends on its inputs and their slices alone.
 */
export const sliceCycles = clockHz / 20_000;
