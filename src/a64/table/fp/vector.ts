/**
 * Floating-point AdvSIMD with two and more operands: three same, by element, pairwise, across lanes (Arm ARM C4.1.97).
 */
import type { V128 } from '../../../wasm/expr.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import * as arithmetic from '../../runtime/float-arithmetic.ts';
import { emitFloat, type FloatOperation } from '../../runtime/float-arithmetic.ts';
import { emitFused, type FusedOperation, fpMulAdd, fpRecipStep, fpRSqrtStep } from '../../runtime/float-fused.ts';
import { vectorLanes, vectorSingle2 } from '../../runtime/float-lanes.ts';
import { type Bits, shuffleLanes, unzip } from '../simd/lanes.ts';
import { fpKind, fpVector, isFpVector, setLanes, type VectorLanes, withPrecision } from './common.ts';

/** What Rd holds, and the two operands. */
interface Operands {
  readonly d: () => V128;
  readonly n: V128;
  readonly b: V128;
}

/** The result of an operation on vectors. */
type Run = (m: Meaning, l: VectorLanes, operands: Operands) => V128;

const lanewise =
  (operation: FloatOperation): Run =>
  (m, l, { n, b }) =>
    emitFloat(m, l, operation, n, b);

const fused =
  (operation: FusedOperation): Run =>
  (m, l, { n, b }) =>
    emitFused(m, l, operation, n, b);

/** FMLA and FMLS. */
const accumulate =
  (subtract: boolean): Run =>
  (m, l, { d, n, b }) =>
    emitFused(m, l, fpMulAdd, d(), subtract ? l.neg(n) : n, b);

/** On neighbouring lanes of the two operands joined. */
const pairwise =
  (operation: FloatOperation): Run =>
  (m, l, { n, b }) => {
    const size = l.format.bits === 64 ? 3 : 2;
    const width = l.count * l.format.bits;
    const x = m.let(n);
    const y = m.let(b);
    return emitFloat(m, l, operation, unzip({ size, width }, 0, x, y), unzip({ size, width }, 1, x, y));
  };

type Row = readonly [name: string, U: '0' | '1', a: '0' | '1', opcode: Bits, run: Run, scalar?: 'scalar'];

const threeSame: readonly Row[] = [
  ['FMAXNM', '0', '0', '11000', lanewise(arithmetic.fpMaxNum)],
  ['FMLA', '0', '0', '11001', accumulate(false)],
  ['FADD', '0', '0', '11010', lanewise(arithmetic.fpAdd)],
  ['FMULX', '0', '0', '11011', lanewise(arithmetic.fpMulX), 'scalar'],
  ['FCMEQ', '0', '0', '11100', lanewise(arithmetic.fpCompareEq), 'scalar'],
  ['FMAX', '0', '0', '11110', lanewise(arithmetic.fpMax)],
  ['FRECPS', '0', '0', '11111', fused(fpRecipStep), 'scalar'],
  ['FMINNM', '0', '1', '11000', lanewise(arithmetic.fpMinNum)],
  ['FMLS', '0', '1', '11001', accumulate(true)],
  ['FSUB', '0', '1', '11010', lanewise(arithmetic.fpSub)],
  ['FMIN', '0', '1', '11110', lanewise(arithmetic.fpMin)],
  ['FRSQRTS', '0', '1', '11111', fused(fpRSqrtStep), 'scalar'],
  ['FMAXNMP', '1', '0', '11000', pairwise(arithmetic.fpMaxNum)],
  ['FADDP', '1', '0', '11010', pairwise(arithmetic.fpAdd)],
  ['FMUL', '1', '0', '11011', lanewise(arithmetic.fpMul)],
  ['FCMGE', '1', '0', '11100', lanewise(arithmetic.fpCompareGe), 'scalar'],
  ['FACGE', '1', '0', '11101', lanewise(arithmetic.fpAbsCompareGe), 'scalar'],
  ['FMAXP', '1', '0', '11110', pairwise(arithmetic.fpMax)],
  ['FDIV', '1', '0', '11111', lanewise(arithmetic.fpDiv)],
  ['FMINNMP', '1', '1', '11000', pairwise(arithmetic.fpMinNum)],
  ['FABD', '1', '1', '11010', lanewise(arithmetic.fpAbd), 'scalar'],
  ['FCMGT', '1', '1', '11100', lanewise(arithmetic.fpCompareGt), 'scalar'],
  ['FACGT', '1', '1', '11101', lanewise(arithmetic.fpAbsCompareGt), 'scalar'],
  ['FMINP', '1', '1', '11110', pairwise(arithmetic.fpMin)],
];

function threeSameRows([name, U, a, opcode, run, scalar]: Row): Instruction[] {
  const mnemonic = name.toLowerCase();
  const apply = (m: Meaning, l: VectorLanes): void =>
    setLanes(m, l, run(m, l, { d: () => m.v('Rd'), n: m.v('Rn'), b: m.v('Rm') }));
  const vector = define(`${name} (vector)`, `0 Q ${U} 01110 ${a} sz 1 Rm ${opcode} 1 Rn Rd`, {
    asm: (f) => {
      const v = fpVector(f.sz, f.Q);
      return `${mnemonic} {${v}:Rd}, {${v}:Rn}, {${v}:Rm}`;
    },
    where: isFpVector,
    fp: true,
    run: (m, f) => apply(m, vectorLanes(f.sz, f.Q)),
  });
  if (!scalar) return [vector];
  const single = define(`${name} (scalar)`, `01 ${U} 11110 ${a} sz 1 Rm ${opcode} 1 Rn Rd`, {
    asm: (f) => {
      const k = fpKind(f.sz);
      return `${mnemonic} {${k}:Rd}, {${k}:Rn}, {${k}:Rm}`;
    },
    fp: true,
    run: (m, f) => withPrecision(f.sz, (p) => apply(m, p.vector)),
  });
  return [vector, single];
}

