/**
 * Arithmetic with one rounding. An operation takes one of three ways:
 * - WebAssembly's own operation, inline, where the result shows that this is enough (`plain`): FPCR asks for
 *   what WebAssembly does, FPSR.IXC is set already, and no other exception is possible;
 * - a function that does the same and also finds whether the result is exact (`analyse`), by error-free
 *   transformations (Muller et al., Handbook of Floating-Point Arithmetic, chapter 4);
 * - src/a64/softfloat.
 */
import type { Code } from '../../wasm/code.ts';
import { type Expr, type I32, i32, type ValType } from '../../wasm/expr.ts';
import { f32x4, f64x2, v128 } from '../../wasm/simd.ts';
import type { Meaning } from '../meaning.ts';
import { type CallRuntime, type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { Fpsr } from '../softfloat/format.ts';
import { type Lanes, type Mask, minNormal, scalarDouble, scalarSingle } from './float-lanes.ts';
import {
  isNormalOrZero,
  keepsNaNs,
  keepsSubnormals,
  raiseFlags,
  returnSoft,
  roundsToNearest,
  underflowsUnseen,
} from './float-state.ts';

/** Three operands; those that an operation lacks repeat the first. */
export type Operands<T extends ValType> = readonly [Expr<T>, Expr<T>, Expr<T>];

type ScalarType = 'f32' | 'f64';

/** Whether the analysis holds for these operands, and then: whether the result is inexact. */
export interface Analysis<M extends Mask> {
  readonly valid: Expr<M>;
  /** Nothing where it is always exact. */
  readonly inexact?: Expr<M>;
}

export interface FloatOperation {
  /** Name of the function of the exact arithmetic, without the width. */
  readonly name: string;
  readonly operands: 1 | 2 | 3;
  /** The function's second argument, if one name stands for several operations (see softfloat/host.ts). */
  readonly detail?: number;
  /** Whether the result depends on FPCR.RMode. */
  readonly rounds: boolean;
  /** A last operation on the sign, also of a NaN. */
  readonly sign?: 'negate' | 'clear';
  /** The result to nearest; `code` for values that are used more than once. */
  apply<T extends ValType, M extends Mask>(code: Code, l: Lanes<T, M>, o: Operands<T>): Expr<T>;
  /** Whether the result is final; `limit` is Core.fpLimit. */
  plain<T extends ValType, M extends Mask>(l: Lanes<T, M>, limit: Expr<T>, o: Operands<T>, result: Expr<T>): Expr<M>;
  analyse<T extends ValType, M extends Mask>(code: Code, l: Lanes<T, M>, o: Operands<T>, result: Expr<T>): Analysis<M>;
}

/** Emits an operation. */
export function emitFloat<T extends ValType, M extends Mask>(
  m: Meaning,
  l: Lanes<T, M>,
  operation: FloatOperation,
  ...operands: Expr<T>[]
): Expr<T> {
  const { code } = m;
  const values = operands.map((o) => m.let(o));
  const o = three(values);
  const result = code.local(l.type);
  code.set(result, operation.apply(code, l, o));
  const plain = l.all(operation.plain(l, l.limit(m.cpu), o, code.get(result)));
  code.if(i32.eqz(plain), () => code.set(result, m.call(careful(operation, l), m.cpu, ...values)));
  return code.get(result);
}

/** Fills up the operands. */
export function three<T extends ValType>(values: readonly Expr<T>[]): Operands<T> {
  const [a, b, c] = values as [Expr<T>, ...Expr<T>[]];
  return [a, b ?? a, c ?? a];
}

/**
 * (cpu, operands): the operation in the general case. Vectors are done lane by lane, unless one analysis serves all
 * lanes.
 */
function careful<T extends ValType, M extends Mask>(operation: FloatOperation, l: Lanes<T, M>): RuntimeFunction<T> {
  const { name, operands, rounds, detail = 0 } = operation;
  const { bits } = l.format;
  const params = ['i32' as const, ...Array<T>(operands).fill(l.type)];
  return runtimeFunction(`careful_${name}${detail}_${bits}_${l.type}x${l.count}`, params, l.type, (code, call) => {
    const cpu = code.param('i32', 0);
    const values = params.slice(1).map((_, i) => code.param(l.type, i + 1));
    const o = three(values);
    const result = code.let(operation.apply(code, l, o));
    code.if(rounds ? roundsToNearest(cpu) : i32.const(1), () => {
      const { valid, inexact } = operation.analyse(code, l, o, result);
      const unflushed = (rounds ? [result, ...values] : values).map((v) => isNormalOrZero(l, v)).reduce(l.and);
      code.if(i32.and(l.all(valid), i32.or(keepsSubnormals(cpu), l.all(unflushed))), () => {
        if (inexact) raiseInexact(code, call, cpu, l.any(inexact));
        code.return(result);
      });
      if (rounds) {
        const finite = l.all(l.lt(l.abs(result), l.constant(Number.POSITIVE_INFINITY)));
        code.if(i32.and(underflowsUnseen(cpu), finite), () => code.return(result));
      }
    });
    const { type } = l;
    if (type !== 'v128') {
      if (rounds) returnSpecial(code, l, { cpu, sign: operation.sign, values }, result);
      returnSoft(
        code,
        call,
        { name: `${name}${bits}`, result: type, detail: i32.const(detail) },
        { cpu, operands: values },
      );
    } else if (bits === 64) eachLane({ code, call, f: careful(operation, scalarDouble) }, l.count, operands, f64x2);
    else eachLane({ code, call, f: careful(operation, scalarSingle) }, l.count, operands, f32x4);
  });
}

/**
 * Returns where an infinite operand makes the result exact, and where a quiet NaN is the result (FPProcessNaNs): the
 * first of them, if no operand signals and FPCR.DN does not ask for another.
 */
function returnSpecial<T extends ValType, M extends Mask>(
  code: Code,
  l: Lanes<T, M>,
  { cpu, sign, values }: { cpu: I32; sign: FloatOperation['sign']; values: readonly Expr<T>[] },
  result: Expr<T>,
): void {
  const signed = (v: Expr<T>): Expr<T> => (sign === 'negate' ? l.neg(v) : sign === 'clear' ? l.abs(v) : v);
  code.if(keepsSubnormals(cpu), () => {
    const infinite = values.map((v) => l.eq(l.abs(v), l.constant(Number.POSITIVE_INFINITY))).reduce(l.or);
    code.if(l.all(l.and(infinite, l.eq(result, result))), () => code.return(result));
    const silent = values.map((v) => l.notSignalling(v)).reduce(l.and);
    code.if(i32.and(l.all(silent), keepsNaNs(cpu)), () => {
      for (const v of values) code.if(l.all(l.ne(v, v)), () => code.return(signed(v)));
    });
  });
}

/** The body of a function (cpu, vectors) that applies a scalar function lane by lane and clears the other lanes. */
export function eachLane<T extends ScalarType>(
  { code, call, f }: { readonly code: Code; readonly call: CallRuntime; readonly f: RuntimeFunction<T> },
  count: number,
  operands: number,
  lanes: {
    extract_lane(a: Expr<'v128'>, lane: number): Expr<T>;
    replace_lane(a: Expr<'v128'>, lane: number, value: Expr<T>): Expr<'v128'>;
  },
): void {
  const result = code.local('v128');
  code.set(result, v128.zero());
  for (let i = 0; i < count; i++) {
    const args: Expr[] = [code.param('i32', 0)];
    for (let n = 1; n <= operands; n++) args.push(lanes.extract_lane(code.param('v128', n), i));
    code.set(result, lanes.replace_lane(code.get(result), i, call(f, args)));
  }
  code.return(code.get(result));
  code.unreachable();
}

/** Magnitudes between which a product's rounding error is a number of the format and nothing overflows. */
const bounds = <T extends ValType, M extends Mask>(l: Lanes<T, M>): [low: Expr<T>, high: Expr<T>] =>
  l.format.bits === 64 ? [l.constant(2 ** -960), l.constant(2 ** 1000)] : [l.constant(2 ** -90), l.constant(2 ** 120)];

/** Sets FPSR.IXC on a condition. */
export const raiseInexact = (code: Code, call: CallRuntime, cpu: I32, inexact: I32): void =>
  code.if(inexact, () => code.drop(call(raiseFlags, [cpu, i32.const(Fpsr.inexact)])));

type Pair<T extends ValType> = readonly [a: Expr<T>, b: Expr<T>];

/** a + b = sum + the result (Knuth's 2Sum). */
export function sumError<T extends ValType, M extends Mask>(
  code: Code,
  l: Lanes<T, M>,
  [a, b]: Pair<T>,
  sum: Expr<T>,
): Expr<T> {
  const partB = code.let(l.sub(sum, a));
  return l.add(l.sub(a, l.sub(sum, partB)), l.sub(b, partB));
}

/** a * b = product + the result (Dekker). */
export function productError<T extends ValType, M extends Mask>(
  code: Code,
  l: Lanes<T, M>,
  [a, b]: Pair<T>,
  product: Expr<T>,
): Expr<T> {
  const aHigh = code.let(l.upper(a));
  const bHigh = code.let(l.upper(b));
  const aLow = code.let(l.sub(a, aHigh));
  const bLow = code.let(l.sub(b, bHigh));
  const cross = l.add(l.mul(aHigh, bLow), l.mul(aLow, bHigh));
  return l.add(l.add(l.sub(l.mul(aHigh, bHigh), product), cross), l.mul(aLow, bLow));
}

const isZero = <T extends ValType, M extends Mask>(l: Lanes<T, M>, a: Expr<T>): Expr<M> => l.eq(a, l.constant(0));

/** Within the bounds. */
const moderate = <T extends ValType, M extends Mask>(l: Lanes<T, M>, a: Expr<T>): Expr<M> => {
  const [low, high] = bounds(l);
  return l.and(l.gt(l.abs(a), low), l.lt(l.abs(a), high));
};

/** Sums: exact when subnormal, so that only infinities and NaNs are special. */
const additive = (name: string, subtract: boolean, absolute: boolean): FloatOperation => ({
  name,
  ...(absolute && { sign: 'clear' }),
  operands: 2,
  rounds: true,
  apply: (_, l, [a, b]) => {
    const sum = subtract ? l.sub(a, b) : l.add(a, b);
    return absolute ? l.abs(sum) : sum;
  },
  plain: (l, limit, _, r) => l.lt(absolute ? r : l.abs(r), limit),
  analyse: (code, l, [a, b], r) => {
    const y = subtract ? code.let(l.neg(b)) : b;
    const sum = absolute ? code.let(l.add(a, y)) : r;
    const [, high] = bounds(l);
    const valid = l.and(l.lt(l.abs(a), high), l.lt(l.abs(b), high));
    return { valid, inexact: l.ne(sumError(code, l, [a, y], sum), l.constant(0)) };
  },
});

export const fpAdd = additive('fpAdd', false, false);
export const fpSub = additive('fpSub', true, false);
export const fpAbd = additive('fpAbd', true, true);

/** Whether a result is neither subnormal nor zero, nor rounded up to the smallest normal number. */
export const isNormal = <T extends ValType, M extends Mask>(l: Lanes<T, M>, limit: Expr<T>, r: Expr<T>): Expr<M> =>
  l.and(l.lt(l.abs(r), limit), l.gt(l.abs(r), l.constant(minNormal(l.format))));

const multiplicative = (name: string, negated: boolean): FloatOperation => ({
  name,
  ...(negated && { sign: 'negate' }),
  operands: 2,
  rounds: true,
  apply: (_, l, [a, b]) => (negated ? l.neg(l.mul(a, b)) : l.mul(a, b)),
  plain: (l, limit, _, r) => isNormal(l, limit, r),
  analyse: (code, l, [a, b], r) => {
    const product = negated ? code.let(l.mul(a, b)) : r;
    const [low, high] = bounds(l);
    const operands = l.and(l.lt(l.abs(a), high), l.lt(l.abs(b), high));
    const exactZero = l.or(isZero(l, a), isZero(l, b));
    const inRange = l.and(l.lt(l.abs(r), high), l.or(l.gt(l.abs(r), low), exactZero));
    return {
      valid: l.and(operands, inRange),
      inexact: l.ne(productError(code, l, [a, b], product), l.constant(0)),
    };
  },
});

export const fpMul = multiplicative('fpMul', false);
export const fpNegMul = multiplicative('fpNegMul', true);
export const fpMulX = multiplicative('fpMulX', false);

/** Whether a * b is not c. */
function differs<T extends ValType, M extends Mask>(code: Code, l: Lanes<T, M>, [a, b]: Pair<T>, c: Expr<T>): Expr<M> {
  const product = code.let(l.mul(a, b));
  return l.or(l.ne(product, c), l.ne(productError(code, l, [a, b], product), l.constant(0)));
}

export const fpDiv: FloatOperation = {
  name: 'fpDiv',
  operands: 2,
  rounds: true,
  apply: (_, l, [a, b]) => l.div(a, b),
  plain: (l, limit, _, r) => isNormal(l, limit, r),
  analyse: (code, l, [a, b], r) => ({
    valid: l.and(moderate(l, b), l.or(isZero(l, a), l.and(moderate(l, a), moderate(l, r)))),
    inexact: differs(code, l, [r, b], a),
  }),
};

export const fpSqrt: FloatOperation = {
  name: 'fpSqrt',
  operands: 1,
  rounds: true,
  apply: (_, l, [a]) => l.sqrt(a),
  // A root is never subnormal.
  plain: (l, limit, _, r) => l.lt(l.abs(r), limit),
  analyse: (code, l, [a], r) => ({
    valid: l.or(isZero(l, a), l.and(moderate(l, a), l.gt(a, l.constant(0)))),
    inexact: differs(code, l, [r, r], a),
  }),
};

/** FPMax and FPMin, and those that prefer numbers to NaNs: they differ only where there is a NaN. */
const extreme = (name: string, greatest: boolean): FloatOperation => ({
  name,
  operands: 2,
  rounds: false,
  apply: (_, l, [a, b]) => (greatest ? l.max(a, b) : l.min(a, b)),
  plain: (l, limit, [a, b]) => l.and(l.lt(l.abs(a), limit), l.lt(l.abs(b), limit)),
  analyse: (_, l, [a, b]) => ({ valid: l.and(l.eq(a, a), l.eq(b, b)) }),
});

export const fpMax = extreme('fpMax', true);
export const fpMin = extreme('fpMin', false);
export const fpMaxNum = extreme('fpMaxNum', true);
export const fpMinNum = extreme('fpMinNum', false);

/** Comparisons that give masks. */
const comparison = (
  name: string,
  compare: <T extends ValType, M extends Mask>(l: Lanes<T, M>, a: Expr<T>, b: Expr<T>) => Expr<M>,
): FloatOperation => ({
  name,
  operands: 2,
  rounds: false,
  apply: (_, l, [a, b]) => l.ones(compare(l, a, b)),
  plain: (l, limit, [a, b]) => l.and(l.lt(l.abs(a), limit), l.lt(l.abs(b), limit)),
  analyse: (_, l, [a, b]) => ({ valid: l.and(l.eq(a, a), l.eq(b, b)) }),
});

export const fpCompareEq = comparison('fpCompareEq', (l, a, b) => l.eq(a, b));
export const fpCompareGe = comparison('fpCompareGe', (l, a, b) => l.ge(a, b));
export const fpCompareGt = comparison('fpCompareGt', (l, a, b) => l.gt(a, b));
export const fpAbsCompareGe = comparison('fpAbsCompareGe', (l, a, b) => l.ge(l.abs(a), l.abs(b)));
export const fpAbsCompareGt = comparison('fpAbsCompareGt', (l, a, b) => l.gt(l.abs(a), l.abs(b)));
