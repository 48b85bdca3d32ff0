import { Core, Status } from '../../a64/layout.ts';
import { HostFunction, type RuntimeFunction, runtimeFunction } from '../../a64/runtime.ts';
import { encodingOf, systemEncoding, writesRt } from '../../a64/system-encoding.ts';
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { AccessRule, type LevelTrap, levelTraps } from '../../arch/registers/plain-access.ts';
import { Hcr, Sctlr } from '../../arch/state/control-bits.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import { type I32, i32, i64 } from '../../wasm/expr.ts';
import { counterReads } from './counter.ts';
import { type EntryCode, isEl2Elsewhere, isObserved, ordinaryTarget, orHost, synchronous } from './exception-entry.ts';

/**
 * MRS, MSR and SYS that TypeScript executes: what needs none is done here, which is to be UNDEFINED, to be trapped to EL2,
 * and to make a virtual interrupt pending.
 */

/** The ISS of AArch64.SystemAccessTrap: Op0, Op2, Op1 and CRn, Rt, CRm, and whether it is a read. */
const trapSyndrome = (word: I32): I32 => {
  const bits = (mask: number, shift: (value: I32, by: I32) => I32, by: number): I32 =>
    shift(i32.and(word, i32.const(mask)), i32.const(by));
  return [
    bits(0x18_0000, i32.shl, 1),
    bits(0xe0, i32.shl, 12),
    bits(0x7_f000, i32.shr_u, 2),
    bits(0x1f, i32.shl, 5),
    bits(0xf00, i32.shr_u, 7),
    bits(0x20_0000, i32.shr_u, 21),
  ].reduce((all, part) => i32.or(all, part));
};

const bitsOf = (cpu: I32, { slot, bits }: Pick<LevelTrap, 'slot' | 'bits'>): I32 =>
  i32.and(i32.load(cpu, systemOffset(slot)), i32.const(bits));

/** MSR (immediate): DAIFSet and DAIFClr of EL0, where SCTLR_EL1.UMA traps them to EL1; TypeScript executes all others. */
export const processStateWrite = orHost('processStateWrite', HostFunction.system, (writing) => {
  const { cpu, word, leaveIf } = writing;
  leaveIf(i32.or(i32.load(cpu, Core.el), bitsOf(cpu, { slot: 'SCTLR_EL1', bits: Sctlr.UMA })));
  // Op1 and op2 say which field; the two differ in the lowest bit of op2 (Arm ARM, C6.2.229).
  leaveIf(i32.ne(i32.and(word, i32.const(0x7_00c0)), i32.const(0x3_00c0)));
  synchronous(writing, i32.const(1), ExceptionClass.system, trapSyndrome(word));
});

/** A LevelTrap that an access may have, and whether it has; null: it has. */
interface Named {
  readonly trap: LevelTrap;
  readonly applies: I32 | null;
}

/** Executes an access whose AccessRule is known, and returns a Status. */
const executeRuled = ({ code, cpu, call }: EntryCode, word: I32, rule: I32, traps: readonly Named[]): void => {
  const leaveIf = (condition: I32): void =>
    code.unlikely(condition, () => code.return(call(HostFunction.system, [cpu, word])));
  leaveIf(isObserved(cpu));
  const el = code.let(i32.load(cpu, Core.el));
  code.if(i32.lt_u(el, i32.and(rule, i32.const(AccessRule.level))), () => {
    synchronous({ code, cpu, call }, ordinaryTarget(code, cpu), ExceptionClass.unknown, i32.const(0));
    code.return(i32.const(Status.jumped));
  });
  for (const { trap, applies } of traps) {
    const isAtLevel = i32.eq(el, i32.const(trap.el));
    code.if(applies ? i32.and(applies, isAtLevel) : isAtLevel, () => {
      const bits = bitsOf(cpu, trap);
      leaveIf(trap.el === 0 ? bits : i32.or(i32.eqz(bits), isEl2Elsewhere(cpu)));
      synchronous({ code, cpu, call }, i32.const(trap.el + 1), ExceptionClass.system, trapSyndrome(word));
      code.return(i32.const(Status.jumped));
    });
  }
  const trapBits = i32.and(rule, i32.const(~(AccessRule.level | AccessRule.trap)));
  const trapped = i32.and(i32.load(cpu, systemOffset('HCR_EL2')), trapBits);
  leaveIf(i32.or(i32.ne(el, i32.const(1)), i32.or(i32.eqz(trapped), isEl2Elsewhere(cpu))));
  synchronous({ code, cpu, call }, i32.const(2), ExceptionClass.system, trapSyndrome(word));
  code.return(i32.const(Status.jumped));
  code.unreachable();
};

/** (cpu, word, rule): executes an access whose AccessRule is a parameter; returns a Status. */
export const ruledAccess = runtimeFunction('ruledAccess', ['i32', 'i32', 'i32'], 'i32', (code, call) => {
  const rule = code.param('i32', 2);
  const number = code.let(i32.and(rule, i32.const(AccessRule.trap)));
  const traps = levelTraps.map((trap, i) => ({
    trap,
    applies: i32.eq(number, i32.const((i + 1) << AccessRule.trapShift)),
  }));
  executeRuled({ code, cpu: code.param('i32', 0), call }, code.param('i32', 1), rule, traps);
});

/** Bits of HCR_EL2 that no level takes notice of before there is a return to EL1. */
const virtualInterrupts = Hcr.VF | Hcr.VI | Hcr.VSE;
const hypervisorControl = systemEncoding([3, 4, 1, 1, 0]);

/** (cpu, word): MSR HCR_EL2, which mostly changes a virtual interrupt; returns a Status. */
const setHypervisorControl = runtimeFunction('setHypervisorControl', ['i32', 'i32'], 'i32', (code, call) => {
  const cpu = code.param('i32', 0);
  const word = code.param('i32', 1);
  const source = i32.add(cpu, i32.shl(i32.and(word, i32.const(31)), i32.const(3)));
  const value = code.let(i64.load(source, Core.x));
  const changes = i64.xor(value, i64.load(cpu, systemOffset('HCR_EL2')));
  const others = i64.ne(i64.and(changes, i64.const(~virtualInterrupts)), i64.const(0));
  const lower = i32.ne(i32.load(cpu, Core.el), i32.const(2));
  code.if(i32.or(others, lower), () => code.return(call(HostFunction.system, [cpu, word])));
  code.store(cpu, value, 8, systemOffset('HCR_EL2'));
  code.return(i32.const(Status.next));
  code.unreachable();
});

/** What executes the MRS, MSR or SYS of a word with its AccessRule: (cpu, word) to a Status. */
export const systemAccess = (word: number, rule: number): RuntimeFunction<'i32'> => {
  if (encodingOf(word) === hypervisorControl && !writesRt(word)) return setHypervisorControl;
  const count = writesRt(word) && counterReads.get(encodingOf(word));
  if (count) return count;
  if (rule === 0) return HostFunction.system;
  const trap = levelTraps[((rule & AccessRule.trap) >>> AccessRule.trapShift) - 1];
  return runtimeFunction(`ruledAccess_${rule}`, HostFunction.system.params, 'i32', (code, call) => {
    const place = { code, cpu: code.param('i32', 0), call };
    executeRuled(place, code.param('i32', 1), i32.const(rule), trap ? [{ trap, applies: null }] : []);
  });
};
