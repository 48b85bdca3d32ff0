/** Conversions to and from integers and fixed point. The ways are those of float-arithmetic.ts. */
import { type Expr, type F32, type F64, f32, f64, type I32, type I64, i32, i64, type V128 } from '../../wasm/expr.ts';
import { f32x4, f64x2, i32x4, i64x2, v128 } from '../../wasm/simd.ts';
import type { Meaning } from '../meaning.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { Fpsr, Rounding } from '../softfloat/format.ts';
import { Detail } from '../softfloat/host.ts';
import { type IntegralRounding, toIntegral } from './float-convert.ts';
import { type Lanes, type Mask, type ScalarLanes, scalarDouble, scalarSingle } from './float-lanes.ts';
import { isNormalOrZero, keepsSubnormals, raiseFlags, returnSoft, roundsToNearest } from './float-state.ts';

/** The integer of a conversion. */
export interface IntegerKind {
  /** It has 64 bits, else 32. */
  readonly wide: boolean;
  readonly unsigned: boolean;
}

/** Fixed point: the number of bits below the point, and the power of two that conversion multiplies by. */
export interface Scale<T extends 'f32' | 'f64'> {
  readonly fractionBits: I32;
  readonly factor: Expr<T>;
}

type Scalar = 'f32' | 'f64';

/** FCVT names its rounding. */
export type ExplicitRounding = Exclude<IntegralRounding, 'current'>;

const nameOf = (kind: IntegerKind): string => `${kind.unsigned ? 'U' : 'S'}${kind.wide ? 64 : 32}`;

const detailOf = (kind: IntegerKind, rounding: number, fractionBits: I32): I32 =>
  i32.or(
    i32.const(rounding | (kind.unsigned ? Detail.unsigned : 0) | (kind.wide ? Detail.wide : 0)),
    i32.shl(fractionBits, i32.const(Detail.fractionBitsShift)),
  );

/** Whether a truncated number is within the integer's range; NaNs are not. */
function inRange<T extends Scalar | 'v128', M extends Mask>(l: Lanes<T, M>, kind: IntegerKind, a: Expr<T>): Expr<M> {
  const bits = kind.wide ? 64 : 32;
  return kind.unsigned
    ? l.and(l.gt(a, l.constant(-1)), l.lt(a, l.constant(2 ** bits)))
    : l.lt(l.abs(a), l.constant(2 ** (bits - 1)));
}

const isSingle = (e: Expr<Scalar>): e is F32 => e.type === 'f32';

/** Truncates to an integer, zero-extended. */
function truncate(kind: IntegerKind, a: Expr<Scalar>): I64 {
  const { wide, unsigned } = kind;
  if (isSingle(a)) {
    if (wide) return unsigned ? i64.trunc_sat_f32_u(a) : i64.trunc_sat_f32_s(a);
    return i64.extend_u(unsigned ? i32.trunc_sat_f32_u(a) : i32.trunc_sat_f32_s(a));
  }
  const x = a as F64;
  if (wide) return unsigned ? i64.trunc_sat_f64_u(x) : i64.trunc_sat_f64_s(x);
  return i64.extend_u(unsigned ? i32.trunc_sat_f64_u(x) : i32.trunc_sat_f64_s(x));
}

/** The number before truncation: scaled, and rounded unless truncation is the rounding. */
function prepared<T extends Scalar | 'v128', M extends Mask>(
  l: Lanes<T, M>,
  rounding: IntegralRounding,
  a: Expr<T>,
  factor: Expr<T> | undefined,
): Expr<T> {
  const scaled = factor ? l.mul(a, factor) : a;
  return rounding === Rounding.zero ? scaled : toIntegral(l, rounding, scaled);
}

/** A conversion of a scalar: the integer, and the scale of a fixed point. */
interface ScalarConversion<T extends Scalar> {
  readonly kind: IntegerKind;
  readonly scale?: Scale<T> | undefined;
}

/** The same for the lanes of a vector: integers have the lanes' size. */
interface VectorConversion {
  readonly unsigned: boolean;
  readonly scale?: Scale<Scalar> | undefined;
}

interface Rounded {
  readonly rounding: ExplicitRounding;
}

