/**
 * Floating point to the bit, as the Arm ARM defines it (J1.3, shared/functions/float), on exact integers. It is written
 * to be compared with the pseudocode, and serves the cases for which generated code has no fast way.
 *
 * A value is (-1)^sign * mantissa * 2^exponent with an unbounded mantissa.
 */
import { assert } from '../../base/assert.ts';

/** FPCR and FPSR as MRS reads them. Operations set cumulative bits of `fpsr`. */
export interface FloatState {
  readonly fpcr: number;
  fpsr: number;
}

/** FPCR (Arm ARM D13.2.48); trapped exceptions are not implemented. */
export const Fpcr = {
  roundingShift: 22,
  rounding: 3 << 22,
  /** Flush-to-zero. */
  FZ: 1 << 24,
  /** Default NaN. */
  DN: 1 << 25,
  /** Alternative half precision. */
  AHP: 1 << 26,
} as const;

/** FPSR's cumulative exception bits (Arm ARM D13.2.50). */
export const Fpsr = {
  invalidOperation: 1,
  divideByZero: 2,
  overflow: 4,
  underflow: 8,
  inexact: 16,
  inputDenormal: 128,
  saturation: 1 << 27,
} as const;

/** FPRounding; the first four are FPCR.RMode. */
export const Rounding = { tieEven: 0, plusInfinity: 1, minusInfinity: 2, zero: 3, tieAway: 4, odd: 5 } as const;
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

export interface Format {
  readonly bits: 16 | 32 | 64;
  readonly fractionBits: number;
  /** Exponent of the smallest normal number. */
  readonly minimumExponent: number;
  /** The exponent field of infinities and NaNs. */
  readonly maximumField: number;
}

export const half: Format = { bits: 16, fractionBits: 10, minimumExponent: -14, maximumField: 31 };
export const single: Format = { bits: 32, fractionBits: 23, minimumExponent: -126, maximumField: 255 };
export const double: Format = { bits: 64, fractionBits: 52, minimumExponent: -1022, maximumField: 2047 };

export type Kind = 'nonzero' | 'zero' | 'infinity' | 'quiet' | 'signalling';

/** (-1)^sign * mantissa * 2^exponent. */
export interface SignedMagnitude {
  readonly sign: 0 | 1;
  readonly mantissa: bigint;
  readonly exponent: number;
}

export interface Unpacked extends SignedMagnitude {
  readonly kind: Kind;
}

export const raise = (fp: FloatState, bits: number): void => {
  fp.fpsr |= bits;
};

/** FPCR.RMode. */
export const roundingMode = (fp: FloatState): Rounding => ((fp.fpcr >>> Fpcr.roundingShift) & 3) as 0 | 1 | 2 | 3;

const pack = (format: Format, sign: 0 | 1, field: number, fraction: bigint): bigint =>
  (BigInt(sign) << BigInt(format.bits - 1)) | (BigInt(field) << BigInt(format.fractionBits)) | fraction;

export const zero = (format: Format, sign: 0 | 1): bigint => pack(format, sign, 0, 0n);
export const infinity = (format: Format, sign: 0 | 1): bigint => pack(format, sign, format.maximumField, 0n);
export const maxNormal = (format: Format, sign: 0 | 1): bigint => infinity(format, sign) - 1n;
export const defaultNaN = (format: Format): bigint =>
  pack(format, 0, format.maximumField, 1n << BigInt(format.fractionBits - 1));
export const negate = (format: Format, a: bigint): bigint => a ^ (1n << BigInt(format.bits - 1));
export const absolute = (format: Format, a: bigint): bigint => BigInt.asUintN(format.bits - 1, a);

/** The exponent field. */
export const exponentField = (format: Format, a: bigint): number =>
  Number((a >> BigInt(format.fractionBits)) & BigInt(format.maximumField));

export const isNan = (a: Unpacked): boolean => a.kind === 'quiet' || a.kind === 'signalling';

/** FPUnpack, and FPUnpackCV for halves: those are not flushed. */
export function unpack(fp: FloatState, format: Format, a: bigint): Unpacked {
  const sign = a >> BigInt(format.bits - 1) === 0n ? 0 : 1;
  const field = exponentField(format, a);
  const fraction = BigInt.asUintN(format.fractionBits, a);
  const subnormal = format.minimumExponent - format.fractionBits;
  if (field === 0) {
    if (fraction === 0n) return { kind: 'zero', sign, mantissa: 0n, exponent: 0 };
    if (format.bits !== 16 && fp.fpcr & Fpcr.FZ) {
      raise(fp, Fpsr.inputDenormal);
      return { kind: 'zero', sign, mantissa: 0n, exponent: 0 };
    }
    return { kind: 'nonzero', sign, mantissa: fraction, exponent: subnormal };
  }
  if (field === format.maximumField && !(format.bits === 16 && fp.fpcr & Fpcr.AHP)) {
    if (fraction === 0n) return { kind: 'infinity', sign, mantissa: 0n, exponent: 0 };
    const quiet = (fraction >> BigInt(format.fractionBits - 1)) & 1n;
    return { kind: quiet ? 'quiet' : 'signalling', sign, mantissa: 0n, exponent: 0 };
  }
  const mantissa = fraction | (1n << BigInt(format.fractionBits));
  return { kind: 'nonzero', sign, mantissa, exponent: subnormal + field - 1 };
}

