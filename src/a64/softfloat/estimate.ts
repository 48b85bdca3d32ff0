/** Estimates of reciprocals and reciprocal square roots (Arm ARM J1.3: FPRecipEstimate, FPRSqrtEstimate and others). */
import {
  bitLength,
  type FloatState,
  type Format,
  Fpcr,
  Fpsr,
  infinity,
  invalid,
  isNan,
  maxNormal,
  overflowsToInfinity,
  processNaN,
  raise,
  roundingMode,
  unpack,
  zero,
} from './format.ts';

/** RecipEstimate: 1/x in 9 bits for 256 <= a < 512, units of 1/512 for x. */
export function recipEstimate(a: number): number {
  const b = Math.floor((1 << 19) / (a * 2 + 1));
  return (b + 1) >> 1;
}

/** RecipSqrtEstimate: 1/sqrt(x) in 9 bits for 128 <= a < 512. */
export function recipSqrtEstimate(a: number): number {
  const middle = a < 256 ? a * 2 + 1 : ((a >> 1) * 2 + 1) * 2;
  let b = 512;
  while (middle * (b + 1) * (b + 1) < 1 << 28) b++;
  return (b + 1) >> 1;
}

/** The number's fraction below its leading one, `width` bits of it, and its exponent. */
function normalised(mantissa: bigint, exponent: number, width: number): { fraction: number; exponent: number } {
  const length = bitLength(mantissa);
  const shift = length - 1 - width;
  const top = shift >= 0 ? mantissa >> BigInt(shift) : mantissa << BigInt(-shift);
  return { fraction: Number(top) - (1 << width), exponent: exponent + length - 1 };
}

export function fpRecipEstimate(fp: FloatState, format: Format, a: bigint): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  if (x.kind === 'infinity') return zero(format, x.sign);
  if (x.kind === 'zero') {
    raise(fp, Fpsr.divideByZero);
    return infinity(format, x.sign);
  }
  const { fraction, exponent } = normalised(x.mantissa, x.exponent, 8);
  const { minimumExponent, fractionBits } = format;
  if (exponent < minimumExponent - 2) {
    raise(fp, Fpsr.overflow | Fpsr.inexact);
    return overflowsToInfinity(roundingMode(fp), x.sign) ? infinity(format, x.sign) : maxNormal(format, x.sign);
  }
  if (fp.fpcr & Fpcr.FZ && exponent >= -minimumExponent) {
    raise(fp, Fpsr.underflow);
    return zero(format, x.sign);
  }
  const estimate = recipEstimate(256 + fraction);
  // The result is estimate/256 * 2^(-1 - exponent); its two smallest exponents give subnormal numbers.
  const field = -exponent - minimumExponent;
  const bits = BigInt(estimate) << BigInt(fractionBits - 8);
  const magnitude = field > 0 ? (BigInt(field - 1) << BigInt(fractionBits)) + bits : bits >> BigInt(1 - field);
  return (BigInt(x.sign) << BigInt(format.bits - 1)) | magnitude;
}

export function fpRSqrtEstimate(fp: FloatState, format: Format, a: bigint): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  if (x.kind === 'zero') {
    raise(fp, Fpsr.divideByZero);
    return infinity(format, x.sign);
  }
  if (x.sign) return invalid(fp, format);
  if (x.kind === 'infinity') return zero(format, 0);
  const { fraction, exponent } = normalised(x.mantissa, x.exponent, 8);
  const even = exponent % 2 === 0;
  const estimate = recipSqrtEstimate(even ? 128 + (fraction >> 1) : 256 + fraction);
  const field = -Math.floor(exponent / 2) - format.minimumExponent;
  return (BigInt(field) << BigInt(format.fractionBits)) | (BigInt(estimate - 256) << BigInt(format.fractionBits - 8));
}

/** UnsignedRecipEstimate on 32 bits. */
export const unsignedRecipEstimate = (a: number): number =>
  a >>> 31 === 0 ? 0xffffffff : (recipEstimate(a >>> 23) << 23) >>> 0;

/** UnsignedRSqrtEstimate on 32 bits. */
export const unsignedRSqrtEstimate = (a: number): number =>
  a >>> 30 === 0 ? 0xffffffff : (recipSqrtEstimate(a >>> 23) << 23) >>> 0;
