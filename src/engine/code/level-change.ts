import { Core, FlagKind, LevelEntry, Status } from '../../a64/layout.ts';
import { type CallRuntime, HostFunction, type RuntimeFunction, runtimeFunction } from '../../a64/runtime.ts';
import { ExceptionClass, instructionLength, VectorGroup } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Mdscr, Pstate } from '../../arch/state/control-bits.ts';
import { countWord } from '../../arch/state/counts.ts';
import { type SystemSlot, systemOffset } from '../../arch/state/slots.ts';
import { assert } from '../../base/assert.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64, select } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import { storedFlags } from './flags.ts';

/**
 * SVC, HVC and ERET in generated code, for the case that only the level changes. All other cases are left to TypeScript
 * (exceptions.ts). Each function takes (cpu, word) and returns a Status, like HostFunction.system.
 */

/** Offset of the first of some registers whose slots are adjacent, in the order of their levels. */
const banked = (...names: SystemSlot[]): number => {
  const offsets = names.map(systemOffset);
  const first = offsets[0] as number;
  assert(
    offsets.every((offset, i) => offset === first + 8 * i),
    `${names.join()} lie together`,
  );
  return first;
};
const sp = banked('SP_EL0', 'SP_EL1', 'SP_EL2');
const elr = banked('ELR_EL1', 'ELR_EL2');
const spsr = banked('SPSR_EL1', 'SPSR_EL2');
const esr = banked('ESR_EL1', 'ESR_EL2');
const vbar = banked('VBAR_EL1', 'VBAR_EL2');

/** Base such that the registers of a level (1 or 2) lie at the offsets of EL1's. */
const bank = (cpu: I32, level: I32): I32 => i32.add(cpu, i32.sub(i32.shl(level, i32.const(3)), i32.const(8)));

const levelEntry = (cpu: I32, level: I32): I32 => i32.add(cpu, i32.mul(level, i32.const(LevelEntry.size)));

/** Nonzero if a change of level or masks has further effects: interrupts, debug, monitors, tracing, routing by TGE. */
export const isObserved = (cpu: I32): I32 => {
  const bits = (slot: SystemSlot, mask: number): I32 => i32.and(i32.load(cpu, systemOffset(slot)), i32.const(mask));
  return [
    bits('MDSCR_EL1', Mdscr.SS | Mdscr.MDE),
    bits('HCR_EL2', Hcr.TGE | Hcr.VF | Hcr.VI | Hcr.VSE),
    i32.load(cpu, systemOffset('pmuRunning')),
    i32.load(cpu, Core.traced),
  ].reduce((any, more) => i32.or(any, more), i32.load(cpu, systemOffset('interruptLines')));
};

/** Sets PSTATE, including the level, and everything that depends on them. */
const setLevel = (code: Code, cpu: I32, pstate: I32, level: I32): void => {
  // As in pstate.ts: SP_EL0 while M[0] is 0.
  const bankOf = (mode: I32): I32 => {
    const n = i32.mul(i32.and(mode, i32.const(Pstate.sp)), i32.and(i32.shr_u(mode, i32.const(2)), i32.const(3)));
    return code.let(i32.add(cpu, i32.shl(n, i32.const(3))));
  };
  const from = bankOf(code.let(i32.load(cpu, Core.pstate)));
  const to = bankOf(pstate);
  code.if(i32.ne(from, to), () => {
    code.store(from, i64.load(cpu, Core.sp), 8, sp);
    code.store(cpu, i64.load(to, sp), 8, Core.sp);
  });
  code.store(cpu, pstate, 4, Core.pstate);
  const entry = code.let(levelEntry(cpu, level));
  code.store(cpu, v128.load(entry, Core.levels), 16, Core.context);
  code.store(cpu, i64.load(entry, Core.levels + LevelEntry.el), 8, Core.el);
  code.store(cpu, i32.load(entry, Core.levels + LevelEntry.spCheck), 4, Core.spCheck);
};

/** A function that is being written: its parameters, and ways to call others and to leave the work to TypeScript. */
interface Writing {
  readonly code: Code;
  readonly cpu: I32;
  readonly word: I32;
  readonly call: CallRuntime;
  leaveIf(condition: I32): void;
}

