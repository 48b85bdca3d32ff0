/**
 * Multiplication and addition with one rounding, which WebAssembly lacks: by error-free transformations. Singles go
 * through doubles, where their product is exact. All is written for vectors; a scalar is a vector of one lane.
 */
import type { Code } from '../../wasm/code.ts';
import { type Expr, type F32, type F64, f32, f64, type I32, type I64, i32, i64, type V128 } from '../../wasm/expr.ts';
import { f32x4, f64x2, i64x2, v128 } from '../../wasm/simd.ts';
import type { Meaning } from '../meaning.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { single } from '../softfloat/format.ts';
import { eachLane, isNormal, type Operands, productError, raiseInexact, sumError, three } from './float-arithmetic.ts';
import {
  type Lanes,
  type Mask,
  minNormal,
  scalarDouble,
  scalarSingle,
  vectorDouble,
  vectorDouble1,
} from './float-lanes.ts';
import { isNormalOrZero, keepsSubnormals, returnSoft, roundsToNearest, underflowsUnseen } from './float-state.ts';

type VectorLanes = Lanes<'v128', 'v128'>;

export interface FusedOperation {
  /** Name of the function of the exact arithmetic, without the width. */
  readonly name: string;
  readonly operands: 2 | 3;
  /** The addend and two factors of which the result is the sum. */
  terms<T extends 'f32' | 'f64' | 'v128', M extends Mask>(l: Lanes<T, M>, o: Operands<T>): Operands<T>;
  /** A power of two that the sum is multiplied by. */
  readonly scale: number;
}

/** FPMulAdd: (addend, a, b). */
export const fpMulAdd: FusedOperation = { name: 'fpMulAdd', operands: 3, scale: 1, terms: (_, o) => o };

/** FPRecipStepFused and FPRSqrtStepFused: constant - a * b, the latter halved. */
const step = (name: string, constant: number, scale: number): FusedOperation => ({
  name,
  operands: 2,
  scale,
  terms: (l, [a, b]) => [l.constant(constant), l.neg(a), b],
});

export const fpRecipStep = step('fpRecipStep', 2, 1);
export const fpRSqrtStep = step('fpRSqrtStep', 3, 0.5);

/** Emits a fused operation on vectors, by the ways that float-arithmetic.ts describes. */
export function emitFused(m: Meaning, l: VectorLanes, operation: FusedOperation, ...operands: V128[]): V128 {
  const { code } = m;
  const values = operands.map((o) => m.let(o));
  const result = code.local('v128');
  const { sum, plain } = sumUp(code, l, l.limit(m.cpu), operation.terms(l, three(values)));
  code.set(result, operation.scale === 1 ? sum : l.mul(sum, l.constant(operation.scale)));
  code.if(i32.eqz(plain), () => code.set(result, m.call(careful(operation, l), m.cpu, ...values)));
  return code.get(result);
}

interface Sum {
  /** The sum with one rounding, in a local, where `plain` is true. */
  readonly sum: V128;
  readonly plain: I32;
  /** Then: writes whether it is exact and whether it is inexact. Neither may be known. */
  readonly exactness: () => { readonly exact: I32; readonly inexact: I32 };
}

function sumUp(code: Code, l: VectorLanes, limit: V128, [addend, a, b]: Operands<'v128'>): Sum {
  const terms = [addend, code.let(a), b] as const;
  return l.format.bits === 64 ? sumDoubles(code, l, limit, terms) : sumSingles(code, l, limit, terms);
}

/**
 * The sum is s + w, s the rounded sum and w what it lacks. w itself may be rounded, by less than 1 part in 2^53; so the
 * rounded s + w is right if it does not change when w changes by 1 part in 2^50 (Ziv's test).
 */
function sumDoubles(code: Code, l: VectorLanes, limit: V128, [addend, a, b]: Operands<'v128'>): Sum {
  const product = code.let(l.mul(a, b));
  const s = code.let(l.add(product, addend));
  const w = code.let(l.add(productError(code, l, [a, b], product), sumError(code, l, [product, addend], s)));
  const sum = code.let(l.add(s, l.mul(w, l.constant(1 + 2 ** -50))));
  const stable = l.eq(sum, l.add(s, l.mul(w, l.constant(1 - 2 ** -50))));
  const representable = l.gt(l.abs(product), l.constant(2 ** -960));
  const zero = l.constant(0);
  return {
    sum,
    plain: l.all(v128.and(v128.and(stable, representable), isNormal(l, limit, sum))),
    exactness: () => ({
      exact: l.all(l.eq(w, zero)),
      inexact: l.any(v128.and(l.ne(w, zero), l.eq(sum, s))),
    }),
  };
}

