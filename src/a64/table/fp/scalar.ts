/** Floating-point data processing on scalars (Arm ARM C4.1.96), conversions excepted. */
import { i64x2 } from '../../../wasm/simd.ts';
import { define } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import * as arithmetic from '../../runtime/float-arithmetic.ts';
import { emitFloat, type FloatOperation } from '../../runtime/float-arithmetic.ts';
import { emitCompare, emitConditionalCompare } from '../../runtime/float-compare.ts';
import { fpRoundInt, type IntegralRounding } from '../../runtime/float-convert.ts';
import { emitFused, fpMulAdd } from '../../runtime/float-fused.ts';
import { expandImmediate, fpKind, withPrecision } from './common.ts';

const binary: readonly (readonly [string, FloatOperation])[] = [
  ['fmul', arithmetic.fpMul],
  ['fdiv', arithmetic.fpDiv],
  ['fadd', arithmetic.fpAdd],
  ['fsub', arithmetic.fpSub],
  ['fmax', arithmetic.fpMax],
  ['fmin', arithmetic.fpMin],
  ['fmaxnm', arithmetic.fpMaxNum],
  ['fminnm', arithmetic.fpMinNum],
  ['fnmul', arithmetic.fpNegMul],
];

/** FRINT by its rmode field. */
const roundings: readonly (readonly [string, IntegralRounding, boolean] | undefined)[] = [
  ['frintn', 0, false],
  ['frintp', 1, false],
  ['frintm', 2, false],
  ['frintz', 3, false],
  ['frinta', 4, false],
  undefined,
  ['frintx', 'current', true],
  ['frinti', 'current', false],
];

/** Rd = an operation on Rn. */
const unary = (m: Meaning, sz: number, operation: FloatOperation): void =>
  withPrecision(sz, (p) => p.set(m, 'Rd', emitFloat(m, p.lanes, operation, p.get(m, 'Rn'))));

const registers = (sz: number, ...fields: string[]): string => fields.map((f) => `{${fpKind(sz)}:${f}}`).join(', ');

