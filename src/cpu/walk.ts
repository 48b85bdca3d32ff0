import { Hcr, Sctlr } from './control-bits.ts';
import { FaultType } from './faults.ts';
import type { Memory } from './memory.ts';
import { Reg } from './mmu-registers.ts';

/** A translation regime: EL1&0 (with its stage 2) or EL2. */
export type Regime = 1 | 2;

/** What an access needs permission for; cache maintenance and the like need none. */
export const Need = { read: 0, write: 1, execute: 2, nothing: 3 } as const;
export type Need = (typeof Need)[keyof typeof Need];

/** Which stages of translation to do: AT S1E1R and its kin stop after the first. */
export type Stages = 'first' | 'all';

/** One step of a translation, for those who want to see how it came about. */
export interface WalkStep {
  readonly stage: 1 | 2;
  readonly level: number;
  /** Stage 2 for the address of a stage 1 descriptor. */
  readonly forTable: boolean;
  /** Page number and offset of the descriptor: an IPA for stage 1 under stage 2, else a physical address. */
  readonly isIpa: boolean;
  readonly page: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
  readonly kind: 'table' | 'block' | 'page' | 'invalid' | 'external abort';
  /** Log2 of the bytes that one entry of this level maps. */
  readonly sizeLog2: number;
}

/** Entries of the cache of stage 2 translations, and words in each. */
const ipaCacheEntries = 256;
const ipaCacheWords = 4;

/** Bits in the permission word of a stage 2 translation; memory attributes and shareability lie above them. */
const S2 = { read: 1, write: 2, noExecute: 4, device: 8 } as const;

/**
 * The translation table walk of ARMv8.0 as the Cortex-A53 does it: AArch64.TranslateAddress and what it calls (Arm ARM
 * DDI 0487A, J1.1.5). Addresses are pairs of 32-bit words; physical and intermediate physical ones are 40 bits, so their
 * page numbers are 28-bit integers. Results and faults are left in fields, so that a walk allocates nothing.
 *
 * Choices where the architecture leaves them: TxSZ out of range, also an IPA size above 40 bits, faults at level 0; granules
 * that do not exist act as 4 KiB; the contiguous bit is a hint.
 */
export class Walker {
  /** Physical page of a translation that succeeded. */
  page = 0;
  /** Log2 of the bytes that the stage 1 descriptor maps; 12 where stage 1 is off. */
  sizeLog2 = 12;
  /** What both stages allow at the privilege asked for. */
  readable = false;
  writable = false;
  executable = false;
  /** Device memory by either stage. */
  device = false;
  /** Memory attributes in MAIR_ELx format, and shareability: both stages combined. */
  attributes = 0;
  shareability = 0;

  /** Why a translation failed; the fields of Fault. */
  faultType: FaultType = FaultType.translation;
  faultLevel = 0;
  faultStage: 1 | 2 = 1;
  faultS1ptw = false;
  faultIpa = 0;

  /** Where each step goes, while someone watches. */
  trace: ((step: WalkStep) => void) | undefined;

  readonly #u32: Uint32Array;
  readonly #memory: Memory;
  /** First page, pages and first host page of each range of RAM. */
  readonly #ram: Int32Array;
  /** First word of the core's state. */
  readonly #core: number;
  /** Stage 2 translations by IPA: page + 1, VMID and VTCR_EL2, physical page, permissions. */
  readonly #ipaCache = new Int32Array(ipaCacheEntries * ipaCacheWords);
  #level = 0;
  #s2page = 0;
  #s2flags = 0;
  #descriptorLow = 0;
  #descriptorHigh = 0;

