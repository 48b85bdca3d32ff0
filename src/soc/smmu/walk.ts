/**
 * Translation through one or two of the SMMU's context banks: the cores' walker, with the banks' registers in place of
 * theirs.
 */

import { explainTranslation, type Translation } from '../../arch/mmu/explain.ts';
import { FaultType } from '../../arch/mmu/faults.ts';
import { type Need, viewOf, Walker } from '../../arch/mmu/walk.ts';
import { Reg } from '../../arch/registers/mmu-registers.ts';
import { Sctlr as CoreSctlr, Hcr } from '../../arch/state/control-bits.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { bit } from '../../base/bits.ts';
import type { DmaAddr } from '../../base/units.ts';
import { Cb, type ContextBank, Fsr, Sctlr } from './context.ts';

/** The bank of each stage; null for a stage that is off. */
export interface StageBanks {
  readonly first: ContextBank | null;
  readonly second: ContextBank | null;
}

/** Why a translation failed. */
export interface WalkFault {
  readonly stage: 1 | 2;
  /** One of Fsr's. */
  readonly kind: number;
  readonly level: number;
  /** A table could not be read: stage 2 has refused stage 1's access to it, or memory has. */
  readonly onWalk: boolean;
  readonly ipa: number;
}

/** A walk descriptor by descriptor; null where no table was asked. */
export interface ExplainedWalk {
  readonly translation: Translation | null;
  readonly fault: WalkFault | null;
}

const kinds = new Map<FaultType, number>([
  [FaultType.addressSize, Fsr.ASF],
  [FaultType.translation, Fsr.TF],
  [FaultType.accessFlag, Fsr.AFF],
  [FaultType.permission, Fsr.PF],
]);

export class SmmuWalker {
  readonly #registers = new Uint32Array(Math.max(...Object.values(Reg)) + 2);
  readonly #walker: Walker;

  constructor(memory: Memory) {
    this.#walker = new Walker(memory, this.#registers, 0, 48);
  }

  /** Physical page and permissions of a translation that succeeded. */
  get found(): Pick<Walker, 'page' | 'readable' | 'writable' | 'executable'> {
    return this.#walker;
  }

  /** Log2 of the bytes that a descriptor maps, stage 1's or else stage 2's: the range of an invalidation by address. */
  sizeLog2({ first }: StageBanks): number {
    return first ? this.#walker.sizeLog2 : this.#walker.stage2.sizeLog2;
  }

  /** Walks the tables for an access; null if it is allowed. */
  walk(stages: StageBanks, address: DmaAddr, privileged: boolean, need: Need): WalkFault | null {
    if (isTooHigh(stages, address)) return tooHigh(address);
    this.#load(stages.first, stages.second);
    const walker = this.#walker;
    walker.stage2.forget();
    const [low, high] = inputOf(stages, address);
    return walker.translate(low, high, viewOf(privileged ? 1 : 0), need) ? null : this.#fault();
  }

  /** The same, descriptor by descriptor. */
  explain(stages: StageBanks, address: DmaAddr, privileged: boolean, need: Need): ExplainedWalk {
    if (isTooHigh(stages, address)) return { translation: null, fault: tooHigh(address) };
    this.#load(stages.first, stages.second);
    const [low, high] = inputOf(stages, address);
    const input = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    const translation = explainTranslation(this.#walker, input, viewOf(privileged ? 1 : 0), need);
    return { translation, fault: translation.result.ok ? null : this.#fault() };
  }

  /** The walker's fault, as the SMMU reports it. */
  #fault(): WalkFault {
    const { faultStage, faultType, faultLevel, faultS1ptw, faultIpa } = this.#walker;
    const kind = kinds.get(faultType) ?? Fsr.EF;
    return { stage: faultStage, kind, level: faultLevel, onWalk: faultS1ptw || kind === Fsr.EF, ipa: faultIpa };
  }

  #load(first: ContextBank | null, second: ContextBank | null): void {
    const registers = this.#registers;
    registers.fill(0);
    if (first) {
      const wxn = (first.get(Cb.SCTLR) & Sctlr.WXN) !== 0 ? CoreSctlr.WXN : 0;
      registers[Reg.SCTLR_EL1] = CoreSctlr.M | wxn;
      registers[Reg.TCR_EL1] = first.get(Cb.TCR);
      registers[Reg.TCR_EL1 + 1] = first.get(Cb.TCR2);
      for (const [register, offset] of stage1Pairs) {
        registers[register] = first.get(offset);
        registers[register + 1] = first.get(offset + 4);
      }
    }
    if (second) {
      registers[Reg.HCR_EL2] = Hcr.VM | ((second.get(Cb.SCTLR) & Sctlr.PTW) !== 0 ? Hcr.PTW : 0);
      registers[Reg.VTCR_EL2] = second.get(Cb.TCR);
      registers[Reg.VTTBR_EL2] = second.get(Cb.TTBR0);
      registers[Reg.VTTBR_EL2 + 1] = second.get(Cb.TTBR0 + 4);
    }
  }
}

const stage1Pairs = [
  [Reg.TTBR0_EL1, Cb.TTBR0],
  [Reg.TTBR1_EL1, Cb.TTBR1],
  [Reg.MAIR_EL1, Cb.MAIR0],
] as const;

/** Stage 2 alone takes the address as an IPA, which has 40 bits. */
const isTooHigh = ({ first }: StageBanks, address: DmaAddr): boolean => !first && address >= 2 ** 40;
const tooHigh = (address: DmaAddr): WalkFault => ({ stage: 2, kind: Fsr.TF, level: 0, onWalk: false, ipa: address });

/** The words of the address that the tables translate. */
const inputOf = ({ first }: StageBanks, address: DmaAddr): [low: number, high: number] => [
  (address % 2 ** 32) | 0,
  first ? signExtended(address, first.signBit) : Math.floor(address / 2 ** 32),
];

/** The high word of an address that is extended from its sign bit. */
const signExtended = (address: DmaAddr, position: number): number => {
  if (position < 32) return bit(address % 2 ** 32, position) ? -1 : 0;
  const unused = 63 - position;
  return (Math.floor(address / 2 ** 32) << unused) >> unused;
};
