/** Conversions between formats, and rounding to integral numbers. The ways are those of float-arithmetic.ts. */
import type { Code } from '../../wasm/code.ts';
import { type Expr, type F32, type F64, f32, f64, type I32, i32, i64, type ValType } from '../../wasm/expr.ts';
import { Core } from '../layout.ts';
import type { Meaning } from '../meaning.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { Fpcr, half, Rounding } from '../softfloat/format.ts';
import { Detail } from '../softfloat/host.ts';
import { type FloatOperation, isNormal, raiseInexact } from './float-arithmetic.ts';
import { type Lanes, type Mask, minNormal, scalarDouble, scalarSingle } from './float-lanes.ts';
import { isNormalOrZero, keepsSubnormals, returnSoft, roundsToNearest, underflowsUnseen } from './float-state.ts';

/** (cpu, single): the same number as a double. */
export const singleToDouble = runtimeFunction('singleToDouble', ['i32', 'f32'], 'f64', (code, call) => {
  const cpu = code.param('i32', 0);
  const a = code.param('f32', 1);
  const plain = i32.or(keepsSubnormals(cpu), isNormalOrZero(scalarSingle, a));
  code.if(i32.and(plain, f32.eq(a, a)), () => code.return(f64.promote(a)));
  returnSoft(
    code,
    call,
    { name: 'fpConvert32To64', result: 'f64', detail: i32.const(Detail.currentRounding) },
    { cpu, operands: [a] },
  );
});

/** (cpu, double): the single nearest to it, as FPCR says. */
export const doubleToSingle = runtimeFunction('doubleToSingle', ['i32', 'f64'], 'f32', (code, call) => {
  const cpu = code.param('i32', 0);
  const a = code.param('f64', 1);
  const result = code.let(f32.demote(a));
  const normal = isNormal(scalarSingle, f32.const(Number.POSITIVE_INFINITY), result);
  const valid = i32.and(roundsToNearest(cpu), i32.or(normal, f64.eq(a, f64.const(0))));
  code.if(valid, () => {
    raiseInexact(code, call, cpu, f64.ne(f64.promote(result), a));
    code.return(result);
  });
  // An infinite number stays so, and a subnormal result may change no flag.
  const infinite = f64.eq(f64.abs(a), f64.const(Number.POSITIVE_INFINITY));
  const tiny = i32.and(f32.lt(f32.abs(result), f32.const(1)), i32.and(underflowsUnseen(cpu), roundsToNearest(cpu)));
  code.if(i32.or(infinite, tiny), () => code.return(result));
  returnSoft(
    code,
    call,
    { name: 'fpConvert64To32', result: 'f32', detail: i32.const(Detail.currentRounding) },
    { cpu, operands: [a] },
  );
});

/** (cpu, double): FPConvert with rounding to odd, for FCVTXN. */
export const doubleToSingleOdd = runtimeFunction('doubleToSingleOdd', ['i32', 'f64'], 'f32', (code, call) => {
  const operands = [code.param('f64', 1)];
  returnSoft(
    code,
    call,
    { name: 'fpConvert64To32', result: 'f32', detail: i32.const(Rounding.odd) },
    { cpu: code.param('i32', 0), operands },
  );
});

/** Whether a half, zero-extended, is neither infinite nor a NaN. */
const isNumber = (cpu: I32, a: I32): I32 =>
  i32.or(
    i32.lt_u(i32.and(a, i32.const(0x7fff)), i32.const(0x7c00)),
    i32.and(i32.load(cpu, Core.fpcr), i32.const(Fpcr.AHP)),
  );

/** Its value; subnormal halves are never flushed. */
function halfValue(code: Code, a: I32): F32 {
  const field = code.let(i32.and(i32.shr_u(a, i32.const(10)), i32.const(31)));
  const normal = code.let(i32.ne(field, i32.const(0)));
  const mantissa = i32.or(i32.and(a, i32.const(0x3ff)), i32.shl(normal, i32.const(10)));
  // 2^(max(field, 1) - 25), by its bits.
  const exponent = i32.add(i32.add(field, i32.eqz(normal)), i32.const(127 - 25));
  const magnitude = f32.mul(f32.convert_i32_u(mantissa), f32.reinterpret(i32.shl(exponent, i32.const(23))));
  return f32.copysign(magnitude, f32.reinterpret(i32.shl(a, i32.const(16))));
}

/** (cpu, half in the low bits): the same number as a single. */
export const halfToSingle = runtimeFunction('halfToSingle', ['i32', 'i32'], 'f32', (code, call) => {
  const cpu = code.param('i32', 0);
  const a = code.let(i32.and(code.param('i32', 1), i32.const(0xffff)));
  code.if(isNumber(cpu, a), () => code.return(halfValue(code, a)));
  returnSoft(
    code,
    call,
    { name: 'fpConvert16To32', result: 'f32', detail: i32.const(Detail.currentRounding) },
    { cpu, operands: [a] },
  );
});

