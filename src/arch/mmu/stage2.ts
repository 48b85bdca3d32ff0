import { Reg } from '../registers/mmu-registers.ts';
import { Sctlr } from '../state/control-bits.ts';
import type { Descriptors } from './descriptors.ts';
import { FaultType } from './faults.ts';

/**
 * Bits of intermediate physical addresses that a table may be laid out for: 40 in a Cortex-A53, 48 in an SMMU-500.
 * Addresses have 40 bits in either case, because there is nothing beyond.
 */
export type IpaBits = 40 | 48;

/** Entries of the cache of translations, and words in each. */
const cacheEntries = 256;
const cacheWords = 4;

/** Where the parts of a translation's result lie in its flags; S2AP as in the descriptor, MemAttr, SH. */
const Flags = {
  read: 1,
  write: 2,
  noExecute: 4,
  device: 8,
  memAttr: 8,
  shareability: 12,
  level: 16,
  sizeLog2: 18,
} as const;

/**
 * Stage 2 of EL1&0: AArch64.TranslationTableWalk with secondstage TRUE (Arm ARM DDI 0487A, J1.1.5), and a cache of its
 * results like the IPA cache of the Cortex-A53 (TRM DDI 0500, 5.2.4).
 */
export class Stage2 {
  /** Physical page of the translation found last. */
  page = 0;
  /** Why there is none. */
  faultType: FaultType = FaultType.translation;
  faultLevel = 0;
  /** Log2 of the bytes around a page that the descriptor read last is about, whether it maps them or not. */
  triedLog2 = 12;
  readonly #u32: Uint32Array;
  /** Where the registers' words begin. */
  readonly #core: number;
  readonly #descriptors: Descriptors;
  readonly #ipaBits: IpaBits;
  /** By IPA page: page + 1, VMID and VTCR_EL2, physical page, flags. */
  readonly #cache = new Int32Array(cacheEntries * cacheWords);
  #flags = 0;

  /** Registers, limits and meaning of the parameters as in `Walker`. */
  constructor(registers: Uint32Array, first: number, descriptors: Descriptors, ipaBits: IpaBits) {
    this.#u32 = registers;
    this.#core = first;
    this.#descriptors = descriptors;
    this.#ipaBits = ipaBits;
  }