/** Emits FPToFixed of a scalar; the result is zero-extended. */
export function emitToInteger<T extends Scalar>(
  m: Meaning,
  l: ScalarLanes<T>,
  { kind, rounding, scale }: ScalarConversion<T> & Rounded,
  value: Expr<T>,
): I64 {
  const { code } = m;
  const a = m.let(value);
  const integral = m.let(prepared(l, rounding, a, scale?.factor));
  const result = code.local('i64');
  const plain = i32.and(l.lt(l.abs(a), l.limit(m.cpu)), inRange(l, kind, integral));
  code.if(
    plain,
    () => code.set(result, truncate(kind, integral)),
    () => code.set(result, m.call(carefulTo(l, kind, rounding), m.cpu, a, ...scaleArguments(l, scale))),
  );
  return code.get(result);
}

/** The last two parameters of the careful functions. */
const scaleArguments = <T extends Scalar>(l: ScalarLanes<T>, scale: Scale<T> | undefined): [Expr<T>, I32] =>
  scale ? [scale.factor, scale.fractionBits] : [l.constant(1), i32.const(0)];

/** (cpu, a, factor, fraction bits): the integer, zero-extended. */
function carefulTo<T extends Scalar>(
  l: ScalarLanes<T>,
  kind: IntegerKind,
  rounding: ExplicitRounding,
): RuntimeFunction<'i64'> {
  const { bits } = l.format;
  const name = `toFixed_${bits}${nameOf(kind)}_${rounding}`;
  return runtimeFunction(name, ['i32', l.type, l.type, 'i32'], 'i64', (code, call) => {
    const cpu = code.param('i32', 0);
    const a = code.param(l.type, 1);
    const scaled = code.let(l.mul(a, code.param(l.type, 2)));
    const integral = code.let(toIntegral(l, rounding, scaled));
    const kept = i32.or(keepsSubnormals(cpu), isNormalOrZero(l, a));
    code.if(i32.and(kept, inRange(l, kind, integral)), () => {
      code.if(l.ne(integral, scaled), () => code.drop(call(raiseFlags, [cpu, i32.const(Fpsr.inexact)])));
      code.return(truncate(kind, integral));
    });
    returnSoft(
      code,
      call,
      { name: `fpToFixed${bits}`, result: 'i64', detail: detailOf(kind, rounding, code.param('i32', 3)) },
      { cpu, operands: [a] },
    );
  });
}

/** Emits FPToFixed of a vector's lanes to integers of their size. */
export function emitVectorToInteger(
  m: Meaning,
  l: Lanes<'v128', 'v128'>,
  { unsigned, rounding, scale }: VectorConversion & Rounded,
  value: V128,
): V128 {
  const { code } = m;
  const kind = { wide: l.format.bits === 64, unsigned };
  const a = m.let(value);
  const factor = scale && m.let(splatFactor(scale.factor));
  const integral = m.let(prepared(l, rounding, a, factor));
  const result = code.local('v128');
  const plain = l.all(v128.and(l.lt(l.abs(a), l.limit(m.cpu)), inRange(l, kind, integral)));
  code.if(
    plain,
    () => code.set(result, truncateLanes(kind, integral)),
    () => {
      code.set(result, v128.zero());
      for (let i = 0; i < l.count; i++) {
        const lane = kind.wide
          ? m.call(carefulTo(scalarDouble, kind, rounding), m.cpu, f64x2.extract_lane(a, i), ...anyScale(scale, 'f64'))
          : m.call(carefulTo(scalarSingle, kind, rounding), m.cpu, f32x4.extract_lane(a, i), ...anyScale(scale, 'f32'));
        const replaced = kind.wide
          ? i64x2.replace_lane(code.get(result), i, lane)
          : i32x4.replace_lane(code.get(result), i, i32.wrap(lane));
        code.set(result, replaced);
      }
    },
  );
  return code.get(result);
}

const anyScale = (scale: Scale<Scalar> | undefined, type: Scalar): Expr[] =>
  scale ? [scale.factor, scale.fractionBits] : [type === 'f64' ? f64.const(1) : f32.const(1), i32.const(0)];

const splatFactor = (factor: Expr<Scalar>): V128 =>
  isSingle(factor) ? f32x4.splat(factor) : f64x2.splat(factor as F64);

function truncateLanes(kind: IntegerKind, a: V128): V128 {
  if (!kind.wide) return kind.unsigned ? i32x4.trunc_sat_f32x4_u(a) : i32x4.trunc_sat_f32x4_s(a);
  const lane = (i: number): I64 => truncate(kind, f64x2.extract_lane(a, i));
  return i64x2.replace_lane(i64x2.splat(lane(0)), 1, lane(1));
}

