/** Data processing, register (Arm ARM C4.1.95). */
import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { define } from '../instruction.ts';
import type { Meaning } from '../meaning.ts';
import { crc32 } from '../runtime/crc32.ts';
import { multiplyHigh } from '../runtime/multiply.ts';
import { addFlags32, addFlags64, packFlags, reg } from './common.ts';

const shiftNames = ['lsl', 'lsr', 'asr', 'ror'];

/** A register shifted by a constant amount (aux 0), at the width of the operation; W results are zero-extended. */
function shifted(m: Meaning, sf: number, shift: number, field: string): I64 {
  if (sf) {
    const op = [i64.shl, i64.shr_u, i64.shr_s, i64.rotr][shift] ?? i64.shl;
    return op(m.x(field), m.aux(0));
  }
  return i64.extend_u(shifted32(m, shift, field));
}

function shifted32(m: Meaning, shift: number, field: string): I32 {
  const op = [i32.shl, i32.shr_u, i32.shr_s, i32.rotr][shift] ?? i32.shl;
  return op(m.w(field), i32.wrap(m.aux(0)));
}

/** A register extended and shifted left by a constant amount (Arm ARM J1.3, ExtendReg). */
export function extended(m: Meaning, option: number, field: string, amount: I64): I64 {
  const x = m.x(field);
  const value = [
    () => i64.and(x, i64.const(0xff)),
    () => i64.and(x, i64.const(0xffff)),
    () => i64.and(x, i64.const(0xffffffff)),
    () => x,
    () => i64.extend8_s(x),
    () => i64.extend16_s(x),
    () => i64.extend32_s(x),
    () => x,
  ][option];
  return i64.shl((value ?? (() => x))(), amount);
}

const extendNames = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'];

