/** AdvSIMD three different and scalar three different (Arm ARM C4.1.97): long, wide and narrow operations. */
import { i32, type V128 } from '../../../wasm/expr.ts';
import { i64x2, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import { polynomialMultiply16, polynomialMultiply64 } from '../../runtime/simd-polynomial.ts';
import {
  addSaturated,
  arrangement,
  type Bits,
  bitsOf,
  type LaneShape,
  lane,
  multiplyLong,
  pick,
  type Saturated,
  scalarKind,
  setNarrowed,
  setSaturated,
  shortLane,
  splatConst,
  widen,
} from './lanes.ts';

/** The mnemonic of a form that takes its narrow lanes from the upper half. */
const second = (name: string, Q: number): string => `${name}${Q ? '2' : ''}`;

/**
 * Doubled products of narrow lanes. Only the most negative value squared does not fit, and its product is 2^(bits-2).
 */
function doublingMultiplyLong(m: Meaning, { size, high }: LaneShape, a: V128, b: V128): Saturated {
  const wide = lane(size + 1);
  const product = m.let(multiplyLong({ size, unsigned: false }, high, a, b));
  const mask = m.let(wide.eq(product, splatConst(size + 1, 1n << BigInt(2 * bitsOf(size) - 2))));
  return { value: v128.xor(wide.shl(product, i32.const(1)), mask), mask };
}

/** What is done with a product: kept (`mul`), or added to or subtracted from Rd. */
export type Accumulate = 'mul' | 'mla' | 'mls';

/** Sets Rd to a product with lanes of `size`, or accumulates it there. Shared with the forms by element. */
export function accumulate(m: Meaning, kind: Accumulate, size: number, product: V128): void {
  const wide = lane(size);
  if (kind === 'mul') m.setV('Rd', product);
  else m.setV('Rd', (kind === 'mla' ? wide.add : wide.sub)(m.v('Rd'), product));
}

/** SQDMULL, SQDMLAL, SQDMLSL: the product saturates, then the sum does. */
export function doublingMultiplyLongInto(
  m: Meaning,
  kind: Accumulate,
  shape: LaneShape,
  [a, b]: readonly [V128, V128],
): void {
  const { size, width } = shape;
  const product = doublingMultiplyLong(m, shape, a, b);
  if (kind === 'mul') {
    setSaturated(m, width, product);
    return;
  }
  const sum = addSaturated(m, { size: size + 1, unsigned: false, subtract: kind === 'mls' }, m.v('Rd'), product.value);
  setSaturated(m, width, { value: sum.value, mask: v128.or(sum.mask, product.mask) });
}

/** Absolute differences of narrow lanes, which fit them unsigned, widened. */
function absoluteDifferenceLong(unsigned: boolean, { size, high }: LaneShape, a: V128, b: V128): V128 {
  const op = shortLane(size);
  const difference = unsigned ? op.sub(op.max_u(a, b), op.min_u(a, b)) : op.sub(op.max_s(a, b), op.min_s(a, b));
  return widen(size, true, high, difference);
}

/** Narrow lanes to wide ones (`long`), wide and narrow to wide (`wide`), wide to narrow (`narrow`). */
type Form = 'long' | 'wide' | 'narrow';

interface ThreeDifferent {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  readonly form: Form;
  /** Sizes of the narrow lanes. */
  readonly sizes: readonly number[];
  /** Gets the upper half's lanes where `high` is 1; for `narrow` the half that is written. */
  readonly run: (m: Meaning, shape: LaneShape, a: V128, b: V128) => void;
}

const row = ({ name, U, opcode, form, sizes, run }: ThreeDifferent): Instruction =>
  define(name, `0 Q ${U} 01110 size:2 1 Rm ${opcode} 00 Rn Rd`, {
    asm: (f) => {
      const narrow = arrangement(f.size, f.Q);
      const wide = arrangement(f.size + 1, 1);
      const [d, n, o] = pick(
        ['long', 'wide', 'narrow'].indexOf(form),
        [wide, narrow, narrow],
        [wide, wide, narrow],
        [narrow, wide, wide],
      );
      return `${second(name.toLowerCase(), f.Q)} {V.${d}:Rd}, {V.${n}:Rn}, {V.${o}:Rm}`;
    },
    where: (f) => sizes.includes(f.size),
    fp: true,
    run: (m, f) => run(m, { size: f.size, width: 128, high: f.Q }, m.let(m.v('Rn')), m.let(m.v('Rm'))),
  });

const short = [0, 1, 2];

/** The pairs of rows that differ in U only. */
const signs = (
  opcode: Bits,
  form: Form,
  names: readonly [string, string],
  run: (unsigned: boolean) => ThreeDifferent['run'],
): ThreeDifferent[] =>
  names.map((name, U) => ({ name, U: pick(U, '0', '1'), opcode, form, sizes: short, run: run(U === 1) }));

/** a op b, with the narrow operands widened. */
const sum =
  (form: Form, op: 'add' | 'sub') =>
  (unsigned: boolean): ThreeDifferent['run'] =>
  (m, { size, high }, a, b) => {
    const first = form === 'wide' ? a : widen(size, unsigned, high, a);
    m.setV('Rd', lane(size + 1)[op](first, widen(size, unsigned, high, b)));
  };

/** High halves of sums or differences, rounded or not. */
const highHalf =
  (op: 'add' | 'sub') =>
  (rounding: boolean): ThreeDifferent['run'] =>
  (m, { size, high }, a, b) => {
    const wide = lane(size + 1);
    const exact = wide[op](a, b);
    const result = rounding ? wide.add(exact, splatConst(size + 1, 1n << BigInt(bitsOf(size) - 1))) : exact;
    setNarrowed(m, { size, high }, result, 1);
  };

const product =
  (kind: Accumulate) =>
  (unsigned: boolean): ThreeDifferent['run'] =>
  (m, { size, high }, a, b) =>
    accumulate(m, kind, size + 1, multiplyLong({ size, unsigned }, high, a, b));

const rows: ThreeDifferent[] = [
  ...signs('0000', 'long', ['SADDL', 'UADDL'], sum('long', 'add')),
  ...signs('0001', 'wide', ['SADDW', 'UADDW'], sum('wide', 'add')),
  ...signs('0010', 'long', ['SSUBL', 'USUBL'], sum('long', 'sub')),
  ...signs('0011', 'wide', ['SSUBW', 'USUBW'], sum('wide', 'sub')),
  ...signs('0100', 'narrow', ['ADDHN', 'RADDHN'], highHalf('add')),
  ...signs('0101', 'long', ['SABAL', 'UABAL'], (u) => (m, shape, a, b) => {
    m.setV('Rd', lane(shape.size + 1).add(m.v('Rd'), absoluteDifferenceLong(u, shape, a, b)));
  }),
  ...signs('0110', 'narrow', ['SUBHN', 'RSUBHN'], highHalf('sub')),
  ...signs('0111', 'long', ['SABDL', 'UABDL'], (u) => (m, shape, a, b) => {
    m.setV('Rd', absoluteDifferenceLong(u, shape, a, b));
  }),
  ...signs('1000', 'long', ['SMLAL', 'UMLAL'], product('mla')),
  ...signs('1010', 'long', ['SMLSL', 'UMLSL'], product('mls')),
  ...signs('1100', 'long', ['SMULL', 'UMULL'], product('mul')),
  {
    name: 'PMULL',
    U: '0',
    opcode: '1110',
    form: 'long',
    sizes: [0],
    run: (m, { high }, a, b) =>
      m.setV('Rd', m.call(polynomialMultiply16, widen(0, true, high, a), widen(0, true, high, b))),
  },
];

/** By opcode bits: SQDMLAL 1001, SQDMLSL 1011, SQDMULL 1101. */
const doubling = (['mla', 'mls', 'mul'] as const).flatMap((kind): Instruction[] => {
  const name = { mla: 'SQDMLAL', mls: 'SQDMLSL', mul: 'SQDMULL' }[kind];
  const opcode = ({ mla: '1001', mls: '1011', mul: '1101' } as const)[kind];
  return [
    row({
      name,
      U: '0',
      opcode,
      form: 'long',
      sizes: [1, 2],
      run: (m, shape, a, b) => doublingMultiplyLongInto(m, kind, shape, [a, b]),
    }),
    define(`${name} (scalar)`, `01 0 11110 size:2 1 Rm ${opcode} 00 Rn Rd`, {
      asm: (f) =>
        `${name.toLowerCase()} {${scalarKind(f.size + 1)}:Rd}, {${scalarKind(f.size)}:Rn}, {${scalarKind(f.size)}:Rm}`,
      where: (f) => f.size === 1 || f.size === 2,
      fp: true,
      run: (m, { size }) =>
        doublingMultiplyLongInto(m, kind, { size, width: 2 * bitsOf(size), high: 0 }, [m.v('Rn'), m.v('Rm')]),
    }),
  ];
});

/** The 64-bit product of polynomials, part of the Cryptographic Extension. */
const polynomial64 = define('PMULL (64-bit)', '0 Q 0 01110 11 1 Rm 1110 00 Rn Rd', {
  asm: (f) => {
    const t = pick(f.Q, '1d', '2d');
    return `${second('pmull', f.Q)} {V.1q:Rd}, {V.${t}:Rn}, {V.${t}:Rm}`;
  },
  fp: true,
  run: (m, f) => {
    const part = (field: 'Rn' | 'Rm') => i64x2.extract_lane(m.v(field), f.Q);
    m.setV('Rd', m.call(polynomialMultiply64, part('Rn'), part('Rm')));
  },
});

export const simdThreeDifferent: readonly Instruction[] = [...rows.map(row), ...doubling, polynomial64];
