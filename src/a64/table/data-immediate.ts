/**
 * Data processing, immediate (Arm ARM C4.1.86): PC-relative, add and subtract, logical, move wide, bitfield, extract.
 */

import { signExtend } from '../../base/bits.ts';
import { i32, i64 } from '../../wasm/expr.ts';
import { decodeBitMasks } from '../bitmask.ts';
import { define } from '../instruction.ts';
import type { Meaning } from '../meaning.ts';
import { addFlags32, addFlags64, reg } from './common.ts';

export const dataImmediate = [
  define('ADR', '0 immlo:2 10000 immhi:19 Rd', {
    asm: 'adr {X:Rd}, {adr:immhi:immlo}',
    aux: (f) => [signExtend(f.immhi, 19) * 4 + f.immlo],
    run: (m) => m.setX('Rd', i64.add(m.pc(), m.aux(0))),
  }),
  define('ADRP', '1 immlo:2 10000 immhi:19 Rd', {
    asm: 'adrp {X:Rd}, {adrp:immhi:immlo}',
    aux: (f) => [(signExtend(f.immhi, 19) * 4 + f.immlo) * 4096],
    run: (m) => m.setX('Rd', i64.add(i64.and(m.pc(), i64.const(-4096)), m.aux(0))),
  }),

  define('ADD/SUB (immediate)', 'sf op S 100010 sh imm12:12 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      return `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''} {${r}${f.S ? '' : 'SP'}:Rd}, {${r}SP:Rn}, {hex:imm12}${f.sh ? ', lsl #12' : ''}`;
    },
    aux: (f) => [f.sh ? f.imm12 * 4096 : f.imm12],
    run: (m, f) => {
      if (f.sf) {
        const n = m.xsp('Rn');
        if (f.S) addFlags64(m, f.op, n, m.aux(0));
        else m.setXsp('Rd', f.op ? i64.sub(n, m.aux(0)) : i64.add(n, m.aux(0)));
      } else {
        const n = m.wsp('Rn');
        const immediate = i32.wrap(m.aux(0));
        if (f.S) addFlags32(m, f.op, n, immediate);
        else m.setWsp('Rd', f.op ? i32.sub(n, immediate) : i32.add(n, immediate));
      }
    },
  }),

  define('AND/ORR/EOR/ANDS (immediate)', 'sf opc:2 100100 N immr:6 imms:6 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      return `${['and', 'orr', 'eor', 'ands'][f.opc]} {${r}${f.opc === 3 ? '' : 'SP'}:Rd}, {${r}:Rn}, {bitmask${f.sf ? 64 : 32}:N:immr:imms}`;
    },
    where: (f) => decodeBitMasks(f.sf, f.N, f.immr, f.imms) !== undefined,
    aux: (f) => [decodeBitMasks(f.sf, f.N, f.immr, f.imms) ?? 0n],
    run: (m, f) => {
      const n = m.x('Rn');
      const op = [i64.and, i64.or, i64.xor, i64.and][f.opc] ?? i64.and;
      const result = f.sf ? op(n, m.aux(0)) : i64.and(op(n, m.aux(0)), i64.const(0xffffffff));
      if (f.opc === 3) {
        const r = m.let(result);
        m.setLogicFlags(f.sf, r);
        m.setX('Rd', r);
      } else m.setXsp('Rd', result);
    },
  }),

  define('MOVN/MOVZ/MOVK', 'sf opc:2 100101 hw:2 imm16:16 Rd', {
    asm: (f) =>
      `${['movn', '', 'movz', 'movk'][f.opc]} {${reg(f.sf)}:Rd}, {hex:imm16}${f.hw ? `, lsl #${f.hw * 16}` : ''}`,
    where: (f) => f.opc !== 1 && (f.sf === 1 || f.hw < 2),
    aux: (f) => {
      // A number has room for all but the highest half-word.
      if (f.hw < 3) {
        const value = f.imm16 * 2 ** (16 * f.hw);
        return [f.opc !== 0 ? value : f.sf ? -1 - value : 2 ** 32 - 1 - value];
      }
      const value = BigInt(f.imm16) << 48n;
      return [f.opc === 0 ? BigInt.asUintN(64, ~value) : value];
    },
    run: (m, f) => {
      if (f.opc === 3) {
        const hole = BigInt.asUintN(f.sf ? 64 : 32, ~(0xffffn << BigInt(16 * f.hw)));
        m.setX('Rd', i64.or(i64.and(m.x('Rd'), i64.const(hole)), m.aux(0)));
      } else m.setX('Rd', m.aux(0));
    },
  }),

  define('SBFM/BFM/UBFM', 'sf opc:2 100110 N immr:6 imms:6 Rn Rd', {
    asm: (f) => `${['sbfm', 'bfm', 'ubfm'][f.opc]} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {dec:immr}, {dec:imms}`,
    where: (f) => f.opc !== 3 && f.N === f.sf && (f.sf === 1 || (f.immr < 32 && f.imms < 32)),
    aux: (f) => bitfieldShifts(f.sf ? 64 : 32, f.immr, f.imms, f.opc === 1),
    run: (m, f) => {
      if (f.opc === 1) insertBitfield(m, f.sf);
      else if (f.sf) {
        const left = i64.shl(m.x('Rn'), m.aux(0));
        m.setX('Rd', f.opc === 0 ? i64.shr_s(left, m.aux(1)) : i64.shr_u(left, m.aux(1)));
      } else {
        const left = i32.shl(m.w('Rn'), i32.wrap(m.aux(0)));
        const right = i32.wrap(m.aux(1));
        m.setW('Rd', f.opc === 0 ? i32.shr_s(left, right) : i32.shr_u(left, right));
      }
    },
  }),

  define('EXTR', 'sf 00 100111 N 0 Rm imms:6 Rn Rd', {
    asm: (f) => `extr {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}, {dec:imms}`,
    where: (f) => f.N === f.sf && (f.sf === 1 || f.imms < 32),
    aux: (f) => [f.imms],
    run: (m, f) => {
      if (f.sf) {
        // A shift by 64 - 0 would wrap to 0, so the upper part is shifted in two steps.
        const upper = i64.shl(i64.shl(m.x('Rn'), i64.const(1)), i64.sub(i64.const(63), m.aux(0)));
        m.setX('Rd', i64.or(upper, i64.shr_u(m.x('Rm'), m.aux(0))));
      } else {
        const both = i64.or(i64.shl(m.x('Rn'), i64.const(32)), i64.extend_u(m.w('Rm')));
        m.setX('Rd', i64.and(i64.shr_u(both, m.aux(0)), i64.const(0xffffffff)));
      }
    },
  }),
];

/**
 * A bitfield move is a shift to the left and one to the right: the field's top bit goes to the register's top bit, then
 * down to its place. For BFM: the mask of the bits that change and the rotation.
 */
function bitfieldShifts(width: 32 | 64, immr: number, imms: number, insert: boolean): [bigint | number, number] {
  const left = width - 1 - imms;
  const right = imms >= immr ? left + immr : immr - imms - 1;
  if (!insert) return [left, right];
  const size = imms >= immr ? imms - immr + 1 : imms + 1;
  const low = imms >= immr ? 0 : width - immr;
  return [BigInt.asUintN(width, ((1n << BigInt(size)) - 1n) << BigInt(low)), immr];
}

function insertBitfield(m: Meaning, sf: number): void {
  const mask = m.let(m.aux(0));
  const rotated = sf ? i64.rotr(m.x('Rn'), m.aux(1)) : i64.extend_u(i32.rotr(m.w('Rn'), i32.wrap(m.aux(1))));
  const kept = i64.and(m.x('Rd'), i64.xor(mask, i64.const(sf ? -1n : 0xffffffffn)));
  m.setX('Rd', i64.or(i64.and(rotated, mask), kept));
}
