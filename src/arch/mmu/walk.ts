import { pageLog2 } from '../../a64/layout.ts';
import { Reg } from '../registers/mmu-registers.ts';
import { Hcr, Sctlr } from '../state/control-bits.ts';
import type { Memory } from '../state/memory.ts';
import { Descriptors } from './descriptors.ts';
import { FaultType } from './faults.ts';
import { type IpaBits, Stage2 } from './stage2.ts';

/** A translation regime: EL1&0 (with its stage 2) or EL2. */
export type Regime = 1 | 2;

/** What an access needs permission for; cache maintenance and the like need none. */
export const Need = { read: 0, write: 1, execute: 2, nothing: 3 } as const;
export type Need = (typeof Need)[keyof typeof Need];

/** Whose view of memory a translation is made for. */
export interface View {
  readonly regime: Regime;
  readonly privileged: boolean;
}
const el0: View = { regime: 1, privileged: false };
const el1: View = { regime: 1, privileged: true };
const el2: View = { regime: 2, privileged: true };

/** The view of an exception level. */
export const viewOf = (level: number): View => (level === 0 ? el0 : level === 1 ? el1 : el2);

/**
 * The translation table walk of ARMv8.0 as the Cortex-A53 does it: AArch64.TranslateAddress and what it calls (Arm ARM
 * DDI 0487A, J1.1.5). Addresses are pairs of 32-bit words; physical and intermediate physical ones are 40 bits, so
 * their page numbers are 28-bit integers. Results and faults are left in fields, so that a walk allocates nothing.
 *
 * IMPLEMENTATION DEFINED choices: a TxSZ out of range, or an IPA size above 40 bits, faults at level 0; granules that
 * do not exist act as 4 KiB; the contiguous bit is a hint.
 */
export class Walker {
  /** Physical page of a translation that succeeded. */
  page = 0;
  /**
   * Log2 of the bytes that the stage 1 descriptor maps: what a TLBI by VA has to drop. 12 where stage 1 is off. Where it
   * fails: of the bytes whose translation leads to the same descriptors.
   */
  sizeLog2 = 12;
  /** Log2 of the aligned bytes around the address that both stages map alike and in one piece. */
  pieceLog2 = 12;
  /** Whether the stage 1 descriptor is for all ASIDs (nG = 0). */
  global = false;
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

  /** Counts the walks, so that a result can be known to be the last one's. */
  walks = 0;

  readonly descriptors: Descriptors;
  readonly stage2: Stage2;
  readonly #u32: Uint32Array;
  /** Where the registers' words begin: a core's state. */
  readonly #core: number;
  #level = 0;

  /**
   * @param memory where the tables are
   * @param registers words of which those that `Reg` names, from `first` on, are the registers
   * @param ipaBits the largest input of stage 2 that its registers may ask for
   */
  constructor(memory: Memory, registers: Uint32Array, first: number, ipaBits: IpaBits = 40) {
    this.#u32 = registers;
    this.#core = first;
    this.descriptors = new Descriptors(memory);
    this.stage2 = new Stage2(registers, first, this.descriptors, ipaBits);
  }

  /** Host page number of a physical page, or 0 where there is no RAM. */
  hostPage(page: number): number {
    return this.descriptors.hostPage(page);
  }

  /**
   * Translates a virtual address as the registers say now. True if the access may be made; if not, the fault's fields
   * say why.
   */
  translate(low: number, high: number, view: View, need: Need): boolean {
    return this.#first(low, high, view, need) && this.#permitted(need) && this.#second(low, view, need, false);
  }

