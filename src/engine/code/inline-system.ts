import { Core } from '../../a64/layout.ts';
import {
  encodingOf,
  isProcessStateWrite,
  isRegisterAccess,
  PstateField,
  pstateFieldOf,
  pstateImmediate,
  systemOperation,
  WordGroup,
  writesRt,
} from '../../a64/system-encoding.ts';
import type { PlainAccess } from '../../arch/registers/plain-access.ts';
import { Hcr, Pstate, Sctlr } from '../../arch/state/control-bits.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { isObserved } from './exception-entry.ts';
import { hasInterrupts } from './pending.ts';

/**
 * System instructions that translations execute themselves: MRS and MSR of registers that are storage, MSR DAIFSet and
 * DAIFClr, DC ZVA. Where an access is not plain, `leaveIf` leaves to the interpreter.
 */

type LeaveIf = (condition: I32) => void;

const zeroBlock = systemOperation('DC ZVA').encoding;

/** MSR DAIFSet or DAIFClr, of the MSR (immediate) instructions. */
export const isMaskChange = (word: number): boolean =>
  pstateFieldOf(word) === PstateField.DAIFSet || pstateFieldOf(word) === PstateField.DAIFClr;

/** DC ZVA, of the SYS instructions. */
export const isZeroBlock = (word: number): boolean => encodingOf(word) === zeroBlock && !writesRt(word);

/** Whether a translation executes a system instruction itself. */
export const isInline = (word: number, plainAccess: (word: number) => PlainAccess | undefined): boolean => {
  if (isRegisterAccess(word)) return plainAccess(word) !== undefined;
  return isProcessStateWrite(word) ? isMaskChange(word) : word >>> 24 === WordGroup.system && isZeroBlock(word);
};

/** Leaves where an access is trapped or has effects. */
export const checkAccess = (cpu: I32, { level, condition, unobserved }: PlainAccess, leaveIf: LeaveIf): void => {
  if (level > 0) leaveIf(i32.lt_u(i32.load(cpu, Core.el), i32.const(level)));
  if (unobserved) leaveIf(i32.or(isObserved(cpu), hasInterrupts(cpu)));
  if (!condition) return;
  const bits = i32.and(i32.load(cpu, condition.offset), i32.const(condition.mask));
  leaveIf(i32.ne(bits, i32.const(condition.value)));
};

export const readPlain = (cpu: I32, { offset, bits }: PlainAccess): I64 =>
  bits === undefined ? i64.load(cpu, offset) : i64.extend_u(i32.and(i32.load(cpu, offset), i32.const(bits)));

export const writePlain = (code: Code, cpu: I32, { offset, width, bits }: PlainAccess, value: I64): void => {
  if (bits === undefined) {
    code.store(cpu, width === 32 ? i64.and(value, i64.const(0xffff_ffff)) : value, 8, offset);
    return;
  }
  const kept = i32.and(i32.load(cpu, offset), i32.const(~bits));
  code.store(cpu, i32.or(kept, i32.and(i32.wrap(value), i32.const(bits))), 4, offset);
};

/** MSR DAIFSet or DAIFClr. EL0 needs SCTLR_EL1.UMA for it. */
export const changeMasks = (code: Code, cpu: I32, word: number, leaveIf: LeaveIf): void => {
  leaveIf(i32.or(i32.eqz(i32.load(cpu, Core.el)), i32.or(isObserved(cpu), hasInterrupts(cpu))));
  const bits = pstateImmediate(word) << Pstate.daifShift;
  const pstate = i32.load(cpu, Core.pstate);
  const clears = pstateFieldOf(word) === PstateField.DAIFClr;
  const changed = clears ? i32.and(pstate, i32.const(~bits & 0xffff_ffff)) : i32.or(pstate, i32.const(bits));
  code.store(cpu, changed, 4, Core.pstate);
};

/** Leaves where DC ZVA is forbidden (HCR_EL2.TDZ, SCTLR_EL1.DZE). At EL2 it leaves more often than necessary. */
export const checkZeroBlock = (cpu: I32, leaveIf: LeaveIf): void => {
  leaveIf(i32.and(i32.load(cpu, systemOffset('HCR_EL2')), i32.const(Hcr.TDZ)));
  const enabled = i32.and(i32.load(cpu, systemOffset('SCTLR_EL1')), i32.const(Sctlr.DZE));
  leaveIf(i32.eqz(i32.or(i32.load(cpu, Core.el), enabled)));
};
