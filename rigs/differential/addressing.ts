import { signExtend } from '../../src/base/bits.ts';

/** How a load or store makes its address. */
export interface Addressing {
  /** The base register; 31 is SP. */
  readonly base: number;
  readonly offset: bigint;
  /** Bytes to which the address must be aligned, if it must. */
  readonly aligned?: number;
  readonly index?: { readonly register: number; readonly option: number; readonly shift: number };
}

/**
 * How a word makes its address; undefined unless it is a load, a store or a maintenance instruction (Arm ARM C4.1.96).
 */
export function addressingOf(word: number): Addressing | undefined {
  const is = (mask: number, value: number): boolean => (word & mask) >>> 0 === value;
  const base = (word >>> 5) & 31;
  if (is(0xfff80000, 0xd5080000)) return (word & 31) === 31 ? undefined : { base: word & 31, offset: 0n };
  // Exclusives and ordered accesses.
  if (is(0x3f000000, 0x08000000))
    return { base, offset: 0n, aligned: (1 << (word >>> 30)) * (is(0x00a00000, 0x00200000) ? 2 : 1) };
  // SIMD structures.
  if (is(0xbe000000, 0x0c000000)) return { base, offset: 0n };
  const V = (word >>> 26) & 1;
  if (is(0x3a000000, 0x28000000)) {
    const opc = word >>> 30;
    const scale = V ? 2 + opc : opc >= 2 ? 3 : 2;
    const isPost = ((word >>> 23) & 3) === 1;
    return { base, offset: isPost ? 0n : BigInt(signExtend((word >>> 15) & 0x7f, 7)) << BigInt(scale) };
  }
  if (!is(0x3a000000, 0x38000000)) return undefined;
  const scale = V && (word >>> 23) & 1 ? 4 : word >>> 30;
  if (is(0x01000000, 0x01000000)) return { base, offset: BigInt((word >>> 10) & 0xfff) << BigInt(scale) };
  if (is(0x00200000, 0)) {
    const isPost = ((word >>> 10) & 3) === 1;
    return { base, offset: isPost ? 0n : BigInt(signExtend((word >>> 12) & 0x1ff, 9)) };
  }
  const shift = (word >>> 12) & 1 ? scale : 0;
  return { base, offset: 0n, index: { register: (word >>> 16) & 31, option: (word >>> 13) & 7, shift } };
}
