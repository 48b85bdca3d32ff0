/** Bits [high:low] of a 32-bit word, as an unsigned number. */
export const bits = (word: number, high: number, low: number): number =>
  (word >>> low) & (high - low === 31 ? 0xffffffff : (1 << (high - low + 1)) - 1);

/** One bit of a 32-bit word. */
export const bit = (word: number, n: number): number => (word >>> n) & 1;

/** The low `width` bits of `value` as a two's complement number. */
export const signExtend = (value: number, width: number): number => (value << (32 - width)) >> (32 - width);

export const mask64 = 0xffff_ffff_ffff_ffffn;

/** A 32-bit word with its bytes in the other order. */
export const reverseBytes = (word: number): number =>
  ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
