/** FPCR, FPSR and the exact arithmetic of src/a64/softfloat, as generated code sees them. */
import type { Code } from '../../wasm/code.ts';
import { type Expr, f32, f64, type I32, i32, i64, type ValType } from '../../wasm/expr.ts';
import { Core } from '../layout.ts';
import { type CallRuntime, runtimeFunction } from '../runtime.ts';
import { Fpcr, Fpsr } from '../softfloat/format.ts';
import type { Lanes, Mask } from './float-lanes.ts';
import { minNormal } from './float-lanes.ts';

/** Whether FPCR rounds to nearest. */
export const roundsToNearest = (cpu: I32): I32 => i32.eqz(i32.and(i32.load(cpu, Core.fpcr), i32.const(Fpcr.rounding)));

/** Whether subnormal numbers are numbers. */
export const keepsSubnormals = (cpu: I32): I32 => i32.eqz(i32.and(i32.load(cpu, Core.fpcr), i32.const(Fpcr.FZ)));

/** Whether NaNs keep their payload. */
export const keepsNaNs = (cpu: I32): I32 => i32.eqz(i32.and(i32.load(cpu, Core.fpcr), i32.const(Fpcr.DN)));

/** Whether an inexact subnormal result changes no flag: FPSR has IXC and UFC already, and nothing is flushed. */
export const underflowsUnseen = (cpu: I32): I32 => {
  const both = Fpsr.inexact | Fpsr.underflow;
  const set = i32.eq(i32.and(i32.load(cpu, Core.fpsr), i32.const(both)), i32.const(both));
  return i32.and(set, keepsSubnormals(cpu));
};

/** (cpu, bits): sets bits of FPSR, and Core.fpLimit as they say. */
export const raiseFlags = runtimeFunction('raiseFlags', ['i32', 'i32'], 'i32', (code) => {
  const cpu = code.param('i32', 0);
  code.store(cpu, i32.or(i32.load(cpu, Core.fpsr), code.param('i32', 1)), 4, Core.fpsr);
  const inexact = i32.and(i32.load(cpu, Core.fpsr), i32.const(Fpsr.inexact));
  code.if(i32.and(i32.and(i32.ne(inexact, i32.const(0)), roundsToNearest(cpu)), keepsSubnormals(cpu)), () => {
    for (let i = 0; i < 16; i += 8) code.store(cpu, f64.const(Number.POSITIVE_INFINITY), 8, Core.fpLimit64 + i);
    for (let i = 0; i < 16; i += 4) code.store(cpu, f32.const(Number.POSITIVE_INFINITY), 4, Core.fpLimit32 + i);
  });
  code.return(i32.const(0));
  code.unreachable();
});

const bytesOf = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 } as const;

/** A function of the exact arithmetic: `name` as in softfloatFunctions, `detail` is its second argument. */
interface SoftFunction<T extends ValType> {
  readonly name: string;
  readonly result: T;
  readonly detail?: I32;
}

/** Returns the result of the exact arithmetic. */
export function returnSoft<T extends 'i32' | 'i64' | 'f32' | 'f64'>(
  code: Code,
  call: CallRuntime,
  { name, result, detail = i32.const(0) }: SoftFunction<T>,
  { cpu, operands }: { readonly cpu: I32; readonly operands: readonly Expr[] },
): void {
  operands.forEach((operand, i) => {
    code.store(cpu, operand, bytesOf[operand.type], Core.scratch + 8 * i);
  });
  code.drop(call(runtimeFunction(name, ['i32', 'i32'], 'i32'), [cpu, detail]));
  const load = { i32: i32.load, i64: i64.load, f32: f32.load, f64: f64.load }[result];
  code.return(load(cpu, Core.scratch));
  code.unreachable();
}

/** Whether a number would not be flushed: it is normal or zero. */
export const isNormalOrZero = <T extends ValType, M extends Mask>(l: Lanes<T, M>, a: Expr<T>): Expr<M> =>
  l.or(l.ge(l.abs(a), l.constant(minNormal(l.format))), l.eq(a, l.constant(0)));