const orHost = (name: string, plain: (writing: Writing) => void): RuntimeFunction<'i32'> =>
  runtimeFunction(name, ['i32', 'i32'], 'i32', (code, call) => {
    const cpu = code.param('i32', 0);
    const word = code.param('i32', 1);
    const leaveIf = (condition: I32): void =>
      code.unlikely(condition, () => code.return(call(HostFunction.system, [cpu, word])));
    leaveIf(isObserved(cpu));
    plain({ code, cpu, word, leaveIf, call });
    code.return(i32.const(Status.jumped));
    code.unreachable();
  });

/**
 * Takes an exception that an instruction generates, as Exceptions.synchronous does. It returns to the next instruction.
 */
const enter = ({ code, cpu, word, call }: Writing, target: I32, ec: ExceptionClass): void => {
  const to = code.let(bank(cpu, target));
  code.store(cpu, i32.add(i32.load(cpu, 4 * countWord(ec)), i32.const(1)), 4, 4 * countWord(ec));
  const pstate = code.let(i32.load(cpu, Core.pstate));
  code.store(to, i64.extend_u(i32.or(call(storedFlags, [cpu]), pstate)), 8, spsr);
  code.store(to, i64.add(i64.load(cpu, Core.pc), i64.const(4)), 8, elr);
  const immediate = i32.and(i32.shr_u(word, i32.const(5)), i32.const(0xffff));
  code.store(to, i64.extend_u(i32.or(i32.const((ec << 26) | instructionLength), immediate)), 8, esr);
  const sameLevel = i32.eq(i32.load(cpu, Core.el), target);
  const group = select(
    sameLevel,
    select(i32.and(pstate, i32.const(Pstate.sp)), i64.const(VectorGroup.spx), i64.const(VectorGroup.sp0)),
    i64.const(VectorGroup.lowerLevel),
  );
  code.store(cpu, i64.add(i64.load(to, vbar), group), 8, Core.pc);
  const masked = i32.const(Pstate.daif | Pstate.sp);
  setLevel(code, cpu, code.let(i32.or(masked, i32.shl(target, i32.const(Pstate.elShift)))), target);
};

export const supervisorCall = orHost('supervisorCall', (writing) => {
  const { code, cpu } = writing;
  const el = code.let(i32.load(cpu, Core.el));
  enter(writing, code.let(i32.add(el, i32.eqz(el))), ExceptionClass.svc);
});

export const hypervisorCall = orHost('hypervisorCall', (writing) => {
  const { cpu } = writing;
  writing.leaveIf(i32.or(i32.eqz(i32.load(cpu, Core.el)), i32.load(cpu, systemOffset('el2Owner'))));
  enter(writing, i32.const(2), ExceptionClass.hvc);
});

export const exceptionReturn = orHost('exceptionReturn', ({ code, cpu, leaveIf }) => {
  const el = code.let(i32.load(cpu, Core.el));
  leaveIf(i32.eqz(el));
  const from = code.let(bank(cpu, el));
  const saved = code.let(i32.load(from, spsr));
  const mode = code.let(i32.and(saved, i32.const(Pstate.mode)));
  const target = code.let(i32.shr_u(mode, i32.const(Pstate.elShift)));
  // Illegal returns: AArch32 or M[1] set, EL0h, to a higher level; and Illegal Execution State.
  leaveIf(i32.or(i32.and(saved, i32.const(0x12 | Pstate.IL)), i32.eq(mode, i32.const(1))));
  leaveIf(i32.or(i32.gt_u(target, el), i32.eqz(i32.load(levelEntry(cpu, target), Core.levels + LevelEntry.known))));
  // The address may have a tag to remove (AArch64.BranchAddr).
  const address = code.let(i64.load(from, elr));
  const top: I64 = code.let(i64.shr_s(address, i64.const(55)));
  const low = select(i32.eq(target, i32.const(2)), i64.const(0), i64.const(-1));
  leaveIf(i32.and(i64.ne(top, i64.const(0)), i64.ne(top, low)));
  code.store(cpu, address, 8, Core.pc);
  // An exception return opens the monitor and is an event.
  code.store(cpu, i32.const(0), 4, Core.exclusiveAddress);
  code.store(cpu, i32.const(1), 4, systemOffset('eventRegister'));
  code.store(cpu, i32.const(FlagKind.packed), 4, Core.flagKind);
  code.store(cpu, i64.extend_u(i32.and(saved, i32.const(Pstate.nzcv))), 8, Core.flagA);
  code.store(cpu, i64.const(0), 8, Core.flagB);
  setLevel(code, cpu, code.let(i32.and(saved, i32.const(Pstate.mode | Pstate.daif))), target);
});
