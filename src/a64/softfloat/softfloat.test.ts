import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as arithmetic from './arithmetic.ts';
import { fixedToFp, fpConvert, fpRoundInt, fpToFixed } from './convert.ts';
import { fpRecipEstimate, fpRSqrtEstimate, unsignedRecipEstimate, unsignedRSqrtEstimate } from './estimate.ts';
import { double, type FloatState, type Format, Fpcr, Fpsr, half, Rounding, single } from './format.ts';

const view = new DataView(new ArrayBuffer(8));
const toDouble = (n: number): bigint => {
  view.setFloat64(0, n);
  return view.getBigUint64(0);
};
const fromDouble = (bits: bigint): number => {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};
const toSingle = (n: number): bigint => {
  view.setFloat32(0, n);
  return BigInt(view.getUint32(0));
};
const fromSingle = (bits: bigint): number => {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
};
const state = (fpcr = 0): FloatState => ({ fpcr, fpsr: 0 });

/** Numbers whose operations meet every boundary: few fraction bits, exponents near each other and near the limits. */
const anyDouble = fc.oneof(
  fc.double({ noNaN: true }),
  fc
    .tuple(fc.bigInt(0n, 0xfffffn), fc.nat(2046), fc.boolean())
    .map(([fraction, exponent, sign]) =>
      fromDouble((BigInt(sign) << 63n) | (BigInt(exponent) << 52n) | (fraction << 32n) | (fraction & 0xfn)),
    ),
  fc.integer({ min: -40, max: 40 }),
);
const anySingle = fc.oneof(fc.float({ noNaN: true }), anyDouble.map(Math.fround), fc.integer({ min: -40, max: 40 }));

const binary = [
  ['fpAdd', arithmetic.fpAdd, (a: number, b: number) => a + b],
  ['fpSub', arithmetic.fpSub, (a: number, b: number) => a - b],
  ['fpMul', arithmetic.fpMul, (a: number, b: number) => a * b],
  ['fpDiv', arithmetic.fpDiv, (a: number, b: number) => a / b],
  ['fpMax', arithmetic.fpMax, Math.max],
  ['fpMin', arithmetic.fpMin, Math.min],
] as const;

describe('arithmetic rounds to nearest as JavaScript does', () => {
  const expectDouble = (result: bigint, wanted: number): void =>
    expect(result).toBe(Number.isNaN(wanted) ? 0x7ff8000000000000n : toDouble(wanted));

  for (const [name, soft, operation] of binary) {
    it(`${name} of doubles`, () => {
      fc.assert(
        fc.property(anyDouble, anyDouble, (a, b) => {
          expectDouble(soft(state(), double, toDouble(a), toDouble(b)), operation(a, b));
        }),
      );
    });
    it(`${name} of singles`, () => {
      // One rounding to double before the one to single does no harm to these operations (2 * 24 + 2 bits suffice).
      fc.assert(
        fc.property(anySingle, anySingle, (a, b) => {
          const wanted = Math.fround(operation(a, b));
          const result = soft(state(), single, toSingle(a), toSingle(b));
          expect(result).toBe(Number.isNaN(wanted) ? 0x7fc00000n : toSingle(wanted));
        }),
      );
    });
  }

  it('fpSqrt', () => {
    fc.assert(
      fc.property(anyDouble, (a) => {
        expectDouble(arithmetic.fpSqrt(state(), double, toDouble(a)), Math.sqrt(a));
      }),
    );
  });
  it('fpMulAdd of singles, whose exact value a double can often hold', () => {
    const small = fc.integer({ min: -(2 ** 20), max: 2 ** 20 });
    fc.assert(
      fc.property(small, small, small, (a, b, c) => {
        const wanted = Math.fround(a * b + c) + 0;
        expect(fromSingle(arithmetic.fpMulAdd(state(), single, toSingle(c), [toSingle(a), toSingle(b)])) + 0).toBe(
          wanted,
        );
      }),
    );
  });
  it('fpMulAdd has one rounding', () => {
    const a = 1 + 2 ** -30;
    const fp = state();
    expect(fromDouble(arithmetic.fpMulAdd(fp, double, toDouble(-1), [toDouble(a), toDouble(a)]))).toBe(
      2 ** -29 + 2 ** -60,
    );
    expect(fp.fpsr).toBe(0);
  });
  it('comparisons', () => {
    fc.assert(
      fc.property(anyDouble, anyDouble, (a, b) => {
        const flags = a < b ? 0b1000n : a === b ? 0b0110n : 0b0010n;
        expect(arithmetic.fpCompare(state(), double, toDouble(a), toDouble(b))).toBe(flags);
        const ge = arithmetic.fpCompareGe(state(), double, toDouble(a), toDouble(b));
        expect(ge).toBe(a >= b ? 0xffffffffffffffffn : 0n);
      }),
    );
  });
});