  constructor(memory: Memory, core: number) {
    this.#memory = memory;
    this.#u32 = memory.u32;
    this.#core = memory.core(core) >>> 2;
    this.#ram = Int32Array.from(
      memory.ram.flatMap(({ base, size }) => [base / 4096, size / 4096, memory.host(base) / 4096]),
    );
  }

  /** Host page number of a physical page, or 0 where there is no RAM. */
  hostPage(page: number): number {
    const ram = this.#ram;
    for (let i = 0; i < ram.length; i += 3) {
      const offset = page - (ram[i] as number);
      if (offset >= 0 && offset < (ram[i + 1] as number)) {
        const host = (ram[i + 2] as number) + offset;
        this.#memory.touch(host);
        return host;
      }
    }
    return 0;
  }

  /** Forgets cached stage 2 translations. */
  forgetStage2(): void {
    this.#ipaCache.fill(0);
  }

  /**
   * Translates a virtual address by a regime's present registers; true if the access may be made, else the fault's
   * fields say why not. `unaligned` accesses to Device memory fault.
   */
  translate(
    low: number,
    high: number,
    regime: Regime,
    privileged: boolean,
    need: Need,
    unaligned: boolean,
    stages: Stages,
  ): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const hcr = regime === 1 ? (u32[core + Reg.HCR_EL2] as number) : 0;
    const stage2 = (hcr & (Hcr.VM | Hcr.DC)) !== 0;
    const sctlr = u32[core + (regime === 1 ? Reg.SCTLR_EL1 : Reg.SCTLR_EL2)] as number;
    if ((sctlr & Sctlr.M) !== 0 && (hcr & (Hcr.TGE | Hcr.DC)) === 0) {
      if (!this.#stage1(low, high, regime, privileged, sctlr, stage2)) return false;
    } else if (!this.#flat(low, high, regime, need, hcr)) return false;

    if (unaligned && this.device) return this.#fail(FaultType.alignment, 0);
    if (!this.#allows(need)) return this.#fail(FaultType.permission, this.#level);
    if (!stage2 || stages === 'first') return true;
    return this.#second(low & 0xfff, need, unaligned);
  }

  /** Translates an IPA page of EL1&0 by stage 2 alone, where it is on; the page is the result. */
  translateIpa(page: number): boolean {
    const hcr = this.#u32[this.#core + Reg.HCR_EL2] as number;
    if ((hcr & (Hcr.VM | Hcr.DC)) !== 0) {
      if (!this.#stage2(page, 0, false)) return false;
      this.page = this.#s2page;
    } else this.page = page;
    return true;
  }

  #allows(need: Need): boolean {
    switch (need) {
      case Need.read:
        return this.readable;
      case Need.write:
        return this.writable;
      case Need.execute:
        return this.executable;
      default:
        return true;
    }
  }

  #fail(type: FaultType, level: number): false {
    this.faultType = type;
    this.faultLevel = level;
    this.faultStage = 1;
    this.faultS1ptw = false;
    this.faultIpa = 0;
    return false;
  }

  /** AArch64.TranslateAddressS1Off. */
  #flat(low: number, high: number, regime: Regime, need: Need, hcr: number): boolean {
    const top = this.#tagged(high, regime) ? 0x00ffff00 : 0xffffff00;
    if ((high & top) !== 0) return this.#fail(FaultType.addressSize, 0);
    this.page = ((high & 0xff) << 20) | (low >>> 12);
    this.sizeLog2 = flatSizeLog2;
    this.readable = this.writable = this.executable = true;
    if ((hcr & Hcr.DC) !== 0) {
      this.device = false;
      this.attributes = 0xff;
      this.shareability = 0;
    } else if (need === Need.execute) {
      // Cacheable or not, by SCTLR_ELx.I: no one can see which.
      this.device = false;
      this.attributes = 0x44;
      this.shareability = 2;
    } else {
      this.device = true;
      this.attributes = 0;
      this.shareability = 2;
    }
    return true;
  }

  /** Whether the top byte of an address is ignored (AddrTop). */
  #tagged(high: number, regime: Regime): boolean {
    const u32 = this.#u32;
    if (regime === 2) return ((u32[this.#core + Reg.TCR_EL2] as number) & (1 << 20)) !== 0;
    const tbi = (high & (1 << 23)) !== 0 ? 1 << 6 : 1 << 5;
    return ((u32[this.#core + Reg.TCR_EL1 + 1] as number) & tbi) !== 0;
  }

  /** AArch64.TranslationTableWalk for stage 1, and the permissions that AArch64.CheckPermission finds. */
  #stage1(low: number, high: number, regime: Regime, privileged: boolean, sctlr: number, stage2: boolean): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const upper = regime === 1 && (high & (1 << 23)) !== 0;
    let inputSize: number;
    let granule64: boolean;
    let ps: number;
    let root: number;
    if (regime === 2) {
      const tcr = u32[core + Reg.TCR_EL2] as number;
      inputSize = 64 - (tcr & 63);
      granule64 = ((tcr >>> 14) & 3) === 1;
      ps = (tcr >>> 16) & 7;
      root = core + Reg.TTBR0_EL2;
    } else {
      const tcr = u32[core + Reg.TCR_EL1] as number;
      ps = (u32[core + Reg.TCR_EL1 + 1] as number) & 7;
      if (upper) {
        inputSize = 64 - ((tcr >>> 16) & 63);
        granule64 = tcr >>> 30 === 3;
        root = core + Reg.TTBR1_EL1;
      } else {
        inputSize = 64 - (tcr & 63);
        granule64 = ((tcr >>> 14) & 3) === 1;
        root = core + Reg.TTBR0_EL1;
      }
      if ((tcr & (upper ? 1 << 23 : 1 << 7)) !== 0) return this.#fail(FaultType.translation, 0);
    }
    if (inputSize < 25 || inputSize > 48) return this.#fail(FaultType.translation, 0);

    // The bits above the input size must all be like bit 55.
    const sign = upper ? -1 : 0;
    const unused = this.#tagged(high, regime) ? 0x00ffffff : -1;
    const strange =
      inputSize >= 32
        ? ((high ^ sign) & unused) >>> (inputSize - 32)
        : ((high ^ sign) & unused) | ((low ^ sign) >>> inputSize);
    if (strange !== 0) return this.#fail(FaultType.translation, 0);

    const rootLow = u32[root] as number;
    const rootHigh = u32[root + 1] as number;
    const tooHigh = ps === 0 ? 0xffff : ps === 1 ? 0xfff0 : 0xff00;
    if ((rootHigh & tooHigh) !== 0) return this.#fail(FaultType.addressSize, 0);

    const grain = granule64 ? 16 : 12;
    const stride = grain - 3;
    let level = 4 - (((inputSize - grain + stride - 1) / stride) | 0);
    let shift = (3 - level) * stride + grain;
    let table = ((rootHigh & 0xff) << 20) | (rootLow >>> 12);
    let offset = 0;
    const rootAlign = 3 + inputSize - shift;
    if (rootAlign >= 12) table &= -1 << (rootAlign - 12);
    else offset = rootLow & 0xfff & (-1 << rootAlign);
    let indexMask = (1 << (inputSize - shift)) - 1;

    let tableAp = 0;
    let tableHigh = 0;
    let dLow: number;
    let dHigh: number;
    for (;;) {
      const index = (shift >= 32 ? high >>> (shift - 32) : (low >>> shift) | (high << (32 - shift))) & indexMask;
      const at = offset | (index << 3);
      let page = table + (at >>> 12);
      const within = at & 0xfff;
      if (stage2) {
        if (!this.#descriptorPage(page, within)) return false;
        page = this.#s2page;
      }
      if (!this.#read(page, within)) {
        this.trace?.(step(1, level, false, stage2, table + (at >>> 12), within, 0, 0, 'external abort', shift));
        return this.#fail(FaultType.externalOnWalk, level);
      }
      dLow = this.#descriptorLow;
      dHigh = this.#descriptorHigh;
      const type = dLow & 3;
      if (this.trace) {
        this.trace(step(1, level, false, stage2, table + (at >>> 12), within, dLow, dHigh, kindOf(type, level), shift));
      }
      if ((type & 1) === 0 || (type === 1 && level === 3)) return this.#fail(FaultType.translation, level);
      if (type === 1 || level === 3) break;
      if ((dHigh & tooHigh) !== 0) return this.#fail(FaultType.addressSize, level);
      table = ((dHigh & 0xff) << 20) | (dLow >>> 12);
      if (granule64) table &= ~15;
      tableHigh |= dHigh;
      tableAp = (tableHigh >>> 29) & 3;
      offset = 0;
      level++;
      shift -= stride;
      indexMask = (1 << stride) - 1;
    }
    if (level < (granule64 ? 2 : 1)) return this.#fail(FaultType.translation, level);
    if ((dHigh & tooHigh) !== 0) return this.#fail(FaultType.addressSize, level);
    if ((dLow & (1 << 10)) === 0) return this.#fail(FaultType.accessFlag, level);

    const inside = (1 << (shift - 12)) - 1;
    this.page = ((((dHigh & 0xff) << 20) | (dLow >>> 12)) & ~inside) | (((high << 20) | (low >>> 12)) & inside);
    this.sizeLog2 = shift;
    this.#level = level;
    this.#permissions(dLow, dHigh, tableAp, tableHigh, regime, privileged, (sctlr & Sctlr.WXN) !== 0);
    const index = (dLow >>> 2) & 7;
    const mair = core + (regime === 1 ? Reg.MAIR_EL1 : Reg.MAIR_EL2);
    this.attributes = ((u32[mair + (index >>> 2)] as number) >>> (8 * (index & 3))) & 0xff;
    this.device = (this.attributes & 0xf0) === 0;
    this.shareability = this.device || this.attributes === 0x44 ? 2 : (dLow >>> 8) & 3;
    return true;
  }

  /** AArch64.CheckPermission: bits 54 and 53 are XN (UXN) and PXN, table bits 60 and 59 their like, 62-61 APTable. */
  #permissions(
    low: number,
    high: number,
    tableAp: number,
    tableHigh: number,
    regime: Regime,
    privileged: boolean,
    wxn: boolean,
  ): void {
    const readOnly = (low & (1 << 7)) !== 0 || (tableAp & 2) !== 0;
    const xn = (high & (1 << 22)) !== 0 || (tableHigh & (1 << 28)) !== 0;
    if (regime === 2) {
      this.readable = true;
      this.writable = !readOnly;
      this.executable = !(xn || (wxn && this.writable));
      return;
    }
    const user = (low & (1 << 6)) !== 0 && (tableAp & 1) === 0;
    const userWrites = user && !readOnly;
    if (privileged) {
      const pxn = (high & (1 << 21)) !== 0 || (tableHigh & (1 << 27)) !== 0;
      this.readable = true;
      this.writable = !readOnly;
      this.executable = !(pxn || (wxn && this.writable) || userWrites);
    } else {
      this.readable = user;
      this.writable = userWrites;
      this.executable = !(xn || (wxn && userWrites));
    }
  }

  /** AArch64.SecondStageWalk: where a stage 1 descriptor lies. */
  #descriptorPage(ipaPage: number, offset: number): boolean {
    if (!this.#stage2(ipaPage, offset, true)) return false;
    const flags = this.#s2flags;
    const denied =
      (flags & S2.read) === 0 ||
      ((flags & S2.device) !== 0 && ((this.#u32[this.#core + Reg.HCR_EL2] as number) & Hcr.PTW) !== 0);
    if (!denied) return true;
    return this.#fail2(FaultType.permission, (flags >>> 16) & 3, ipaPage, offset, true);
  }

  /** AArch64.SecondStageTranslate for the output of stage 1, and CombineS1S2Desc. */
  #second(offset: number, need: Need, unaligned: boolean): boolean {
    const ipaPage = this.page;
    if (!this.#stage2(ipaPage, offset, false)) return false;
    let flags = this.#s2flags;
    if (unaligned && (flags & S2.device) !== 0) return this.#fail2(FaultType.alignment, 0, ipaPage, offset, false);
    if (!allowed(flags, need)) {
      // The cache may be older than the tables; hardware may say so too, but a fresh walk is kinder to the guest.
      this.#ipaCache[(ipaPage & (ipaCacheEntries - 1)) * ipaCacheWords] = 0;
      if (!this.#stage2(ipaPage, offset, false)) return false;
      flags = this.#s2flags;
      if (!allowed(flags, need)) return this.#fail2(FaultType.permission, (flags >>> 16) & 3, ipaPage, offset, false);
    }
    this.page = this.#s2page;
    this.readable &&= (flags & S2.read) !== 0;
    this.writable &&= (flags & S2.write) !== 0;
    this.executable &&= (flags & S2.noExecute) === 0;
    this.#combine((flags >>> 8) & 15, (flags >>> 12) & 3);
    return true;
  }

  /** CombineS1S2Desc: the weaker of the two stages' memory types, the wider of their shareabilities. */
  #combine(memAttr: number, shareability: number): void {
    const first = this.attributes;
    if (this.device || (memAttr & 12) === 0) {
      const second = (memAttr & 12) === 0 ? (memAttr & 3) << 2 : 12;
      this.attributes = Math.min(this.device ? first & 12 : 12, second);
      this.device = true;
      this.shareability = 2;
      return;
    }
    const outer = weaker(first >>> 4, memAttr >>> 2);
    const inner = weaker(first & 15, memAttr & 3);
    this.attributes = (outer << 4) | inner;
    if (this.attributes === 0x44) this.shareability = 2;
    else if (this.shareability === 2 || shareability === 2) this.shareability = 2;
    else if (this.shareability === 3 || shareability === 3) this.shareability = 3;
    else this.shareability = 0;
  }

  #fail2(type: FaultType, level: number, ipaPage: number, offset: number, s1ptw: boolean): false {
    this.faultType = type;
    this.faultLevel = level;
    this.faultStage = 2;
    this.faultS1ptw = s1ptw;
    this.faultIpa = ipaPage * 4096 + offset;
    return false;
  }

  /** AArch64.TranslationTableWalk for stage 2, through the cache; leaves the physical page and the permissions. */
  #stage2(ipaPage: number, offset: number, s1ptw: boolean): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const rootLow = u32[core + Reg.VTTBR_EL2] as number;
    const rootHigh = u32[core + Reg.VTTBR_EL2 + 1] as number;
    const vtcr = u32[core + Reg.VTCR_EL2] as number;
    const cache = this.#ipaCache;
    const slot = (ipaPage & (ipaCacheEntries - 1)) * ipaCacheWords;
    const owner = ((rootHigh & 0xff0000) << 8) | (vtcr & 0x7ffff);
    if (!this.trace && cache[slot] === ipaPage + 1 && cache[slot + 1] === owner) {
      this.#s2page = cache[slot + 2] as number;
      this.#s2flags = cache[slot + 3] as number;
      return true;
    }

    const granule64 = ((vtcr >>> 14) & 3) === 1;
    const grain = granule64 ? 16 : 12;
    const stride = grain - 3;
    const sl0 = (vtcr >>> 6) & 3;
    let level = granule64 ? 3 - sl0 : 2 - sl0;
    const inputSize = 64 - (vtcr & 63);
    // 40-bit physical addresses allow neither level 0 with 4 KiB nor level 1 with 64 KiB granules.
    if (inputSize < 25 || inputSize > 40 || level < (granule64 ? 2 : 1))
      return this.#fail2(FaultType.translation, 0, ipaPage, offset, s1ptw);
    let shift = (3 - level) * stride + grain;
    const rootBits = inputSize - shift;
    if (rootBits < 1 || rootBits > stride + 4 || ipaPage >>> (inputSize - 12) !== 0)
      return this.#fail2(FaultType.translation, 0, ipaPage, offset, s1ptw);
    const ps = (vtcr >>> 16) & 7;
    const tooHigh = ps === 0 ? 0xffff : ps === 1 ? 0xfff0 : 0xff00;
    if ((rootHigh & tooHigh) !== 0) return this.#fail2(FaultType.addressSize, 0, ipaPage, offset, s1ptw);

    let table = ((rootHigh & 0xff) << 20) | (rootLow >>> 12);
    let start = 0;
    const rootAlign = 3 + rootBits;
    if (rootAlign >= 12) table &= -1 << (rootAlign - 12);
    else start = rootLow & 0xfff & (-1 << rootAlign);
    let indexMask = (1 << rootBits) - 1;
    let dLow: number;
    let dHigh: number;
    for (;;) {
      const at = start | (((ipaPage >>> (shift - 12)) & indexMask) << 3);
      const page = table + (at >>> 12);
      const within = at & 0xfff;
      if (!this.#read(page, within)) {
        this.trace?.(step(2, level, s1ptw, false, page, within, 0, 0, 'external abort', shift));
        return this.#fail2(FaultType.externalOnWalk, level, ipaPage, offset, s1ptw);
      }
      dLow = this.#descriptorLow;
      dHigh = this.#descriptorHigh;
      const type = dLow & 3;
      if (this.trace) this.trace(step(2, level, s1ptw, false, page, within, dLow, dHigh, kindOf(type, level), shift));
      if ((type & 1) === 0 || (type === 1 && level === 3))
        return this.#fail2(FaultType.translation, level, ipaPage, offset, s1ptw);
      if (type === 1 || level === 3) break;
      if ((dHigh & tooHigh) !== 0) return this.#fail2(FaultType.addressSize, level, ipaPage, offset, s1ptw);
      table = ((dHigh & 0xff) << 20) | (dLow >>> 12);
      if (granule64) table &= ~15;
      start = 0;
      level++;
      shift -= stride;
      indexMask = (1 << stride) - 1;
    }
    if ((dHigh & tooHigh) !== 0) return this.#fail2(FaultType.addressSize, level, ipaPage, offset, s1ptw);
    if ((dLow & (1 << 10)) === 0) return this.#fail2(FaultType.accessFlag, level, ipaPage, offset, s1ptw);

    const inside = (1 << (shift - 12)) - 1;
    this.#s2page = ((((dHigh & 0xff) << 20) | (dLow >>> 12)) & ~inside) | (ipaPage & inside);
    this.#s2flags =
      ((dLow >>> 6) & (S2.read | S2.write)) |
      ((dHigh & (1 << 22)) !== 0 ? S2.noExecute : 0) |
      ((dLow & 0x30) === 0 ? S2.device : 0) |
      (((dLow >>> 2) & 15) << 8) |
      (((dLow >>> 8) & 3) << 12) |
      (level << 16);
    cache[slot] = ipaPage + 1;
    cache[slot + 1] = owner;
    cache[slot + 2] = this.#s2page;
    cache[slot + 3] = this.#s2flags;
    return true;
  }

  /** Reads a descriptor; false where there is no RAM. */
  #read(page: number, offset: number): boolean {
    const host = this.hostPage(page);
    if (host === 0) return false;
    const at = (host << 10) | (offset >>> 2);
    this.#descriptorLow = this.#u32[at] as number;
    this.#descriptorHigh = this.#u32[at + 1] as number;
    return true;
  }
}

/** What is not translated is as good as mapped in blocks of 2 MiB. */
const flatSizeLog2 = 21;

/** AArch64.CheckS2Permission. */
const allowed = (flags: number, need: Need): boolean => {
  switch (need) {
    case Need.read:
      return (flags & S2.read) !== 0;
    case Need.write:
      return (flags & S2.write) !== 0;
    case Need.execute:
      return (flags & S2.noExecute) === 0;
    default:
      return true;
  }
};

/** The weaker cacheability of a MAIR_ELx nibble and a stage 2 MemAttr pair (1 Non-cacheable, 2 Write-Through, 3 Write-Back). */
const weaker = (first: number, second: number): number => {
  if (first === 4 || second === 1) return 4;
  // Bit 2 of a nibble says Write-Back; the others, allocation hints and transience, are stage 1's.
  return second === 2 ? first & ~4 : first;
};

const kindOf = (type: number, level: number): WalkStep['kind'] => {
  if ((type & 1) === 0 || (type === 1 && level === 3)) return 'invalid';
  if (level === 3) return 'page';
  return type === 1 ? 'block' : 'table';
};

const step = (
  stage: 1 | 2,
  level: number,
  forTable: boolean,
  isIpa: boolean,
  page: number,
  offset: number,
  low: number,
  high: number,
  kind: WalkStep['kind'],
  sizeLog2: number,
): WalkStep => ({ stage, level, forTable, isIpa, page, offset, low, high, kind, sizeLog2 });
