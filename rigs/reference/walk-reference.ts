/**
 * For tests: address translation of ARMv8.0 transcribed from the pseudocode (Arm ARM DDI 0487A, J1.1.5
 * "aarch64/translation"), as slow and as literal as the original. IMPLEMENTATION DEFINED choices are those listed at
 * Walker.
 */

export interface ReferenceRegisters {
  readonly SCTLR_EL1: bigint;
  readonly SCTLR_EL2: bigint;
  readonly TCR_EL1: bigint;
  readonly TCR_EL2: bigint;
  readonly TTBR0_EL1: bigint;
  readonly TTBR1_EL1: bigint;
  readonly TTBR0_EL2: bigint;
  readonly MAIR_EL1: bigint;
  readonly MAIR_EL2: bigint;
  readonly HCR_EL2: bigint;
  readonly VTTBR_EL2: bigint;
  readonly VTCR_EL2: bigint;
}

export interface ReferenceAccess {
  readonly va: bigint;
  readonly el: 0 | 1 | 2;
  /** AccType: NORMAL, UNPRIV, IFETCH, or DC for cache maintenance. */
  readonly type: 'normal' | 'unprivileged' | 'fetch' | 'maintenance';
  readonly write: boolean;
  readonly wasAligned: boolean;
  readonly firstStageOnly?: boolean;
}

export interface ReferenceFault {
  readonly fault: 'translation' | 'accessFlag' | 'permission' | 'addressSize' | 'alignment' | 'externalOnWalk';
  readonly level: number;
  readonly stage: 1 | 2;
  readonly s1ptw: boolean;
  readonly ipa: bigint;
}

interface MemoryAttributes {
  readonly device: boolean;
  /** For Device: 0 nGnRnE, 1 nGnRE, 2 nGRE, 3 GRE. */
  readonly deviceType: number;
  /**
   * For Normal: 1 Non-cacheable, 2 Write-Through, 3 Write-Back; hints of MAIR in the low two bits, transient in bit 2.
   */
  readonly inner: { attrs: number; hints: number; transient: boolean };
  readonly outer: { attrs: number; hints: number; transient: boolean };
  readonly shareability: number;
}

export interface ReferenceAddress {
  readonly pa: bigint;
  readonly attributes: MemoryAttributes;
}

interface Descriptor extends ReferenceAddress {
  readonly level: number;
  readonly ap: number;
  readonly xn: boolean;
  readonly pxn: boolean;
}

const paMax = 40;

const slice = (value: bigint, high: number, low: number): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
const bit = (value: bigint, n: number): boolean => slice(value, n, n) === 1n;
const field = (value: bigint, high: number, low: number): number => Number(slice(value, high, low));

class FaultRaised extends Error {
  constructor(readonly record: ReferenceFault) {
    super(record.fault);
  }
}

export class Reference {
  constructor(
    readonly registers: ReferenceRegisters,
    /** A 64-bit word of memory, or undefined where there is none. */
    readonly memory: (pa: bigint) => bigint | undefined,
  ) {}

  /** AArch64.TranslateAddress. */
  translate(access: ReferenceAccess): ReferenceAddress | ReferenceFault {
    try {
      const first = this.firstStage(access);
      if (access.firstStageOnly || !this.hasStage2(access)) return first;
      return this.secondStage(first, access, false);
    } catch (e) {
      if (e instanceof FaultRaised) return e.record;
      throw e;
    }
  }

  private hasStage2(access: ReferenceAccess): boolean {
    const { HCR_EL2 } = this.registers;
    return access.el !== 2 && (bit(HCR_EL2, 0) || bit(HCR_EL2, 12));
  }

  private firstStage(access: ReferenceAccess): ReferenceAddress {
    const { HCR_EL2, SCTLR_EL1, SCTLR_EL2 } = this.registers;
    const enabled = access.el === 2 ? bit(SCTLR_EL2, 0) : !bit(HCR_EL2, 27) && !bit(HCR_EL2, 12) && bit(SCTLR_EL1, 0);
    if (!enabled) {
      const flat = this.stage1Off(access);
      this.checkDeviceAlignment(flat, access, 1, 0n);
      return flat;
    }
    const result = this.walk(access.va, access, false, false);
    this.checkDeviceAlignment(result, access, 1, 0n);
    this.checkPermission(result, access);
    return result;
  }

  private checkDeviceAlignment(result: ReferenceAddress, access: ReferenceAccess, stage: 1 | 2, ipa: bigint): void {
    if (!access.wasAligned && access.type !== 'fetch' && result.attributes.device)
      throw new FaultRaised({ fault: 'alignment', level: 0, stage, s1ptw: false, ipa });
  }

