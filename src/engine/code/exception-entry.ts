import { Core, LevelEntry, Status } from '../../a64/layout.ts';
import { type CallRuntime, type RuntimeFunction, runtimeFunction } from '../../a64/runtime.ts';
import { type ExceptionClass, instructionLength, Vector, VectorGroup } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Mdscr, Pstate } from '../../arch/state/control-bits.ts';
import { type SystemSlot, systemOffset } from '../../arch/state/slots.ts';
import { assert } from '../../base/assert.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64, select } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import { storedFlags } from './flags.ts';
import { hasInterrupts, updatePending } from './pending.ts';

/**
 * Entry into exceptions in generated code, as Exceptions.enter (exceptions.ts) does it. Where an exception has further
 * effects, TypeScript takes it.
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
/** Offsets of EL1's registers from what `bank` gives. */
export const Banked = {
  elr: banked('ELR_EL1', 'ELR_EL2'),
  spsr: banked('SPSR_EL1', 'SPSR_EL2'),
  esr: banked('ESR_EL1', 'ESR_EL2'),
  far: banked('FAR_EL1', 'FAR_EL2'),
  vbar: banked('VBAR_EL1', 'VBAR_EL2'),
} as const;

/** Base such that the registers of a level (1 or 2) lie at the offsets of EL1's. */
export const bank = (cpu: I32, level: I32): I32 => i32.add(cpu, i32.sub(i32.shl(level, i32.const(3)), i32.const(8)));

export const levelEntry = (cpu: I32, level: I32): I32 => i32.add(cpu, i32.mul(level, i32.const(LevelEntry.size)));

/** Nonzero if a change of level or masks has further effects: debug, monitors, tracing, routing by TGE. */
export const isObserved = (cpu: I32): I32 => {
  const bits = (slot: SystemSlot, mask: number): I32 => i32.and(i32.load(cpu, systemOffset(slot)), i32.const(mask));
  return [
    bits('MDSCR_EL1', Mdscr.SS | Mdscr.MDE),
    bits('HCR_EL2', Hcr.TGE),
    i32.load(cpu, systemOffset('pmuRunning')),
  ].reduce((any, more) => i32.or(any, more), i32.load(cpu, Core.traced));
};

/** EL1, or EL2 from EL2: where exceptions go that nothing routes. */
export const ordinaryTarget = (code: Code, cpu: I32): I32 => {
  const el = code.let(i32.load(cpu, Core.el));
  return code.let(i32.add(el, i32.eqz(el)));
};

/** Nonzero if EL2 is not machine code. */
export const isEl2Elsewhere = (cpu: I32): I32 => i32.load(cpu, systemOffset('el2Owner'));

/** The same if an exception would go there. */
export const goesElsewhere = (cpu: I32, target: I32): I32 =>
  i32.and(i32.eq(target, i32.const(2)), i32.ne(isEl2Elsewhere(cpu), i32.const(0)));

/** Nonzero if an address has a tag that AArch64.BranchAddr at a level may remove. */
export const isTagged = (code: Code, address: I64, level: I32): I32 => {
  const top = code.let(i64.shr_s(address, i64.const(55)));
  const low = select(i32.eq(level, i32.const(2)), i64.const(0), i64.const(-1));
  return i32.and(i64.ne(top, i64.const(0)), i64.ne(top, low));
};

/** Where the code of an entry or return goes, and how it calls other functions. */
export interface EntryCode {
  readonly code: Code;
  readonly cpu: I32;
  readonly call: CallRuntime;
}

/** Sets PSTATE, including the level, and everything that depends on them but what is pending. */
export const changeLevel = ({ code, cpu }: EntryCode, pstate: I32, level: I32): void => {
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

/** The same with what is pending. */
export const setLevel = (place: EntryCode, pstate: I32, level: I32): void => {
  const { code, cpu, call } = place;
  changeLevel(place, pstate, level);
  // Illegal Execution State is pending like an interrupt.
  const pending = i32.or(hasInterrupts(cpu), i32.and(pstate, i32.const(Pstate.IL)));
  code.unlikely(pending, () => code.drop(call(updatePending, [cpu])));
};

/** An exception: its level, its vector and its number among the counters, and where it returns to. */
export interface Entry {
  readonly target: I32;
  readonly vector: Vector;
  readonly count: I32;
  readonly returnTo: I64;
}

/** Exceptions.enter: all of an exception but its syndrome. */
export const enter = (place: EntryCode, { target, vector, count, returnTo }: Entry): void => {
  const { code, cpu, call } = place;
  const to = code.let(bank(cpu, target));
  const counter = code.let(i32.add(cpu, i32.shl(count, i32.const(2))));
  code.store(counter, i32.add(i32.load(counter, Core.counts), i32.const(1)), 4, Core.counts);
  const pstate = code.let(i32.load(cpu, Core.pstate));
  code.store(to, i64.extend_u(i32.or(call(storedFlags, [cpu]), pstate)), 8, Banked.spsr);
  code.store(to, returnTo, 8, Banked.elr);
  const sameLevel = i32.eq(i32.load(cpu, Core.el), target);
  const group = select(
    sameLevel,
    select(i32.and(pstate, i32.const(Pstate.sp)), i64.const(VectorGroup.spx), i64.const(VectorGroup.sp0)),
    i64.const(VectorGroup.lowerLevel),
  );
  code.store(cpu, i64.add(i64.load(to, Banked.vbar), i64.add(group, i64.const(vector))), 8, Core.pc);
  const masked = i32.const(Pstate.daif | Pstate.sp);
  setLevel(place, code.let(i32.or(masked, i32.shl(target, i32.const(Pstate.elShift)))), target);
};

/** A function that is being written, and its way to leave the work to TypeScript. */
export interface Writing extends EntryCode {
  /** The second parameter: an instruction word. */
  readonly word: I32;
  leaveIf(condition: I32): void;
}

/**
 * A function (cpu, word) that returns a Status, like HostFunction.system. It takes or leaves an exception as long as
 * nothing observes it; else the function of TypeScript does.
 */
export const orHost = (
  name: string,
  host: RuntimeFunction<'i32'>,
  plain: (writing: Writing) => void,
): RuntimeFunction<'i32'> =>
  runtimeFunction(name, host.params, 'i32', (code, call) => {
    const cpu = code.param('i32', 0);
    const word = host.params.length > 1 ? code.param('i32', 1) : i32.const(0);
    const args = host.params.length > 1 ? [cpu, word] : [cpu];
    const leaveIf = (condition: I32): void => code.unlikely(condition, () => code.return(call(host, args)));
    leaveIf(isObserved(cpu));
    plain({ code, cpu, word, leaveIf, call });
    code.return(i32.const(Status.jumped));
    code.unreachable();
  });

/** Exceptions.synchronous: an exception of a class with its ISS. PC is its preferred return address. */
export const synchronous = (writing: EntryCode, target: I32, ec: ExceptionClass, iss: I32): void =>
  enterWith(writing, { target, ec: i32.const(ec), iss, returnTo: i64.load(writing.cpu, Core.pc) });

/** The same for a class that depends on the state, or another address. */
export const enterWith = (
  place: EntryCode,
  { target, ec, iss, returnTo }: { target: I32; ec: I32; iss: I32; returnTo: I64 },
): void => {
  const { code, cpu } = place;
  const esr = i32.or(i32.or(i32.shl(ec, i32.const(26)), i32.const(instructionLength)), iss);
  code.store(bank(cpu, target), i64.extend_u(esr), 8, Banked.esr);
  enter(place, { target, vector: Vector.synchronous, count: ec, returnTo });
};