/** The nearest number to an integer, whose low half counts if it is narrow. */
function convert<T extends Scalar>(l: ScalarLanes<T>, { wide, unsigned }: IntegerKind, a: I64): Expr<T> {
  const { convert_i32_s, convert_i32_u, convert_i64_s, convert_i64_u } = l;
  if (wide) return unsigned ? convert_i64_u(a) : convert_i64_s(a);
  return unsigned ? convert_i32_u(i32.wrap(a)) : convert_i32_s(i32.wrap(a));
}

/** Emits FixedToFP of a scalar; of a narrow integer the low half counts. */
export function emitFromInteger<T extends Scalar>(
  m: Meaning,
  l: ScalarLanes<T>,
  { kind, scale }: ScalarConversion<T>,
  value: I64,
): Expr<T> {
  const { code } = m;
  const a = m.let(value);
  const scaled = (r: Expr<T>): Expr<T> => (scale ? l.mul(r, scale.factor) : r);
  // A double holds every 32-bit integer.
  if (!kind.wide && l.format.bits === 64) return scaled(convert(l, kind, a));
  const result = code.local(l.type);
  code.set(result, scaled(convert(l, kind, a)));
  const plain = l.lt(l.abs(code.get(result)), l.limit(m.cpu));
  code.if(i32.eqz(plain), () => code.set(result, m.call(carefulFrom(l, kind), m.cpu, a, ...scaleArguments(l, scale))));
  return code.get(result);
}

/** (cpu, integer, factor, fraction bits): the number. */
function carefulFrom<T extends Scalar>(l: ScalarLanes<T>, kind: IntegerKind): RuntimeFunction<T> {
  const { bits, fractionBits } = l.format;
  return runtimeFunction(`fromFixed_${bits}${nameOf(kind)}`, ['i32', 'i64', l.type, 'i32'], l.type, (code, call) => {
    const cpu = code.param('i32', 0);
    const a = code.param('i64', 1);
    const extended = kind.wide ? a : kind.unsigned ? i64.and(a, i64.const(0xffffffff)) : i64.extend32_s(a);
    const integer = code.let(extended);
    const sign = kind.unsigned ? i64.const(0) : i64.shr_s(integer, i64.const(63));
    const magnitude = code.let(i64.sub(i64.xor(integer, sign), sign));
    const result = code.let(l.mul(convert(l, kind, integer), code.param(l.type, 2)));
    // Bits from the first one to the last.
    const length = i64.sub(i64.const(64), i64.add(i64.clz(magnitude), i64.ctz(magnitude)));
    code.if(i64.le_s(length, i64.const(fractionBits + 1)), () => code.return(result));
    code.if(roundsToNearest(cpu), () => {
      code.drop(call(raiseFlags, [cpu, i32.const(Fpsr.inexact)]));
      code.return(result);
    });
    returnSoft(
      code,
      call,
      { name: `fixedToFp${bits}`, result: l.type, detail: detailOf(kind, 0, code.param('i32', 3)) },
      { cpu, operands: [integer] },
    );
  });
}

/** Emits FixedToFP of a vector's lanes. */
export function emitVectorFromInteger(
  m: Meaning,
  l: Lanes<'v128', 'v128'>,
  { unsigned, scale }: VectorConversion,
  value: V128,
): V128 {
  const { code } = m;
  const kind = { wide: l.format.bits === 64, unsigned };
  const a = m.let(value);
  const result = code.local('v128');
  const converted = convertLanes(kind, a);
  code.set(result, scale ? l.mul(converted, splatFactor(scale.factor)) : converted);
  const plain = l.all(l.lt(l.abs(code.get(result)), l.limit(m.cpu)));
  code.if(i32.eqz(plain), () => {
    for (let i = 0; i < l.count; i++) {
      const lane = kind.wide ? i64x2.extract_lane(a, i) : i64.extend_u(i32x4.extract_lane(a, i));
      const replaced = kind.wide
        ? f64x2.replace_lane(
            code.get(result),
            i,
            m.call(carefulFrom(scalarDouble, kind), m.cpu, lane, ...anyScale(scale, 'f64')),
          )
        : f32x4.replace_lane(
            code.get(result),
            i,
            m.call(carefulFrom(scalarSingle, kind), m.cpu, lane, ...anyScale(scale, 'f32')),
          );
      code.set(result, replaced);
    }
  });
  return code.get(result);
}

function convertLanes(kind: IntegerKind, a: V128): V128 {
  if (!kind.wide) return kind.unsigned ? f32x4.convert_i32x4_u(a) : f32x4.convert_i32x4_s(a);
  const lane = (i: number): F64 => convert(scalarDouble, kind, i64x2.extract_lane(a, i));
  return f64x2.replace_lane(f64x2.splat(lane(0)), 1, lane(1));
}
