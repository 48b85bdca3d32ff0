import { Core, FlagKind, LevelEntry, Status } from '../../a64/layout.ts';
import { HostFunction, type RuntimeFunction } from '../../a64/runtime.ts';
import { ExceptionCall, exceptionMask, WordGroup, wfi } from '../../a64/system-encoding.ts';
import { always, ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Mdcr, Pstate, Sctlr } from '../../arch/state/control-bits.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64, select } from '../../wasm/expr.ts';
import {
  Banked,
  bank,
  changeLevel,
  type EntryCode,
  enterWith,
  goesElsewhere,
  isEl2Elsewhere,
  isTagged,
  levelEntry,
  ordinaryTarget,
  orHost,
  setLevel,
  synchronous,
  type Writing,
} from './exception-entry.ts';
import { hasInterrupts } from './pending.ts';

/**
 * Exceptions that an instruction generates, and the return from them, in generated code. Each function takes (cpu, word)
 * and returns a Status.
 */

const immediate = (word: I32): I32 => i32.and(i32.shr_u(word, i32.const(5)), i32.const(0xffff));

/** SVC and HVC return to the next instruction. */
const supervise = (writing: Writing, target: I32, ec: ExceptionClass): void => {
  const { cpu, word } = writing;
  const returnTo = i64.add(i64.load(cpu, Core.pc), i64.const(4));
  enterWith(writing, { target, ec: i32.const(ec), iss: immediate(word), returnTo });
};

export const supervisorCall = orHost('supervisorCall', HostFunction.system, (writing) => {
  supervise(writing, ordinaryTarget(writing.code, writing.cpu), ExceptionClass.svc);
});

/** At EL0 the instruction is UNDEFINED. */
const undefinedAtEl0 = (writing: Writing): void => {
  const { code, cpu } = writing;
  code.if(i32.eqz(i32.load(cpu, Core.el)), () => {
    synchronous(writing, i32.const(1), ExceptionClass.unknown, i32.const(0));
    code.return(i32.const(Status.jumped));
  });
};

export const hypervisorCall = orHost('hypervisorCall', HostFunction.system, (writing) => {
  const { cpu, leaveIf } = writing;
  undefinedAtEl0(writing);
  leaveIf(isEl2Elsewhere(cpu));
  supervise(writing, i32.const(2), ExceptionClass.hvc);
});

/** Leaves unless a bit of HCR_EL2 traps the instruction from EL1 to EL2. */
const leaveUnlessTrapped = ({ cpu, leaveIf }: Writing, bit: number): void => {
  const traps = i32.and(i32.load(cpu, systemOffset('HCR_EL2')), i32.const(bit));
  leaveIf(i32.or(i32.ne(i32.load(cpu, Core.el), i32.const(1)), i32.or(i32.eqz(traps), isEl2Elsewhere(cpu))));
};

/** SMC where HCR_EL2.TSC traps it: it returns to the SMC itself. Else it calls the firmware. */
const monitorCall = orHost('monitorCall', HostFunction.system, (writing) => {
  undefinedAtEl0(writing);
  leaveUnlessTrapped(writing, Hcr.TSC);
  synchronous(writing, i32.const(2), ExceptionClass.smc, immediate(writing.word));
});

/** WFI where SCTLR_EL1.nTWI traps it from EL0, or HCR_EL2.TWI from EL1. Else it may wait. */
const waitForInterrupt = orHost('waitForInterrupt', HostFunction.system, (writing) => {
  const { code, cpu, leaveIf } = writing;
  leaveIf(hasInterrupts(cpu));
  const waits = i32.and(i32.load(cpu, systemOffset('SCTLR_EL1')), i32.const(Sctlr.nTWI));
  code.if(i32.eqz(i32.or(i32.load(cpu, Core.el), waits)), () => {
    synchronous(writing, i32.const(1), ExceptionClass.wfx, i32.const(always));
    code.return(i32.const(Status.jumped));
  });
  leaveUnlessTrapped(writing, Hcr.TWI);
  synchronous(writing, i32.const(2), ExceptionClass.wfx, i32.const(always));
});

/** What executes a word that is left to TypeScript where it takes no exception. */
export const ordinarily = (word: number): RuntimeFunction<'i32'> => {
  if (word >>> 24 === WordGroup.exception) {
    if ((word & exceptionMask) === ExceptionCall.SMC) return monitorCall;
    // HLT and DCPS: there is no halting debug.
    return undefinedInstruction;
  }
  return word === wfi ? waitForInterrupt : HostFunction.system;
};

/** BRK. MDCR_EL2.TDE routes it to EL2. */
export const softwareBreakpoint = orHost('softwareBreakpoint', HostFunction.system, (writing) => {
  const { code, cpu, word, leaveIf } = writing;
  const routed = i32.and(i32.load(cpu, systemOffset('MDCR_EL2')), i32.const(Mdcr.TDE));
  const target = code.let(select(routed, i32.const(2), ordinaryTarget(code, cpu)));
  leaveIf(goesElsewhere(cpu, target));
  synchronous(writing, target, ExceptionClass.brk, immediate(word));
});