describe('conversions', () => {
  it('double to single is Math.fround, and back is exact', () => {
    fc.assert(
      fc.property(anyDouble, (a) => {
        const narrow = fpConvert(state(), { from: double, to: single }, toDouble(a));
        expect(narrow).toBe(toSingle(Math.fround(a)));
        const fp = state();
        expect(fpConvert(fp, { from: single, to: double }, narrow)).toBe(toDouble(Math.fround(a)));
        expect(fp.fpsr).toBe(0);
      }),
    );
  });
  it('every half goes to single and back', () => {
    const wrong: string[] = [];
    for (const fpcr of [0, Fpcr.AHP]) {
      for (let bits = 0; bits < 0x10000; bits++) {
        const fp = state(fpcr);
        const back = fpConvert(fp, { from: single, to: half }, fpConvert(fp, { from: half, to: single }, BigInt(bits)));
        const isNan = !fpcr && (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
        const flags = isNan && !(bits & 0x200) ? Fpsr.invalidOperation : 0;
        if (Number(back) !== (isNan ? bits | 0x200 : bits) || fp.fpsr !== flags) wrong.push(bits.toString(16));
      }
    }
    expect(wrong).toEqual([]);
  });
  it('to integers, each rounding', () => {
    const modes = [
      [Rounding.zero, Math.trunc],
      [Rounding.plusInfinity, Math.ceil],
      [Rounding.minusInfinity, Math.floor],
      [Rounding.tieAway, (n: number) => Math.sign(n) * Math.floor(Math.abs(n) + 0.5)],
    ] as const;
    const quarter = fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4);
    for (const [rounding, operation] of modes) {
      fc.assert(
        fc.property(quarter, (a) => {
          const fp = state();
          const result = fpToFixed(fp, double, toDouble(a), { bits: 64, unsigned: false, fractionBits: 0, rounding });
          expect(BigInt.asIntN(64, result)).toBe(BigInt(operation(a)));
          expect(fp.fpsr).toBe(Number.isInteger(a) ? 0 : Fpsr.inexact);
          const rounded = fromDouble(fpRoundInt(state(), double, toDouble(a), { rounding, exact: false }));
          expect(Object.is(rounded, a === 0 ? a : Object.is(operation(a), 0) && a < 0 ? -0 : operation(a))).toBe(true);
        }),
      );
    }
  });
  it('saturates', () => {
    const fp = state();
    expect(
      fpToFixed(fp, double, toDouble(2 ** 31), { bits: 32, unsigned: false, fractionBits: 0, rounding: Rounding.zero }),
    ).toBe(0x7fffffffn);
    expect(
      fpToFixed(fp, double, toDouble(-Infinity), {
        bits: 64,
        unsigned: false,
        fractionBits: 0,
        rounding: Rounding.zero,
      }),
    ).toBe(0x8000000000000000n);
    expect(
      fpToFixed(fp, double, toDouble(-1), { bits: 32, unsigned: true, fractionBits: 0, rounding: Rounding.zero }),
    ).toBe(0n);
    expect(fp.fpsr).toBe(Fpsr.invalidOperation);
  });
  it('from integers, with a scale', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.integer({ min: 0, max: 64 }), (n, scale) => {
        const result = fixedToFp(state(), double, BigInt.asUintN(64, n), {
          bits: 64,
          unsigned: false,
          fractionBits: scale,
        });
        expect(fromDouble(result)).toBe(Number(n) * 2 ** -scale);
      }),
    );
  });
});

