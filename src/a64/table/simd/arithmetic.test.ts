import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InstructionBench } from '../../../engine/interpreter/instruction-testing.ts';
import type { Instruction } from '../../instruction.ts';
import type { Fields } from '../../pattern.ts';
import { simdByElement } from './element.ts';
import { simdShift } from './shift.ts';
import {
  encode,
  lanesOf,
  numberOf,
  operandsFrom,
  operationsOf,
  polynomialProduct,
  Saturation,
  shifted,
  vectorOf,
} from './simd-testing.ts';
import { simdThreeDifferent } from './three-different.ts';
import { simdThreeSame } from './three-same.ts';
import { simdTwoRegister } from './two-register.ts';

// Every lane operation against its definition on plain numbers. The vectors recorded from QEMU hold the same rows; here
// the definitions are short enough to be read against the Arm ARM, C7.2.

const rows = [...simdThreeSame, ...simdThreeDifferent, ...simdByElement, ...simdShift, ...simdTwoRegister];
const bench = new InstructionBench(rows);

/** What an operation knows of one lane: operands and Rd's old lane as the instruction's kind of numbers. */
interface Lane {
  readonly a: bigint;
  readonly b: bigint;
  readonly d: bigint;
  /** Width of Rd's lane, and of the operands' where that is another. */
  readonly bits: number;
  readonly narrow: number;
  readonly unsigned: boolean;
  /** Distance of a shift by immediate. */
  readonly amount: bigint;
  readonly saturation: Saturation;
}
type Definition = (l: Lane) => bigint;

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const abs = (a: bigint): bigint => max(a, -a);
const mask = (condition: boolean): bigint => (condition ? -1n : 0n);
const hold = (l: Lane, value: bigint): bigint => l.saturation.hold(value, l.bits, l.unsigned);
const raw = (value: bigint, bits: number): bigint => BigInt.asUintN(bits, value);
const leadingZeros = (value: bigint, bits: number): bigint => {
  let count = 0n;
  for (let bit = bits - 1; bit >= 0 && !((value >> BigInt(bit)) & 1n); bit--) count++;
  return count;
};
const byRegister = (l: Lane, rounding: boolean): bigint => shifted(l.a, BigInt.asIntN(8, l.b), rounding);
const doubledHigh = (l: Lane, rounding: boolean): bigint => hold(l, shifted(2n * l.a * l.b, BigInt(-l.bits), rounding));
const doubledLong = (l: Lane): bigint => hold(l, 2n * l.a * l.b);