  private addrTop(va: bigint, el: number): number {
    const { TCR_EL1, TCR_EL2 } = this.registers;
    const tbi = el === 2 ? bit(TCR_EL2, 20) : bit(TCR_EL1, bit(va, 55) ? 38 : 37);
    return tbi ? 55 : 63;
  }

  private stage1Off(access: ReferenceAccess): ReferenceAddress {
    if (slice(access.va, this.addrTop(access.va, access.el), paMax) !== 0n)
      throw new FaultRaised({ fault: 'addressSize', level: 0, stage: 1, s1ptw: false, ipa: 0n });
    const pa = slice(access.va, paMax - 1, 0);
    const defaultCacheable = access.el !== 2 && bit(this.registers.HCR_EL2, 12);
    if (defaultCacheable) {
      const writeBack = { attrs: 3, hints: 3, transient: false };
      return { pa, attributes: { device: false, deviceType: 0, inner: writeBack, outer: writeBack, shareability: 0 } };
    }
    if (access.type === 'fetch') {
      const nonCacheable = { attrs: 1, hints: 0, transient: false };
      return {
        pa,
        attributes: { device: false, deviceType: 0, inner: nonCacheable, outer: nonCacheable, shareability: 2 },
      };
    }
    return { pa, attributes: deviceAttributes(0) };
  }

  /** AArch64.CheckPermission. */
  private checkPermission(d: Descriptor, access: ReferenceAccess): void {
    const { SCTLR_EL1, SCTLR_EL2 } = this.registers;
    const wxn = bit(access.el === 2 ? SCTLR_EL2 : SCTLR_EL1, 19);
    let r: boolean;
    let w: boolean;
    let xn: boolean;
    if (access.el < 2) {
      const privR = true;
      const privW = (d.ap & 4) === 0;
      const userR = (d.ap & 2) !== 0;
      const userW = (d.ap & 6) === 2;
      const userXn = d.xn || (userW && wxn);
      const privXn = d.pxn || (privW && wxn) || userW;
      const isPriv = access.el !== 0 && access.type !== 'unprivileged';
      [r, w, xn] = isPriv ? [privR, privW, privXn] : [userR, userW, userXn];
    } else {
      r = true;
      w = (d.ap & 4) === 0;
      xn = d.xn || (w && wxn);
    }
    let fail: boolean;
    if (access.type === 'fetch') fail = xn;
    else if (access.type === 'maintenance') fail = false;
    else fail = access.write ? !w : !r;
    if (fail) throw new FaultRaised({ fault: 'permission', level: d.level, stage: 1, s1ptw: false, ipa: 0n });
  }

  /** AArch64.SecondStageTranslate. */
  private secondStage(first: ReferenceAddress, access: ReferenceAccess, s2fs1walk: boolean): ReferenceAddress {
    const ipa = first.pa;
    const second = this.walk(ipa, access, true, s2fs1walk);
    if (!s2fs1walk) this.checkDeviceAlignment(second, access, 2, ipa);
    const fault = { level: second.level, stage: 2, s1ptw: s2fs1walk, ipa } as const;
    const r = (second.ap & 2) !== 0;
    const w = (second.ap & 4) !== 0;
    let fail: boolean;
    if (access.type === 'fetch' && !s2fs1walk) fail = second.xn;
    else if (access.type === 'maintenance' && !s2fs1walk) fail = false;
    else if (access.write && !s2fs1walk) fail = !w;
    else fail = !r;
    if (fail) throw new FaultRaised({ fault: 'permission', ...fault });
    if (s2fs1walk && bit(this.registers.HCR_EL2, 2) && second.attributes.device)
      throw new FaultRaised({ fault: 'permission', ...fault });
    return { pa: second.pa, attributes: combine(first.attributes, second.attributes) };
  }

