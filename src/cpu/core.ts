import { Core, FlagKind } from '../a64/layout.ts';
import type { Memory } from './memory.ts';
import { type SystemSlot, systemOffset } from './slots.ts';

/** One core's architectural state: a window on its bytes in the memory. Registers are unsigned 64-bit bigints. */
export class CoreState {
  /** Base of the state in the memory. */
  readonly base: number;
  readonly #u32: Uint32Array;
  readonly #u64: BigUint64Array;

  constructor(
    readonly memory: Memory,
    readonly index: number,
  ) {
    this.base = memory.core(index);
    this.#u32 = memory.u32;
    this.#u64 = memory.u64;
    this.setWord(Core.index, index);
  }

  /** A 32-bit field of the state, by its offset. */
  word(offset: number): number {
    return this.#u32[(this.base + offset) >>> 2] as number;
  }

  setWord(offset: number, value: number): void {
    this.#u32[(this.base + offset) >>> 2] = value;
  }

  /** A 64-bit field of the state, by its offset. */
  long(offset: number): bigint {
    return this.#u64[(this.base + offset) >>> 3] as bigint;
  }

  setLong(offset: number, value: bigint): void {
    this.#u64[(this.base + offset) >>> 3] = value;
  }

  /** Xn; 31 is XZR. */
  x(n: number): bigint {
    return this.long(Core.x + 8 * n);
  }

  setX(n: number, value: bigint): void {
    if (n !== 31) this.setLong(Core.x + 8 * n, value);
  }

  get pc(): bigint {
    return this.long(Core.pc);
  }

  set pc(value: bigint) {
    this.setLong(Core.pc, value);
  }

  /** The stack pointer in use. */
  get sp(): bigint {
    return this.long(Core.sp);
  }

  set sp(value: bigint) {
    this.setLong(Core.sp, value);
  }

  get el(): number {
    return this.word(Core.el);
  }

  /** A system register with plain storage. */
  system(slot: SystemSlot): bigint {
    return this.long(systemOffset(slot));
  }

  setSystem(slot: SystemSlot, value: bigint): void {
    this.setLong(systemOffset(slot), value);
  }

  /** Low and high halves of a system register, without a bigint: for the paths that must be fast. */
  systemLow(slot: SystemSlot): number {
    return this.word(systemOffset(slot));
  }

  systemHigh(slot: SystemSlot): number {
    return this.word(systemOffset(slot) + 4);
  }

  /** NZCV in bits 31-28. */
  get nzcv(): number {
    const a = this.long(Core.flagA);
    const b = this.long(Core.flagB);
    switch (this.word(Core.flagKind)) {
      case FlagKind.packed:
        return Number(a & 0xf000_0000n);
      case FlagKind.logic:
        return flags(a, 64, 0n, 0n);
      case FlagKind.add64:
        return addFlags(a, b, 64);
      case FlagKind.sub64:
        return subFlags(a, b, 64);
      case FlagKind.add32:
        return addFlags(a & 0xffff_ffffn, b & 0xffff_ffffn, 32);
      default:
        return subFlags(a & 0xffff_ffffn, b & 0xffff_ffffn, 32);
    }
  }

  set nzcv(value: number) {
    this.setWord(Core.flagKind, FlagKind.packed);
    this.setLong(Core.flagA, BigInt(value >>> 0));
    this.setLong(Core.flagB, 0n);
  }
}

const flags = (result: bigint, width: 32 | 64, carry: bigint, overflow: bigint): number => {
  const negative = (result >> BigInt(width - 1)) & 1n;
  return Number((negative << 31n) | ((result === 0n ? 1n : 0n) << 30n) | (carry << 29n) | (overflow << 28n));
};

const addFlags = (a: bigint, b: bigint, width: 32 | 64): number => {
  const result = BigInt.asUintN(width, a + b);
  return flags(result, width, result < a ? 1n : 0n, (((a ^ result) & (b ^ result)) >> BigInt(width - 1)) & 1n);
};

const subFlags = (a: bigint, b: bigint, width: 32 | 64): number => {
  const result = BigInt.asUintN(width, a - b);
  return flags(result, width, a >= b ? 1n : 0n, (((a ^ b) & (a ^ result)) >> BigInt(width - 1)) & 1n);
};
