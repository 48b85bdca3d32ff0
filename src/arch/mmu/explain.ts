/** A translation, told descriptor by descriptor by the walker that the machine uses. */
import { type PhysAddr, physAddr } from '../../base/units.ts';
import { ExceptionClass } from '../exceptions/exceptions.ts';
import { Reg } from '../registers/mmu-registers.ts';
import { faultOf } from './core-mmu.ts';
import { type DescriptorField, fieldsOf } from './descriptor-fields.ts';
import type { WalkStep } from './descriptors.ts';
import { type Fault, faultStatus, Iss } from './faults.ts';
import { Need, type Regime, type View, type Walker } from './walk.ts';

/** One descriptor that a translation read. */
export interface TranslationStep {
  readonly stage: 1 | 2;
  readonly level: number;
  /** Stage 2 on the way to a stage 1 descriptor, not for the output of stage 1. */
  readonly forTable: boolean;
  /** Where the descriptor lies: an IPA for stage 1 under stage 2, else a physical address. */
  readonly address: number;
  /** Whether `address` is an IPA. */
  readonly isIpa: boolean;
  readonly descriptor: bigint;
  readonly kind: WalkStep['kind'];
  /** Log2 of the bytes that a descriptor of this level maps. */
  readonly sizeLog2: number;
  /** Address of the next table, or of the block or page: an IPA in stage 1 under stage 2. */
  readonly output: number;
  /** All its bits by fields, the lowest first. */
  readonly fields: readonly DescriptorField[];
}

export interface Translation {
  readonly steps: readonly TranslationStep[];
  readonly result:
    | {
        readonly ok: true;
        readonly pa: PhysAddr;
        readonly readable: boolean;
        readonly writable: boolean;
        readonly executable: boolean;
        readonly device: boolean;
        /** Memory attributes in MAIR_ELx format, and SH: both stages combined. */
        readonly attributes: number;
        readonly shareability: number;
      }
    | {
        readonly ok: false;
        readonly fault: Fault;
        /** The level that takes the abort, and its ESR_ELx, without what the instruction adds (ISV and below). */
        readonly target: 1 | 2;
        readonly syndrome: number;
      };
}

export type MmuRegister = Exclude<keyof typeof Reg, 'MDSCR_EL1' | 'PAR_EL1'>;

/** Words for a walker whose registers are no core's. */
export function registerWords(values: Partial<Record<MmuRegister, bigint>> = {}): Uint32Array {
  const words = new Uint32Array(Math.max(...Object.values(Reg)) + 2);
  for (const [name, place] of Object.entries(Reg)) {
    const value = values[name as MmuRegister] ?? 0n;
    words[place] = Number(value & 0xffff_ffffn);
    words[place + 1] = Number((value >> 32n) & 0xffff_ffffn);
  }
  return words;
}

/** The two words of an address. */
export const halves = (va: bigint): [low: number, high: number] => [
  Number(BigInt.asUintN(32, va)),
  Number(BigInt.asUintN(32, BigInt.asUintN(64, va) >> 32n)),
];

/** How a walker translates an address for an access. The walker has the result besides. */
export function explainTranslation(walker: Walker, va: bigint, view: View, need: Need): Translation {
  const steps: TranslationStep[] = [];
  const [low, high] = halves(va);
  walker.stage2.forget();
  walker.descriptors.trace = (step) => steps.push(explainStep(step, view.regime));
  const done = walker.translate(low, high, view, need);
  walker.descriptors.trace = undefined;
  if (!done) {
    const fault = faultOf(walker, { low, high, write: need === Need.write, maintenance: false });
    const target = fault.stage === 2 || view.regime === 2 ? 2 : 1;
    const isLower = fault.stage === 2 || (view.regime === 1 && !view.privileged);
    return { steps, result: { ok: false, fault, target, syndrome: syndromeOf(fault, need, isLower) } };
  }
  const { readable, writable, executable, device, attributes, shareability } = walker;
  const pa = physAddr(walker.page * 4096 + Number(va & 0xfffn));
  return { steps, result: { ok: true, pa, readable, writable, executable, device, attributes, shareability } };
}

/** ESR_ELx of an abort: EC, IL, and the ISS without the instruction's part. `isLower`: it comes from a lower level. */
function syndromeOf(fault: Fault, need: Need, isLower: boolean): number {
  const isFetch = need === Need.execute;
  const ec = (isFetch ? ExceptionClass.instructionAbort : ExceptionClass.dataAbort) | (isLower ? 0 : 1);
  const iss = faultStatus(fault) | (fault.s1ptw ? Iss.S1PTW : 0) | (fault.write ? Iss.WnR : 0);
  return ((ec << 26) | (1 << 25) | iss) >>> 0;
}

function explainStep(step: WalkStep, regime: Regime): TranslationStep {
  const { stage, level, forTable, isIpa, low, high, kind, sizeLog2 } = step;
  const descriptor = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const leaf = kind === 'block' || kind === 'page';
  const outputBits = leaf ? sizeLog2 : 12;
  const output = kind === 'invalid' || kind === 'external abort' ? 0n : (descriptor & outputMask) >> BigInt(outputBits);
  return {
    stage,
    level,
    forTable,
    address: step.page * 4096 + step.offset,
    isIpa,
    descriptor,
    kind,
    sizeLog2,
    output: Number(output << BigInt(outputBits)),
    fields: fieldsOf(step, regime, descriptor),
  };
}

const outputMask = 0xffff_ffff_f000n;
