import { Core, Status } from '../../a64/layout.ts';
import { Reg } from '../registers/mmu-registers.ts';
import type { CoreMmu } from './core-mmu.ts';
import { FaultType, faultStatus } from './faults.ts';
import { Need, type View, viewOf } from './walk.ts';

interface Question {
  readonly view: View;
  readonly need: Need;
  /** Whether the translation stops after the first stage. */
  readonly stage1: boolean;
}

const questionOf = (level: number, need: Need, stage1: boolean): Question => ({ view: viewOf(level), need, stage1 });

/** The AT instructions of EL1 and EL2 by name, and what they ask. */
const questions = {
  S1E1R: questionOf(1, Need.read, true),
  S1E1W: questionOf(1, Need.write, true),
  S1E0R: questionOf(0, Need.read, true),
  S1E0W: questionOf(0, Need.write, true),
  S1E2R: questionOf(2, Need.read, true),
  S1E2W: questionOf(2, Need.write, true),
  S12E1R: questionOf(1, Need.read, false),
  S12E1W: questionOf(1, Need.write, false),
  S12E0R: questionOf(0, Need.read, false),
  S12E0W: questionOf(0, Need.write, false),
} as const;

export type AtName = keyof typeof questions;
export const atNames = Object.keys(questions) as AtName[];

/**
 * An AT instruction for the address in Core.accessAddress: sets PAR_EL1. Returns Status.jumped if it took an exception,
 * as it does for an external abort on a walk, and at EL1 for a stage 2 fault on a stage 1 walk (Arm ARM DDI 0487,
 * D5.2.11).
 */
export function translateAddress(mmu: CoreMmu, name: AtName): number {
  const { state, walker } = mmu;
  const low = state.word(Core.accessAddress);
  const high = state.word(Core.accessAddress + 4);
  const par = (state.base >>> 2) + Reg.PAR_EL1;
  const { u32 } = state.memory;
  const { view, need, stage1 } = questions[name];
  if (stage1 ? walker.translateStage1(low, high, view, need) : walker.translate(low, high, view, need)) {
    // NS reads as 1: the output address space of Non-secure regimes.
    u32[par] = (walker.page << 12) | (1 << 11) | (1 << 9) | (walker.shareability << 7);
    u32[par + 1] = (walker.attributes << 24) | (walker.page >>> 20);
    return Status.next;
  }
  const fault = mmu.fault(low, high, true, true);
  if (fault.type === FaultType.externalOnWalk || (fault.s1ptw && state.word(Core.el) === 1)) {
    mmu.hooks.raiseDataAbort(state, fault);
    return Status.jumped;
  }
  const stage2 = fault.stage === 2 ? 1 << 9 : 0;
  u32[par] = 1 | (faultStatus(fault) << 1) | (fault.s1ptw ? 1 << 8 : 0) | stage2 | (1 << 11);
  u32[par + 1] = 0;
  return Status.next;
}