  get readable(): boolean {
    return (this.#flags & Flags.read) !== 0;
  }

  get writable(): boolean {
    return (this.#flags & Flags.write) !== 0;
  }

  get executable(): boolean {
    return (this.#flags & Flags.noExecute) === 0;
  }

  get device(): boolean {
    return (this.#flags & Flags.device) !== 0;
  }

  /** MemAttr[3:0] of the descriptor. */
  get memAttr(): number {
    return (this.#flags >>> Flags.memAttr) & 15;
  }

  get shareability(): number {
    return (this.#flags >>> Flags.shareability) & 3;
  }

  get level(): number {
    return (this.#flags >>> Flags.level) & 3;
  }

  /** Log2 of the bytes that the descriptor maps. */
  get sizeLog2(): number {
    return this.#flags >>> Flags.sizeLog2;
  }

  /** Forgets cached translations. */
  forget(): void {
    this.#cache.fill(0);
  }

  /** Forgets the cached translation of one page. */
  forgetPage(ipaPage: number): void {
    this.#cache[slotOf(ipaPage)] = 0;
  }

  /** Finds the translation of a page, whatever it permits. `forTable`: the access reads a stage 1 descriptor. */
  translate(ipaPage: number, forTable: boolean): boolean {
    const rootHigh = this.#u32[this.#core + Reg.VTTBR_EL2 + 1] as number;
    const vtcr = this.#u32[this.#core + Reg.VTCR_EL2] as number;
    const cache = this.#cache;
    const slot = slotOf(ipaPage);
    const owner = ((rootHigh & 0xff0000) << 8) | (vtcr & 0x7ffff);
    const watched = this.#descriptors.trace !== undefined;
    if (!watched && cache[slot] === ipaPage + 1 && cache[slot + 1] === owner) {
      this.page = cache[slot + 2] as number;
      this.#flags = cache[slot + 3] as number;
      return true;
    }
    if (!this.#walk(ipaPage, forTable)) return false;
    cache[slot] = ipaPage + 1;
    cache[slot + 1] = owner;
    cache[slot + 2] = this.page;
    cache[slot + 3] = this.#flags;
    return true;
  }

  #walk(ipaPage: number, forTable: boolean): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const rootLow = u32[core + Reg.VTTBR_EL2] as number;
    const rootHigh = u32[core + Reg.VTTBR_EL2 + 1] as number;
    const vtcr = u32[core + Reg.VTCR_EL2] as number;
    const granule64 = ((vtcr >>> 14) & 3) === 1;
    const grain = granule64 ? 16 : 12;
    const stride = grain - 3;
    const sl0 = (vtcr >>> 6) & 3;
    let level = granule64 ? 3 - sl0 : 2 - sl0;
    const inputSize = 64 - (vtcr & 63);
    // 40-bit physical addresses allow neither level 0 with 4 KiB nor level 1 with 64 KiB granules.
    const lowest = (granule64 ? 2 : 1) - (this.#ipaBits === 48 ? 1 : 0);
    if (inputSize < 25 || inputSize > this.#ipaBits || level < lowest) return this.#fail(FaultType.translation, 0);
    let shift = (3 - level) * stride + grain;
    const rootBits = inputSize - shift;
    if (rootBits < 1 || rootBits > stride + 4 || (inputSize < 40 && ipaPage >>> (inputSize - 12) !== 0))
      return this.#fail(FaultType.translation, 0);
    const ps = (vtcr >>> 16) & 7;
    const tooHigh = ps === 0 ? 0xffff : ps === 1 ? 0xfff0 : 0xff00;
    if ((rootHigh & tooHigh) !== 0) return this.#fail(FaultType.addressSize, 0);

    let table = ((rootHigh & 0xff) << 20) | (rootLow >>> 12);
    let start = 0;
    const rootAlign = 3 + rootBits;
    if (rootAlign >= 12) table &= -1 << (rootAlign - 12);
    else start = rootLow & 0xfff & (-1 << rootAlign);
    let indexMask = (1 << rootBits) - 1;
    const descriptors = this.#descriptors;
    const bigEndian = ((u32[core + Reg.SCTLR_EL2] as number) & Sctlr.EE) !== 0;
    let low: number;
    let high: number;
    for (;;) {
      const at = start | (((ipaPage >>> (shift - 12)) & indexMask) << 3);
      const page = table + (at >>> 12);
      const read = descriptors.read(page, at & 0xfff, bigEndian);
      if (descriptors.trace) {
        const place = { page, offset: at & 0xfff, isIpa: false };
        descriptors.report(read, { stage: 2, level, forTable, ...place, sizeLog2: shift });
      }
      this.triedLog2 = shift;
      if (!read) return this.#fail(FaultType.externalOnWalk, level);
      low = descriptors.low;
      high = descriptors.high;
      const type = low & 3;
      if ((type & 1) === 0 || (type === 1 && level === 3)) return this.#fail(FaultType.translation, level);
      if (type === 1 || level === 3) break;
      if ((high & tooHigh) !== 0) return this.#fail(FaultType.addressSize, level);
      table = ((high & 0xff) << 20) | (low >>> 12);
      if (granule64) table &= ~15;
      start = 0;
      level++;
      shift -= stride;
      indexMask = (1 << stride) - 1;
    }
    if (level < (granule64 ? 2 : 1)) return this.#fail(FaultType.translation, level);
    if ((high & tooHigh) !== 0) return this.#fail(FaultType.addressSize, level);
    if ((low & (1 << 10)) === 0) return this.#fail(FaultType.accessFlag, level);

    const inside = (1 << (shift - 12)) - 1;
    this.page = ((((high & 0xff) << 20) | (low >>> 12)) & ~inside) | (ipaPage & inside);
    this.#flags =
      ((low >>> 6) & (Flags.read | Flags.write)) |
      ((high & (1 << 22)) !== 0 ? Flags.noExecute : 0) |
      ((low & 0x30) === 0 ? Flags.device : 0) |
      (((low >>> 2) & 15) << Flags.memAttr) |
      (((low >>> 8) & 3) << Flags.shareability) |
      (level << Flags.level) |
      (shift << Flags.sizeLog2);
    return true;
  }

  #fail(type: FaultType, level: number): false {
    this.faultType = type;
    this.faultLevel = level;
    return false;
  }
}

const slotOf = (ipaPage: number): number => (ipaPage & (cacheEntries - 1)) * cacheWords;
