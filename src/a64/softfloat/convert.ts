/** Conversions between formats and to and from integers (Arm ARM J1.3: FPConvert, FPToFixed, FixedToFP, FPRoundInt). */
import {
  defaultNaN,
  type FloatState,
  type Format,
  Fpcr,
  Fpsr,
  infinity,
  isNan,
  processNaN,
  Rounding,
  raise,
  round,
  roundingMode,
  roundToInteger,
  unpack,
  zero,
} from './format.ts';

/** FPConvert. */
export function fpConvert(
  fp: FloatState,
  { from, to }: { readonly from: Format; readonly to: Format },
  a: bigint,
  rounding: Rounding = roundingMode(fp),
): bigint {
  const x = unpack(fp, from, a);
  const alternative = to.bits === 16 && (fp.fpcr & Fpcr.AHP) !== 0;
  const signBit = BigInt(x.sign) << BigInt(to.bits - 1);
  if (isNan(x)) {
    if (alternative || x.kind === 'signalling') raise(fp, Fpsr.invalidOperation);
    if (alternative) return signBit;
    if (fp.fpcr & Fpcr.DN) return defaultNaN(to);
    // FPConvertNaN: the top of the fraction is kept, and the result is quiet.
    const fraction = BigInt.asUintN(from.fractionBits, a);
    const shift = to.fractionBits - from.fractionBits;
    const kept = shift >= 0 ? fraction << BigInt(shift) : fraction >> BigInt(-shift);
    return signBit | defaultNaN(to) | kept;
  }
  if (x.kind === 'infinity') {
    if (!alternative) return infinity(to, x.sign);
    raise(fp, Fpsr.invalidOperation);
    return signBit | 0x7fffn;
  }
  if (x.kind === 'zero') return zero(to, x.sign);
  return round(fp, to, x, rounding);
}

/** A fixed-point number: an integer of `bits` bits times 2^-fractionBits. */
interface FixedPoint {
  readonly bits: number;
  readonly unsigned: boolean;
  readonly fractionBits: number;
}

/** FPToFixed; saturates. */
export function fpToFixed(
  fp: FloatState,
  format: Format,
  a: bigint,
  { bits, unsigned, fractionBits, rounding }: FixedPoint & { readonly rounding: Rounding },
): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) {
    raise(fp, Fpsr.invalidOperation);
    return 0n;
  }
  const low = unsigned ? 0n : -(1n << BigInt(bits - 1));
  const high = (1n << BigInt(unsigned ? bits : bits - 1)) - 1n;
  const saturate = (value: bigint): bigint => BigInt.asUintN(bits, value);
  if (x.kind === 'infinity') {
    raise(fp, Fpsr.invalidOperation);
    return saturate(x.sign ? low : high);
  }
  const { integer, inexact } = roundToInteger(rounding, x.sign, x.mantissa, x.exponent + fractionBits);
  const value = x.sign ? -integer : integer;
  if (value < low || value > high) {
    raise(fp, Fpsr.invalidOperation);
    return saturate(value < low ? low : high);
  }
  if (inexact) raise(fp, Fpsr.inexact);
  return saturate(value);
}

/** FixedToFP. */
export function fixedToFp(
  fp: FloatState,
  format: Format,
  a: bigint,
  { bits, unsigned, fractionBits }: FixedPoint,
): bigint {
  const value = unsigned ? BigInt.asUintN(bits, a) : BigInt.asIntN(bits, a);
  if (value === 0n) return zero(format, 0);
  const sign = value < 0n ? 1 : 0;
  return round(fp, format, { sign, mantissa: sign ? -value : value, exponent: -fractionBits });
}

/** FPRoundInt: to an integral number; with `exact` a change is signalled. */
export function fpRoundInt(
  fp: FloatState,
  format: Format,
  a: bigint,
  { rounding, exact }: { readonly rounding: Rounding; readonly exact: boolean },
): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  if (x.kind === 'infinity') return infinity(format, x.sign);
  if (x.kind === 'zero') return zero(format, x.sign);
  const { integer, inexact } = roundToInteger(rounding, x.sign, x.mantissa, x.exponent);
  if (exact && inexact) raise(fp, Fpsr.inexact);
  return integer === 0n
    ? zero(format, x.sign)
    : round(fp, format, { sign: x.sign, mantissa: integer, exponent: 0 }, Rounding.zero);
}