const halfUlpMask = 0x1fff_ffffn;
const halfUlp = 0x1000_0000n;

/**
 * The sum as a double, rounded again to single. That is right unless the double lies half way between two singles, as
 * then the first rounding may have hidden on which side the exact sum lies.
 */
function sumSingles(code: Code, l: VectorLanes, limit: V128, terms: Operands<'v128'>): Sum {
  const wide = l.count === 1 ? vectorDouble1 : vectorDouble;
  const parts = (l.count === 4 ? [false, true] : [false]).map((upper) => {
    const promoted = terms.map((e) => code.let(f64x2.promote_low_f32x4(upper ? upperHalf(e) : e)));
    const [addend, a, b] = three(promoted);
    const product = code.let(f64x2.mul(a, b));
    const sum = code.let(f64x2.add(product, addend));
    const undecided = i64x2.eq(v128.and(sum, splat64(halfUlpMask)), splat64(halfUlp));
    const normal = wide.gt(wide.abs(sum), wide.constant(minNormal(single)));
    return { product, addend, sum, plain: v128.andnot(normal, undecided) };
  });
  const narrowed = parts.map((part) => f32x4.demote_f64x2_zero(part.sum));
  const sum = code.let(narrowed.reduce(joinHalves));
  const plain = wide.all(parts.map((part) => part.plain).reduce(v128.and));
  return {
    sum,
    plain: i32.and(plain, l.all(l.lt(l.abs(sum), limit))),
    exactness: () => {
      const exact = parts.map((part, i) => {
        const error = sumError(code, wide, [part.product, part.addend], part.sum);
        const back = f64x2.promote_low_f32x4(i === 0 ? sum : upperHalf(sum));
        return v128.and(wide.eq(error, wide.constant(0)), wide.eq(back, part.sum));
      });
      const all = code.let(wide.all(exact.reduce(v128.and)));
      return { exact: all, inexact: i32.eqz(all) };
    },
  };
}

const upperHalf = (e: V128): V128 => v128.shuffle(e, e, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);

/** The low halves of two vectors. */
const joinHalves = (low: V128, high: V128): V128 =>
  v128.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);

const splat64 = (bits: bigint): V128 => {
  const bytes = new Uint8Array(16);
  new BigUint64Array(bytes.buffer).fill(bits);
  return v128.const(bytes);
};

/** (cpu, vectors): the operation in the general case, lane by lane unless all lanes are plain. */
function careful(operation: FusedOperation, l: VectorLanes): RuntimeFunction<'v128'> {
  const { name, operands, scale } = operation;
  const params = ['i32' as const, ...Array<'v128'>(operands).fill('v128')];
  const { bits } = l.format;
  return runtimeFunction(`careful_${name}${bits}x${l.count}`, params, 'v128', (code, call) => {
    const cpu = code.param('i32', 0);
    const values = parameters(code, operation, 'v128');
    code.if(i32.and(roundsToNearest(cpu), keepsSubnormals(cpu)), () => {
      const unlimited = l.constant(Number.POSITIVE_INFINITY);
      const { sum, plain, exactness } = sumUp(code, l, unlimited, operation.terms(l, three(values)));
      code.if(plain, () => {
        const result = scale === 1 ? sum : l.mul(sum, l.constant(scale));
        const { exact, inexact } = exactness();
        code.if(exact, () => code.return(result));
        code.if(inexact, () => {
          raiseInexact(code, call, cpu, i32.const(1));
          code.return(result);
        });
      });
    });
    if (bits === 64) eachLane({ code, call, f: carefulDouble(operation) }, l.count, operands, f64x2);
    else eachLane({ code, call, f: carefulSingle(operation) }, l.count, operands, f32x4);
  });
}

const parameters = <T extends 'f32' | 'f64' | 'v128'>(code: Code, operation: FusedOperation, type: T): Expr<T>[] =>
  Array.from({ length: operation.operands }, (_, i) => code.param(type, i + 1));

/** Whether flushing changes none of these numbers. */
function unflushed<T extends 'f32' | 'f64'>(l: Lanes<T, 'i32'>, cpu: I32, numbers: readonly Expr<T>[]): I32 {
  return i32.or(
    keepsSubnormals(cpu),
    numbers.map((n) => isNormalOrZero(l, n)).reduce((a, b) => i32.and(a, b)),
  );
}

