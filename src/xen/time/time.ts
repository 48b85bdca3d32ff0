import type { Brand } from '../../base/units.ts';

/** System time of Xen: nanoseconds since the system counter started, or a duration. */
export type Nanoseconds = Brand<number, 'Nanoseconds'>;

export const nanoseconds = (n: number): Nanoseconds => n as Nanoseconds;
export const microseconds = (n: number): Nanoseconds => (n * 1_000) as Nanoseconds;
export const milliseconds = (n: number): Nanoseconds => (n * 1_000_000) as Nanoseconds;
export const seconds = (n: number): Nanoseconds => (n * 1_000_000_000) as Nanoseconds;
