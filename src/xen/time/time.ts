import type { Brand } from '../../base/units.ts';

/** Xen's s_time_t: nanoseconds since Xen booted, or a span of them. */
export type Nanoseconds = Brand<number, 'Nanoseconds'>;

export const nanoseconds = (n: number): Nanoseconds => n as Nanoseconds;
export const microseconds = (n: number): Nanoseconds => (n * 1_000) as Nanoseconds;
export const milliseconds = (n: number): Nanoseconds => (n * 1_000_000) as Nanoseconds;
export const seconds = (n: number): Nanoseconds => (n * 1_000_000_000) as Nanoseconds;