/** By the mnemonic, without the letter of the sign where S and U come in pairs. */
const definitions: Readonly<Record<string, Definition>> = {
  HADD: ({ a, b }) => (a + b) >> 1n,
  RHADD: ({ a, b }) => (a + b + 1n) >> 1n,
  HSUB: ({ a, b }) => (a - b) >> 1n,
  QADD: (l) => hold(l, l.a + l.b),
  QSUB: (l) => hold(l, l.a - l.b),
  CMGT: ({ a, b }) => mask(a > b),
  CMHI: ({ a, b, bits }) => mask(raw(a, bits) > raw(b, bits)),
  CMGE: ({ a, b }) => mask(a >= b),
  CMHS: ({ a, b, bits }) => mask(raw(a, bits) >= raw(b, bits)),
  CMLE: ({ a, b }) => mask(a <= b),
  CMLT: ({ a, b }) => mask(a < b),
  CMEQ: ({ a, b }) => mask(a === b),
  CMTST: ({ a, b }) => mask((a & b) !== 0n),
  'SHL register': (l) => byRegister(l, false),
  'RSHL register': (l) => byRegister(l, true),
  'QSHL register': (l) => hold(l, byRegister(l, false)),
  'QRSHL register': (l) => hold(l, byRegister(l, true)),
  MAX: ({ a, b }) => max(a, b),
  MIN: ({ a, b }) => min(a, b),
  ABD: ({ a, b }) => abs(a - b),
  ABA: ({ a, b, d }) => d + abs(a - b),
  ADD: ({ a, b }) => a + b,
  SUB: ({ a, b }) => a - b,
  MUL: ({ a, b }) => a * b,
  MLA: ({ a, b, d }) => d + a * b,
  MLS: ({ a, b, d }) => d - a * b,
  PMUL: ({ a, b }) => polynomialProduct(raw(a, 8), raw(b, 8)),
  SQDMULH: (l) => doubledHigh(l, false),
  SQRDMULH: (l) => doubledHigh(l, true),

  ADDL: ({ a, b }) => a + b,
  ADDW: ({ a, b }) => a + b,
  SUBL: ({ a, b }) => a - b,
  SUBW: ({ a, b }) => a - b,
  ADDHN: ({ a, b, bits }) => (a + b) >> BigInt(bits),
  RADDHN: ({ a, b, bits }) => shifted(a + b, BigInt(-bits), true),
  SUBHN: ({ a, b, bits }) => (a - b) >> BigInt(bits),
  RSUBHN: ({ a, b, bits }) => shifted(a - b, BigInt(-bits), true),
  ABAL: ({ a, b, d }) => d + abs(a - b),
  ABDL: ({ a, b }) => abs(a - b),
  MLAL: ({ a, b, d }) => d + a * b,
  MLSL: ({ a, b, d }) => d - a * b,
  MULL: ({ a, b }) => a * b,
  PMULL: ({ a, b, narrow }) => polynomialProduct(raw(a, narrow), raw(b, narrow)),
  SQDMULL: doubledLong,
  SQDMLAL: (l) => hold(l, l.d + doubledLong(l)),
  SQDMLSL: (l) => hold(l, l.d - doubledLong(l)),

  SHR: ({ a, amount }) => shifted(a, -amount, false),
  SRA: ({ a, d, amount }) => d + shifted(a, -amount, false),
  RSHR: ({ a, amount }) => shifted(a, -amount, true),
  RSRA: ({ a, d, amount }) => d + shifted(a, -amount, true),
  SRI: ({ a, d, bits, amount }) => {
    const inserted = raw(-1n, bits) >> amount;
    return (raw(d, bits) & ~inserted) | (raw(a, bits) >> amount);
  },
  SHL: ({ a, amount }) => a << amount,
  SLI: ({ a, d, amount }) => (a << amount) | (d & ((1n << amount) - 1n)),
  SQSHLU: ({ a, bits, amount, saturation }) => saturation.hold(a << amount, bits, true),
  QSHL: (l) => hold(l, l.a << l.amount),
  SHRN: ({ a, amount }) => shifted(a, -amount, false),
  RSHRN: ({ a, amount }) => shifted(a, -amount, true),
  SQSHRUN: ({ a, bits, amount, saturation }) => saturation.hold(shifted(a, -amount, false), bits, true),
  SQRSHRUN: ({ a, bits, amount, saturation }) => saturation.hold(shifted(a, -amount, true), bits, true),
  QSHRN: (l) => hold(l, shifted(l.a, -l.amount, false)),
  QRSHRN: (l) => hold(l, shifted(l.a, -l.amount, true)),
  SHLL: ({ a, amount }) => a << amount,

  SUQADD: ({ a, d, bits, saturation }) => saturation.hold(d + raw(a, bits), bits, false),
  USQADD: ({ a, d, bits, saturation }) => saturation.hold(raw(d, bits) + BigInt.asIntN(bits, a), bits, true),
  CLS: ({ a, bits }) => leadingZeros(raw(a ^ (a >> 1n), bits), bits) - 1n,
  CLZ: ({ a, bits }) => leadingZeros(raw(a, bits), bits),
  CNT: ({ a, bits }) => BigInt(raw(a, bits).toString(2).replaceAll('0', '').length),
  SQABS: (l) => l.saturation.hold(abs(l.a), l.bits, false),
  SQNEG: (l) => l.saturation.hold(-l.a, l.bits, false),
  ABS: ({ a }) => abs(a),
  NEG: ({ a }) => -a,
  XTN: ({ a }) => a,
  SQXTUN: ({ a, bits, saturation }) => saturation.hold(a, bits, true),
  QXTN: (l) => hold(l, l.a),
};

