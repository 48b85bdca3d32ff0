/** The table of the ARINC 653 scheduler: docs/xen/arinc653.md, section 1. */
import type { Nanoseconds } from '../../time/time.ts';

export interface Slot {
  /** The UUID of its domain. */
  readonly uuid: Uint8Array;
  readonly vcpu: number;
  readonly runtime: Nanoseconds;
}

export interface Table {
  readonly majorFrame: Nanoseconds;
  readonly slots: readonly Slot[];
}

/** Rule 1.1: ARINC653_MAX_DOMAINS_PER_SCHEDULE (public/sysctl.h). */
export const mostSlots = 64;

/** Rule 1.2. */
export const isTable = ({ majorFrame, slots }: Table): boolean =>
  majorFrame > 0 &&
  slots.length > 0 &&
  slots.length <= mostSlots &&
  slots.every(({ runtime }) => runtime > 0) &&
  slots.reduce((sum, { runtime }) => sum + runtime, 0) <= majorFrame;

export const sameUuid = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