/** (cpu, half in the low bits): the same number as a double. */
export const halfToDouble = runtimeFunction('halfToDouble', ['i32', 'i32'], 'f64', (code, call) => {
  const cpu = code.param('i32', 0);
  const a = code.let(i32.and(code.param('i32', 1), i32.const(0xffff)));
  code.if(isNumber(cpu, a), () => code.return(f64.promote(halfValue(code, a))));
  returnSoft(
    code,
    call,
    { name: 'fpConvert16To64', result: 'f64', detail: i32.const(Detail.currentRounding) },
    { cpu, operands: [a] },
  );
});

/** (cpu, a): the half nearest to a, as FPCR says. */
function toHalf<T extends 'f32' | 'f64'>(type: T, value: (code: Code) => F64): RuntimeFunction<'i32'> {
  const bits = type === 'f64' ? 64 : 32;
  return runtimeFunction(`toHalf${bits}`, ['i32', type], 'i32', (code, call) => {
    const cpu = code.param('i32', 0);
    const a = code.let(value(code));
    // From the smallest normal half to where numbers round to infinity.
    const magnitude = code.let(f64.abs(a));
    const normal = i32.and(f64.ge(magnitude, f64.const(minNormal(half))), f64.lt(magnitude, f64.const(65520)));
    code.if(i32.and(normal, roundsToNearest(cpu)), () => {
      const word = code.let(i64.reinterpret(magnitude));
      // Ties to even: half a unit less one, and one more if the unit is odd.
      const odd = i64.and(i64.shr_u(word, i64.const(42)), i64.const(1));
      const rounded = i64.add(word, i64.add(i64.const((1n << 41n) - 1n), odd));
      const biased = i32.sub(i32.wrap(i64.shr_u(rounded, i64.const(42))), i32.const((1023 - 15) << 10));
      const sign = i32.and(i32.wrap(i64.shr_u(i64.reinterpret(a), i64.const(48))), i32.const(0x8000));
      raiseInexact(code, call, cpu, i64.ne(i64.and(word, i64.const((1n << 42n) - 1n)), i64.const(0)));
      code.return(i32.or(sign, biased));
    });
    const operands = [code.param(type, 1)];
    returnSoft(
      code,
      call,
      { name: `fpConvert${bits}To16`, result: 'i32', detail: i32.const(Detail.currentRounding) },
      { cpu, operands },
    );
  });
}

export const singleToHalf = toHalf('f32', (code) => f64.promote(code.param('f32', 1)));
export const doubleToHalf = toHalf('f64', (code) => code.param('f64', 1));

/** Emits a conversion to double, inline for ordinary numbers. */
export function emitSingleToDouble(m: Meaning, a: F32): F64 {
  const { code } = m;
  const x = m.let(a);
  const result = code.local('f64');
  code.set(result, f64.promote(x));
  const plain = f64.lt(f64.abs(code.get(result)), scalarDouble.limit(m.cpu));
  code.if(i32.eqz(plain), () => code.set(result, m.call(singleToDouble, m.cpu, x)));
  return code.get(result);
}

/** Emits a conversion to single. */
export function emitDoubleToSingle(m: Meaning, a: F64): F32 {
  const { code } = m;
  const x = m.let(a);
  const result = code.local('f32');
  code.set(result, f32.demote(x));
  const plain = isNormal(scalarSingle, scalarSingle.limit(m.cpu), code.get(result));
  code.if(i32.eqz(plain), () => code.set(result, m.call(doubleToSingle, m.cpu, x)));
  return code.get(result);
}

/** How FRINT and FCVT round: as FPCR says, or by a rounding of their own. */
export type IntegralRounding = 'current' | 0 | 1 | 2 | 3 | 4;

/** Rounds to an integral number, FPCR's rounding being to nearest. */
export function toIntegral<T extends ValType, M extends Mask>(
  l: Lanes<T, M>,
  rounding: IntegralRounding,
  a: Expr<T>,
): Expr<T> {
  switch (rounding) {
    case Rounding.plusInfinity:
      return l.ceil(a);
    case Rounding.minusInfinity:
      return l.floor(a);
    case Rounding.zero:
      return l.trunc(a);
    case Rounding.tieAway:
      // The number below a half carries just those fractions that are to be rounded away over the next integer.
      return l.trunc(l.add(a, l.copysign(l.constant(0.5 - 2 ** (-2 - l.format.fractionBits)), a)));
    default:
      return l.nearest(a);
  }
}

/** FPRoundInt, by rounding; FRINTX is exact: it signals a change. */
export const fpRoundInt = (rounding: IntegralRounding, exact: boolean): FloatOperation => ({
  name: 'fpRoundInt',
  detail: (rounding === 'current' ? Detail.currentRounding : rounding) | (exact ? Detail.exact : 0),
  operands: 1,
  rounds: rounding === 'current',
  apply: (_, l, [a]) => toIntegral(l, rounding, a),
  plain: (l, limit, [a]) => l.lt(l.abs(a), limit),
  analyse: (_, l, [a], r) => ({ valid: l.eq(a, a), ...(exact && { inexact: l.ne(r, a) }) }),
});
