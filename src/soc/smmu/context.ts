/** Registers of the SMMU's translation context banks, and the faults recorded in them (Arm IHI 0062, chapter 16). */
import { bit, bits } from '../../base/bits.ts';
import type { DmaAddr } from '../../base/units.ts';

/** Byte offsets in a bank's page. */
export const Cb = {
  SCTLR: 0x0,
  ACTLR: 0x4,
  RESUME: 0x8,
  TCR2: 0x10,
  TTBR0: 0x20,
  TTBR1: 0x28,
  TCR: 0x30,
  CONTEXTIDR: 0x34,
  MAIR0: 0x38,
  MAIR1: 0x3c,
  FSR: 0x58,
  FSRRESTORE: 0x5c,
  FAR: 0x60,
  FSYNR0: 0x68,
  FSYNR1: 0x6c,
  IPAFAR: 0x70,
  TLBIVA: 0x600,
  TLBIVAA: 0x608,
  TLBIASID: 0x610,
  TLBIALL: 0x618,
  TLBIVAL: 0x620,
  TLBIVAAL: 0x628,
  TLBIIPAS2: 0x630,
  TLBIIPAS2L: 0x638,
  TLBSYNC: 0x7f0,
  TLBSTATUS: 0x7f4,
} as const;

/** SCTLR. */
export const Sctlr = {
  M: 1 << 0,
  CFRE: 1 << 5,
  CFIE: 1 << 6,
  CFCFG: 1 << 7,
  WXN: 1 << 9,
  PTW: 1 << 13,
} as const;

/** FSR. */
export const Fsr = {
  TF: 1 << 1,
  AFF: 1 << 2,
  PF: 1 << 3,
  EF: 1 << 4,
  ASF: 1 << 7,
  SS: 1 << 30,
  MULTI: 1 << 31,
} as const;
const fsrFaults = 0x1fe;
/** FORMAT of a fault: AArch64. */
const formatAArch64 = 2 << 9;

/** Bits that software writes; registers with a word at the next address have 64 bits. */
const writable = new Map<number, number>([
  [Cb.SCTLR, 0x3fff_f7ff],
  [Cb.ACTLR, 0x3],
  [Cb.TCR2, 0x4003_c07f],
  [Cb.TTBR0, 0xffff_ffff],
  [Cb.TTBR0 + 4, 0xffff_ffff],
  [Cb.TTBR1, 0xffff_ffff],
  [Cb.TTBR1 + 4, 0xffff_ffff],
  [Cb.TCR, 0xffff_ffff],
  [Cb.CONTEXTIDR, 0xffff_ffff],
  [Cb.MAIR0, 0xffff_ffff],
  [Cb.MAIR1, 0xffff_ffff],
  [Cb.FAR, 0xffff_ffff],
  [Cb.FAR + 4, 0x1_ffff],
  [Cb.FSYNR0, 0xff_0f73],
  [Cb.FSYNR1, 0],
  [Cb.IPAFAR, 0xffff_f000],
  [Cb.IPAFAR + 4, 0xffff],
  // Low halves of operands; writing the high half starts the operation.
  [Cb.TLBIVA, 0xffff_ffff],
  [Cb.TLBIVAA, 0xffff_ffff],
  [Cb.TLBIVAL, 0xffff_ffff],
  [Cb.TLBIVAAL, 0xffff_ffff],
  [Cb.TLBIIPAS2, 0xffff_ffff],
  [Cb.TLBIIPAS2L, 0xffff_ffff],
]);
const writeOnly = (offset: number): boolean => offset >= Cb.TLBIVA;

export interface ContextFault {
  /** One of Fsr's. */
  readonly kind: number;
  readonly address: DmaAddr;
  /** The IPA, for stage 2. */
  readonly ipa: number;
  /** FSYNR0. */
  readonly syndrome: number;
}

/** A bank's registers by offset: those that are not zero at reset, and those that have been written. */
export type ContextBankState = Map<number, number>;
export const contextAtReset = (): ContextBankState => new Map([[Cb.ACTLR, 3]]);

export class ContextBank {
  readonly #registers: ContextBankState;

  /** `registers` is part of the SMMU's state. */
  constructor(registers: ContextBankState) {
    this.#registers = registers;
  }

  get(offset: number): number {
    return this.#registers.get(offset) ?? 0;
  }

  has(offset: number): boolean {
    return writable.has(offset) || offset === Cb.FSR;
  }

  read(offset: number): number {
    return writeOnly(offset) ? 0 : this.get(offset);
  }

  write(offset: number, value: number): void {
    if (offset === Cb.FSR) this.#clear(value);
    else this.#registers.set(offset, (value & (writable.get(offset) ?? 0)) >>> 0);
  }

  /** FSRRESTORE: sets the fault status that a hypervisor saved. */
  restore(value: number): void {
    this.#registers.set(Cb.FSR, (value & (fsrFaults | Fsr.MULTI | (3 << 9))) >>> 0);
  }

  get enabled(): boolean {
    return (this.get(Cb.SCTLR) & Sctlr.M) !== 0;
  }

  get interrupt(): boolean {
    return (this.get(Cb.FSR) & fsrFaults) !== 0 && (this.get(Cb.SCTLR) & Sctlr.CFIE) !== 0;
  }

  /** ASID of stage 1: of the table base that TCR.A1 chooses, eight bits of it without TCR2.AS. */
  get asid(): number {
    const high = this.get((bit(this.get(Cb.TCR), 22) ? Cb.TTBR1 : Cb.TTBR0) + 4);
    return (high >>> 16) & (bit(this.get(Cb.TCR2), 4) ? 0xffff : 0xff);
  }

  /** The sign bit of the input address, which the bits above it must equal (TCR2.SEP). */
  get signBit(): number {
    return [31, 35, 39, 41, 43, 47][bits(this.get(Cb.TCR2), 17, 15)] ?? 48;
  }

  /** Records a fault. False if an earlier one is still recorded: then only MULTI is set. */
  record({ kind, address, ipa, syndrome }: ContextFault): boolean {
    const status = this.get(Cb.FSR);
    if ((status & fsrFaults) !== 0) {
      this.#registers.set(Cb.FSR, (status | Fsr.MULTI) >>> 0);
      return false;
    }
    this.#registers.set(Cb.FSR, (status & Fsr.SS) | kind | formatAArch64);
    this.#setPair(Cb.FAR, address);
    this.#setPair(Cb.IPAFAR, ipa - (ipa % 4096));
    this.#registers.set(Cb.FSYNR0, syndrome);
    return true;
  }

  /** FSR.SS: an access is stalled. */
  set stalled(on: boolean) {
    const status = this.get(Cb.FSR);
    this.#registers.set(Cb.FSR, on ? status | Fsr.SS : status & ~Fsr.SS);
  }

  #setPair(offset: number, value: number): void {
    this.#registers.set(offset, value % 2 ** 32);
    this.#registers.set(offset + 4, Math.floor(value / 2 ** 32));
  }

  /** Writing ones clears bits; clearing the last fault clears the format too. */
  #clear(value: number): void {
    const left = this.get(Cb.FSR) & ~(value & (fsrFaults | Fsr.MULTI));
    this.#registers.set(Cb.FSR, ((left & fsrFaults) === 0 ? left & ~(3 << 9) : left) >>> 0);
  }
}