/** Number of bits of a positive integer. */
export function bitLength(n: bigint): number {
  const text = n.toString(16);
  return 4 * text.length - Math.clz32(Number.parseInt(text[0] as string, 16)) + 28;
}

/** n * 2^exponent as an integer, and how what was cut off compares with a half: 0 nothing, 1 less, 2 equal, 3 more. */
export function shiftToInteger(n: bigint, exponent: number): { integer: bigint; error: 0 | 1 | 2 | 3 } {
  if (exponent >= 0) return { integer: n << BigInt(exponent), error: 0 };
  const shift = BigInt(-exponent);
  const integer = n >> shift;
  const rest = n - (integer << shift);
  if (rest === 0n) return { integer, error: 0 };
  const middle = 1n << (shift - 1n);
  return { integer, error: rest < middle ? 1 : rest === middle ? 2 : 3 };
}

/** Whether a magnitude is rounded up. Ties away from zero and to odd are not FPCR modes but instructions' own. */
function roundsUp(rounding: Rounding, sign: 0 | 1, integer: bigint, error: 0 | 1 | 2 | 3): boolean {
  switch (rounding) {
    case Rounding.tieEven:
      return error === 3 || (error === 2 && (integer & 1n) === 1n);
    case Rounding.plusInfinity:
      return error !== 0 && sign === 0;
    case Rounding.minusInfinity:
      return error !== 0 && sign === 1;
    case Rounding.tieAway:
      return error >= 2;
    case Rounding.zero:
      return false;
    case Rounding.odd:
      return error !== 0 && (integer & 1n) === 0n;
  }
}

/** Rounds mantissa * 2^exponent, a magnitude, to an integer. */
export function roundToInteger(
  rounding: Rounding,
  sign: 0 | 1,
  mantissa: bigint,
  exponent: number,
): { integer: bigint; inexact: boolean } {
  const { integer, error } = shiftToInteger(mantissa, exponent);
  return { integer: roundsUp(rounding, sign, integer, error) ? integer + 1n : integer, inexact: error !== 0 };
}

/**
 * FPRound and FPRoundCV: the nearest number of the format to a nonzero exact value. What is not dyadic (quotients,
 * roots) comes with at least two more bits than the format has, the last of them set if anything was cut off.
 */
export function round(
  fp: FloatState,
  format: Format,
  { sign, mantissa, exponent }: SignedMagnitude,
  rounding: Rounding = roundingMode(fp),
): bigint {
  assert(mantissa > 0n, 'zero is not rounded');
  const { fractionBits, minimumExponent, maximumField } = format;
  const top = bitLength(mantissa) - 1 + exponent;
  if (top < minimumExponent && format.bits !== 16 && fp.fpcr & Fpcr.FZ) {
    raise(fp, Fpsr.underflow);
    return zero(format, sign);
  }
  const tiny = top < minimumExponent;
  const unit = Math.max(top, minimumExponent) - fractionBits;
  const { integer, inexact } = roundToInteger(rounding, sign, mantissa, exponent - unit);
  if (tiny && inexact) raise(fp, Fpsr.underflow);
  // Adding (rather than joining) the fraction lets a carry out of it go to the exponent field, also from subnormal to
  // normal.
  const biased = tiny ? 0 : top - minimumExponent;
  const magnitude = (BigInt(biased) << BigInt(fractionBits)) + integer;
  const field = Number(magnitude >> BigInt(fractionBits));
  const signBit = BigInt(sign) << BigInt(format.bits - 1);
  if (format.bits === 16 && fp.fpcr & Fpcr.AHP) {
    if (field > maximumField) {
      raise(fp, Fpsr.invalidOperation);
      return signBit | 0x7fffn;
    }
  } else if (field >= maximumField) {
    raise(fp, Fpsr.overflow | Fpsr.inexact);
    return overflowsToInfinity(rounding, sign) ? infinity(format, sign) : maxNormal(format, sign);
  }
  if (inexact) raise(fp, Fpsr.inexact);
  return signBit | magnitude;
}

/** Whether a result beyond the largest number becomes infinity. */
export const overflowsToInfinity = (rounding: Rounding, sign: 0 | 1): boolean =>
  rounding === Rounding.tieEven ||
  rounding === Rounding.tieAway ||
  (rounding === Rounding.plusInfinity && sign === 0) ||
  (rounding === Rounding.minusInfinity && sign === 1);

/** FPProcessNaN: quiets it, or gives the default one. */
export function processNaN(fp: FloatState, format: Format, kind: Kind, a: bigint): bigint {
  if (kind === 'signalling') raise(fp, Fpsr.invalidOperation);
  if (fp.fpcr & Fpcr.DN) return defaultNaN(format);
  return a | (1n << BigInt(format.fractionBits - 1));
}

/** FPProcessNaNs and FPProcessNaNs3: signalling ones first, then in order. Undefined when there is none. */
export function processNaNs(
  fp: FloatState,
  format: Format,
  operands: readonly (readonly [Unpacked, bigint])[],
): bigint | undefined {
  for (const kind of ['signalling', 'quiet'] as const) {
    for (const [value, a] of operands) if (value.kind === kind) return processNaN(fp, format, kind, a);
  }
  return undefined;
}

/** The default NaN of an invalid operation. */
export function invalid(fp: FloatState, format: Format): bigint {
  raise(fp, Fpsr.invalidOperation);
  return defaultNaN(format);
}
