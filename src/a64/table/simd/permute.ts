/** AdvSIMD copy, permute, extract, table lookup and modified immediate (Arm ARM C4.1.97). */
import { constantOf, i64, type V128 } from '../../../wasm/expr.ts';
import { i8x16, i64x2, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import { signExtend64 } from '../../meaning.ts';
import {
  arrangement,
  bitsOf,
  duplicateLane,
  extractLane,
  greaterEqualUnsigned,
  pick,
  replaceLane,
  scalarKind,
  setResult,
  shuffleLanes,
  splat,
  splatConst,
} from './lanes.ts';

/**
 * In imm5 the lowest one tells the size and the bits above it are the index; where there is no index they are ignored.
 */
const elements = [
  { size: 0, index: 'imm:4 1', ignored: 'zzzz1', second: 'imm2:4' },
  { size: 1, index: 'imm:3 10', ignored: 'zzz10', second: 'imm2:3 z' },
  { size: 2, index: 'imm:2 100', ignored: 'zz100', second: 'imm2:2 zz' },
  { size: 3, index: 'imm:1 1000', ignored: 'z1000', second: 'imm2:1 zzz' },
] as const;

const copies = elements.flatMap(({ size, index, ignored, second }): Instruction[] => {
  const letter = 'bhsd'[size];
  const general = size === 3 ? 'X' : 'W';
  const element = `{V.${letter}[imm]:Rn}`;
  const rows = [
    define('DUP (element)', `0 Q 0 01110000 ${index} 0 0000 1 Rn Rd`, {
      asm: (f) => `dup {V.${arrangement(size, f.Q)}:Rd}, ${element}`,
      where: (f) => size < 3 || f.Q === 1,
      fp: true,
      run: (m, f) => setResult(m, 64 << f.Q, duplicateLane(size, m.v('Rn'), m.field('imm'))),
    }),
    define('DUP (element, scalar)', `01 0 11110000 ${index} 0 0000 1 Rn Rd`, {
      asm: `mov {${scalarKind(size)}:Rd}, ${element}`,
      fp: true,
      run: (m) => setResult(m, bitsOf(size), duplicateLane(size, m.v('Rn'), m.field('imm'))),
    }),
    define('DUP (general)', `0 Q 0 01110000 ${ignored} 0 0001 1 Rn Rd`, {
      asm: (f) => `dup {V.${arrangement(size, f.Q)}:Rd}, {${general}:Rn}`,
      where: (f) => size < 3 || f.Q === 1,
      fp: true,
      run: (m, f) => setResult(m, 64 << f.Q, splat(size, m.x('Rn'))),
    }),
    define('INS (general)', `0 1 0 01110000 ${index} 0 0011 1 Rn Rd`, {
      asm: `mov {V.${letter}[imm]:Rd}, {${general}:Rn}`,
      fp: true,
      run: (m) => m.setV('Rd', replaceLane(size, m.v('Rd'), m.field('imm'), splat(size, m.x('Rn')))),
    }),
    define('INS (element)', `0 1 1 01110000 ${index} 0 ${second} 1 Rn Rd`, {
      asm: `mov {V.${letter}[imm]:Rd}, {V.${letter}[imm2]:Rn}`,
      fp: true,
      run: (m) => {
        const from = constantOf(m.field('imm2'));
        const to = constantOf(m.field('imm'));
        if (from !== undefined && to !== undefined) {
          const whole = 16 >> size;
          const lanes = (i: number): number => (i === Number(to) ? whole + Number(from) : i);
          m.setV('Rd', shuffleLanes(size, m.v('Rd'), m.v('Rn'), lanes));
        } else {
          const value = duplicateLane(size, m.v('Rn'), m.field('imm2'));
          m.setV('Rd', replaceLane(size, m.v('Rd'), m.field('imm'), value));
        }
      },
    }),
    define('UMOV', `0 ${size === 3 ? 1 : 0} 0 01110000 ${index} 0 0111 1 Rn Rd`, {
      asm: `${size < 2 ? 'umov' : 'mov'} {${general}:Rd}, ${element}`,
      fp: true,
      run: (m) => m.setX('Rd', extractLane(size, m.v('Rn'), m.field('imm'))),
    }),
  ];
  if (size === 3) return rows;
  const signed = define('SMOV', `0 Q 0 01110000 ${index} 0 0101 1 Rn Rd`, {
    asm: (f) => `smov {${f.Q ? 'X' : 'W'}:Rd}, ${element}`,
    where: (f) => size < 2 || f.Q === 1,
    fp: true,
    run: (m, f) => {
      const value = signExtend64(bitsOf(size), extractLane(size, m.v('Rn'), m.field('imm')));
      m.setX('Rd', f.Q ? value : i64.and(value, i64.const(0xffff_ffff)));
    },
  });
  return [...rows, signed];
});

/**
 * UZP1, TRN1, ZIP1, UZP2, TRN2, ZIP2 by opcode: where each lane of the result comes from; b's lanes count on from
 * `whole`.
 */
function permuted(opcode: number, half: number, whole: number, i: number): number {
  const part = opcode >> 2;
  switch (opcode & 3) {
    case 1:
      return i < half ? 2 * i + part : whole + 2 * (i - half) + part;
    case 2:
      return (i & 1 ? whole : 0) + (i & ~1) + part;
    default:
      return (i & 1 ? whole : 0) + (i >> 1) + part * half;
  }
}

const permute = define('UZP1/TRN1/ZIP1/UZP2/TRN2/ZIP2', '0 Q 0 01110 size:2 0 Rm 0 opcode:3 10 Rn Rd', {
  asm: (f) => {
    const t = arrangement(f.size, f.Q);
    const name = pick(f.opcode, '', 'uzp1', 'trn1', 'zip1', '', 'uzp2', 'trn2', 'zip2');
    return `${name} {V.${t}:Rd}, {V.${t}:Rn}, {V.${t}:Rm}`;
  },
  where: (f) => (f.opcode & 3) !== 0 && (f.size < 3 || f.Q === 1),
  fp: true,
  run: (m, f) => {
    const whole = 16 >> f.size;
    const half = f.Q ? whole / 2 : whole / 4;
    const lanes = (i: number): number => (i < 2 * half ? permuted(f.opcode, half, whole, i) : i);
    setResult(m, 64 << f.Q, shuffleLanes(f.size, m.v('Rn'), m.v('Rm'), lanes));
  },
});

/** Bytes 0 to 15, the numbers of a vector's own bytes. */
const identity = (): V128 => v128.const(Uint8Array.from({ length: 16 }, (_, i) => i));

const extract = define('EXT', '0 Q 1 01110 00 0 Rm 0 imm:4 0 Rn Rd', {
  asm: (f) => {
    const t = arrangement(0, f.Q);
    return `ext {V.${t}:Rd}, {V.${t}:Rn}, {V.${t}:Rm}, {dec:imm}`;
  },
  where: (f) => f.Q === 1 || f.imm < 8,
  fp: true,
  run: (m, f) => {
    const length = 8 << f.Q;
    const from = m.field('imm');
    const known = constantOf(from);
    const n = m.v('Rn');
    const o = m.v('Rm');
    if (known !== undefined) {
      const byte = (i: number): number =>
        i + Number(known) < length ? i + Number(known) : 16 - length + i + Number(known);
      setResult(
        m,
        8 * length,
        shuffleLanes(0, n, o, (i) => byte(i) & 31),
      );
      return;
    }
    // A swizzle gives zero for bytes from 16 on, so two of them, each for its part of the result, make the whole.
    const both = f.Q ? n : i64x2.replace_lane(n, 1, i64x2.extract_lane(o, 0));
    const at = m.let(i8x16.add(identity(), i8x16.splat(from)));
    const first = i8x16.swizzle(both, at);
    const rest = i8x16.swizzle(o, i8x16.sub(at, splatConst(0, 16)));
    setResult(m, 8 * length, f.Q ? v128.or(first, rest) : first);
  },
});

const tableLookup = define('TBL/TBX', '0 Q 0 01110 00 0 Rm 0 len:2 op 00 Rn Rd', {
  asm: (f) => {
    const t = arrangement(0, f.Q);
    return `${f.op ? 'tbx' : 'tbl'} {V.${t}:Rd}, {list 16b ${f.len + 1}:Rn}, {V.${t}:Rm}`;
  },
  fp: true,
  run: (m, f) => {
    const index = m.let(m.v('Rm'));
    let result = i8x16.swizzle(m.v('Rn'), index);
    for (let i = 1; i <= f.len; i++) {
      const inTable = i8x16.sub(index, splatConst(0, 16 * i));
      result = v128.or(result, i8x16.swizzle(m.vPlus('Rn', i), inTable));
    }
    if (f.op) {
      const outside = greaterEqualUnsigned(0, index, splatConst(0, 16 * (f.len + 1)));
      result = v128.or(result, v128.and(m.v('Rd'), outside));
    }
    setResult(m, 64 << f.Q, result);
  },
});

/** The immediate of MOVI and its relatives (Arm ARM J1.3, AdvSIMDExpandImm), for all cmodes but 1111. */
function expandImmediate(op: number, cmode: number, imm8: number): bigint {
  const value = BigInt(imm8);
  const repeat = (element: bigint, bits: number): bigint => {
    let all = 0n;
    for (let at = 0; at < 64; at += bits) all |= element << BigInt(at);
    return all;
  };
  if (cmode < 8) return repeat(value << BigInt(8 * (cmode >> 1)), 32);
  if (cmode < 12) return repeat(value << BigInt(8 * ((cmode >> 1) & 1)), 16);
  if (cmode < 14) return repeat(cmode & 1 ? (value << 16n) | 0xffffn : (value << 8n) | 0xffn, 32);
  if (op === 0) return repeat(value, 8);
  let mask = 0n;
  for (let i = 0; i < 8; i++) if ((imm8 >> i) & 1) mask |= 0xffn << BigInt(8 * i);
  return mask;
}

/** ORR and BIC combine with Rd; the others move the immediate (MVNI: inverted). */
const combines = (cmode: number): boolean => cmode < 12 && (cmode & 1) === 1;

const immediate = define('MOVI/MVNI/ORR/BIC (vector, immediate)', '0 Q op 0111100000 imma:3 cmode:4 01 immb:5 Rd', {
  asm: (f) => {
    if (f.cmode === 14 && f.op === 1) return `movi {${f.Q ? 'V.2d' : 'D'}:Rd}, {bytemask:imma:immb}`;
    const size = f.cmode === 14 ? 0 : f.cmode >= 8 && f.cmode < 12 ? 1 : 2;
    const name = combines(f.cmode) ? pick(f.op, 'orr', 'bic') : pick(f.op, 'movi', 'mvni');
    const amount = 8 * ((f.cmode >> 1) & (size === 1 ? 1 : 3));
    const shift = f.cmode >= 12 ? pick(f.cmode - 12, ', msl #8', ', msl #16', '') : amount ? `, lsl #${amount}` : '';
    return `${name} {V.${arrangement(size, f.Q)}:Rd}, {hex:imma:immb}${shift}`;
  },
  where: (f) => f.cmode !== 15,
  aux: (f) => {
    const value = expandImmediate(f.op, f.cmode, (f.imma << 5) | f.immb);
    return [f.op === 1 && f.cmode !== 14 ? BigInt.asUintN(64, ~value) : value];
  },
  fp: true,
  run: (m, f) => {
    const value = splat(3, m.aux(0));
    const result = combines(f.cmode) ? (f.op ? v128.and : v128.or)(m.v('Rd'), value) : value;
    setResult(m, 64 << f.Q, result);
  },
});

export const simdPermute: readonly Instruction[] = [...copies, permute, extract, tableLookup, immediate];
