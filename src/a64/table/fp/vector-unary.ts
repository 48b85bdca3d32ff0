/** Floating-point AdvSIMD two-register miscellaneous: on numbers, one operand (Arm ARM C4.1.97). */
import type { V128 } from '../../../wasm/expr.ts';
import { f32x4, f64x2, i32x4, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import * as arithmetic from '../../runtime/float-arithmetic.ts';
import { emitFloat, type FloatOperation } from '../../runtime/float-arithmetic.ts';
import { fpRoundInt } from '../../runtime/float-convert.ts';
import {
  fpRecipEstimate32,
  fpRecipEstimate64,
  fpRecpX32,
  fpRecpX64,
  fpRSqrtEstimate32,
  fpRSqrtEstimate64,
  unsignedRecipEstimate,
  unsignedRSqrtEstimate,
} from '../../runtime/float-estimate.ts';
import { vectorLanes } from '../../runtime/float-lanes.ts';
import type { RuntimeFunction } from '../../runtime.ts';
import type { Bits } from '../simd/lanes.ts';
import { fpKind, fpVector, isFpVector, setLanes, type VectorLanes, withPrecision } from './common.ts';

type Run = (m: Meaning, l: VectorLanes, n: V128) => V128;

const operation =
  (o: FloatOperation): Run =>
  (m, l, n) =>
    emitFloat(m, l, o, n);

/** Compares with zero, from the left or from the right. */
const withZero =
  (o: FloatOperation, zeroFirst = false): Run =>
  (m, l, n) =>
    zeroFirst ? emitFloat(m, l, o, v128.zero(), n) : emitFloat(m, l, o, n, v128.zero());

/** Calls a function of the runtime for each lane. */
const eachLane =
  (single: RuntimeFunction<'f32'>, double: RuntimeFunction<'f64'>): Run =>
  (m, l, n) => {
    const a = m.let(n);
    let result = v128.zero();
    for (let i = 0; i < l.count; i++) {
      result =
        l.format.bits === 64
          ? f64x2.replace_lane(result, i, m.call(double, m.cpu, f64x2.extract_lane(a, i)))
          : f32x4.replace_lane(result, i, m.call(single, m.cpu, f32x4.extract_lane(a, i)));
    }
    return result;
  };

interface Row {
  readonly name: string;
  readonly U: '0' | '1';
  readonly a: '0' | '1';
  readonly opcode: Bits;
  readonly forms: 'vector' | 'scalar' | 'both';
  /** What follows the registers in assembly. */
  readonly tail?: string;
  readonly run: Run;
}

type Encoding = readonly [U: Row['U'], a: Row['a'], opcode: Bits];

const row = (name: string, [U, a, opcode]: Encoding, forms: Row['forms'], run: Run): Row => ({
  name,
  U,
  a,
  opcode,
  forms,
  run,
});

const zeroRow = (name: string, U: '0' | '1', opcode: Bits, run: Run): Row => ({
  ...row(name, [U, '1', opcode], 'both', run),
  tail: ', #0.0',
});

const rows: readonly Row[] = [
  zeroRow('FCMGT', '0', '01100', withZero(arithmetic.fpCompareGt)),
  zeroRow('FCMEQ', '0', '01101', withZero(arithmetic.fpCompareEq)),
  zeroRow('FCMLT', '0', '01110', withZero(arithmetic.fpCompareGt, true)),
  zeroRow('FCMGE', '1', '01100', withZero(arithmetic.fpCompareGe)),
  zeroRow('FCMLE', '1', '01101', withZero(arithmetic.fpCompareGe, true)),
  row('FABS', ['0', '1', '01111'], 'vector', (_, l, n) => l.abs(n)),
  row('FNEG', ['1', '1', '01111'], 'vector', (_, l, n) => l.neg(n)),
  row('FSQRT', ['1', '1', '11111'], 'vector', operation(arithmetic.fpSqrt)),
  row('FRINTN', ['0', '0', '11000'], 'vector', operation(fpRoundInt(0, false))),
  row('FRINTM', ['0', '0', '11001'], 'vector', operation(fpRoundInt(2, false))),
  row('FRINTP', ['0', '1', '11000'], 'vector', operation(fpRoundInt(1, false))),
  row('FRINTZ', ['0', '1', '11001'], 'vector', operation(fpRoundInt(3, false))),
  row('FRINTA', ['1', '0', '11000'], 'vector', operation(fpRoundInt(4, false))),
  row('FRINTX', ['1', '0', '11001'], 'vector', operation(fpRoundInt('current', true))),
  row('FRINTI', ['1', '1', '11001'], 'vector', operation(fpRoundInt('current', false))),
  row('FRECPE', ['0', '1', '11101'], 'both', eachLane(fpRecipEstimate32, fpRecipEstimate64)),
  row('FRSQRTE', ['1', '1', '11101'], 'both', eachLane(fpRSqrtEstimate32, fpRSqrtEstimate64)),
  row('FRECPX', ['0', '1', '11111'], 'scalar', eachLane(fpRecpX32, fpRecpX64)),
];

function define1({ name, U, a, opcode, forms, tail = '', run }: Row): Instruction[] {
  const mnemonic = name.toLowerCase();
  const apply = (m: Meaning, l: VectorLanes): void => setLanes(m, l, run(m, l, m.v('Rn')));
  const vector = define(`${name} (vector)`, `0 Q ${U} 01110 ${a} sz 10000 ${opcode} 10 Rn Rd`, {
    asm: (f) => `${mnemonic} {${fpVector(f.sz, f.Q)}:Rd}, {${fpVector(f.sz, f.Q)}:Rn}${tail}`,
    where: isFpVector,
    fp: true,
    run: (m, f) => apply(m, vectorLanes(f.sz, f.Q)),
  });
  const scalar = define(`${name} (scalar)`, `01 ${U} 11110 ${a} sz 10000 ${opcode} 10 Rn Rd`, {
    asm: (f) => `${mnemonic} {${fpKind(f.sz)}:Rd}, {${fpKind(f.sz)}:Rn}${tail}`,
    fp: true,
    run: (m, f) => withPrecision(f.sz, (p) => apply(m, p.vector)),
  });
  return forms === 'vector' ? [vector] : forms === 'scalar' ? [scalar] : [vector, scalar];
}

const unsignedEstimate = (name: string, U: '0' | '1', f: RuntimeFunction<'i32'>): Instruction =>
  define(name, `0 Q ${U} 01110 1 0 10000 11100 10 Rn Rd`, {
    asm: ({ Q }) => `${name.toLowerCase()} {${fpVector(0, Q)}:Rd}, {${fpVector(0, Q)}:Rn}`,
    fp: true,
    run: (m, { Q }) => {
      const n = m.let(m.v('Rn'));
      let result = v128.zero();
      for (let i = 0; i < 2 << Q; i++) {
        result = i32x4.replace_lane(result, i, m.call(f, i32x4.extract_lane(n, i)));
      }
      m.setV('Rd', result);
    },
  });

export const fpVectorUnary = [
  ...rows.flatMap(define1),
  unsignedEstimate('URECPE', '0', unsignedRecipEstimate),
  unsignedEstimate('URSQRTE', '1', unsignedRSqrtEstimate),
];
