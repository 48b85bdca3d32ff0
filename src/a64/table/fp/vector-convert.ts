/** Floating-point AdvSIMD conversions: to and from integers and fixed point, and between formats (Arm ARM C4.1.97). */
import { i32, type V128 } from '../../../wasm/expr.ts';
import { f32x4, f64x2, i16x8, i64x2, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import { isNormal } from '../../runtime/float-arithmetic.ts';
import {
  doubleToSingle,
  doubleToSingleOdd,
  halfToSingle,
  singleToDouble,
  singleToHalf,
} from '../../runtime/float-convert.ts';
import {
  type ExplicitRounding,
  emitFromInteger,
  emitToInteger,
  emitVectorFromInteger,
  emitVectorToInteger,
} from '../../runtime/float-integer.ts';
import { vectorDouble, vectorLanes, vectorSingle2 } from '../../runtime/float-lanes.ts';
import type { RuntimeFunction } from '../../runtime.ts';
import { type Bits, keep } from '../simd/lanes.ts';
import { fpKind, fpVector, isFpVector, setLanes, withPrecision } from './common.ts';
import { scaleAux, scaleOf } from './convert.ts';

/** What a conversion between numbers and integers of the same size does: to integers with a rounding, or from them. */
interface Conversion {
  readonly unsigned: boolean;
  readonly to: ExplicitRounding | undefined;
  /** Whether the integers are fixed-point numbers. */
  readonly scaled: boolean;
}

function runVector(m: Meaning, sz: number, Q: number, { unsigned, to, scaled }: Conversion): void {
  const l = vectorLanes(sz, Q);
  const scale = scaled ? withPrecision(sz, (p) => scaleOf(m, p)) : undefined;
  const n = m.v('Rn');
  const result =
    to === undefined
      ? emitVectorFromInteger(m, l, { unsigned, scale }, n)
      : emitVectorToInteger(m, l, { unsigned, rounding: to, scale }, n);
  setLanes(m, l, result);
}

function runScalar(m: Meaning, sz: number, { unsigned, to, scaled }: Conversion): void {
  const kind = { wide: sz === 1, unsigned };
  withPrecision(sz, (p) => {
    const scale = scaled ? scaleOf(m, p) : undefined;
    if (to === undefined) p.set(m, 'Rd', emitFromInteger(m, p.lanes, { kind, scale }, m.dBits('Rn')));
    else m.setDBits('Rd', emitToInteger(m, p.lanes, { kind, rounding: to, scale }, p.get(m, 'Rn')));
  });
}

type Row = readonly [name: string, U: '0' | '1', a: '0' | '1', opcode: Bits, to: ExplicitRounding | undefined];

const rows: readonly Row[] = [
  ['FCVTNS', '0', '0', '11010', 0],
  ['FCVTNU', '1', '0', '11010', 0],
  ['FCVTPS', '0', '1', '11010', 1],
  ['FCVTPU', '1', '1', '11010', 1],
  ['FCVTMS', '0', '0', '11011', 2],
  ['FCVTMU', '1', '0', '11011', 2],
  ['FCVTZS', '0', '1', '11011', 3],
  ['FCVTZU', '1', '1', '11011', 3],
  ['FCVTAS', '0', '0', '11100', 4],
  ['FCVTAU', '1', '0', '11100', 4],
  ['SCVTF', '0', '0', '11101', undefined],
  ['UCVTF', '1', '0', '11101', undefined],
];

function integerRows([name, U, a, opcode, to]: Row): Instruction[] {
  const mnemonic = name.toLowerCase();
  const conversion = { unsigned: U === '1', to, scaled: false };
  return [
    define(`${name} (vector, integer)`, `0 Q ${U} 01110 ${a} sz 10000 ${opcode} 10 Rn Rd`, {
      asm: (f) => `${mnemonic} {${fpVector(f.sz, f.Q)}:Rd}, {${fpVector(f.sz, f.Q)}:Rn}`,
      where: isFpVector,
      fp: true,
      run: (m, f) => runVector(m, f.sz, f.Q, conversion),
    }),
    define(`${name} (scalar, integer)`, `01 ${U} 11110 ${a} sz 10000 ${opcode} 10 Rn Rd`, {
      asm: (f) => `${mnemonic} {${fpKind(f.sz)}:Rd}, {${fpKind(f.sz)}:Rn}`,
      fp: true,
      run: (m, f) => runScalar(m, f.sz, conversion),
    }),
  ];
}

/** The number of fraction bits is counted down from the element's width, in the field named `imm`. */
function fixedRows(name: string, U: '0' | '1', opcode: Bits, to: ExplicitRounding | undefined): Instruction[] {
  const mnemonic = name.toLowerCase();
  const conversion = { unsigned: U === '1', to, scaled: true };
  const aux = (sz: number, imm: number): [bigint, number] => scaleAux(sz, (32 << sz) - imm, to !== undefined);
  return [
    define(`${name} (vector, fixed-point, single)`, `0 Q ${U} 011110 01 imm:5 ${opcode} 1 Rn Rd`, {
      asm: (f) => `${mnemonic} {${fpVector(0, f.Q)}:Rd}, {${fpVector(0, f.Q)}:Rn}, {right 32:imm}`,
      aux: (f) => aux(0, f.imm),
      fp: true,
      run: (m, f) => runVector(m, 0, f.Q, conversion),
    }),
    define(`${name} (vector, fixed-point, double)`, `0 1 ${U} 011110 1 imm:6 ${opcode} 1 Rn Rd`, {
      asm: `${mnemonic} {V.2d:Rd}, {V.2d:Rn}, {right 64:imm}`,
      aux: (f) => aux(1, f.imm),
      fp: true,
      run: (m) => runVector(m, 1, 1, conversion),
    }),
    define(`${name} (scalar, fixed-point, single)`, `01 ${U} 111110 01 imm:5 ${opcode} 1 Rn Rd`, {
      asm: `${mnemonic} {S:Rd}, {S:Rn}, {right 32:imm}`,
      aux: (f) => aux(0, f.imm),
      fp: true,
      run: (m) => runScalar(m, 0, conversion),
    }),
    define(`${name} (scalar, fixed-point, double)`, `01 ${U} 111110 1 imm:6 ${opcode} 1 Rn Rd`, {
      asm: `${mnemonic} {D:Rd}, {D:Rn}, {right 64:imm}`,
      aux: (f) => aux(1, f.imm),
      fp: true,
      run: (m) => runScalar(m, 1, conversion),
    }),
  ];
}

/** Two singles, in the low half, to doubles. */
function widen(m: Meaning, singles: V128): V128 {
  const { code } = m;
  const a = m.let(singles);
  const result = code.local('v128');
  code.set(result, f64x2.promote_low_f32x4(a));
  const plain = vectorDouble.all(f64x2.lt(f64x2.abs(code.get(result)), vectorDouble.limit(m.cpu)));
  code.if(i32.eqz(plain), () => {
    const lane = (i: number) => m.call(singleToDouble, m.cpu, f32x4.extract_lane(a, i));
    code.set(result, f64x2.replace_lane(f64x2.splat(lane(0)), 1, lane(1)));
  });
  return code.get(result);
}

/** Two doubles to singles, in the low half. */
function narrow(m: Meaning, doubles: V128): V128 {
  const { code } = m;
  const a = m.let(doubles);
  const result = code.local('v128');
  code.set(result, f32x4.demote_f64x2_zero(a));
  const l = vectorSingle2;
  code.if(i32.eqz(l.all(isNormal(l, l.limit(m.cpu), code.get(result)))), () =>
    code.set(result, narrowEach(m, a, doubleToSingle)),
  );
  return code.get(result);
}

function narrowEach(m: Meaning, a: V128, f: RuntimeFunction<'f32'>): V128 {
  const lane = (i: number) => m.call(f, m.cpu, f64x2.extract_lane(a, i));
  return f32x4.replace_lane(f32x4.splat(lane(0)), 1, lane(1));
}

/** Four halves, from lane `first` on, to singles. */
function widenHalves(m: Meaning, halves: V128, first: number): V128 {
  const a = m.let(halves);
  let result = v128.zero();
  for (let i = 0; i < 4; i++) {
    const half = i16x8.extract_lane_u(a, first + i);
    result = f32x4.replace_lane(result, i, m.call(halfToSingle, m.cpu, half));
  }
  return result;
}

function narrowToHalves(m: Meaning, singles: V128): V128 {
  const a = m.let(singles);
  let result = v128.zero();
  for (let i = 0; i < 4; i++) {
    result = i16x8.replace_lane(result, i, m.call(singleToHalf, m.cpu, f32x4.extract_lane(a, i)));
  }
  return result;
}

/** Sets the lower half of Rd and clears the rest, or sets the upper half and keeps the rest. */
const setHalf = (m: Meaning, upper: number, low: V128): void =>
  m.setV('Rd', upper ? i64x2.replace_lane(m.v('Rd'), 1, i64x2.extract_lane(low, 0)) : keep(64, low));

const suffix = (Q: number): string => (Q ? '2' : '');
/** The narrow arrangement and the wide one. */
const narrowKind = (sz: number, Q: number): string => (sz ? fpVector(0, Q) : `V.${4 << Q}h`);
const wideKind = (sz: number): string => fpVector(sz, 1);

const formatRows = [
  define('FCVTL', '0 Q 0 01110 0 sz 10000 10111 10 Rn Rd', {
    asm: (f) => `fcvtl${suffix(f.Q)} {${wideKind(f.sz)}:Rd}, {${narrowKind(f.sz, f.Q)}:Rn}`,
    fp: true,
    run: (m, f) => {
      const n = m.let(m.v('Rn'));
      if (!f.sz) m.setV('Rd', widenHalves(m, n, 4 * f.Q));
      else m.setV('Rd', widen(m, f.Q ? i64x2.splat(i64x2.extract_lane(n, 1)) : n));
    },
  }),
  define('FCVTN', '0 Q 0 01110 0 sz 10000 10110 10 Rn Rd', {
    asm: (f) => `fcvtn${suffix(f.Q)} {${narrowKind(f.sz, f.Q)}:Rd}, {${wideKind(f.sz)}:Rn}`,
    fp: true,
    run: (m, f) => setHalf(m, f.Q, f.sz ? narrow(m, m.v('Rn')) : narrowToHalves(m, m.v('Rn'))),
  }),
  define('FCVTXN (vector)', '0 Q 1 01110 0 1 10000 10110 10 Rn Rd', {
    asm: (f) => `fcvtxn${suffix(f.Q)} {${narrowKind(1, f.Q)}:Rd}, {${wideKind(1)}:Rn}`,
    fp: true,
    run: (m, f) => setHalf(m, f.Q, narrowEach(m, m.let(m.v('Rn')), doubleToSingleOdd)),
  }),
  define('FCVTXN (scalar)', '01 1 11110 0 1 10000 10110 10 Rn Rd', {
    asm: 'fcvtxn {S:Rd}, {D:Rn}',
    fp: true,
    run: (m) => m.setS('Rd', m.call(doubleToSingleOdd, m.cpu, m.d('Rn'))),
  }),
];

export const fpVectorConvert = [
  ...rows.flatMap(integerRows),
  ...fixedRows('FCVTZS', '0', '11111', 3),
  ...fixedRows('FCVTZU', '1', '11111', 3),
  ...fixedRows('SCVTF', '0', '11100', undefined),
  ...fixedRows('UCVTF', '1', '11100', undefined),
  ...formatRows,
];
