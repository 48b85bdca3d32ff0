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

const roundExact = (fp: FloatState, format: Format, { mantissa, exponent }: Exact): bigint =>
  mantissa === 0n
    ? zero(format, zeroSign(fp))
    : round(fp, format, mantissa < 0n ? 1 : 0, mantissa < 0n ? -mantissa : mantissa, exponent);

function addSigned(fp: FloatState, format: Format, a: bigint, b: bigint, subtract: boolean): bigint {
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
}

export const fpAdd = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  addSigned(fp, format, a, b, false);
export const fpSub = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  addSigned(fp, format, a, b, true);
export const fpAbd = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  absolute(format, fpSub(fp, format, a, b));

/** FPMul, or with `extended` FPMulX: infinity times zero is two. */
function multiply(fp: FloatState, format: Format, a: bigint, b: bigint, extended: boolean): bigint {
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
  if (infinite && isZero) return extended ? round(fp, format, sign, 1n, 1) : invalid(fp, format);
  if (infinite) return infinity(format, sign);
  if (isZero) return zero(format, sign);
  return round(fp, format, sign, x.mantissa * y.mantissa, x.exponent + y.exponent);
}

export const fpMul = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  multiply(fp, format, a, b, false);
export const fpMulX = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  multiply(fp, format, a, b, true);
export const fpNegMul = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  negate(format, fpMul(fp, format, a, b));

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
  return round(fp, format, sign, (quotient << 1n) | sticky, x.exponent - scale - y.exponent - 1);
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
  return round(fp, format, 0, (root << 1n) | sticky, (x.exponent - scale) / 2 - 1);
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
export function fpMulAdd(fp: FloatState, format: Format, addend: bigint, a: bigint, b: bigint): bigint {
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
function step(fp: FloatState, format: Format, a: bigint, b: bigint, constant: bigint, halved: boolean): bigint {
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
}

export const fpRecipStep = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  step(fp, format, a, b, 2n, false);
export const fpRSqrtStep = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  step(fp, format, a, b, 3n, true);

/** -1, 0 or 1 as x is below, at or above y; neither is a NaN. */
function order(x: Unpacked, y: Unpacked): number {
  const rank = (v: Unpacked): number => (v.kind === 'infinity' ? (v.sign ? -1 : 1) : 0);
  if (rank(x) !== rank(y)) return Math.sign(rank(x) - rank(y));
  if (rank(x) !== 0) return 0;
  const { mantissa } = sum(exact(x), exact({ ...y, sign: xor(y.sign, 1) }));
  return mantissa < 0n ? -1 : mantissa > 0n ? 1 : 0;
}

/** FPMax and FPMin. */
function extreme(fp: FloatState, format: Format, a: bigint, b: bigint, wanted: 1 | -1): bigint {
  const x = unpack(fp, format, a);
  const y = unpack(fp, format, b);
  const nan = processNaNs(fp, format, [
    [x, a],
    [y, b],
  ]);
  if (nan !== undefined) return nan;
  const chosen = order(x, y) === wanted ? x : y;
  if (chosen.kind === 'infinity') return infinity(format, chosen.sign);
  if (chosen.kind === 'nonzero') return round(fp, format, chosen.sign, chosen.mantissa, chosen.exponent);
  // Of two zeros the maximum is +0 unless both are negative, the minimum -0 unless both are positive.
  const other = chosen === x ? y : x;
  if (other.kind !== 'zero') return zero(format, chosen.sign);
  return zero(format, wanted === 1 ? ((x.sign & y.sign) as 0 | 1) : ((x.sign | y.sign) as 0 | 1));
}

export const fpMax = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint => extreme(fp, format, a, b, 1);
export const fpMin = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint => extreme(fp, format, a, b, -1);

/** FPMaxNum and FPMinNum: a lone quiet NaN loses. */
function extremeNumber(fp: FloatState, format: Format, a: bigint, b: bigint, wanted: 1 | -1): bigint {
  const worst = infinity(format, wanted === 1 ? 1 : 0);
  const quietA = unpack(fp, format, a).kind === 'quiet';
  const quietB = unpack(fp, format, b).kind === 'quiet';
  if (quietA && !quietB) return extreme(fp, format, worst, b, wanted);
  if (quietB && !quietA) return extreme(fp, format, a, worst, wanted);
  return extreme(fp, format, a, b, wanted);
}

export const fpMaxNum = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  extremeNumber(fp, format, a, b, 1);
export const fpMinNum = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  extremeNumber(fp, format, a, b, -1);

/** How two numbers compare, or 'unordered'; quiet NaNs signal only if asked to. */
function compare(
  fp: FloatState,
  format: Format,
  a: bigint,
  b: bigint,
  quietSignals: boolean,
): 'less' | 'equal' | 'greater' | 'unordered' {
  const x = unpack(fp, format, a);
  const y = unpack(fp, format, b);
  if (isNan(x) || isNan(y)) {
    if (quietSignals || x.kind === 'signalling' || y.kind === 'signalling') raise(fp, Fpsr.invalidOperation);
    return 'unordered';
  }
  return (['less', 'equal', 'greater'] as const)[order(x, y) + 1] as 'less' | 'equal' | 'greater';
}

/** FPCompare: NZCV in bits 3-0. */
const compareFlags = (fp: FloatState, format: Format, a: bigint, b: bigint, quietSignals: boolean): bigint =>
  ({ less: 0b1000n, equal: 0b0110n, greater: 0b0010n, unordered: 0b0011n })[compare(fp, format, a, b, quietSignals)];

export const fpCompare = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  compareFlags(fp, format, a, b, false);
export const fpCompareSignalling = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  compareFlags(fp, format, a, b, true);

const mask = (format: Format, yes: boolean): bigint => (yes ? (1n << BigInt(format.bits)) - 1n : 0n);

/** FPCompareEQ, GE and GT: all ones or zero. */
export const fpCompareEq = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  mask(format, compare(fp, format, a, b, false) === 'equal');
export const fpCompareGe = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  mask(format, ['equal', 'greater'].includes(compare(fp, format, a, b, true)));
export const fpCompareGt = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  mask(format, compare(fp, format, a, b, true) === 'greater');
export const fpAbsCompareGe = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  fpCompareGe(fp, format, absolute(format, a), absolute(format, b));
export const fpAbsCompareGt = (fp: FloatState, format: Format, a: bigint, b: bigint): bigint =>
  fpCompareGt(fp, format, absolute(format, a), absolute(format, b));

/** FPRecpX: the exponent's complement. */
export function fpRecpX(fp: FloatState, format: Format, a: bigint): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  const field = exponentField(format, a);
  const result = field === 0 ? format.maximumField - 1 : format.maximumField - field;
  return (BigInt(x.sign) << BigInt(format.bits - 1)) | (BigInt(result) << BigInt(format.fractionBits));
}