const mnemonicOf = (row: Instruction): string => row.name.split(/[ /]/)[0] ?? '';

/** The definition of a row, and whether its operands are unsigned. */
function definitionOf(row: Instruction): { define: Definition; unsigned: boolean } | undefined {
  const mnemonic = mnemonicOf(row);
  const register = simdThreeSame.includes(row) && mnemonic.endsWith('SHL') ? ' register' : '';
  const exact = definitions[mnemonic];
  // SHL is a name of its own, and without its sign that of SSHL by register.
  if (exact && !register) return { define: exact, unsigned: false };
  const paired = definitions[`${mnemonic.slice(1)}${register}`];
  return paired && { define: paired, unsigned: mnemonic.startsWith('U') };
}

/**
 * Element sizes in bits of Rd, Rn and Rm; the half of the narrow registers that counts; the width of Rd that is
 * written.
 */
interface Shape {
  readonly d: number;
  readonly n: number;
  readonly m: number;
  readonly high: boolean;
  readonly lanes: number;
  /** A vector in whose upper half the result goes. */
  readonly narrowed: boolean;
}

function shapeOf(row: Instruction, f: Fields): Shape {
  const text = row.asm(f);
  const registers = [...text.matchAll(/\{(?:V\.(\d*)([bhsdq])(?:\[[^\]]*\])?|([BHSDQ])):R[dnm]\}/g)];
  const size = (i: number): number => {
    const letter = (registers[i]?.[2] ?? registers[i]?.[3] ?? '').toLowerCase();
    return letter === '' ? 0 : 8 << 'bhsdq'.indexOf(letter);
  };
  const count = (i: number): number => Number(registers[i]?.[1] ?? 1) || 1;
  const [d, n] = [size(0), size(1)];
  return {
    d,
    n,
    m: size(2) || n,
    high: f.Q === 1 && (d > n || (size(2) !== 0 && n > size(2))),
    lanes: d < n ? count(1) : count(0),
    narrowed: f.Q === 1 && d < n,
  };
}

const vector = fc
  .oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 1, 0x7f, 0x80, 0xff, 0xff), { minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => bytes.reduce((v, b, i) => v | (BigInt(b) << BigInt(8 * i)), 0n));

/** What the registers hold before. */
interface Before {
  readonly d: bigint;
  readonly n: bigint;
  readonly m: bigint;
}

function expectedOf(row: Instruction, f: Fields, { d: old, n, m }: Before): { v: bigint; qc: boolean } {
  const found = definitionOf(row);
  if (!found) throw new Error(`no definition of ${row.name}`);
  const { define, unsigned } = found;
  const shape = shapeOf(row, f);
  const saturation = new Saturation();
  const width = shape.lanes * shape.d;
  const at = (value: bigint, bits: number, i: number, isHigh: boolean): bigint =>
    numberOf(value >> BigInt(bits * i + (isHigh ? 64 : 0)), bits, unsigned);
  const index = simdByElement.includes(row)
    ? ((f.immH ?? 0) * 2 + (f.immL ?? 0)) * (shape.m === 16 ? 2 : 1) + (shape.m === 16 ? (f.immM ?? 0) : 0)
    : undefined;
  const lanes = Array.from({ length: shape.lanes }, (_, i) =>
    define({
      a: at(n, shape.n, i, shape.high && shape.n < shape.d),
      b: row.name.includes('(zero)')
        ? 0n
        : index !== undefined
          ? at(m, shape.m, index, false)
          : at(m, shape.m, i, shape.high),
      d: at(old, shape.d, i, false),
      bits: shape.d,
      narrow: shape.n,
      unsigned,
      amount: simdShift.includes(row) ? BigInt(Number(row.aux?.(f)[0])) : BigInt(shape.n),
      saturation,
    }),
  );
  const result = vectorOf(lanes, shape.d);
  const v = shape.narrowed ? (result << 64n) | BigInt.asUintN(64, old) : BigInt.asUintN(width, result);
  return { v, qc: saturation.saturated };
}

