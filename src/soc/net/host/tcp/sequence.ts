/** Sequence numbers of TCP: 32 bits, compared around the circle (RFC 9293, 3.4). */

export const advanced = (sequence: number, by: number): number => (sequence + by) >>> 0;
/** How far `a` is ahead of `b`; negative if it is behind. */
export const ahead = (a: number, b: number): number => (a - b) | 0;