export const dataRegister = [
  define('AND/BIC/ORR/ORN/EOR/EON/ANDS/BICS (shifted register)', 'sf opc:2 01010 shift:2 N Rm imm6:6 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      const name = [
        ['and', 'bic'],
        ['orr', 'orn'],
        ['eor', 'eon'],
        ['ands', 'bics'],
      ][f.opc]?.[f.N];
      return `${name} {${r}:Rd}, {${r}:Rn}, {${r}:Rm}{shift ${shiftNames[f.shift]}:imm6}`;
    },
    where: (f) => f.sf === 1 || f.imm6 < 32,
    aux: (f) => [f.imm6],
    run: (m, f) => {
      let b = shifted(m, f.sf, f.shift, 'Rm');
      if (f.N) b = i64.xor(b, i64.const(f.sf ? -1n : 0xffffffffn));
      const op = [i64.and, i64.or, i64.xor, i64.and][f.opc] ?? i64.and;
      const result = op(f.sf ? m.x('Rn') : i64.and(m.x('Rn'), i64.const(0xffffffff)), b);
      if (f.opc === 3) {
        const r = m.let(result);
        m.setLogicFlags(f.sf, r);
        m.setX('Rd', r);
      } else m.setX('Rd', result);
    },
  }),

  define('ADD/SUB (shifted register)', 'sf op S 01011 shift:2 0 Rm imm6:6 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      return `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''} {${r}:Rd}, {${r}:Rn}, {${r}:Rm}{shift ${shiftNames[f.shift]}:imm6}`;
    },
    where: (f) => f.shift !== 3 && (f.sf === 1 || f.imm6 < 32),
    aux: (f) => [f.imm6],
    run: (m, f) => {
      if (f.sf) {
        const b = shifted(m, 1, f.shift, 'Rm');
        if (f.S) addFlags64(m, f.op, m.x('Rn'), b);
        else m.setX('Rd', f.op ? i64.sub(m.x('Rn'), b) : i64.add(m.x('Rn'), b));
      } else {
        const b = shifted32(m, f.shift, 'Rm');
        if (f.S) addFlags32(m, f.op, m.w('Rn'), b);
        else m.setW('Rd', f.op ? i32.sub(m.w('Rn'), b) : i32.add(m.w('Rn'), b));
      }
    },
  }),

  define('ADD/SUB (extended register)', 'sf op S 01011 00 1 Rm option:3 imm3:3 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      const rm = f.sf && (f.option & 3) === 3 ? 'X' : 'W';
      return `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''} {${r}${f.S ? '' : 'SP'}:Rd}, {${r}SP:Rn}, {${rm}:Rm}{extend ${extendNames[f.option]}:imm3}`;
    },
    where: (f) => f.imm3 <= 4,
    aux: (f) => [f.imm3],
    run: (m, f) => {
      const b = extended(m, f.option, 'Rm', m.aux(0));
      if (f.sf) {
        if (f.S) addFlags64(m, f.op, m.xsp('Rn'), b);
        else m.setXsp('Rd', f.op ? i64.sub(m.xsp('Rn'), b) : i64.add(m.xsp('Rn'), b));
      } else {
        const w = i32.wrap(b);
        if (f.S) addFlags32(m, f.op, m.wsp('Rn'), w);
        else m.setWsp('Rd', f.op ? i32.sub(m.wsp('Rn'), w) : i32.add(m.wsp('Rn'), w));
      }
    },
  }),

  define('ADC/SBC', 'sf op S 11010000 Rm 000000 Rn Rd', {
    asm: (f) => `${f.op ? 'sbc' : 'adc'}${f.S ? 's' : ''} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}`,
    run: (m, f) => {
      const carry = m.let(m.carry());
      // Subtraction adds the inverse (Arm ARM J1.3, AddWithCarry).
      if (f.sf) {
        const n = m.let(m.x('Rn'));
        const b = m.let(f.op ? i64.xor(m.x('Rm'), i64.const(-1)) : m.x('Rm'));
        const sum = m.let(i64.add(n, b));
        const result = m.let(i64.add(sum, i64.extend_u(carry)));
        if (f.S) {
          const carryOut = i32.or(i64.lt_u(sum, n), i64.lt_u(result, sum));
          const overflow = i64.lt_s(i64.and(i64.xor(n, result), i64.xor(b, result)), i64.const(0));
          m.setPackedFlags(packFlags(i64.lt_s(result, i64.const(0)), i64.eqz(result), carryOut, overflow));
        }
        m.setX('Rd', result);
      } else {
        const n = m.let(m.w('Rn'));
        const b = m.let(f.op ? i32.xor(m.w('Rm'), i32.const(-1)) : m.w('Rm'));
        const sum = m.let(i32.add(n, b));
        const result = m.let(i32.add(sum, carry));
        if (f.S) {
          const carryOut = i32.or(i32.lt_u(sum, n), i32.lt_u(result, sum));
          const overflow = i32.lt_s(i32.and(i32.xor(n, result), i32.xor(b, result)), i32.const(0));
          m.setPackedFlags(packFlags(i32.lt_s(result, i32.const(0)), i32.eqz(result), carryOut, overflow));
        }
        m.setW('Rd', result);
      }
    },
  }),

  define('CCMN/CCMP (register)', 'sf op 1 11010010 Rm cond:4 00 Rn 0 nzcv:4', {
    asm: (f) =>
      `${f.op ? 'ccmp' : 'ccmn'} {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}, #0x${f.nzcv.toString(16)}, {cond ${f.cond}}`,
    run: (m, f) => conditionalCompare(m, f, m.x('Rm')),
  }),
  define('CCMN/CCMP (immediate)', 'sf op 1 11010010 imm5:5 cond:4 10 Rn 0 nzcv:4', {
    asm: (f) => `${f.op ? 'ccmp' : 'ccmn'} {${reg(f.sf)}:Rn}, {hex:imm5}, #0x${f.nzcv.toString(16)}, {cond ${f.cond}}`,
    run: (m, f) => conditionalCompare(m, f, i64.extend_u(m.field('imm5'))),
  }),

  define('CSEL/CSINC/CSINV/CSNEG', 'sf op 0 11010100 Rm cond:4 0 o2 Rn Rd', {
    asm: (f) => {
      const r = reg(f.sf);
      const name = [
        ['csel', 'csinc'],
        ['csinv', 'csneg'],
      ][f.op]?.[f.o2];
      return `${name} {${r}:Rd}, {${r}:Rn}, {${r}:Rm}, {cond ${f.cond}}`;
    },
    run: (m, f) => {
      const condition = m.condition(f.cond);
      if (f.sf) {
        let no = m.x('Rm');
        if (f.op) no = f.o2 ? i64.sub(i64.const(0), no) : i64.xor(no, i64.const(-1));
        else if (f.o2) no = i64.add(no, i64.const(1));
        m.setX('Rd', m.select(condition, m.x('Rn'), no));
      } else {
        let no = m.w('Rm');
        if (f.op) no = f.o2 ? i32.sub(i32.const(0), no) : i32.xor(no, i32.const(-1));
        else if (f.o2) no = i32.add(no, i32.const(1));
        m.setW('Rd', m.select(condition, m.w('Rn'), no));
      }
    },
  }),

  define('MADD/MSUB', 'sf 00 11011 000 Rm o0 Ra Rn Rd', {
    asm: (f) => `${f.o0 ? 'msub' : 'madd'} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}, {${reg(f.sf)}:Ra}`,
    run: (m, f) => {
      if (f.sf) {
        const product = i64.mul(m.x('Rn'), m.x('Rm'));
        m.setX('Rd', f.o0 ? i64.sub(m.x('Ra'), product) : i64.add(m.x('Ra'), product));
      } else {
        const product = i32.mul(m.w('Rn'), m.w('Rm'));
        m.setW('Rd', f.o0 ? i32.sub(m.w('Ra'), product) : i32.add(m.w('Ra'), product));
      }
    },
  }),
  define('SMADDL/SMSUBL/UMADDL/UMSUBL', '1 00 11011 U 01 Rm o0 Ra Rn Rd', {
    asm: (f) => `${f.U ? 'u' : 's'}m${f.o0 ? 'sub' : 'add'}l {X:Rd}, {W:Rn}, {W:Rm}, {X:Ra}`,
    run: (m, f) => {
      const widen = f.U ? i64.extend_u : i64.extend_s;
      const product = i64.mul(widen(m.w('Rn')), widen(m.w('Rm')));
      m.setX('Rd', f.o0 ? i64.sub(m.x('Ra'), product) : i64.add(m.x('Ra'), product));
    },
  }),
  define('SMULH/UMULH', '1 00 11011 U 10 Rm 0 xxxxx Rn Rd', {
    asm: (f) => `${f.U ? 'umulh' : 'smulh'} {X:Rd}, {X:Rn}, {X:Rm}`,
    run: (m, f) => m.setX('Rd', m.call(multiplyHigh(f.U === 1), m.x('Rn'), m.x('Rm'))),
  }),

  define('UDIV/SDIV', 'sf 0 0 11010110 Rm 00001 signed Rn Rd', {
    asm: (f) => `${f.signed ? 'sdiv' : 'udiv'} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}`,
    run: (m, f) => {
      // Division by zero gives zero; the one signed overflow gives the dividend. WebAssembly would trap on both.
      if (f.sf) {
        const n = m.let(m.x('Rn'));
        const d = m.let(m.x('Rm'));
        const isZero = i64.eqz(d);
        if (f.signed) {
          const minusOne = i64.eq(d, i64.const(-1));
          const safe = m.select(i32.or(isZero, minusOne), i64.const(1), d);
          const quotient = i64.div_s(n, safe);
          m.setX('Rd', m.select(isZero, i64.const(0), m.select(minusOne, i64.sub(i64.const(0), n), quotient)));
        } else m.setX('Rd', m.select(isZero, i64.const(0), i64.div_u(n, m.select(isZero, i64.const(1), d))));
      } else {
        const n = m.let(m.w('Rn'));
        const d = m.let(m.w('Rm'));
        const isZero = i32.eqz(d);
        if (f.signed) {
          const minusOne = i32.eq(d, i32.const(-1));
          const safe = m.select(i32.or(isZero, minusOne), i32.const(1), d);
          const quotient = i32.div_s(n, safe);
          m.setW('Rd', m.select(isZero, i32.const(0), m.select(minusOne, i32.sub(i32.const(0), n), quotient)));
        } else m.setW('Rd', m.select(isZero, i32.const(0), i32.div_u(n, m.select(isZero, i32.const(1), d))));
      }
    },
  }),

  define('LSLV/LSRV/ASRV/RORV', 'sf 0 0 11010110 Rm 0010 op2:2 Rn Rd', {
    asm: (f) => `${shiftNames[f.op2]} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}, {${reg(f.sf)}:Rm}`,
    run: (m, f) => {
      if (f.sf) {
        const op = [i64.shl, i64.shr_u, i64.shr_s, i64.rotr][f.op2] ?? i64.shl;
        m.setX('Rd', op(m.x('Rn'), m.x('Rm')));
      } else {
        const op = [i32.shl, i32.shr_u, i32.shr_s, i32.rotr][f.op2] ?? i32.shl;
        m.setW('Rd', op(m.w('Rn'), m.w('Rm')));
      }
    },
  }),

  define('CRC32/CRC32C', 'sf 0 0 11010110 Rm 010 C sz:2 Rn Rd', {
    asm: (f) => `crc32${f.C ? 'c' : ''}${'bhwx'[f.sz]} {W:Rd}, {W:Rn}, {${f.sz === 3 ? 'X' : 'W'}:Rm}`,
    where: (f) => (f.sf === 1) === (f.sz === 3),
    run: (m, f) => m.setW('Rd', m.call(crc32(f.C === 1, 1 << f.sz), m.w('Rn'), m.x('Rm'))),
  }),

  define('RBIT/REV16/REV32/REV/CLZ/CLS', 'sf 1 0 11010110 00000 000 opcode:3 Rn Rd', {
    asm: (f) => {
      const name = ['rbit', 'rev16', f.sf ? 'rev32' : 'rev', 'rev', 'clz', 'cls'][f.opcode];
      return `${name} {${reg(f.sf)}:Rd}, {${reg(f.sf)}:Rn}`;
    },
    where: (f) => f.opcode < 6 && (f.opcode !== 3 || f.sf === 1),
    run: (m, f) =>
      f.sf ? m.setX('Rd', bitCount64(m, f.opcode, m.x('Rn'))) : m.setW('Rd', bitCount32(m, f.opcode, m.w('Rn'))),
  }),
];