export const fpScalar = [
  define('FMOV/FABS/FNEG/FSQRT (scalar)', '00011110 0 type 1 0000 opc:2 10000 Rn Rd', {
    asm: (f) => `${['fmov', 'fabs', 'fneg', 'fsqrt'][f.opc]} ${registers(f.type, 'Rd', 'Rn')}`,
    fp: true,
    run: (m, f) => {
      if (f.opc === 3) unary(m, f.type, arithmetic.fpSqrt);
      else {
        withPrecision(f.type, (p) => {
          const n = p.get(m, 'Rn');
          p.set(m, 'Rd', f.opc === 0 ? n : f.opc === 1 ? p.lanes.abs(n) : p.lanes.neg(n));
        });
      }
    },
  }),

  define('FRINT (scalar)', '00011110 0 type 1 001 rmode:3 10000 Rn Rd', {
    asm: (f) => `${roundings[f.rmode]?.[0]} ${registers(f.type, 'Rd', 'Rn')}`,
    where: (f) => roundings[f.rmode] !== undefined,
    fp: true,
    run: (m, f) => {
      const [, rounding, exact] = roundings[f.rmode] ?? ['', 'current', false];
      unary(m, f.type, fpRoundInt(rounding, exact));
    },
  }),

  define('FMUL/FDIV/FADD/FSUB/FMAX/FMIN/FMAXNM/FMINNM/FNMUL (scalar)', '00011110 0 type 1 Rm opcode:4 10 Rn Rd', {
    asm: (f) => `${binary[f.opcode]?.[0]} ${registers(f.type, 'Rd', 'Rn', 'Rm')}`,
    where: (f) => f.opcode < binary.length,
    fp: true,
    run: (m, f) => {
      const operation = binary[f.opcode]?.[1] ?? arithmetic.fpAdd;
      withPrecision(f.type, (p) => p.set(m, 'Rd', emitFloat(m, p.lanes, operation, p.get(m, 'Rn'), p.get(m, 'Rm'))));
    },
  }),

  define('FMADD/FMSUB/FNMADD/FNMSUB', '00011111 0 type o1 Rm o0 Ra Rn Rd', {
    asm: (f) => `f${f.o1 ? 'n' : ''}m${f.o0 ? 'sub' : 'add'} ${registers(f.type, 'Rd', 'Rn', 'Rm', 'Ra')}`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.type, (p) => {
        const addend = f.o1 ? p.vector.neg(m.v('Ra')) : m.v('Ra');
        const n = f.o0 !== f.o1 ? p.vector.neg(m.v('Rn')) : m.v('Rn');
        p.set(m, 'Rd', p.lane(emitFused(m, p.vector, fpMulAdd, addend, n, m.v('Rm')), 0));
      }),
  }),

  define('FCMP/FCMPE', '00011110 0 type 1 Rm 00 1000 Rn e 0 000', {
    asm: (f) => `fcmp${f.e ? 'e' : ''} ${registers(f.type, 'Rn', 'Rm')}`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.type, (p) =>
        emitCompare(m, { lanes: p.lanes, signalling: f.e === 1, a: p.get(m, 'Rn'), b: p.get(m, 'Rm') }),
      ),
  }),
  define('FCMP/FCMPE (zero)', '00011110 0 type 1 zzzzz 00 1000 Rn e 1 000', {
    asm: (f) => `fcmp${f.e ? 'e' : ''} ${registers(f.type, 'Rn')}, #0.0`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.type, (p) =>
        emitCompare(m, { lanes: p.lanes, signalling: f.e === 1, a: p.get(m, 'Rn'), b: p.lanes.constant(0) }),
      ),
  }),

  define('FCCMP/FCCMPE', '00011110 0 type 1 Rm cond:4 01 Rn e nzcv:4', {
    asm: (f) => `fccmp${f.e ? 'e' : ''} ${registers(f.type, 'Rn', 'Rm')}, #0x${f.nzcv.toString(16)}, {cond ${f.cond}}`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.type, (p) => {
        const numbers = { lanes: p.lanes, signalling: f.e === 1, a: p.get(m, 'Rn'), b: p.get(m, 'Rm') };
        emitConditionalCompare(m, numbers, m.condition(f.cond), f.nzcv);
      }),
  }),

  define('FCSEL', '00011110 0 type 1 Rm cond:4 11 Rn Rd', {
    asm: (f) => `fcsel ${registers(f.type, 'Rd', 'Rn', 'Rm')}, {cond ${f.cond}}`,
    fp: true,
    run: (m, f) =>
      withPrecision(f.type, (p) => p.set(m, 'Rd', m.select(m.condition(f.cond), p.get(m, 'Rn'), p.get(m, 'Rm')))),
  }),

  define('FMOV (scalar, immediate)', '00011110 0 type 1 imm8:8 100 00000 Rd', {
    asm: (f) => `fmov ${registers(f.type, 'Rd')}, {fpimm:imm8}`,
    aux: (f) => [expandImmediate(f.type, f.imm8)],
    fp: true,
    run: (m) => m.setDBits('Rd', m.aux(0)),
  }),

  define('FMOV (vector, immediate)', '0 Q op 0111100000 immabc:3 1111 0 1 immdefgh:5 Rd', {
    asm: (f) => `fmov {V.${f.op ? '2d' : f.Q ? '4s' : '2s'}:Rd}, {fpimm:immabc:immdefgh}`,
    where: (f) => f.op === 0 || f.Q === 1,
    aux: (f) => {
      const element = expandImmediate(f.op, (f.immabc << 5) | f.immdefgh);
      return [f.op ? element : element * 0x1_0000_0001n];
    },
    fp: true,
    run: (m, f) => (f.Q ? m.setV('Rd', i64x2.splat(m.aux(0))) : m.setDBits('Rd', m.aux(0))),
  }),
];