/** a + b rounded to odd: exact, or with its last bit set (Boldo and Melquiond, Emulation of FMA, 2008). */
function addToOdd(code: Code, a: F64, b: F64): { sum: F64; inexact: I32 } {
  const l = scalarDouble;
  const nearest = code.let(l.add(a, b));
  const error = code.let(sumError(code, l, [a, b], nearest));
  const inexact = code.let(l.ne(error, f64.const(0)));
  const bits = code.let(i64.reinterpret(nearest));
  const even = i32.eqz(i32.and(i32.wrap(bits), i32.const(1)));
  // The exact sum is on the error's side: away from zero if that has the sum's sign.
  const outward = i64.ge_s(i64.xor(bits, i64.reinterpret(error)), i64.const(0));
  const step: I64 = i64.sub(i64.shl(i64.extend_u(outward), i64.const(1)), i64.const(1));
  const adjusted = i64.add(bits, i64.mul(step, i64.extend_u(i32.and(inexact, even))));
  return { sum: code.let(f64.reinterpret(adjusted)), inexact };
}

function carefulDouble(operation: FusedOperation): RuntimeFunction<'f64'> {
  const params = ['i32' as const, ...Array<'f64'>(operation.operands).fill('f64')];
  return runtimeFunction(`careful_${operation.name}64`, params, 'f64', (code, call) => {
    const l = scalarDouble;
    const cpu = code.param('i32', 0);
    const values = parameters(code, operation, 'f64');
    code.if(roundsToNearest(cpu), () => {
      const [addend, factor, b] = operation.terms(l, three(values));
      const a = code.let(factor);
      const product = code.let(f64.mul(a, b));
      const scaled = (sum: F64): F64 => (operation.scale === 1 ? sum : f64.mul(sum, f64.const(operation.scale)));
      const below = (e: F64): I32 => f64.lt(f64.abs(e), f64.const(2 ** 1000));
      const moderate = i32.and(i32.and(below(a), below(b)), i32.and(below(addend), below(product)));
      code.if(moderate, () => {
        code.if(i32.or(f64.eq(a, f64.const(0)), f64.eq(b, f64.const(0))), () => {
          const sum = code.let(scaled(f64.add(product, addend)));
          code.if(unflushed(l, cpu, [...values, sum]), () => code.return(sum));
        });
        code.if(f64.gt(f64.abs(product), f64.const(2 ** -900)), () => {
          const lowProduct = code.let(productError(code, l, [a, b], product));
          const high = code.let(f64.add(addend, lowProduct));
          const low = code.let(sumError(code, l, [addend, lowProduct], high));
          const top = code.let(f64.add(product, high));
          const middle = code.let(sumError(code, l, [product, high], top));
          const rest = addToOdd(code, middle, low);
          const sum = code.let(f64.add(top, rest.sum));
          const error = sumError(code, l, [top, rest.sum], sum);
          const inexact = i32.or(rest.inexact, f64.ne(error, f64.const(0)));
          const normal = i32.or(f64.gt(f64.abs(sum), f64.const(2 ** -1020)), f64.eq(sum, f64.const(0)));
          code.if(i32.and(normal, unflushed(l, cpu, values)), () => {
            raiseInexact(code, call, cpu, inexact);
            code.return(scaled(sum));
          });
        });
      });
    });
    returnSoft(code, call, { name: `${operation.name}64`, result: 'f64' }, { cpu, operands: values });
  });
}

function carefulSingle(operation: FusedOperation): RuntimeFunction<'f32'> {
  const params = ['i32' as const, ...Array<'f32'>(operation.operands).fill('f32')];
  return runtimeFunction(`careful_${operation.name}32`, params, 'f32', (code, call) => {
    const cpu = code.param('i32', 0);
    const values = parameters(code, operation, 'f32');
    code.if(roundsToNearest(cpu), () => {
      const [addend, a, b] = operation.terms(scalarSingle, three(values));
      const product = code.let(f64.mul(f64.promote(a), f64.promote(b)));
      const odd = addToOdd(code, product, f64.promote(addend));
      const sum: F32 = code.let(f32.demote(odd.sum));
      const finite = f32.lt(f32.abs(sum), f32.const(Number.POSITIVE_INFINITY));
      const isZero = f64.eq(odd.sum, f64.const(0));
      const normal = i32.or(
        f64.ge(f64.abs(odd.sum), f64.const(2 * minNormal(single))),
        i32.or(isZero, underflowsUnseen(cpu)),
      );
      code.if(i32.and(i32.and(finite, normal), unflushed(scalarSingle, cpu, values)), () => {
        raiseInexact(code, call, cpu, i32.or(odd.inexact, f64.ne(f64.promote(sum), odd.sum)));
        code.return(operation.scale === 1 ? sum : f32.mul(sum, f32.const(operation.scale)));
      });
    });
    returnSoft(code, call, { name: `${operation.name}32`, result: 'f32' }, { cpu, operands: values });
  });
}