const byElement: readonly (readonly [name: string, U: '0' | '1', opcode: Bits, run: Run])[] = [
  ['FMLA', '0', '0001', accumulate(false)],
  ['FMLS', '0', '0101', accumulate(true)],
  ['FMUL', '0', '1001', lanewise(arithmetic.fpMul)],
  ['FMULX', '1', '1001', lanewise(arithmetic.fpMulX)],
];

/** The element's index by the bits that hold it, and a vector of copies of it. */
const indexOf = (f: { readonly sz: number; readonly L: number; readonly H: number }): number =>
  f.sz ? f.H : f.H * 2 + f.L;

function copies(m: Meaning, sz: number, index: number): V128 {
  const size = sz ? 3 : 2;
  const rm = m.let(m.v('Rm'));
  return shuffleLanes(size, rm, rm, () => index);
}

function byElementRows([name, U, opcode, run]: (typeof byElement)[number]): Instruction[] {
  const mnemonic = name.toLowerCase();
  const element = (f: { readonly sz: number; readonly L: number; readonly H: number }): string =>
    `{V.${f.sz ? 'd' : 's'}[${indexOf(f)}]:Rm}`;
  const apply = (m: Meaning, l: VectorLanes, b: V128): void =>
    setLanes(m, l, run(m, l, { d: () => m.v('Rd'), n: m.v('Rn'), b }));
  return [
    define(`${name} (vector, by element)`, `0 Q ${U} 01111 1 sz L Rm ${opcode} H 0 Rn Rd`, {
      asm: (f) => {
        const v = fpVector(f.sz, f.Q);
        return `${mnemonic} {${v}:Rd}, {${v}:Rn}, ${element(f)}`;
      },
      where: (f) => isFpVector(f) && !(f.sz && f.L),
      fp: true,
      run: (m, f) => apply(m, vectorLanes(f.sz, f.Q), copies(m, f.sz, indexOf(f))),
    }),
    define(`${name} (scalar, by element)`, `01 ${U} 11111 1 sz L Rm ${opcode} H 0 Rn Rd`, {
      asm: (f) => `${mnemonic} {${fpKind(f.sz)}:Rd}, {${fpKind(f.sz)}:Rn}, ${element(f)}`,
      where: (f) => !(f.sz && f.L),
      fp: true,
      run: (m, f) => withPrecision(f.sz, (p) => apply(m, p.vector, copies(m, f.sz, indexOf(f)))),
    }),
  ];
}

const reductions: readonly (readonly [name: string, a: '0' | '1', opcode: Bits, operation: FloatOperation])[] = [
  ['FMAXNM', '0', '01100', arithmetic.fpMaxNum],
  ['FMAX', '0', '01111', arithmetic.fpMax],
  ['FMINNM', '1', '01100', arithmetic.fpMinNum],
  ['FMIN', '1', '01111', arithmetic.fpMin],
];

/** The two low lanes combined. */
const pairRow = (name: string, a: '0' | '1', opcode: Bits, operation: FloatOperation): Instruction =>
  define(`${name}P (scalar)`, `01 1 11110 ${a} sz 11000 ${opcode} 10 Rn Rd`, {
    asm: (f) => `${name.toLowerCase()}p {${fpKind(f.sz)}:Rd}, {V.2${f.sz ? 'd' : 's'}:Rn}`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.sz, (p) => {
        const n = m.let(m.v('Rn'));
        p.set(m, 'Rd', emitFloat(m, p.lanes, operation, p.lane(n, 0), p.lane(n, 1)));
      }),
  });

/** Across lanes: the halves are reduced first (Arm ARM J1.3, Reduce). */
const acrossRow = ([name, a, opcode, operation]: (typeof reductions)[number]): Instruction =>
  define(`${name}V`, `0 1 1 01110 ${a} 0 11000 ${opcode} 10 Rn Rd`, {
    asm: `${name.toLowerCase()}v {S:Rd}, {V.4s:Rn}`,
    fp: true,
    run: (m) => {
      const n = m.let(m.v('Rn'));
      const words = { size: 2, width: 128 };
      const halves = emitFloat(m, vectorSingle2, operation, unzip(words, 0, n, n), unzip(words, 1, n, n));
      withPrecision(0, (p) => p.set(m, 'Rd', emitFloat(m, p.lanes, operation, p.lane(halves, 0), p.lane(halves, 1))));
    },
  });

export const fpVectorBinary = [
  ...threeSame.flatMap(threeSameRows),
  ...byElement.flatMap(byElementRows),
  pairRow('FADD', '0', '01101', arithmetic.fpAdd),
  ...reductions.flatMap((row) => [pairRow(...row), acrossRow(row)]),
];