  /** The same for an access that is not aligned: it faults on Device memory. */
  translateUnaligned(low: number, high: number, view: View, need: Need): boolean {
    if (!this.#first(low, high, view, need)) return false;
    if (this.device) return this.#fail(FaultType.alignment, 0);
    return this.#permitted(need) && this.#second(low, view, need, true);
  }

  /** The same by the first stage alone, as the AT S1 instructions do. */
  translateStage1(low: number, high: number, view: View, need: Need): boolean {
    return this.#first(low, high, view, need) && this.#permitted(need);
  }

  /** The first stage, on or off. */
  #first(low: number, high: number, view: View, need: Need): boolean {
    this.walks = (this.walks + 1) | 0;
    this.sizeLog2 = pageLog2;
    const { regime } = view;
    const sctlr = this.#u32[this.#core + (regime === 1 ? Reg.SCTLR_EL1 : Reg.SCTLR_EL2)] as number;
    if ((sctlr & Sctlr.M) !== 0 && (this.#hcr(regime) & (Hcr.TGE | Hcr.DC)) === 0) return this.#stage1(low, high, view);
    return this.#flat(low, high, regime, need);
  }

  #permitted(need: Need): boolean {
    return permits(this, need) || this.#fail(FaultType.permission, this.#level);
  }

  /** HCR_EL2 as far as it is about a regime. */
  #hcr(regime: Regime): number {
    return regime === 1 ? (this.#u32[this.#core + Reg.HCR_EL2] as number) : 0;
  }

  /** Whether a regime has a second stage that is on. */
  #hasStage2(regime: Regime): boolean {
    return (this.#hcr(regime) & (Hcr.VM | Hcr.DC)) !== 0;
  }

  /** Limits the result's piece to its page. */
  confineToPage(): void {
    this.pieceLog2 = pageLog2;
  }

  /** Translates an IPA page of EL1&0 by stage 2 alone, where it is on; the page is the result. */
  translateIpa(page: number): boolean {
    if (this.#hasStage2(1)) {
      if (!this.stage2.translate(page, false)) return false;
      this.page = this.stage2.page;
    } else this.page = page;
    return true;
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
  #flat(low: number, high: number, regime: Regime, need: Need): boolean {
    const top = this.#tagged(high, regime) ? 0x00ffff00 : 0xffffff00;
    if ((high & top) !== 0) return this.#fail(FaultType.addressSize, 0);
    this.page = ((high & 0xff) << 20) | (low >>> 12);
    this.sizeLog2 = 12;
    this.pieceLog2 = flatPieceLog2;
    this.global = false;
    this.readable = this.writable = this.executable = true;
    if ((this.#hcr(regime) & Hcr.DC) !== 0) {
      this.device = false;
      this.attributes = 0xff;
      this.shareability = 0;
    } else if (need === Need.execute) {
      // SCTLR_ELx.I says whether it is cacheable, which nothing here can observe.
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
  #stage1(low: number, high: number, view: View): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const { regime } = view;
    const stage2 = this.#hasStage2(regime);
    const sctlr = u32[core + (regime === 1 ? Reg.SCTLR_EL1 : Reg.SCTLR_EL2)] as number;
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

    const { descriptors } = this;
    let tableHigh = 0;
    let dLow: number;
    let dHigh: number;
    for (;;) {
      const index = (shift >= 32 ? high >>> (shift - 32) : (low >>> shift) | (high << (32 - shift))) & indexMask;
      const at = offset | (index << 3);
      const within = at & 0xfff;
      let page = table + (at >>> 12);
      if (stage2) {
        if (!this.#descriptorPage(page, within)) return false;
        page = this.stage2.page;
      }
      const read = descriptors.read(page, within, (sctlr & Sctlr.EE) !== 0);
      if (descriptors.trace) {
        const place = { page: table + (at >>> 12), offset: within, isIpa: stage2 };
        descriptors.report(read, { stage: 1, level, forTable: false, ...place, sizeLog2: shift });
      }
      this.sizeLog2 = shift;
      if (!read) return this.#fail(FaultType.externalOnWalk, level);
      dLow = descriptors.low;
      dHigh = descriptors.high;
      const type = dLow & 3;
      if ((type & 1) === 0 || (type === 1 && level === 3)) return this.#fail(FaultType.translation, level);
      if (type === 1 || level === 3) break;
      if ((dHigh & tooHigh) !== 0) return this.#fail(FaultType.addressSize, level);
      table = ((dHigh & 0xff) << 20) | (dLow >>> 12);
      if (granule64) table &= ~15;
      tableHigh |= dHigh;
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
    this.pieceLog2 = shift;
    this.global = regime === 1 && (dLow & (1 << 11)) === 0;
    this.#level = level;
    this.#permissions(tableHigh, view, (sctlr & Sctlr.WXN) !== 0);
    const index = (dLow >>> 2) & 7;
    const mair = core + (regime === 1 ? Reg.MAIR_EL1 : Reg.MAIR_EL2);
    this.attributes = ((u32[mair + (index >>> 2)] as number) >>> (8 * (index & 3))) & 0xff;
    this.device = (this.attributes & 0xf0) === 0;
    this.shareability = this.device || this.attributes === 0x44 ? 2 : (dLow >>> 8) & 3;
    return true;
  }

  /**
   * What AArch64.CheckPermission finds for the descriptor read last and the attributes of the tables above it (their
   * high halves, combined): bits 54 and 53 are XN (UXN) and PXN, table bits 60 and 59 their like, 62-61 APTable.
   */
  #permissions(tableHigh: number, { regime, privileged }: View, wxn: boolean): void {
    const { low, high } = this.descriptors;
    const tableAp = (tableHigh >>> 29) & 3;
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
    const { stage2 } = this;
    const ipa = ipaPage * 4096 + offset;
    if (!stage2.translate(ipaPage, true)) return this.#failStage2(stage2.faultType, stage2.faultLevel, ipa, true);
    const protects = ((this.#u32[this.#core + Reg.HCR_EL2] as number) & Hcr.PTW) !== 0;
    if (stage2.readable && !(protects && stage2.device)) return true;
    return this.#failStage2(FaultType.permission, stage2.level, ipa, true);
  }

  /** AArch64.SecondStageTranslate for the output of stage 1, and CombineS1S2Desc; nothing where stage 2 is off. */
  #second(low: number, view: View, need: Need, unaligned: boolean): boolean {
    if (!this.#hasStage2(view.regime)) return true;
    const ipaPage = this.page;
    const ipa = ipaPage * 4096 + (low & 0xfff);
    const { stage2 } = this;
    let found = stage2.translate(ipaPage, false);
    if (found && !permits(stage2, need)) {
      // The cache may be older than the tables. Hardware may then fault, but a new walk is kinder to the guest.
      stage2.forgetPage(ipaPage);
      found = stage2.translate(ipaPage, false);
    }
    if (!found) return this.#failStage2(stage2.faultType, stage2.faultLevel, ipa, false);
    if (unaligned && stage2.device) return this.#failStage2(FaultType.alignment, 0, ipa, false);
    if (!permits(stage2, need)) return this.#failStage2(FaultType.permission, stage2.level, ipa, false);
    this.page = stage2.page;
    this.pieceLog2 = Math.min(this.pieceLog2, stage2.sizeLog2);
    this.readable &&= stage2.readable;
    this.writable &&= stage2.writable;
    this.executable &&= stage2.executable;
    this.#combine(stage2.memAttr, stage2.shareability);
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

  #failStage2(type: FaultType, level: number, ipa: number, s1ptw: boolean): false {
    this.faultType = type;
    this.faultLevel = level;
    this.faultStage = 2;
    this.faultS1ptw = s1ptw;
    this.faultIpa = ipa;
    return false;
  }
}

/** Untranslated memory is one piece; no one needs to know of more than 2 MiB. */
const flatPieceLog2 = 21;

/**
 * The weaker cacheability of a MAIR_ELx nibble and a stage 2 MemAttr pair (1 Non-cacheable, 2 Write-Through, 3
 * Write-Back).
 */
const weaker = (first: number, second: number): number => {
  if (first === 4 || second === 1) return 4;
  // Bit 2 of a nibble says Write-Back; the others, allocation hints and transience, are stage 1's.
  return second === 2 ? first & ~4 : first;
};

/** AArch64.CheckPermission and CheckS2Permission: whether a stage permits an access. */
const permits = (
  stage: { readonly readable: boolean; readonly writable: boolean; readonly executable: boolean },
  need: Need,
): boolean => {
  switch (need) {
    case Need.read:
      return stage.readable;
    case Need.write:
      return stage.writable;
    case Need.execute:
      return stage.executable;
    default:
      return true;
  }
};
