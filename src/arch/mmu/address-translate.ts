import { Core, Status } from '../../a64/layout.ts';
import { Reg } from '../registers/mmu-registers.ts';
import type { CoreMmu } from './core-mmu.ts';
import { FaultType, faultStatus } from './faults.ts';
import { Need, type View, viewOf } from './walk.ts';

interface Question {
  readonly view: View;
  readonly need: Need;
  /** Whether the answer is that of the first stage alone. */
  readonly stage1: boolean;
}

/** What SYS #op1, C7, C8, #op2 asks; undefined if it is not an AT instruction of EL1 or EL2. */
const question = (op1: number, op2: number): Question | undefined => {
  const need = (op2 & 1) === 0 ? Need.read : Need.write;
  if (op1 === 0 && op2 < 4) return { view: viewOf(op2 < 2 ? 1 : 0), need, stage1: true };
  if (op1 === 4 && op2 < 2) return { view: viewOf(2), need, stage1: true };
  if (op1 === 4 && op2 >= 4) return { view: viewOf(op2 < 6 ? 1 : 0), need, stage1: false };
  return undefined;
};

/**
 * An AT instruction for the address in Core.accessAddress: sets PAR_EL1. Returns Status.jumped if it took an exception, as
 * it does for an external abort on a walk, and at EL1 for a stage 2 fault on a stage 1 walk (Arm ARM DDI 0487, D5.2.11);
 * undefined if the encoding is not an AT.
 */
export function translateAddress(mmu: CoreMmu, op1: number, op2: number): number | undefined {
  const asked = question(op1, op2);
  if (!asked) return undefined;
  const { state, walker } = mmu;
  const low = state.word(Core.accessAddress);
  const high = state.word(Core.accessAddress + 4);
  const par = (state.base >>> 2) + Reg.PAR_EL1;
  const { u32 } = state.memory;
  const { view, need, stage1 } = asked;
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
