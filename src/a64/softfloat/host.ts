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

type Operation = (fp: FloatState, format: Format, a: bigint, b: bigint, c: bigint, detail: number) => bigint;

/** Operations on singles and doubles, by the names that generated code uses, without the width. */
const operations: Readonly<Record<string, Operation>> = {
  fpAdd: arithmetic.fpAdd,
  fpSub: arithmetic.fpSub,
  fpAbd: arithmetic.fpAbd,
  fpMul: arithmetic.fpMul,
  fpMulX: arithmetic.fpMulX,
  fpNegMul: arithmetic.fpNegMul,
  fpDiv: arithmetic.fpDiv,
  fpSqrt: arithmetic.fpSqrt,
  fpMulAdd: arithmetic.fpMulAdd,
  fpRecipStep: arithmetic.fpRecipStep,
  fpRSqrtStep: arithmetic.fpRSqrtStep,
  fpMax: arithmetic.fpMax,
  fpMin: arithmetic.fpMin,
  fpMaxNum: arithmetic.fpMaxNum,
  fpMinNum: arithmetic.fpMinNum,
  fpCompare: arithmetic.fpCompare,
  fpCompareSignalling: arithmetic.fpCompareSignalling,
  fpCompareEq: arithmetic.fpCompareEq,
  fpCompareGe: arithmetic.fpCompareGe,
  fpCompareGt: arithmetic.fpCompareGt,
  fpAbsCompareGe: arithmetic.fpAbsCompareGe,
  fpAbsCompareGt: arithmetic.fpAbsCompareGt,
  fpRecpX: arithmetic.fpRecpX,
  fpRecipEstimate,
  fpRSqrtEstimate,
  fpRoundInt: (fp, format, a, _b, _c, detail) =>
    fpRoundInt(fp, format, a, roundingOf(fp, detail), (detail & Detail.exact) !== 0),
  fpToFixed: (fp, format, a, _b, _c, detail) =>
    fpToFixed(
      fp,
      format,
      a,
      detail & Detail.wide ? 64 : 32,
      (detail & Detail.unsigned) !== 0,
      detail >>> Detail.fractionBitsShift,
      roundingOf(fp, detail),
    ),
  fixedToFp: (fp, format, a, _b, _c, detail) =>
    fixedToFp(
      fp,
      format,
      a,
      detail & Detail.wide ? 64 : 32,
      (detail & Detail.unsigned) !== 0,
      detail >>> Detail.fractionBitsShift,
    ),
};

const formats = [half, single, double];

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
        run(cpu, (fp, operand) => operation(fp, format, operand(0, width), operand(1, bits), operand(2, bits), detail));
    }
  }
  for (const from of formats) {
    for (const to of formats) {
      functions[`fpConvert${from.bits}To${to.bits}`] = (cpu, detail) =>
        run(cpu, (fp, operand) => fpConvert(fp, from, to, operand(0, from.bits), roundingOf(fp, detail)));
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
