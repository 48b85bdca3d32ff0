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
  from: Format,
  to: Format,
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
  return round(fp, to, x.sign, x.mantissa, x.exponent, rounding);
}

/** FPToFixed: to an integer of `bits` bits after scaling by 2^fractionBits; saturates. */
export function fpToFixed(
  fp: FloatState,
  format: Format,
  a: bigint,
  bits: number,
  unsigned: boolean,
  fractionBits: number,
  rounding: Rounding,
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

/** FixedToFP: an integer of `bits` bits times 2^-fractionBits. */
export function fixedToFp(
  fp: FloatState,
  format: Format,
  a: bigint,
  bits: number,
  unsigned: boolean,
  fractionBits: number,
): bigint {
  const value = unsigned ? BigInt.asUintN(bits, a) : BigInt.asIntN(bits, a);
  if (value === 0n) return zero(format, 0);
  return round(fp, format, value < 0n ? 1 : 0, value < 0n ? -value : value, -fractionBits);
}

/** FPRoundInt: to an integral number; with `exact` a change is signalled. */
export function fpRoundInt(fp: FloatState, format: Format, a: bigint, rounding: Rounding, exact: boolean): bigint {
  const x = unpack(fp, format, a);
  if (isNan(x)) return processNaN(fp, format, x.kind, a);
  if (x.kind === 'infinity') return infinity(format, x.sign);
  if (x.kind === 'zero') return zero(format, x.sign);
  const { integer, inexact } = roundToInteger(rounding, x.sign, x.mantissa, x.exponent);
  if (exact && inexact) raise(fp, Fpsr.inexact);
  return integer === 0n ? zero(format, x.sign) : round(fp, format, x.sign, integer, 0, Rounding.zero);
}
