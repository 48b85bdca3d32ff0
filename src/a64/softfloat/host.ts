import { Core } from '../layout.ts';
import * as arithmetic from './arithmetic.ts';
import { fixedToFp, fpConvert, fpRoundInt, fpToFixed } from './convert.ts';
import { fpRecipEstimate, fpRSqrtEstimate } from './estimate.ts';
import {
  double,
  type FloatState,
  type Format,
  Fpcr,
  Fpsr,
  half,
  type Rounding,
  roundingMode,
  single,
} from './format.ts';

/** The details of a conversion, in one word. */
export const Detail = {
  /** Rounding in bits 2-0; this value means FPCR.RMode. */
  currentRounding: 7,
  /** FRINTX. */
  exact: 8,
  unsigned: 8,
  /** The integer has 64 bits. */
  wide: 16,
  fractionBitsShift: 8,
} as const;

const roundingOf = (fp: FloatState, detail: number): Rounding => {
  const rounding = detail & 7;
  return rounding === Detail.currentRounding ? roundingMode(fp) : (rounding as Rounding);
};

const fixedPointOf = (detail: number) => ({
  bits: detail & Detail.wide ? 64 : 32,
  unsigned: (detail & Detail.unsigned) !== 0,
  fractionBits: detail >>> Detail.fractionBitsShift,
});

type Operands = readonly [bigint, bigint, bigint];
type Operation = (fp: FloatState, format: Format, operands: Operands, detail: number) => bigint;

const unary =
  (operation: (fp: FloatState, format: Format, a: bigint) => bigint): Operation =>
  (fp, format, [a]) =>
    operation(fp, format, a);
const binary =
  (operation: arithmetic.BinaryOperation): Operation =>
  (fp, format, [a, b]) =>
    operation(fp, format, a, b);

/** Operations on singles and doubles, by the names that generated code uses, without the width. */
const operations: Readonly<Record<string, Operation>> = {
  fpAdd: binary(arithmetic.fpAdd),
  fpSub: binary(arithmetic.fpSub),
  fpAbd: binary(arithmetic.fpAbd),
  fpMul: binary(arithmetic.fpMul),
  fpMulX: binary(arithmetic.fpMulX),
  fpNegMul: binary(arithmetic.fpNegMul),
  fpDiv: binary(arithmetic.fpDiv),
  fpRecipStep: binary(arithmetic.fpRecipStep),
  fpRSqrtStep: binary(arithmetic.fpRSqrtStep),
  fpMax: binary(arithmetic.fpMax),
  fpMin: binary(arithmetic.fpMin),
  fpMaxNum: binary(arithmetic.fpMaxNum),
  fpMinNum: binary(arithmetic.fpMinNum),
  fpCompare: binary(arithmetic.fpCompare),
  fpCompareSignalling: binary(arithmetic.fpCompareSignalling),
  fpCompareEq: binary(arithmetic.fpCompareEq),
  fpCompareGe: binary(arithmetic.fpCompareGe),
  fpCompareGt: binary(arithmetic.fpCompareGt),
  fpAbsCompareGe: binary(arithmetic.fpAbsCompareGe),
  fpAbsCompareGt: binary(arithmetic.fpAbsCompareGt),
  fpSqrt: unary(arithmetic.fpSqrt),
  fpRecpX: unary(arithmetic.fpRecpX),
  fpRecipEstimate: unary(fpRecipEstimate),
  fpRSqrtEstimate: unary(fpRSqrtEstimate),
  fpMulAdd: (fp, format, [addend, a, b]) => arithmetic.fpMulAdd(fp, format, addend, [a, b]),
  fpRoundInt: (fp, format, [a], detail) =>
    fpRoundInt(fp, format, a, { rounding: roundingOf(fp, detail), exact: (detail & Detail.exact) !== 0 }),
  fpToFixed: (fp, format, [a], detail) =>
    fpToFixed(fp, format, a, { ...fixedPointOf(detail), rounding: roundingOf(fp, detail) }),
  fixedToFp: (fp, format, [a], detail) => fixedToFp(fp, format, a, fixedPointOf(detail)),
};

const allFormats = [half, single, double];

/**
 * The functions (cpu, detail) that generated code calls for what it cannot do itself, by name: `fpAdd64`, and
 * `fpConvert64To32` for conversions. Operands are in Core.scratch, 8 bytes each; the result replaces the first.
 */
export function softfloatFunctions(
  u32: Uint32Array,
  u64: BigUint64Array,
): Record<string, (cpu: number, detail: number) => number> {
  const run = (
    cpu: number,
    operation: (fp: FloatState, operand: (n: number, bits: number) => bigint) => bigint,
  ): number => {
    const fp = { fpcr: u32[(cpu + Core.fpcr) >>> 2] as number, fpsr: u32[(cpu + Core.fpsr) >>> 2] as number };
    const slot = (cpu + Core.scratch) >>> 3;
    u64[slot] = operation(fp, (n, bits) => BigInt.asUintN(bits, u64[slot + n] as bigint));
    u32[(cpu + Core.fpsr) >>> 2] = fp.fpsr;
    updateFloatLimits(u32, cpu);
    return 0;
  };
  const functions: Record<string, (cpu: number, detail: number) => number> = {};
  for (const format of [single, double]) {
    const { bits } = format;
    for (const [name, operation] of Object.entries(operations)) {
      // An integer operand may be wider than the format.
      const width = name === 'fixedToFp' ? 64 : bits;
      functions[`${name}${bits}`] = (cpu, detail) =>
        run(cpu, (fp, operand) =>
          operation(fp, format, [operand(0, width), operand(1, bits), operand(2, bits)], detail),
        );
    }
  }
  for (const from of allFormats) {
    for (const to of allFormats) {
      const formats = { from, to };
      functions[`fpConvert${from.bits}To${to.bits}`] = (cpu, detail) =>
        run(cpu, (fp, operand) => fpConvert(fp, formats, operand(0, from.bits), roundingOf(fp, detail)));
    }
  }
  return functions;
}

/** Sets Core.fpLimit64 and fpLimit32 from FPCR and FPSR, after either has been written. */
export function updateFloatLimits(u32: Uint32Array, cpu: number): void {
  const fpcr = u32[(cpu + Core.fpcr) >>> 2] as number;
  const fpsr = u32[(cpu + Core.fpsr) >>> 2] as number;
  const plain = (fpcr & (Fpcr.rounding | Fpcr.FZ)) === 0 && (fpsr & Fpsr.inexact) !== 0;
  const wide = (cpu + Core.fpLimit64) >>> 2;
  const narrow = (cpu + Core.fpLimit32) >>> 2;
  for (let i = 0; i < 4; i++) {
    u32[wide + i] = i & 1 ? (plain ? 0x7ff00000 : 0x7ff80000) : 0;
    u32[narrow + i] = plain ? 0x7f800000 : 0x7fc00000;
  }
}
