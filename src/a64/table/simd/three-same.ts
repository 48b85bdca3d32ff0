/** AdvSIMD three same and scalar three same, integer (Arm ARM C4.1.97). */
import { constantOf, i32, i64, type V128 } from '../../../wasm/expr.ts';
import { i8x16, i16x8, i64x2, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import { polynomialMultiply8 } from '../../runtime/simd-polynomial.ts';
import { shiftByRegister } from '../../runtime/simd-shift.ts';
import {
  addSaturated,
  arrangement,
  type Bits,
  bitsOf,
  greaterEqualUnsigned,
  greaterUnsigned,
  keep,
  type LaneShape,
  lane,
  multiply,
  multiplyLong,
  pick,
  type Saturated,
  scalarKind,
  setResult,
  setSaturated,
  shortLane,
  shuffleLanes,
  splatConst,
  unzip,
} from './lanes.ts';

/** Sets Rd from a and b, over so many bits. */
type Run = (m: Meaning, shape: Omit<LaneShape, 'high'>, a: V128, b: V128) => void;

/** A row of the group, its vector form and its scalar form. */
interface ThreeSame {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  /** Element sizes of the vector form, from bytes on, and of the scalar form. */
  readonly sizes: readonly number[];
  readonly scalar?: readonly number[];
  readonly run: Run;
}

function rows({ name, U, opcode, sizes, scalar, run }: ThreeSame): Instruction[] {
  const operands = (m: Meaning): [V128, V128] => [m.let(m.v('Rn')), m.let(m.v('Rm'))];
  const vector = define(`${name} (vector)`, `0 Q ${U} 01110 size:2 1 Rm ${opcode} 1 Rn Rd`, {
    asm: (f) => {
      const t = arrangement(f.size, f.Q);
      return `${name.toLowerCase()} {V.${t}:Rd}, {V.${t}:Rn}, {V.${t}:Rm}`;
    },
    where: (f) => sizes.includes(f.size) && (f.size < 3 || f.Q === 1),
    fp: true,
    run: (m, f) => run(m, { size: f.size, width: 64 << f.Q }, ...operands(m)),
  });
  if (!scalar) return [vector];
  const single = define(`${name} (scalar)`, `01 ${U} 11110 size:2 1 Rm ${opcode} 1 Rn Rd`, {
    asm: (f) => {
      const k = scalarKind(f.size);
      return `${name.toLowerCase()} {${k}:Rd}, {${k}:Rn}, {${k}:Rm}`;
    },
    where: (f) => scalar.includes(f.size),
    fp: true,
    run: (m, f) => run(m, { size: f.size, width: bitsOf(f.size) }, ...operands(m)),
  });
  return [vector, single];
}

const short = [0, 1, 2];
const all = [0, 1, 2, 3];
const long = [3];

/** An operation on the lanes. */
const lanewise =
  (op: (m: Meaning, size: number, a: V128, b: V128) => V128): Run =>
  (m, { size, width }, a, b) =>
    setResult(m, width, op(m, size, a, b));

const saturating =
  (op: (m: Meaning, size: number, a: V128, b: V128) => Saturated): Run =>
  (m, { size, width }, a, b) =>
    setSaturated(m, width, op(m, size, a, b));

/** An operation on neighbouring lanes of the two operands joined. */
const pairwise =
  (op: (size: number, a: V128, b: V128) => V128): Run =>
  (m, shape, a, b) =>
    setResult(m, shape.width, op(shape.size, unzip(shape, 0, a, b), unzip(shape, 1, a, b)));

const absoluteDifference = (unsigned: boolean) => (_m: Meaning, size: number, a: V128, b: V128) => {
  const op = shortLane(size);
  return unsigned ? op.sub(op.max_u(a, b), op.min_u(a, b)) : op.sub(op.max_s(a, b), op.min_s(a, b));
};

/** Halves of sums and differences by bits: a + b = 2 (a & b) + (a ^ b), a - b = (a ^ b) - 2 (~a & b). */
const halving =
  (unsigned: boolean, kind: 'add' | 'rounding add' | 'sub') => (_m: Meaning, size: number, a: V128, b: V128) => {
    const op = shortLane(size);
    const half = (unsigned ? op.shr_u : op.shr_s)(v128.xor(a, b), i32.const(1));
    if (kind === 'sub') return op.sub(half, v128.andnot(b, a));
    if (kind === 'add') return op.add(v128.and(a, b), half);
    if (unsigned && size < 2) return pick(size, i8x16, i16x8).avgr_u(a, b);
    return op.sub(v128.or(a, b), half);
  };

/** Shifts by a signed amount in each lane of b; saturation is the runtime function's business. */
const registerShift =
  (unsigned: boolean, rounding: boolean, saturate: boolean): Run =>
  (m, { size, width }, a, b) => {
    // Lanes that do not count are cleared first: a zero shifts to zero and never saturates.
    m.setV('Rd', m.call(shiftByRegister(size, unsigned, rounding, saturate), m.cpu, keep(width, a), b));
  };

/** The high halves of doubled products. Only the most negative value squared does not fit. */
export function doublingMultiplyHigh(
  m: Meaning,
  { size, rounding }: { readonly size: number; readonly rounding: boolean },
  a: V128,
  b: V128,
): Saturated {
  const lowest = splatConst(size, 1n << BigInt(bitsOf(size) - 1));
  const mask = m.let(v128.and(lane(size).eq(a, lowest), lane(size).eq(b, lowest)));
  if (rounding && size === 1) return { value: i16x8.q15mulr_sat_s(a, b), mask };
  const wide = lane(size + 1);
  const [low, high] = [0, 1].map((half) => {
    const product = multiplyLong({ size, unsigned: false }, half, a, b);
    const rounded = rounding ? wide.add(product, splatConst(size + 1, 1n << BigInt(bitsOf(size) - 2))) : product;
    return wide.shr_u(rounded, i32.const(bitsOf(size) - 1));
  }) as [V128, V128];
  return {
    value: v128.xor(
      shuffleLanes(size, low, high, (i) => 2 * i),
      mask,
    ),
    mask,
  };
}

const compare = (op: (size: number, a: V128, b: V128) => V128): Run => lanewise((_m, size, a, b) => op(size, a, b));

/** The pairs of rows that differ in U only: the signed operation and the unsigned one. */
const signs = (
  names: readonly [string, string],
  form: Pick<ThreeSame, 'opcode' | 'sizes' | 'scalar'>,
  run: (unsigned: boolean) => Run,
): ThreeSame[] => names.map((name, U) => ({ name, U: pick(U, '0', '1'), ...form, run: run(U === 1) }));

const operations: ThreeSame[] = [
  ...signs(['SHADD', 'UHADD'], { opcode: '00000', sizes: short }, (u) => lanewise(halving(u, 'add'))),
  ...signs(['SQADD', 'UQADD'], { opcode: '00001', sizes: all, scalar: all }, (u) =>
    saturating((m, s, a, b) => addSaturated(m, { size: s, unsigned: u, subtract: false }, a, b)),
  ),
  ...signs(['SRHADD', 'URHADD'], { opcode: '00010', sizes: short }, (u) => lanewise(halving(u, 'rounding add'))),
  ...signs(['SHSUB', 'UHSUB'], { opcode: '00100', sizes: short }, (u) => lanewise(halving(u, 'sub'))),
  ...signs(['SQSUB', 'UQSUB'], { opcode: '00101', sizes: all, scalar: all }, (u) =>
    saturating((m, s, a, b) => addSaturated(m, { size: s, unsigned: u, subtract: true }, a, b)),
  ),
  ...signs(['CMGT', 'CMHI'], { opcode: '00110', sizes: all, scalar: long }, (u) =>
    compare(u ? greaterUnsigned : (s, a, b) => lane(s).gt_s(a, b)),
  ),
  ...signs(['CMGE', 'CMHS'], { opcode: '00111', sizes: all, scalar: long }, (u) =>
    compare(u ? greaterEqualUnsigned : (s, a, b) => lane(s).ge_s(a, b)),
  ),
  ...signs(['SSHL', 'USHL'], { opcode: '01000', sizes: all, scalar: long }, (u) => registerShift(u, false, false)),
  ...signs(['SQSHL', 'UQSHL'], { opcode: '01001', sizes: all, scalar: all }, (u) => registerShift(u, false, true)),
  ...signs(['SRSHL', 'URSHL'], { opcode: '01010', sizes: all, scalar: long }, (u) => registerShift(u, true, false)),
  ...signs(['SQRSHL', 'UQRSHL'], { opcode: '01011', sizes: all, scalar: all }, (u) => registerShift(u, true, true)),
  ...signs(['SMAX', 'UMAX'], { opcode: '01100', sizes: short }, (u) =>
    lanewise((_m, s, a, b) => (u ? shortLane(s).max_u(a, b) : shortLane(s).max_s(a, b))),
  ),
  ...signs(['SMIN', 'UMIN'], { opcode: '01101', sizes: short }, (u) =>
    lanewise((_m, s, a, b) => (u ? shortLane(s).min_u(a, b) : shortLane(s).min_s(a, b))),
  ),
  ...signs(['SABD', 'UABD'], { opcode: '01110', sizes: short }, (u) => lanewise(absoluteDifference(u))),
  ...signs(['SABA', 'UABA'], { opcode: '01111', sizes: short }, (u) =>
    lanewise((m, s, a, b) => lane(s).add(m.v('Rd'), absoluteDifference(u)(m, s, a, b))),
  ),
  ...signs(['ADD', 'SUB'], { opcode: '10000', sizes: all, scalar: long }, (u) =>
    lanewise((_m, s, a, b) => (u ? lane(s).sub(a, b) : lane(s).add(a, b))),
  ),
  ...signs(['CMTST', 'CMEQ'], { opcode: '10001', sizes: all, scalar: long }, (u) =>
    compare((s, a, b) => (u ? lane(s).eq(a, b) : lane(s).ne(v128.and(a, b), v128.zero()))),
  ),
  ...signs(['MLA', 'MLS'], { opcode: '10010', sizes: short }, (u) =>
    lanewise((m, s, a, b) => (u ? lane(s).sub : lane(s).add)(m.v('Rd'), multiply(m, s, a, b))),
  ),
  { name: 'MUL', U: '0', opcode: '10011', sizes: short, run: lanewise(multiply) },
  {
    name: 'PMUL',
    U: '1',
    opcode: '10011',
    sizes: [0],
    run: lanewise((m, _size, a, b) => m.call(polynomialMultiply8, a, b)),
  },
  ...signs(['SMAXP', 'UMAXP'], { opcode: '10100', sizes: short }, (u) =>
    pairwise((s, a, b) => (u ? shortLane(s).max_u(a, b) : shortLane(s).max_s(a, b))),
  ),
  ...signs(['SMINP', 'UMINP'], { opcode: '10101', sizes: short }, (u) =>
    pairwise((s, a, b) => (u ? shortLane(s).min_u(a, b) : shortLane(s).min_s(a, b))),
  ),
  ...signs(['SQDMULH', 'SQRDMULH'], { opcode: '10110', sizes: [1, 2], scalar: [1, 2] }, (u) =>
    saturating((m, s, a, b) => doublingMultiplyHigh(m, { size: s, rounding: u }, a, b)),
  ),
  { name: 'ADDP', U: '0', opcode: '10111', sizes: all, run: pairwise((s, a, b) => lane(s).add(a, b)) },
];

/** The bitwise operations, by U and size. */
const logical = define('AND/BIC/ORR/ORN/EOR/BSL/BIT/BIF (vector)', '0 Q U 01110 size:2 1 Rm 00011 1 Rn Rd', {
  asm: (f) => {
    const t = arrangement(0, f.Q);
    const name = pick(f.U * 4 + f.size, 'and', 'bic', 'orr', 'orn', 'eor', 'bsl', 'bit', 'bif');
    return `${name} {V.${t}:Rd}, {V.${t}:Rn}, {V.${t}:Rm}`;
  },
  fp: true,
  run: (m, f) => {
    const n = m.v('Rn');
    const same = constantOf(m.sameField('Rn', 'Rm')) === 1;
    const result = pick(
      f.U * 4 + f.size,
      () => v128.and(n, m.v('Rm')),
      () => v128.andnot(n, m.v('Rm')),
      () => (same ? n : v128.or(n, m.v('Rm'))),
      () => v128.or(n, v128.not(m.v('Rm'))),
      () => (same ? v128.zero() : v128.xor(n, m.v('Rm'))),
      () => v128.bitselect(n, m.v('Rm'), m.v('Rd')),
      () => v128.bitselect(n, m.v('Rd'), m.v('Rm')),
      () => v128.bitselect(m.v('Rd'), n, m.v('Rm')),
    );
    setResult(m, 64 << f.Q, result());
  },
});

const pairScalar = define('ADDP (scalar)', '01 0 11110 11 11000 11011 10 Rn Rd', {
  asm: 'addp {D:Rd}, {V.2d:Rn}',
  fp: true,
  run: (m) => {
    const n = m.let(m.v('Rn'));
    m.setDBits('Rd', i64.add(i64x2.extract_lane(n, 0), i64x2.extract_lane(n, 1)));
  },
});

export const simdThreeSame: readonly Instruction[] = [...operations.flatMap(rows), logical, pairScalar];
