import { Core } from '../../a64/layout.ts';
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { SystemSlot } from '../../arch/state/slots.ts';
import { bytesOf, type Hasher } from '../../base/hasher.ts';
import { wordOf } from './registers.ts';

/**
 * The system registers that are switched with the vCPU, besides X0-X30 and V0-V31. ELR_EL2 and SPSR_EL2 are its PC and
 * PSTATE.
 */
const slots: readonly SystemSlot[] = [
  'SP_EL0',
  'SP_EL1',
  'ELR_EL1',
  'ELR_EL2',
  'SPSR_EL1',
  'SPSR_EL2',
  'ESR_EL1',
  'FAR_EL1',
  'VBAR_EL1',
  'SCTLR_EL1',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'TCR_EL1',
  'MAIR_EL1',
  'CPACR_EL1',
  'VMPIDR_EL2',
  'TPIDR_EL0',
  'TPIDRRO_EL0',
  'TPIDR_EL1',
  'CONTEXTIDR_EL1',
  'PAR_EL1',
  'CNTKCTL_EL1',
  'CSSELR_EL1',
];

/** The word of the low half of each register in a core. */
const slotWords: readonly number[] = slots.map(wordOf);
const xWords = 2 * 31;
const vWords = 4 * 32;
const vAt = xWords;
const slotsAt = vAt + vWords;
const floatAt = slotsAt + 2 * slots.length;
const total = floatAt + 2;

/**
 * SCTLR_EL1 of a vCPU that starts: SCTLR_GUEST_INIT (public/arch-arm.h), 0x00c50078, as it reads back with its RES1
 * bits.
 */
const sctlrAtReset = 0x30d5_0838;
/** VMPIDR_EL2 without affinity: bit 31, which is RES1. */
const mpidrSmp = 0x8000_0000 | 0;

/** PSTATE of a vCPU that starts (PSR_GUEST64_INIT in public/arch-arm.h): EL1h, with A, I and F masked. */
export const pstateAtStart = Pstate.A | Pstate.I | Pstate.F | (1 << Pstate.elShift) | Pstate.sp;

/** The registers of a vCPU while it is on no core. */
export class VCpuContext {
  private readonly words = new Int32Array(total);
  private readonly _x = this.words.subarray(0, xWords);
  private readonly v = this.words.subarray(vAt, vAt + vWords);

  constructor(vcpu: number) {
    this.set('SCTLR_EL1', sctlrAtReset);
    this.set('VMPIDR_EL2', mpidrSmp | vcpu);
  }

  /** Sets the registers of a vCPU that starts: the MMU is off, and registers that are not given are zero. */
  begin(pc: bigint, x0: bigint, pstate = pstateAtStart): void {
    this.words.fill(0, 0, xWords);
    for (const slot of ['SP_EL0', 'SP_EL1', 'ELR_EL1', 'SPSR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1'] as const)
      this.set(slot, 0);
    this.set('SCTLR_EL1', sctlrAtReset);
    this.set('SPSR_EL2', pstate);
    this.setSystem('ELR_EL2', pc);
    this.setX(0, x0);
  }

  x(n: number): bigint {
    return n === 31 ? 0n : this.long(2 * n);
  }

  setX(n: number, value: bigint): void {
    if (n !== 31) this.setLong(2 * n, value);
  }

  system(slot: SystemSlot): bigint {
    return this.long(slotsAt + 2 * slots.indexOf(slot));
  }

  setSystem(slot: SystemSlot, value: bigint): void {
    this.setLong(slotsAt + 2 * slots.indexOf(slot), value);
  }

  /** Takes the registers out of a core. */
  save(core: CoreState): void {
    const words = this.words;
    const from = core.words;
    this._x.set(core.xWords);
    this.v.set(core.vWords);
    for (let i = 0; i < slotWords.length; i++) {
      const at = slotWords[i] as number;
      words[slotsAt + 2 * i] = from[at] as number;
      words[slotsAt + 2 * i + 1] = from[at + 1] as number;
    }
    words[floatAt] = core.word(Core.fpcr);
    words[floatAt + 1] = core.word(Core.fpsr);
  }

  /**
   * Puts the registers into a core. The caller then brings up to date what depends on them: `Machine.registersChanged`.
   */
  restore(core: CoreState): void {
    const words = this.words;
    const to = core.words;
    core.xWords.set(this._x);
    core.vWords.set(this.v);
    for (let i = 0; i < slotWords.length; i++) {
      const at = slotWords[i] as number;
      to[at] = words[slotsAt + 2 * i] as number;
      to[at + 1] = words[slotsAt + 2 * i + 1] as number;
    }
    core.setFloatState(words[floatAt] as number, words[floatAt + 1] as number);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(bytesOf(this.words));
  }

  private set(slot: SystemSlot, low: number): void {
    this.words[slotsAt + 2 * slots.indexOf(slot)] = low;
    this.words[slotsAt + 2 * slots.indexOf(slot) + 1] = 0;
  }

  private long(at: number): bigint {
    return (
      (BigInt.asUintN(32, BigInt(this.words[at + 1] as number)) << 32n) |
      BigInt.asUintN(32, BigInt(this.words[at] as number))
    );
  }

  private setLong(at: number, value: bigint): void {
    this.words[at] = Number(BigInt.asIntN(32, value));
    this.words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
}