export const undefinedInstruction = orHost('undefinedInstruction', HostFunction.undefined, (writing) => {
  synchronous(writing, ordinaryTarget(writing.code, writing.cpu), ExceptionClass.unknown, i32.const(0));
});

/** An FP or SIMD instruction where Core.fpTrap is set: 1 by CPACR_EL1, which does not trap at EL2. */
export const floatTrap = orHost('floatTrap', HostFunction.fpTrap, (writing) => {
  const { code, cpu, leaveIf } = writing;
  const toEl2 = i32.or(i32.eq(i32.load(cpu, Core.el), i32.const(2)), i32.ne(i32.load(cpu, Core.fpTrap), i32.const(1)));
  const target = code.let(i32.add(i32.const(1), toEl2));
  leaveIf(goesElsewhere(cpu, target));
  synchronous(writing, target, ExceptionClass.fp, i32.const(always));
});

export const stackAlignment = orHost('stackAlignment', HostFunction.spAlignment, (writing) => {
  synchronous(writing, ordinaryTarget(writing.code, writing.cpu), ExceptionClass.spAlignment, i32.const(0));
});

/** What a return does besides the level. */
const goBack = ({ code, cpu }: EntryCode, address: I64, saved: I32): void => {
  code.store(cpu, address, 8, Core.pc);
  // An exception return opens the monitor and is an event.
  code.store(cpu, i32.const(0), 4, Core.exclusiveAddress);
  code.store(cpu, i32.const(1), 4, systemOffset('eventRegister'));
  code.store(cpu, i32.const(FlagKind.packed), 4, Core.flagKind);
  code.store(cpu, i64.extend_u(i32.and(saved, i32.const(Pstate.nzcv))), 8, Core.flagA);
  code.store(cpu, i64.const(0), 8, Core.flagB);
};

const isUnknown = (cpu: I32, level: I32): I32 =>
  i32.eqz(i32.load(levelEntry(cpu, level), Core.levels + LevelEntry.known));

/** SPSR_ELx of the present level, the level in it, and whether a return there is illegal. */
const savedState = (code: Code, from: I32, el: I32): { saved: I32; wanted: I32; illegal: I32 } => {
  const saved = code.let(i32.load(from, Banked.spsr));
  const mode = code.let(i32.and(saved, i32.const(Pstate.mode)));
  const wanted = code.let(i32.shr_u(mode, i32.const(Pstate.elShift)));
  // To AArch32, with M[1] set, to EL0h, or to a higher level.
  const strange = i32.or(i32.and(mode, i32.const(0x12)), i32.eq(mode, i32.const(1)));
  return { saved, wanted, illegal: i32.or(strange, i32.gt_u(wanted, el)) };
};

/** ERET also with interrupts pending, and where the return is illegal or to Illegal Execution State. */
const anyReturn = orHost('anyReturn', HostFunction.system, (writing) => {
  const { code, cpu, leaveIf } = writing;
  const el = code.let(i32.load(cpu, Core.el));
  leaveIf(i32.eqz(el));
  const from = code.let(bank(cpu, el));
  const { saved, wanted, ...found } = savedState(code, from, el);
  const illegal = code.let(found.illegal);
  // An illegal return stays at its level and sets PSTATE.IL.
  const target = code.let(select(illegal, el, wanted));
  leaveIf(isUnknown(cpu, target));
  const address = code.let(i64.load(from, Banked.elr));
  leaveIf(isTagged(code, address, target));
  goBack(writing, address, saved);
  const present = i32.and(i32.load(cpu, Core.pstate), i32.const(Pstate.mode));
  const legal = i32.and(saved, i32.const(Pstate.mode | Pstate.IL));
  const next = select(illegal, i32.or(present, i32.const(Pstate.IL)), legal);
  setLevel(writing, code.let(i32.or(next, i32.and(saved, i32.const(Pstate.daif)))), target);
});

export const exceptionReturn = orHost('exceptionReturn', anyReturn, (writing) => {
  const { code, cpu, leaveIf } = writing;
  const el = code.let(i32.load(cpu, Core.el));
  leaveIf(i32.or(hasInterrupts(cpu), i32.eqz(el)));
  const from = code.let(bank(cpu, el));
  const { saved, wanted, illegal } = savedState(code, from, el);
  leaveIf(i32.or(illegal, i32.and(saved, i32.const(Pstate.IL))));
  leaveIf(isUnknown(cpu, wanted));
  const address = code.let(i64.load(from, Banked.elr));
  leaveIf(isTagged(code, address, wanted));
  goBack(writing, address, saved);
  changeLevel(writing, code.let(i32.and(saved, i32.const(Pstate.mode | Pstate.daif))), wanted);
});