  /** AArch64.TranslationTableWalk. */
  private walk(input: bigint, access: ReferenceAccess, secondStage: boolean, s2fs1walk: boolean): Descriptor {
    const { TCR_EL1, TCR_EL2, VTCR_EL2, TTBR0_EL1, TTBR1_EL1, TTBR0_EL2, VTTBR_EL2 } = this.registers;
    const raise = (fault: ReferenceFault['fault'], at: number): never => {
      throw new FaultRaised({
        fault,
        level: at,
        stage: secondStage ? 2 : 1,
        s1ptw: s2fs1walk,
        ipa: secondStage ? input : 0n,
      });
    };
    let inputSize: number;
    let baseFound: boolean;
    let disabled: boolean;
    let baseRegister: bigint;
    let large: boolean;
    let ps: number;
    let singlePrivilege: boolean;
    let level: number;
    const isZero = (high: number, low: number): boolean => high < low || slice(input, high, low) === 0n;
    const isOnes = (high: number, low: number): boolean =>
      high < low || slice(input, high, low) === (1n << BigInt(high - low + 1)) - 1n;
    if (!secondStage) {
      const top = this.addrTop(input, access.el);
      if (access.el === 2) {
        inputSize = 64 - field(TCR_EL2, 5, 0);
        baseFound = inputSize >= 25 && inputSize <= 48 && isZero(top, inputSize);
        disabled = false;
        baseRegister = TTBR0_EL2;
        large = field(TCR_EL2, 15, 14) === 1;
        ps = field(TCR_EL2, 18, 16);
        singlePrivilege = true;
      } else {
        if (!bit(input, top)) {
          inputSize = 64 - field(TCR_EL1, 5, 0);
          baseFound = inputSize >= 25 && inputSize <= 48 && isZero(top, inputSize);
          disabled = bit(TCR_EL1, 7);
          baseRegister = TTBR0_EL1;
          large = field(TCR_EL1, 15, 14) === 1;
        } else {
          inputSize = 64 - field(TCR_EL1, 21, 16);
          baseFound = inputSize >= 25 && inputSize <= 48 && isOnes(top, inputSize);
          disabled = bit(TCR_EL1, 23);
          baseRegister = TTBR1_EL1;
          large = field(TCR_EL1, 31, 30) === 3;
        }
        ps = field(TCR_EL1, 34, 32);
        singlePrivilege = false;
      }
      const grain = large ? 16 : 12;
      level = 4 - Math.ceil((inputSize - grain) / (grain - 3));
    } else {
      inputSize = 64 - field(VTCR_EL2, 5, 0);
      baseFound = inputSize >= 25 && inputSize <= 48;
      disabled = false;
      large = field(VTCR_EL2, 15, 14) === 1;
      ps = field(VTCR_EL2, 18, 16);
      baseRegister = VTTBR_EL2;
      singlePrivilege = true;
      const startLevel = field(VTCR_EL2, 7, 6);
      if (large) {
        level = 3 - startLevel;
        if (level === 0 || (level === 1 && paMax <= 42)) baseFound = false;
      } else {
        level = 2 - startLevel;
        if (level < 0 || (level === 0 && paMax <= 42)) baseFound = false;
      }
      if (inputSize > paMax) baseFound = false;
      baseFound &&= isZero(47, inputSize);
      const grain = large ? 16 : 12;
      const startSizeCheck = inputSize - ((3 - level) * (grain - 3) + grain);
      if (startSizeCheck < 1 || startSizeCheck > grain - 3 + 4) baseFound = false;
    }
    const grainSize = large ? 16 : 12;
    const stride = grainSize - 3;
    const firstBlockLevel = large ? 2 : 1;
    if (!baseFound || disabled) raise('translation', 0);

    const outputSize = Math.min(([32, 36, 40, 42, 44, 48][ps] as number | undefined) ?? 48, paMax);
    if (slice(baseRegister, 47, outputSize) !== 0n) raise('addressSize', 0);
    const baseLowerBound = 3 + inputSize - ((3 - level) * stride + grainSize);
    let baseAddress = slice(baseRegister, 47, baseLowerBound) << BigInt(baseLowerBound);
    let apTable = 0;
    let xnTable = false;
    let pxnTable = false;
    let selectTop = inputSize - 1;
    let selectBottom: number;
    let desc: bigint;
    for (;;) {
      selectBottom = (3 - level) * stride + grainSize;
      const index = slice(input, selectTop, selectBottom) << 3n;
      let descriptorAddress = baseAddress | index;
      if (!secondStage && this.hasStage2(access)) {
        descriptorAddress = this.secondStage(
          { pa: descriptorAddress, attributes: deviceAttributes(3) },
          access,
          true,
        ).pa;
      }
      const read = this.memory(descriptorAddress);
      if (read === undefined) return raise('externalOnWalk', level);
      const { SCTLR_EL1, SCTLR_EL2 } = this.registers;
      const reverseDescriptors = bit(secondStage || access.el === 2 ? SCTLR_EL2 : SCTLR_EL1, 25);
      desc = reverseDescriptors ? bigEndianReverse(read) : read;
      if (!bit(desc, 0) || (field(desc, 1, 0) === 1 && level === 3)) raise('translation', level);
      if (field(desc, 1, 0) === 1 || level === 3) break;
      if (slice(desc, 47, outputSize) !== 0n) raise('addressSize', level);
      baseAddress = slice(desc, 47, grainSize) << BigInt(grainSize);
      if (!secondStage) {
        if (bit(desc, 62)) apTable |= 2;
        xnTable ||= bit(desc, 60);
        if (!singlePrivilege) {
          pxnTable ||= bit(desc, 59);
          if (bit(desc, 61)) apTable |= 1;
        }
      }
      level++;
      selectTop = selectBottom - 1;
    }
    if (level < firstBlockLevel) raise('translation', level);
    if (slice(desc, 47, outputSize) !== 0n) raise('addressSize', level);
    const pa = (slice(desc, 47, selectBottom) << BigInt(selectBottom)) | slice(input, selectBottom - 1, 0);
    if (!bit(desc, 10)) raise('accessFlag', level);

    let xn = bit(desc, 54);
    let pxn = bit(desc, 53);
    let ap = (field(desc, 7, 6) << 1) | 1;
    const sh = field(desc, 9, 8);
    if (secondStage) return { pa, level, ap, xn, pxn: false, attributes: stage2Attributes(sh, field(desc, 5, 2)) };
    xn ||= xnTable;
    if ((apTable & 2) !== 0) ap |= 4;
    if (!singlePrivilege) {
      if ((apTable & 1) !== 0) ap &= ~2;
      pxn ||= pxnTable;
    } else {
      ap |= 2;
      pxn = false;
    }
    const mair = access.el === 2 ? this.registers.MAIR_EL2 : this.registers.MAIR_EL1;
    const index = 8 * field(desc, 4, 2);
    return { pa, level, ap, xn, pxn, attributes: stage1Attributes(sh, field(mair, index + 7, index)) };
  }
}

