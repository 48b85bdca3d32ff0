/**
 * Preemption in a CPU interface, physical or virtual (IHI 0048B, 3.3.3 and 4.4.15). Active priorities are a bitmap, one
 * bit for each group priority, the highest in bit 0; levels are 2^`shift` apart.
 */

/** The running priority when nothing is active: below the lowest priority. */
export const idlePriority = 0x100;

/** The part of a priority that counts for preemption, as GICC_BPR has it for Group 0. */
export const groupPriority = (priority: number, binaryPoint: number): number => priority & (0xfe << binaryPoint);

/** The highest active priority, or `idlePriority` when none is. */
export const runningPriority = (active: number, shift: number): number =>
  active === 0 ? idlePriority : (31 - Math.clz32(active & -active)) << shift;

/** An interrupt of this group priority becomes active. */
export const raisePriority = (active: number, priority: number, shift: number): number =>
  (active | (1 << (priority >>> shift))) >>> 0;

/** The highest active priority ends. */
export const dropPriority = (active: number): number => (active & (active - 1)) >>> 0;