function check(row: Instruction, choices: Fields, expected: typeof expectedOf): void {
  fc.assert(
    fc.property(vector, vector, vector, fc.nat(), (d, n, m, random) => {
      const f = operandsFrom(row, choices, random);
      bench.setV(0, d);
      bench.setV(1, n);
      bench.setV(2, m);
      bench.fpsr = 0;
      bench.run(encode(row, f));
      const e = expected(row, f, { d, n, m });
      expect(bench.v(0).toString(16)).toBe(e.v.toString(16));
      expect(bench.fpsr).toBe(e.qc ? 0x0800_0000 : 0);
    }),
    { numRuns: 20 },
  );
}

const defined = rows.filter((row) => definitionOf(row) !== undefined);
describe.each(defined.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  test('is what its definition says', () => {
    for (const { choices } of operationsOf(row)) check(row, choices, expectedOf);
  });
});

/** Rows whose lanes depend on each other, by mnemonic: all lanes of Rd from all of the operands. */
const wholes: Readonly<Record<string, (n: bigint[], m: bigint[], bits: number, d: bigint[]) => bigint[]>> = {
  REV64: (n, _m, bits) => n.map((_, i) => n[i ^ (64 / bits - 1)] ?? 0n),
  REV32: (n, _m, bits) => n.map((_, i) => n[i ^ (32 / bits - 1)] ?? 0n),
  REV16: (n, _m, bits) => n.map((_, i) => n[i ^ (16 / bits - 1)] ?? 0n),
  ADDP: (n, m) => pairs([...n, ...m], (a, b) => a + b),
  MAXP: (n, m) => pairs([...n, ...m], max),
  MINP: (n, m) => pairs([...n, ...m], min),
  ADDLP: (n) => pairs(n, (a, b) => a + b),
  ADALP: (n, _m, _bits, d) => pairs(n, (a, b) => a + b).map((sum, i) => sum + (d[i] ?? 0n)),
  ADDV: (n) => [n.reduce((a, b) => a + b)],
  ADDLV: (n) => [n.reduce((a, b) => a + b)],
  MAXV: (n) => [n.reduce(max)],
  MINV: (n) => [n.reduce(min)],
};
const pairs = (lanes: readonly bigint[], op: (a: bigint, b: bigint) => bigint): bigint[] =>
  Array.from({ length: lanes.length / 2 }, (_, i) => op(lanes[2 * i] ?? 0n, lanes[2 * i + 1] ?? 0n));

const crossing = rows.filter((row) => wholes[mnemonicOf(row)] ?? wholes[mnemonicOf(row).slice(1)]);
describe.each(crossing.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  test('is what its definition says', () => {
    for (const { choices } of operationsOf(row)) {
      check(row, choices, (_row, f, { d, n, m }) => {
        const mnemonic = mnemonicOf(row);
        const define = wholes[mnemonic] ?? wholes[mnemonic.slice(1)];
        const unsigned = mnemonic.startsWith('U');
        const shape = shapeOf(row, f);
        const width = row.name === 'ADDP (scalar)' ? 128 : 64 << (f.Q ?? 0);
        const numbers = (v: bigint): bigint[] =>
          lanesOf(v, shape.n, width).map((lane) => numberOf(lane, shape.n, unsigned));
        const second = row.name === 'ADDP (scalar)' ? [] : numbers(m);
        const lanes = define?.(numbers(n), second, shape.n, lanesOf(d, shape.d, width)) ?? [];
        return { v: vectorOf(lanes, shape.d), qc: false };
      });
    }
  });
});

test('every row has a definition here, but for those that move bits only', () => {
  const others = rows.filter((row) => !defined.includes(row) && !crossing.includes(row)).map((row) => row.name);
  expect(others).toEqual(['AND/BIC/ORR/ORN/EOR/BSL/BIT/BIF (vector)', 'NOT/RBIT (vector)']);
});
