import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Core } from '../../a64/layout.ts';
import * as soft from '../../a64/softfloat/arithmetic.ts';
import { double, type FloatState, type Format, Fpsr, single } from '../../a64/softfloat/format.ts';
import { fpConvert } from '../../a64/table/fp/convert.ts';
import { fpScalar } from '../../a64/table/fp/scalar.ts';
import { fpVectorBinary } from '../../a64/table/fp/vector.ts';
import { InstructionBench } from './instruction-testing.ts';

/**
 * Generated code against the exact arithmetic, with numbers that lie where the fast ways could go wrong: sums that
 * cancel, ties and what is next to them, results next to the smallest normal number.
 */
const bench = new InstructionBench([...fpScalar, ...fpConvert, ...fpVectorBinary]);

/**
 * FPSR.IXC set lets the inline way be taken, clear the one that finds out exactness; with UFC underflow is plain too.
 */
const flags = fc.constantFrom(0, Fpsr.inexact, Fpsr.inexact | Fpsr.underflow);

/** Numbers with few bits set, or all but few, whose exponents are near each other. */
const number = (format: Format): fc.Arbitrary<bigint> => {
  const { bits, fractionBits, maximumField } = format;
  const middle = maximumField >> 1;
  const exponent = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: middle - fractionBits - 3, max: middle + fractionBits + 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: maximumField }) },
    { weight: 1, arbitrary: fc.constantFrom(0, maximumField) },
    { weight: 1, arbitrary: fc.integer({ min: (middle >> 1) - 3, max: (middle >> 1) + 3 }) },
  );
  const bit = fc.integer({ min: 0, max: fractionBits - 1 }).map((n) => 1n << BigInt(n));
  const all = (1n << BigInt(fractionBits)) - 1n;
  const fraction = fc.oneof(
    fc.constant(0n),
    fc.constant(all),
    bit,
    fc.tuple(bit, bit).map(([a, b]) => a | b),
    bit.map((a) => all ^ (a - 1n)),
    fc.bigInt(0n, all),
  );
  return fc
    .tuple(fc.nat(1), exponent, fraction)
    .map(([sign, e, f]) => (BigInt(sign) << BigInt(bits - 1)) | (BigInt(e) << BigInt(fractionBits)) | f);
};

/** Runs a word with V1, V2 and V3 set and gives V0. */
function run(word: number, fpsr: number, operands: readonly bigint[]): { result: bigint; fpsr: number } {
  bench.core.setFloatState(0, fpsr);
  for (const [i, operand] of operands.entries()) bench.setV(i + 1, operand);
  bench.run(word);
  return { result: bench.v(0), fpsr: bench.core.word(Core.fpsr) };
}

/** Rd 0, Rn 1, Rm 2, Ra 3. */
const registers = (1 << 5) | (2 << 16);

interface Case {
  readonly name: string;
  /** The word of the single form. */
  readonly word: number;
  readonly operands: 1 | 2 | 3;
  readonly exact: (fp: FloatState, format: Format, a: bigint, b: bigint, c: bigint) => bigint;
}

const cases: readonly Case[] = [
  { name: 'FADD', word: 0x1e202800, operands: 2, exact: soft.fpAdd },
  { name: 'FSUB', word: 0x1e203800, operands: 2, exact: soft.fpSub },
  { name: 'FMUL', word: 0x1e200800, operands: 2, exact: soft.fpMul },
  { name: 'FDIV', word: 0x1e201800, operands: 2, exact: soft.fpDiv },
  { name: 'FSQRT', word: 0x1e21c000 & ~(2 << 16), operands: 1, exact: soft.fpSqrt },
  {
    name: 'FMADD',
    word: 0x1f000000 | (3 << 10),
    operands: 3,
    exact: (fp, format, a, b, c) => soft.fpMulAdd(fp, format, c, [a, b]),
  },
  { name: 'FRECPS', word: 0x5e20fc00, operands: 2, exact: soft.fpRecipStep },
  { name: 'FRSQRTS', word: 0x5ea0fc00, operands: 2, exact: soft.fpRSqrtStep },
];

describe('generated code gives what the exact arithmetic gives', () => {
  for (const { name, word, operands, exact } of cases) {
    for (const format of [single, double]) {
      it(`${name}, ${format.bits} bits`, () => {
        const registersUsed = operands === 1 ? 1 << 5 : registers;
        const encoded = word | registersUsed | (format === double ? 1 << 22 : 0);
        const operand = number(format);
        fc.assert(
          fc.property(flags, operand, operand, operand, (fpsr, a, b, c) => {
            const fp = { fpcr: 0, fpsr };
            const wanted = exact(fp, format, a, b, c);
            const { result, fpsr: after } = run(encoded, fpsr, [a, b, c]);
            expect([result.toString(16), after]).toEqual([wanted.toString(16), fp.fpsr]);
          }),
          { numRuns: 1000 },
        );
      });
    }
  }

  it('FMADD where the addend completes the product to a tie', () => {
    const operand = number(double);
    const near = fc.integer({ min: -2, max: 2 }).map(BigInt);
    fc.assert(
      fc.property(
        flags,
        operand,
        operand,
        fc.integer({ min: 50, max: 56 }),
        near,
        fc.nat(1),
        (fpsr, a, b, gap, n, sign) => {
          // An addend of one bit and a little, about half a unit of the product's last place.
          const product = soft.fpMul({ fpcr: 0, fpsr: 0 }, double, a, b);
          const exponent = ((product >> 52n) & 0x7ffn) - BigInt(gap);
          if (exponent <= 0n || ((product >> 52n) & 0x7ffn) === 0x7ffn) return;
          const c = ((exponent << 52n) + n) | (BigInt(sign) << 63n);
          const fp = { fpcr: 0, fpsr };
          const wanted = soft.fpMulAdd(fp, double, c, [a, b]);
          const { result, fpsr: after } = run(0x1f400000 | (3 << 10) | registers, fpsr, [a, b, c]);
          expect([result.toString(16), after]).toEqual([wanted.toString(16), fp.fpsr]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
