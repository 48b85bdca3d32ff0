import { Core, FlagKind } from '../../a64/layout.ts';
import { updateFloatLimits } from '../../a64/softfloat/host.ts';
import type { Memory } from './memory.ts';
import { type SystemSlot, systemOffset } from './slots.ts';

/** One core's architectural state: a window on its bytes in the memory. Registers are unsigned 64-bit bigints. */
export class CoreState {
  /** Base of the state in the memory. */
  readonly base: number;
  /** The state as signed 32-bit words, for paths that must be fast: index = offset / 4. */
  readonly words: Int32Array;
  /** The words of X0-X30, and those of V0-V31. */
  readonly xWords: Int32Array;
  readonly vWords: Int32Array;
  readonly #u32: Uint32Array;
  readonly #u64: BigUint64Array;

  constructor(
    readonly memory: Memory,
    readonly index: number,
  ) {
    this.base = memory.core(index);
    this.words = new Int32Array(memory.wasm.buffer, this.base, Core.size / 4);
    this.xWords = this.words.subarray(Core.x / 4, Core.x / 4 + 2 * 31);
    this.vWords = this.words.subarray(Core.v / 4, Core.v / 4 + 4 * 32);
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

  /** FPCR and FPSR, and what generated code has worked out from them. */
  setFloatState(fpcr: number, fpsr: number): void {
    this.setWord(Core.fpcr, fpcr);
    this.setWord(Core.fpsr, fpsr);
    updateFloatLimits(this.#u32, this.base);
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
    const { words } = this;
    const a = words[flagA] as number;
    const b = words[flagB] as number;
    const kind = words[flagKind] as number;
    if (kind === FlagKind.packed) return (a & 0xf000_0000) >>> 0;
    const aHigh = words[flagA + 1] as number;
    const bHigh = words[flagB + 1] as number;
    switch (kind) {
      case FlagKind.logic:
        return flags(aHigh, a | aHigh, false, 0);
      case FlagKind.add64: {
        const low = (a + b) | 0;
        const carry = low >>> 0 < a >>> 0 ? 1 : 0;
        const high = (aHigh >>> 0) + (bHigh >>> 0) + carry;
        return flags(high, low | high, high >= 2 ** 32, (aHigh ^ high) & (bHigh ^ high));
      }
      case FlagKind.sub64: {
        const borrow = a >>> 0 < b >>> 0 ? 1 : 0;
        const high = (aHigh >>> 0) - (bHigh >>> 0) - borrow;
        return flags(high, (a - b) | high, high >= 0, (aHigh ^ bHigh) & (aHigh ^ high));
      }
      case FlagKind.add32: {
        const sum = (a + b) | 0;
        return flags(sum, sum, sum >>> 0 < a >>> 0, (a ^ sum) & (b ^ sum));
      }
      default: {
        const difference = (a - b) | 0;
        return flags(difference, difference, a >>> 0 >= b >>> 0, (a ^ b) & (a ^ difference));
      }
    }
  }

  set nzcv(value: number) {
    const { words } = this;
    words[flagKind] = FlagKind.packed;
    words[flagA] = value;
    words[flagA + 1] = 0;
    words[flagB] = 0;
    words[flagB + 1] = 0;
  }
}

const flagKind = Core.flagKind / 4;
const flagA = Core.flagA / 4;
const flagB = Core.flagB / 4;

/**
 * NZCV from a result's high word, a word that is zero when the result is, carry, and a word whose bit 31 is overflow.
 */
const flags = (high: number, zero: number, carry: boolean, overflow: number): number =>
  ((high & 0x8000_0000) | ((zero | 0) === 0 ? 1 << 30 : 0) | (carry ? 1 << 29 : 0) | ((overflow >>> 31) << 28)) >>> 0;