/** CCMP or CCMN of Rn and `b`. */
function conditionalCompare(m: Meaning, f: ConditionalFields, b: I64): void {
  const comparison = { subtract: f.op === 1, wide: f.sf === 1, a: m.x('Rn'), b };
  m.setConditionalFlags(m.condition(f.cond), comparison, f.nzcv);
}

interface ConditionalFields {
  readonly sf: number;
  readonly op: number;
  readonly cond: number;
  readonly nzcv: number;
}

/** Swaps neighbouring groups of `shift` bits. */
const swap64 = (e: I64, shift: number, mask: bigint): I64 =>
  i64.or(
    i64.and(i64.shr_u(e, i64.const(shift)), i64.const(mask)),
    i64.shl(i64.and(e, i64.const(mask)), i64.const(shift)),
  );
const swap32 = (e: I32, shift: number, mask: number): I32 =>
  i32.or(
    i32.and(i32.shr_u(e, i32.const(shift)), i32.const(mask)),
    i32.shl(i32.and(e, i32.const(mask)), i32.const(shift)),
  );

function bitCount64(m: Meaning, opcode: number, value: I64): I64 {
  let e = m.let(value);
  if (opcode === 4) return i64.clz(e);
  // CLS: leading bits equal to the sign, not counting it.
  if (opcode === 5)
    return i64.clz(i64.or(i64.shl(i64.xor(e, i64.shr_s(e, i64.const(63))), i64.const(1)), i64.const(1)));
  if (opcode === 0) {
    e = m.let(swap64(e, 1, 0x5555555555555555n));
    e = m.let(swap64(e, 2, 0x3333333333333333n));
    e = m.let(swap64(e, 4, 0x0f0f0f0f0f0f0f0fn));
  }
  e = m.let(swap64(e, 8, 0x00ff00ff00ff00ffn));
  if (opcode === 1) return e;
  e = m.let(swap64(e, 16, 0x0000ffff0000ffffn));
  return opcode === 2 ? e : i64.rotl(e, i64.const(32));
}

function bitCount32(m: Meaning, opcode: number, value: I32): I32 {
  let e = m.let(value);
  if (opcode === 4) return i32.clz(e);
  if (opcode === 5)
    return i32.clz(i32.or(i32.shl(i32.xor(e, i32.shr_s(e, i32.const(31))), i32.const(1)), i32.const(1)));
  if (opcode === 0) {
    e = m.let(swap32(e, 1, 0x55555555));
    e = m.let(swap32(e, 2, 0x33333333));
    e = m.let(swap32(e, 4, 0x0f0f0f0f));
  }
  e = m.let(swap32(e, 8, 0x00ff00ff));
  return opcode === 1 ? e : i32.rotl(e, i32.const(16));
}
