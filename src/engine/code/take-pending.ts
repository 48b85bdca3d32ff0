import { Core } from '../../a64/layout.ts';
import { runtimeFunction } from '../../a64/runtime.ts';
import { ExceptionClass, instructionLength, Vector } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Pstate } from '../../arch/state/control-bits.ts';
import { Count } from '../../arch/state/counts.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import { type I32, i32, i64 } from '../../wasm/expr.ts';
import {
  Banked,
  bank,
  enter,
  enterWith,
  goesElsewhere,
  isObserved,
  isTagged,
  ordinaryTarget,
} from './exception-entry.ts';
import { deliverable } from './pending.ts';

/**
 * (cpu): takes the exception that is pending before the instruction at pc, as Exceptions.takePending does: an interrupt,
 * or Illegal Execution State. Core.exitRequest asks for nothing else. Zero if TypeScript must take it.
 */
export const takePending = runtimeFunction('takePending', ['i32'], 'i32', (code, call) => {
  const cpu = code.param('i32', 0);
  const leaveIf = (condition: I32): void => code.unlikely(condition, () => code.return(i32.const(0)));
  const pc = code.let(i64.load(cpu, Core.pc));
  leaveIf(i32.or(isObserved(cpu), isTagged(code, pc, i32.load(cpu, Core.el))));
  const { physical, virtual } = deliverable(code, cpu);
  leaveIf(i32.and(physical, i32.const(Pstate.A)));
  const one = i32.const(1);
  const hcr = code.let(i32.load(cpu, systemOffset('HCR_EL2')));
  // What is still pending then is found anew.
  const served = (): void => code.store(cpu, i32.const(0), 4, Core.exitRequest);
  const interrupt = (target: I32, vector: Vector, count: number): void => {
    leaveIf(goesElsewhere(cpu, target));
    served();
    enter({ code, cpu, call }, { target, vector, count: i32.const(count), returnTo: pc });
    code.return(one);
  };
  const has = (pending: I32, bit: number): I32 => i32.and(pending, i32.const(bit));
  // HCR_EL2.FMO and IMO lie three bits below the interrupts.
  const routed = (bit: number): I32 => code.let(i32.add(one, i32.ne(i32.and(hcr, i32.const(bit >>> 3)), i32.const(0))));
  code.if(has(physical, Pstate.F), () => interrupt(routed(Pstate.F), Vector.fiq, Count.fiq));
  code.if(has(physical, Pstate.I), () => interrupt(routed(Pstate.I), Vector.irq, Count.irq));
  code.if(has(virtual, Pstate.A), () => {
    // The virtual SError is taken. It has no syndrome.
    code.store(cpu, i32.and(hcr, i32.const(~Hcr.VSE)), 4, systemOffset('HCR_EL2'));
    const esr = (ExceptionClass.serror << 26) | instructionLength;
    code.store(bank(cpu, one), i64.const(BigInt(esr >>> 0)), 8, Banked.esr);
    interrupt(one, Vector.serror, ExceptionClass.serror);
  });
  code.if(has(virtual, Pstate.F), () => interrupt(one, Vector.fiq, Count.fiq));
  code.if(has(virtual, Pstate.I), () => interrupt(one, Vector.irq, Count.irq));
  leaveIf(i32.eqz(i32.and(i32.load(cpu, Core.pstate), i32.const(Pstate.IL))));
  leaveIf(i32.and(i32.wrap(pc), i32.const(3)));
  served();
  const target = ordinaryTarget(code, cpu);
  const ec = i32.const(ExceptionClass.illegalState);
  enterWith({ code, cpu, call }, { target, ec, iss: i32.const(0), returnTo: pc });
  code.return(one);
  code.unreachable();
});