describe('what IEEE 754 leaves to the architecture', () => {
  const signalling = 0x7ff0000000000001n;
  const quiet = 0x7ff8000000000abcn;
  const cases: [string, (fp: FloatState) => bigint, number, bigint, number][] = [
    [
      'a signalling NaN goes before a quiet one',
      (fp) => arithmetic.fpAdd(fp, double, quiet, signalling),
      0,
      0x7ff8000000000001n,
      1,
    ],
    ['the first quiet NaN', (fp) => arithmetic.fpAdd(fp, double, quiet, quiet + 1n), 0, quiet, 0],
    ['the default NaN', (fp) => arithmetic.fpAdd(fp, double, quiet, 0n), Fpcr.DN, 0x7ff8000000000000n, 0],
    [
      'the addend is the first operand',
      (fp) => arithmetic.fpMulAdd(fp, double, quiet + 1n, [quiet, 0n]),
      0,
      quiet + 1n,
      0,
    ],
    [
      'a quiet addend does not hide infinity * 0',
      (fp) => arithmetic.fpMulAdd(fp, double, quiet, [toDouble(Infinity), 0n]),
      0,
      0x7ff8000000000000n,
      1,
    ],
    ['a lone quiet NaN is no number', (fp) => arithmetic.fpMaxNum(fp, double, quiet, toDouble(3)), 0, toDouble(3), 0],
    ['infinity * 0 is 2', (fp) => arithmetic.fpMulX(fp, double, toDouble(-Infinity), 0n), 0, toDouble(-2), 0],
    [
      'inputs are flushed',
      (fp) => arithmetic.fpAdd(fp, double, 1n, toDouble(1)),
      Fpcr.FZ,
      toDouble(1),
      Fpsr.inputDenormal,
    ],
    [
      'outputs are flushed',
      (fp) => arithmetic.fpMul(fp, double, toDouble(2 ** -1000), toDouble(2 ** -50)),
      Fpcr.FZ,
      0n,
      Fpsr.underflow,
    ],
    [
      'tininess is found before rounding',
      (fp) => arithmetic.fpMul(fp, double, toDouble(2 ** -1022 * (1 + 2 ** -52)), toDouble(1 - 2 ** -53)),
      0,
      toDouble(2 ** -1022),
      Fpsr.inexact,
    ],
    [
      'a product that rounds up to the smallest normal number underflows',
      (fp) => arithmetic.fpMul(fp, double, toDouble(2 ** -1021 * (1 - 2 ** -53)), toDouble(0.5)),
      0,
      toDouble(2 ** -1022),
      Fpsr.underflow | Fpsr.inexact,
    ],
    [
      'to odd',
      (fp) => fpConvert(fp, { from: double, to: single }, toDouble(1 + 2 ** -40), Rounding.odd),
      0,
      toSingle(1 + 2 ** -23),
      Fpsr.inexact,
    ],
    [
      'too large for alternative half precision',
      (fp) => fpConvert(fp, { from: single, to: half }, toSingle(1e9)),
      Fpcr.AHP,
      0x7fffn,
      Fpsr.invalidOperation,
    ],
  ];
  it.each(cases)('%s', (_, operation, fpcr, result, flags) => {
    const fp = state(fpcr);
    expect(operation(fp).toString(16)).toBe(result.toString(16));
    expect(fp.fpsr).toBe(flags);
  });

  it('directed rounding encloses the nearest', () => {
    fc.assert(
      fc.property(anyDouble, anyDouble, (a, b) => {
        const rounded = (rounding: Rounding): number =>
          fromDouble(arithmetic.fpMul(state(rounding << Fpcr.roundingShift), double, toDouble(a), toDouble(b)));
        if (Number.isNaN(a * b)) return;
        expect(rounded(Rounding.minusInfinity)).toBeLessThanOrEqual(a * b);
        expect(rounded(Rounding.plusInfinity)).toBeGreaterThanOrEqual(a * b);
        expect(Math.abs(rounded(Rounding.zero))).toBeLessThanOrEqual(Math.abs(a * b));
      }),
    );
  });
});

describe('estimates', () => {
  const within = (format: Format, estimate: bigint, exact: number): void => {
    const value = format === double ? fromDouble(estimate) : fromSingle(estimate);
    expect(Math.abs(value / exact - 1)).toBeLessThan(1 / 256);
  };
  it('are good to eight bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (a) => {
        within(double, fpRecipEstimate(state(), double, toDouble(a)), 1 / a);
        within(double, fpRSqrtEstimate(state(), double, toDouble(a)), 1 / Math.sqrt(a));
      }),
    );
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-37), max: Math.fround(1e37), noNaN: true }), (a) => {
        within(single, fpRecipEstimate(state(), single, toSingle(a)), 1 / a);
        within(single, fpRSqrtEstimate(state(), single, toSingle(a)), 1 / Math.sqrt(a));
      }),
    );
  });
  it('of integers', () => {
    expect(unsignedRecipEstimate(0x80000000)).toBe(0xff800000);
    expect(unsignedRecipEstimate(0x7fffffff)).toBe(0xffffffff);
    expect(unsignedRSqrtEstimate(0x40000000)).toBe(0xff800000);
    expect(unsignedRSqrtEstimate(0x3fffffff)).toBe(0xffffffff);
  });
});
