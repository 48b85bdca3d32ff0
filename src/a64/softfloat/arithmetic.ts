/** Arithmetic and comparison (Arm ARM J1.3: FPAdd, FPMul, FPMulAdd, FPDiv, FPSqrt, FPMax, FPCompare and others). */
import {
  absolute,
  bitLength,
  exponentField,
  type FloatState,
  type Format,
  Fpsr,
  infinity,
  invalid,
  isNan,
  negate,
  processNaN,
  processNaNs,
  Rounding,
  raise,
  round,
  roundingMode,
  type Unpacked,
  unpack,
  zero,
} from './format.ts';

const xor = (a: 0 | 1, b: 0 | 1): 0 | 1 => (a === b ? 0 : 1);

/** An exact value: negative mantissas count. */
interface Exact {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const exact = (a: Unpacked): Exact => ({ mantissa: a.sign ? -a.mantissa : a.mantissa, exponent: a.exponent });

const product = (a: Exact, b: Exact): Exact => ({
  mantissa: a.mantissa * b.mantissa,
  exponent: a.exponent + b.exponent,
});

function sum(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const mantissa = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return { mantissa, exponent };
}

/** The sign of an exact zero sum. */
const zeroSign = (fp: FloatState): 0 | 1 => (roundingMode(fp) === Rounding.minusInfinity ? 1 : 0);

const roundExact = (fp: FloatState, format: Format, { mantissa, exponent }: Exact): bigint => {
  if (mantissa === 0n) return zero(format, zeroSign(fp));
  const sign = mantissa < 0n ? 1 : 0;
  return round(fp, format, { sign, mantissa: sign ? -mantissa : mantissa, exponent });
};

/** An operation on two numbers of a format. */
export type BinaryOperation = (fp: FloatState, format: Format, a: bigint, b: bigint) => bigint;

const sumOperation =
  (subtract: boolean): BinaryOperation =>
  (fp, format, a, b) => {
    const x = unpack(fp, format, a);
    const y = unpack(fp, format, b);
    const nan = processNaNs(fp, format, [
      [x, a],
      [y, b],
    ]);
    if (nan !== undefined) return nan;
    const signY = xor(y.sign, subtract ? 1 : 0);
    if (x.kind === 'infinity')
      return y.kind === 'infinity' && signY !== x.sign ? invalid(fp, format) : infinity(format, x.sign);
    if (y.kind === 'infinity') return infinity(format, signY);
    if (x.kind === 'zero' && y.kind === 'zero' && x.sign === signY) return zero(format, x.sign);
    return roundExact(fp, format, sum(exact(x), exact({ ...y, sign: signY })));
  };

export const fpAdd = sumOperation(false);
export const fpSub = sumOperation(true);
export const fpAbd: BinaryOperation = (fp, format, a, b) => absolute(format, fpSub(fp, format, a, b));

/** FPMul, or with `extended` FPMulX: infinity times zero is two. */
const productOperation =
  (extended: boolean): BinaryOperation =>
  (fp, format, a, b) => {
    const x = unpack(fp, format, a);
    const y = unpack(fp, format, b);
    const nan = processNaNs(fp, format, [
      [x, a],
      [y, b],
    ]);
    if (nan !== undefined) return nan;
    const sign = xor(x.sign, y.sign);
    const infinite = x.kind === 'infinity' || y.kind === 'infinity';
    const isZero = x.kind === 'zero' || y.kind === 'zero';
    if (infinite && isZero)
      return extended ? round(fp, format, { sign, mantissa: 1n, exponent: 1 }) : invalid(fp, format);
    if (infinite) return infinity(format, sign);
    if (isZero) return zero(format, sign);
    return round(fp, format, { sign, mantissa: x.mantissa * y.mantissa, exponent: x.exponent + y.exponent });
  };

export const fpMul = productOperation(false);
export const fpMulX = productOperation(true);
export const fpNegMul: BinaryOperation = (fp, format, a, b) => negate(format, fpMul(fp, format, a, b));

export function fpDiv(fp: FloatState, format: Format, a: bigint, b: bigint): bigint {
  const x = unpack(fp, format, a);
  const y = unpack(fp, format, b);
  const nan = processNaNs(fp, format, [
    [x, a],
    [y, b],
  ]);
  if (nan !== undefined) return nan;
  const sign = xor(x.sign, y.sign);
  if (x.kind === y.kind && x.kind !== 'nonzero') return invalid(fp, format);
  if (x.kind === 'infinity' || y.kind === 'zero') {
    if (x.kind !== 'infinity') raise(fp, Fpsr.divideByZero);
    return infinity(format, sign);
  }
  if (x.kind === 'zero' || y.kind === 'infinity') return zero(format, sign);
  const scale = Math.max(0, bitLength(y.mantissa) - bitLength(x.mantissa) + format.fractionBits + 4);
  const numerator = x.mantissa << BigInt(scale);
  const quotient = numerator / y.mantissa;
  const sticky = quotient * y.mantissa === numerator ? 0n : 1n;
  const exponent = x.exponent - scale - y.exponent - 1;
  return round(fp, format, { sign, mantissa: (quotient << 1n) | sticky, exponent });
}

export function fpSqrt(fp: FloatState, format: Format, a: bigint): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  if (x.kind === 'zero') return zero(format, x.sign);
  if (x.sign) return invalid(fp, format);
  if (x.kind === 'infinity') return infinity(format, 0);
  // An even scale that makes the root's integer part longer than the fraction.
  let scale = Math.max(0, 2 * (format.fractionBits + 4) - bitLength(x.mantissa));
  if ((x.exponent - scale) % 2 !== 0) scale++;
  const square = x.mantissa << BigInt(scale);
  const root = integerRoot(square);
  const sticky = root * root === square ? 0n : 1n;
  const exponent = (x.exponent - scale) / 2 - 1;
  return round(fp, format, { sign: 0, mantissa: (root << 1n) | sticky, exponent });
}