const deviceAttributes = (deviceType: number): MemoryAttributes => ({
  device: true,
  deviceType,
  inner: { attrs: 0, hints: 0, transient: false },
  outer: { attrs: 0, hints: 0, transient: false },
  shareability: 2,
});

/** AArch64.S1AttrDecode, LongConvertAttrsHints and MemAttrDefaults. */
const stage1Attributes = (sh: number, mair: number): MemoryAttributes => {
  if (mair >> 4 === 0) return deviceAttributes((mair >> 2) & 3);
  const convert = (nibble: number) => {
    if (nibble === 4) return { attrs: 1, hints: 0, transient: false };
    return { attrs: (nibble & 4) === 0 ? 2 : 3, hints: nibble & 3, transient: nibble < 8 };
  };
  const inner = convert(mair & 15);
  const outer = convert(mair >> 4);
  return { device: false, deviceType: 0, inner, outer, shareability: defaults(sh, inner.attrs, outer.attrs) };
};

/** S2AttrDecode. */
const stage2Attributes = (sh: number, attr: number): MemoryAttributes => {
  if (attr >> 2 === 0) return deviceAttributes(attr & 3);
  const convert = (attrs: number) => ({ attrs, hints: 3, transient: false });
  const inner = convert(attr & 3);
  const outer = convert(attr >> 2);
  return { device: false, deviceType: 0, inner, outer, shareability: defaults(sh, inner.attrs, outer.attrs) };
};

const defaults = (sh: number, inner: number, outer: number): number => (inner === 1 && outer === 1 ? 2 : sh);

/** CombineS1S2Desc. */
const combine = (s1: MemoryAttributes, s2: MemoryAttributes): MemoryAttributes => {
  if (s1.device || s2.device) {
    if (!s1.device) return deviceAttributes(s2.deviceType);
    if (!s2.device) return deviceAttributes(s1.deviceType);
    return deviceAttributes(Math.min(s1.deviceType, s2.deviceType));
  }
  const one = (a: MemoryAttributes['inner'], b: MemoryAttributes['inner']) => {
    if (a.attrs === 1 || b.attrs === 1) return { attrs: 1, hints: 0, transient: false };
    return { ...a, attrs: a.attrs === 2 || b.attrs === 2 ? 2 : 3 };
  };
  const inner = one(s1.inner, s2.inner);
  const outer = one(s1.outer, s2.outer);
  const shared = s1.shareability >= 2 || s2.shareability >= 2;
  const outerShared = s1.shareability === 2 || s2.shareability === 2;
  const shareability = outerShared ? 2 : shared ? 3 : 0;
  return { device: false, deviceType: 0, inner, outer, shareability: defaults(shareability, inner.attrs, outer.attrs) };
};

/** PAREncodeShareability and the attribute byte of PAR_EL1. */
export const attributeByte = (a: MemoryAttributes): number => {
  if (a.device) return a.deviceType << 2;
  const nibble = ({ attrs, hints, transient }: MemoryAttributes['inner']): number => {
    if (attrs === 1) return 4;
    return (transient ? 0 : 8) | (attrs === 3 ? 4 : 0) | hints;
  };
  return (nibble(a.outer) << 4) | nibble(a.inner);
};

/** BigEndianReverse of 8 bytes. */
export const bigEndianReverse = (value: bigint): bigint => {
  let result = 0n;
  for (let n = 0n; n < 64n; n += 8n) result = (result << 8n) | ((value >> n) & 0xffn);
  return result;
};
