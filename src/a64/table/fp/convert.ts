/** Conversions between floating-point formats and general registers, on scalars (Arm ARM C4.1.96). */
import { i32, i64 } from '../../../wasm/expr.ts';
import { i16x8, i64x2 } from '../../../wasm/simd.ts';
import { define } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import {
  doubleToHalf,
  emitDoubleToSingle,
  emitSingleToDouble,
  halfToDouble,
  halfToSingle,
  singleToHalf,
} from '../../runtime/float-convert.ts';
import { type ExplicitRounding, emitFromInteger, emitToInteger, type Scale } from '../../runtime/float-integer.ts';
import { reg } from '../common.ts';
import { fpKind, type Precision, type ScalarType, withPrecision } from './common.ts';

/** Registers by the type field: 0 single, 1 double, 3 half. */
const kinds = ['S', 'D', '', 'H'];

function convertFormat(m: Meaning, from: number, to: number): void {
  const half = i16x8.extract_lane_u(m.v('Rn'), 0);
  if (to === 3) {
    const result = from ? m.call(doubleToHalf, m.cpu, m.d('Rn')) : m.call(singleToHalf, m.cpu, m.s('Rn'));
    m.setDBits('Rd', i64.extend_u(result));
  } else if (from === 3) {
    if (to) m.setD('Rd', m.call(halfToDouble, m.cpu, half));
    else m.setS('Rd', m.call(halfToSingle, m.cpu, half));
  } else if (to) m.setD('Rd', emitSingleToDouble(m, m.s('Rn')));
  else m.setS('Rd', emitDoubleToSingle(m, m.d('Rn')));
}

/** A conversion's fields: whether the integer has 64 bits, whether it is unsigned, and the precision. */
interface ConversionFields {
  readonly sf: number;
  readonly U: number;
  readonly type: number;
}

/** Writes X or W from a zero-extended value. */
function toInteger(m: Meaning, { sf, U, type }: ConversionFields, rounding: number, scaled: boolean): void {
  withPrecision(type, (p) => {
    const kind = { wide: sf === 1, unsigned: U === 1 };
    const scale = scaled ? scaleOf(m, p) : undefined;
    m.setX('Rd', emitToInteger(m, p.lanes, { kind, rounding: rounding as ExplicitRounding, scale }, p.get(m, 'Rn')));
  });
}

function fromInteger(m: Meaning, { sf, U, type }: ConversionFields, scaled: boolean): void {
  withPrecision(type, (p) => {
    const kind = { wide: sf === 1, unsigned: U === 1 };
    p.set(m, 'Rd', emitFromInteger(m, p.lanes, { kind, scale: scaled ? scaleOf(m, p) : undefined }, m.x('Rn')));
  });
}

/** A fixed point's scale: aux 0 is the factor's bits, aux 1 the number of fraction bits. */
export const scaleOf = <T extends ScalarType>(m: Meaning, p: Precision<T>): Scale<T> => ({
  factor: p.fromBits(m.aux(0)),
  fractionBits: i32.wrap(m.aux(1)),
});

/** aux for a fixed point: 2^exponent in a precision, and the number of fraction bits. */
export const scaleAux = (sz: number, fractionBits: number, toInteger: boolean): [bigint, number] => {
  const exponent = toInteger ? fractionBits : -fractionBits;
  return [sz ? BigInt(1023 + exponent) << 52n : BigInt(127 + exponent) << 23n, fractionBits];
};

const signs = ['s', 'u'];
const roundings = ['n', 'p', 'm', 'z'];

export const fpConvert = [
  define('FCVT', '00011110 type:2 1 0001 opc:2 10000 Rn Rd', {
    asm: (f) => `fcvt {${kinds[f.opc]}:Rd}, {${kinds[f.type]}:Rn}`,
    where: (f) => f.type !== 2 && f.opc !== 2 && f.type !== f.opc,
    fp: true,
    run: (m, f) => convertFormat(m, f.type, f.opc),
  }),

  define('FCVTNS/FCVTPS/FCVTMS/FCVTZS (scalar, integer)', 'sf 0011110 0 type 1 rmode:2 00 U 000000 Rn Rd', {
    asm: (f) => `fcvt${roundings[f.rmode]}${signs[f.U]} {${reg(f.sf)}:Rd}, {${fpKind(f.type)}:Rn}`,
    fp: true,
    run: (m, f) => toInteger(m, f, f.rmode, false),
  }),
  define('FCVTAS/FCVTAU (scalar, integer)', 'sf 0011110 0 type 1 00 10 U 000000 Rn Rd', {
    asm: (f) => `fcvta${signs[f.U]} {${reg(f.sf)}:Rd}, {${fpKind(f.type)}:Rn}`,
    fp: true,
    run: (m, f) => toInteger(m, f, 4, false),
  }),
  define('SCVTF/UCVTF (scalar, integer)', 'sf 0011110 0 type 1 00 01 U 000000 Rn Rd', {
    asm: (f) => `${signs[f.U]}cvtf {${fpKind(f.type)}:Rd}, {${reg(f.sf)}:Rn}`,
    fp: true,
    run: (m, f) => fromInteger(m, f, false),
  }),

  define('FCVTZS/FCVTZU (scalar, fixed-point)', 'sf 0011110 0 type 0 11 00 U imm6:6 Rn Rd', {
    asm: (f) => `fcvtz${signs[f.U]} {${reg(f.sf)}:Rd}, {${fpKind(f.type)}:Rn}, {right 64:imm6}`,
    where: (f) => f.sf === 1 || f.imm6 >= 32,
    aux: (f) => scaleAux(f.type, 64 - f.imm6, true),
    fp: true,
    run: (m, f) => toInteger(m, f, 3, true),
  }),
  define('SCVTF/UCVTF (scalar, fixed-point)', 'sf 0011110 0 type 0 00 01 U imm6:6 Rn Rd', {
    asm: (f) => `${signs[f.U]}cvtf {${fpKind(f.type)}:Rd}, {${reg(f.sf)}:Rn}, {right 64:imm6}`,
    where: (f) => f.sf === 1 || f.imm6 >= 32,
    aux: (f) => scaleAux(f.type, 64 - f.imm6, false),
    fp: true,
    run: (m, f) => fromInteger(m, f, true),
  }),

  define('FMOV (general)', 'sf 0011110 0 type 1 00 11 in 000000 Rn Rd', {
    asm: (f) =>
      f.in ? `fmov {${fpKind(f.type)}:Rd}, {${reg(f.sf)}:Rn}` : `fmov {${reg(f.sf)}:Rd}, {${fpKind(f.type)}:Rn}`,
    where: (f) => f.sf === f.type,
    fp: true,
    run: (m, f) => {
      const whole = i64.const(0xffffffff);
      if (f.in) m.setDBits('Rd', f.sf ? m.x('Rn') : i64.and(m.x('Rn'), whole));
      else m.setX('Rd', f.sf ? m.dBits('Rn') : i64.and(m.dBits('Rn'), whole));
    },
  }),
  define('FMOV (general, top half)', '10011110 10 1 01 11 in 000000 Rn Rd', {
    asm: (f) => (f.in ? 'fmov {V.d[1]:Rd}, {X:Rn}' : 'fmov {X:Rd}, {V.d[1]:Rn}'),
    fp: true,
    run: (m, f) => {
      if (f.in) m.setV('Rd', i64x2.replace_lane(m.v('Rd'), 1, m.x('Rn')));
      else m.setX('Rd', i64x2.extract_lane(m.v('Rn'), 1));
    },
  }),
];