/** The largest integer whose square is not above n (Newton's method from above). */
function integerRoot(n: bigint): bigint {
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** FPMulAdd: addend + a * b with one rounding. */
export function fpMulAdd(
  fp: FloatState,
  format: Format,
  addend: bigint,
  [a, b]: readonly [a: bigint, b: bigint],
): bigint {
  const z = unpack(fp, format, addend);
  const x = unpack(fp, format, a);
  const y = unpack(fp, format, b);
  const nan = processNaNs(fp, format, [
    [z, addend],
    [x, a],
    [y, b],
  ]);
  const isZero = x.kind === 'zero' || y.kind === 'zero';
  const infinite = x.kind === 'infinity' || y.kind === 'infinity';
  if (z.kind === 'quiet' && infinite && isZero) return invalid(fp, format);
  if (nan !== undefined) return nan;
  const sign = xor(x.sign, y.sign);
  if (infinite && isZero) return invalid(fp, format);
  if (z.kind === 'infinity') return infinite && z.sign !== sign ? invalid(fp, format) : infinity(format, z.sign);
  if (infinite) return infinity(format, sign);
  if (z.kind === 'zero' && isZero && z.sign === sign) return zero(format, sign);
  return roundExact(fp, format, sum(exact(z), product(exact(x), exact(y))));
}

/** FPRecipStepFused and FPRSqrtStepFused: constant - a * b, the latter halved; infinity times zero counts as zero. */
const stepOperation =
  (constant: bigint, halved: boolean): BinaryOperation =>
  (fp, format, a, b) => {
    const negated = negate(format, a);
    const x = unpack(fp, format, negated);
    const y = unpack(fp, format, b);
    const nan = processNaNs(fp, format, [
      [x, negated],
      [y, b],
    ]);
    if (nan !== undefined) return nan;
    const isZero = x.kind === 'zero' || y.kind === 'zero';
    const infinite = x.kind === 'infinity' || y.kind === 'infinity';
    if (infinite && !isZero) return infinity(format, xor(x.sign, y.sign));
    const { mantissa, exponent } = isZero
      ? { mantissa: constant, exponent: 0 }
      : sum({ mantissa: constant, exponent: 0 }, product(exact(x), exact(y)));
    return roundExact(fp, format, { mantissa, exponent: halved ? exponent - 1 : exponent });
  };

export const fpRecipStep = stepOperation(2n, false);
export const fpRSqrtStep = stepOperation(3n, true);

/** -1, 0 or 1 as x is below, at or above y; neither is a NaN. */
function order(x: Unpacked, y: Unpacked): number {
  const rank = (v: Unpacked): number => (v.kind === 'infinity' ? (v.sign ? -1 : 1) : 0);
  if (rank(x) !== rank(y)) return Math.sign(rank(x) - rank(y));
  if (rank(x) !== 0) return 0;
  const { mantissa } = sum(exact(x), exact({ ...y, sign: xor(y.sign, 1) }));
  return mantissa < 0n ? -1 : mantissa > 0n ? 1 : 0;
}

/** FPMax and FPMin. */
const extremeOperation =
  (wanted: 1 | -1): BinaryOperation =>
  (fp, format, a, b) => {
    const x = unpack(fp, format, a);
    const y = unpack(fp, format, b);
    const nan = processNaNs(fp, format, [
      [x, a],
      [y, b],
    ]);
    if (nan !== undefined) return nan;
    const chosen = order(x, y) === wanted ? x : y;
    if (chosen.kind === 'infinity') return infinity(format, chosen.sign);
    if (chosen.kind === 'nonzero') return round(fp, format, chosen);
    // Of two zeros the maximum is +0 unless both are negative, the minimum -0 unless both are positive.
    const other = chosen === x ? y : x;
    if (other.kind !== 'zero') return zero(format, chosen.sign);
    return zero(format, wanted === 1 ? ((x.sign & y.sign) as 0 | 1) : ((x.sign | y.sign) as 0 | 1));
  };

export const fpMax = extremeOperation(1);
export const fpMin = extremeOperation(-1);

/** FPMaxNum and FPMinNum: a lone quiet NaN loses, as it counts as the infinity of the sign `worstSign`. */
const numberOperation =
  (extreme: BinaryOperation, worstSign: 0 | 1): BinaryOperation =>
  (fp, format, a, b) => {
    const worst = infinity(format, worstSign);
    const quietA = unpack(fp, format, a).kind === 'quiet';
    const quietB = unpack(fp, format, b).kind === 'quiet';
    if (quietA && !quietB) return extreme(fp, format, worst, b);
    if (quietB && !quietA) return extreme(fp, format, a, worst);
    return extreme(fp, format, a, b);
  };

export const fpMaxNum = numberOperation(fpMax, 1);
export const fpMinNum = numberOperation(fpMin, 0);

type Comparison = 'less' | 'equal' | 'greater' | 'unordered';
type Compare = (fp: FloatState, format: Format, a: bigint, b: bigint) => Comparison;

/** How two numbers compare. Quiet NaNs signal only if asked to. */
const comparison =
  (quietSignals: boolean): Compare =>
  (fp, format, a, b) => {
    const x = unpack(fp, format, a);
    const y = unpack(fp, format, b);
    if (isNan(x) || isNan(y)) {
      if (quietSignals || x.kind === 'signalling' || y.kind === 'signalling') raise(fp, Fpsr.invalidOperation);
      return 'unordered';
    }
    return (['less', 'equal', 'greater'] as const)[order(x, y) + 1] as 'less' | 'equal' | 'greater';
  };

const compareQuietly = comparison(false);
const compareSignalling = comparison(true);

/** FPCompare's NZCV, in bits 3-0. */
const comparisonFlags = { less: 0b1000n, equal: 0b0110n, greater: 0b0010n, unordered: 0b0011n };

export const fpCompare: BinaryOperation = (fp, format, a, b) => comparisonFlags[compareQuietly(fp, format, a, b)];
export const fpCompareSignalling: BinaryOperation = (fp, format, a, b) =>
  comparisonFlags[compareSignalling(fp, format, a, b)];

const mask = (format: Format, yes: boolean): bigint => (yes ? (1n << BigInt(format.bits)) - 1n : 0n);

/** FPCompareEQ, GE and GT: all ones or zero. */
export const fpCompareEq: BinaryOperation = (fp, format, a, b) =>
  mask(format, compareQuietly(fp, format, a, b) === 'equal');
export const fpCompareGe: BinaryOperation = (fp, format, a, b) =>
  mask(format, ['equal', 'greater'].includes(compareSignalling(fp, format, a, b)));
export const fpCompareGt: BinaryOperation = (fp, format, a, b) =>
  mask(format, compareSignalling(fp, format, a, b) === 'greater');
export const fpAbsCompareGe: BinaryOperation = (fp, format, a, b) =>
  fpCompareGe(fp, format, absolute(format, a), absolute(format, b));
export const fpAbsCompareGt: BinaryOperation = (fp, format, a, b) =>
  fpCompareGt(fp, format, absolute(format, a), absolute(format, b));

/** FPRecpX: the exponent's complement. */
export function fpRecpX(fp: FloatState, format: Format, a: bigint): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  const field = exponentField(format, a);
  const result = field === 0 ? format.maximumField - 1 : format.maximumField - field;
  return (BigInt(x.sign) << BigInt(format.bits - 1)) | (BigInt(result) << BigInt(format.fractionBits));
}
