import { clockHz } from '../../soc/board/zynqmp.ts';

/**
 * Length of a slice in cycles: 50 µs of virtual time. Slices begin at multiples of it, whatever the wall clock does,
 * and inputs enter only between slices. So a run depends on its inputs and their slices alone.
 */
export const sliceCycles = clockHz / 20_000;

/** How many slices end within so many seconds of virtual time. */
export const slicesIn = (seconds: number): number => Math.floor((seconds * clockHz) / sliceCycles + 1e-6);

/** When a slice ends by its number, in nanoseconds of virtual time; earlier if the machine has waited for ever meanwhile. */
export const endOfSlices = (slices: number): number => (slices * sliceCycles * 1e9) / clockHz;
