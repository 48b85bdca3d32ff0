import { Core } from '../../a64/layout.ts';
import { runtimeFunction } from '../../a64/runtime.ts';
import { Hcr, Pstate } from '../../arch/state/control-bits.ts';
import { ExitRequest } from '../../arch/state/exit-request.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, i32, select } from '../../wasm/expr.ts';

/** Pending interrupts in generated code, as interrupts.ts works them out. HCR_EL2.TGE is clear here. */

const inputs = Pstate.F | Pstate.I | Pstate.A;
const lines = (cpu: I32): I32 => i32.load(cpu, systemOffset('interruptLines'));
const control = (cpu: I32): I32 => i32.load(cpu, systemOffset('HCR_EL2'));

/** Nonzero if any interrupt is pending, masked or not. */
export const hasInterrupts = (cpu: I32): I32 =>
  i32.or(lines(cpu), i32.and(control(cpu), i32.const(Hcr.VF | Hcr.VI | Hcr.VSE)));

/** The interrupts that the core would take now: physical ones, and virtual ones in the same bits. */
export const deliverable = (code: Code, cpu: I32): { physical: I32; virtual: I32 } => {
  const hcr = code.let(control(cpu));
  const pending = code.let(lines(cpu));
  const unmasked = code.let(i32.xor(i32.load(cpu, Core.pstate), i32.const(-1)));
  const routed = code.let(i32.and(i32.shl(hcr, i32.const(3)), i32.const(inputs)));
  const atEl2 = code.let(i32.eq(i32.load(cpu, Core.el), i32.const(2)));
  const takes = select(atEl2, i32.and(routed, unmasked), i32.or(routed, unmasked));
  const physical = i32.and(i32.and(pending, i32.const(inputs)), takes);
  const virtual = i32.and(i32.or(i32.shr_u(pending, i32.const(16)), hcr), i32.and(routed, unmasked));
  return { physical: code.let(physical), virtual: code.let(select(atEl2, i32.const(0), virtual)) };
};

/** (cpu): tells the run loop whether an exception is pending. The result is the new Core.exitRequest. */
export const updatePending = runtimeFunction('updatePending', ['i32'], 'i32', (code) => {
  const cpu = code.param('i32', 0);
  const { physical, virtual } = deliverable(code, cpu);
  const illegal = i32.and(i32.load(cpu, Core.pstate), i32.const(Pstate.IL));
  const due = i32.ne(i32.or(i32.or(physical, virtual), illegal), i32.const(0));
  const others = i32.and(i32.load(cpu, Core.exitRequest), i32.const(~ExitRequest.exception));
  const request = code.let(i32.or(others, i32.mul(due, i32.const(ExitRequest.exception))));
  code.store(cpu, request, 4, Core.exitRequest);
  code.return(request);
  code.unreachable();
});
