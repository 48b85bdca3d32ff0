import { CodePage, CodeTlb, Core, Exit } from '../../a64/layout.ts';
import { HostFunction } from '../../a64/runtime.ts';
import { ExitRequest } from '../../arch/state/exit-request.ts';
import type { Code } from '../../wasm/code.ts';
import { callIndirect, type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { CodeTable } from './code-table.ts';
import { codeTlbEntry } from './tlb.ts';

/**
 * How control passes between translations and the interpreter's loop: the types of their functions, dispatch behind a
 * jump, and the pieces that both sides share. Every function returns an Exit.
 */

/** The interpreter's loop: (core base, Arrival). Core.pc and Core.budget are up to date. */
export const loopType = { params: ['i32', 'i32'], results: ['i32'] } as const;
/** dispatch: (core base, pc, budget). Core.pc and Core.budget are stale. */
export const dispatchType = { params: ['i32', 'i64', 'i32'], results: ['i32'] } as const;
/** A translation: (core base, entry label, pc, budget). */
export const translationType = { params: ['i32', 'i32', 'i64', 'i32'], results: ['i32'] } as const;
/** execute: (core base, instruction word, slot of the runtime function). */
export const executeType = { params: ['i32', 'i32', 'i32'], results: ['i32'] } as const;

/** How control comes to the address at which the loop goes on. */
export const Arrival = {
  /** From a translation that cannot execute the instruction, or from the instruction before: it is interpreted. */
  next: 0,
  /** After an exit to TypeScript, or at the start of a quantum: a translation runs if there is one. */
  resumed: 1,
  /** By a jump: a translation runs if there is one, otherwise the jump is counted. */
  jumped: 2,
} as const;

/**
 * Writes dispatch(cpu, pc, budget): goes on behind a jump, in a translation if there is one. Each module that needs it
 * has its own copy, because a call within a module costs half of one that leaves it. It does not look at
 * Core.exitRequest, which translations do not set, nor at the budget, which each translation checks.
 */
export function writeDispatch(code: Code): void {
  const cpu = code.param('i32', 0);
  const pc = code.param('i64', 1);
  const budget = code.param('i32', 2);
  const { entry, hits } = lookUp(code, cpu, pc);
  code.likely(hits, () => enterTranslation(code, i32.load(codeSlot(code, pc, entry)), { cpu, pc, budget }));
  code.store(cpu, pc, 8, Core.pc);
  code.store(cpu, budget, 4, Core.budget);
  returnToLoop(code, cpu, Arrival.jumped);
}

/**
 * Writes execute(cpu, word, slot): executes the system instruction at pc by a runtime function that returns a Status,
 * then dispatches again, because the translation of addresses and the interrupt masks may have changed.
 */
export function writeExecute(code: Code, dispatch: number): void {
  const cpu = code.param('i32', 0);
  const { module } = code;
  const target = {
    typeIndex: module.type(HostFunction.system),
    table: module.table('runtime'),
    element: code.param('i32', 2),
  };
  const status = code.let(callIndirect('i32', target, [cpu, code.param('i32', 1)]));
  spend(code, cpu);
  code.if(i32.eqz(status), () => advance(code, cpu));
  leaveAtEnd(code, cpu);
  ifAsked(code, cpu, () => returnToLoop(code, cpu, Arrival.jumped));
  code.returnCall(dispatch, [cpu, i64.load(cpu, Core.pc), i32.load(cpu, Core.budget)]);
}

/** The entry of pc in the instruction TLB, and whether it hits. */
export const lookUp = (code: Code, cpu: I32, pc: I64): { entry: I32; hits: I32 } => {
  const context = code.let(i64.load(cpu, Core.context));
  const entry = code.let(codeTlbEntry(cpu, i32.wrap(pc), i32.wrap(context)));
  const tag = i64.or(i64.and(pc, i64.const(-4096 | 3)), context);
  return { entry, hits: i64.eq(tag, i64.load(entry, Core.codeTlb + CodeTlb.tag)) };
};

/** What a translation is entered with, besides its label. */
interface EntryArguments {
  readonly cpu: I32;
  readonly pc: I64;
  readonly budget: I32;
}

/** Goes to the translation that a word of CodePage names, if it names one. */
export const enterTranslation = (code: Code, word: I32, { cpu, pc, budget }: EntryArguments): void => {
  const target = code.let(word);
  code.if(i32.gt_s(target, i32.const(0)), () => {
    const type = code.module.type(translationType);
    const label = i32.and(target, i32.const((1 << CodePage.labelBits) - 1));
    const index = i32.shr_u(target, i32.const(CodePage.labelBits));
    code.returnCallIndirect(type, code.module.table('translations'), index, [cpu, label, pc, budget]);
  });
};

/** Goes on in the interpreter's loop. */
export const returnToLoop = (code: Code, cpu: I32, arrival: number): void => {
  const type = code.module.type(loopType);
  code.returnCallIndirect(type, code.module.table('runtime'), i32.const(CodeTable.loopSlot), [cpu, i32.const(arrival)]);
};

/** Host address of the word of CodePage for pc, by its entry in the instruction TLB. */
export const codeSlot = (code: Code, pc: I64, entry: I32): I32 => {
  const offset = i32.and(i32.wrap(pc), i32.const(CodePage.size - 4));
  return code.let(i32.add(i32.load(entry, Core.codeTlb + CodeTlb.codePage), offset));
};

/** Host address of the instruction at pc, by its entry in the instruction TLB. */
export const hostAddress = (pc: I64, entry: I32): I32 =>
  i32.add(i32.wrap(pc), i32.load(entry, Core.codeTlb + CodeTlb.addend));

/** Counts one instruction against the budget. */
export const spend = (code: Code, cpu: I32): void =>
  code.store(cpu, i32.sub(i32.load(cpu, Core.budget), i32.const(1)), 4, Core.budget);

/** Moves Core.pc to the next instruction. */
export const advance = (code: Code, cpu: I32): void =>
  code.store(cpu, i64.add(i64.load(cpu, Core.pc), i64.const(4)), 8, Core.pc);

/** Leaves to TypeScript at the end of the budget. */
export const leaveAtEnd = (code: Code, cpu: I32): void =>
  code.unlikely(i32.le_s(i32.load(cpu, Core.budget), i32.const(0)), () => code.return(i32.const(Exit.budget)));

/** Leaves to TypeScript if something asks for it; but where an exception is pending and nothing else, `take` goes on. */
export const ifAsked = (code: Code, cpu: I32, take: () => void): void =>
  code.unlikely(i32.load(cpu, Core.exitRequest), () => {
    const others = i32.ne(i32.load(cpu, Core.exitRequest), i32.const(ExitRequest.exception));
    code.if(others, () => code.return(i32.const(Exit.request)));
    take();
  });

/** Leaves to TypeScript at the end of the budget, or if something asks for it. */
export const leaveIfAsked = (code: Code, cpu: I32): void => {
  leaveAtEnd(code, cpu);
  code.unlikely(i32.load(cpu, Core.exitRequest), () => code.return(i32.const(Exit.request)));
};
