/** Loads and stores of general registers and of scalar SIMD&FP registers (Arm ARM C4.1.96). */
import { signExtend } from '../../base/bits.ts';
import { type Expr, type I64, i64 } from '../../wasm/expr.ts';
import { define } from '../instruction.ts';
import { AccessKind } from '../layout.ts';
import { type Meaning, signExtend64 } from '../meaning.ts';
import { extended } from './data-register.ts';

/**
 * What `size:2 V opc:2` of a single-register load or store choose (Arm ARM C4.1.96, load/store register).
 * `bytes` moved, whether it loads, how far the value is sign-extended (0: not), and whether it is a prefetch.
 */
interface Transfer {
  readonly bytes: number;
  readonly load: boolean;
  readonly signed: 0 | 32 | 64;
  readonly vector: boolean;
  readonly prefetch: boolean;
}

function transfer(size: number, V: number, opc: number): Transfer | undefined {
  if (V) {
    if (opc >= 2)
      return size === 0 ? { bytes: 16, load: opc === 3, signed: 0, vector: true, prefetch: false } : undefined;
    return { bytes: 1 << size, load: opc === 1, signed: 0, vector: true, prefetch: false };
  }
  if (opc < 2) return { bytes: 1 << size, load: opc === 1, signed: 0, vector: false, prefetch: false };
  if (size === 3) return opc === 2 ? { bytes: 8, load: true, signed: 0, vector: false, prefetch: true } : undefined;
  if (size === 2 && opc === 3) return undefined;
  return { bytes: 1 << size, load: true, signed: opc === 2 ? 64 : 32, vector: false, prefetch: false };
}

/** The register kind in GNU syntax. */
const registerKind = (size: number, V: number, opc: number): string => {
  if (V) return opc >= 2 ? 'Q' : (['B', 'H', 'S', 'D'][size] ?? '');
  return (opc === 2 || size === 3) && !(opc === 3) ? 'X' : 'W';
};

/** `ldr`, `strb`, `ldursw`, `ldtrh`…: stem, infix for the unscaled and unprivileged forms. */
const mnemonic = (size: number, V: number, opc: number, infix = ''): string => {
  const t = transfer(size, V, opc);
  const verb = `${t?.load ? 'ld' : 'st'}${infix}r`;
  if (V) return verb;
  return `${verb}${t?.signed ? 's' : ''}${['b', 'h', t?.signed ? 'w' : '', ''][size]}`;
};

/** Moves the register to or from memory. */
function move(m: Meaning, t: Transfer, address: I64, kind = 0): void {
  if (t.prefetch) return;
  if (t.vector) {
    if (t.load) m.setV('Rt', m.loadVector(address, t.bytes));
    else m.store(address, m.v('Rt'), t.bytes);
  } else if (t.load) {
    const value = m.load(address, t.bytes, AccessKind.read | kind);
    if (t.signed === 0) m.setX('Rt', value);
    else {
      const wide = signExtend64(8 * t.bytes, value);
      m.setX('Rt', t.signed === 32 ? i64.and(wide, i64.const(0xffffffff)) : wide);
    }
  } else m.store(address, m.x('Rt'), t.bytes, AccessKind.write | kind);
}

/** Base register plus constant; with write-back of the new address where asked. */
function indexed(m: Meaning, mode: 'offset' | 'pre' | 'post', body: (address: I64) => void): void {
  const base = m.base('Rn');
  const moved = i64.add(base, m.aux(0));
  if (mode === 'offset') {
    body(moved);
    return;
  }
  const next = m.let(moved);
  body(mode === 'pre' ? next : base);
  m.setXsp('Rn', next);
}

const isTransfer = (f: { size: number; V: number; opc: number }): boolean => transfer(f.size, f.V, f.opc) !== undefined;
const chosen = (f: { size: number; V: number; opc: number }): Transfer => {
  const t = transfer(f.size, f.V, f.opc);
  if (!t) throw new Error('unallocated load or store');
  return t;
};

const scale = (f: { size: number; V: number; opc: number }): number => (f.V && f.opc >= 2 ? 4 : f.size);

const registerForms = [
  define('LDR/STR (unsigned offset)', 'size:2 111 V 01 opc:2 imm12:12 Rn Rt', {
    asm: (f) => {
      if (transfer(f.size, f.V, f.opc)?.prefetch) return 'prfm {prfop:Rt}, [{XSP:Rn}{offset*8:imm12}]';
      return `${mnemonic(f.size, f.V, f.opc)} {${registerKind(f.size, f.V, f.opc)}:Rt}, [{XSP:Rn}{offset*${1 << scale(f)}:imm12}]`;
    },
    where: isTransfer,
    fp: (f) => f.V === 1,
    aux: (f) => [f.imm12 << scale(f)],
    run: (m, f) => indexed(m, 'offset', (address) => move(m, chosen(f), address)),
  }),
  define(
    'LDUR/STUR/LDR/STR/LDTR/STTR (unscaled, post, unprivileged, pre)',
    'size:2 111 V 00 opc:2 0 imm9:9 mode:2 Rn Rt',
    {
      asm: (f) => {
        const register = `{${registerKind(f.size, f.V, f.opc)}:Rt}`;
        if (transfer(f.size, f.V, f.opc)?.prefetch) return 'prfum {prfop:Rt}, [{XSP:Rn}{offset signed:imm9}]';
        if (f.mode === 1) return `${mnemonic(f.size, f.V, f.opc)} ${register}, [{XSP:Rn}], {signed:imm9}`;
        if (f.mode === 3) return `${mnemonic(f.size, f.V, f.opc)} ${register}, [{XSP:Rn}, {signed:imm9}]!`;
        return `${mnemonic(f.size, f.V, f.opc, f.mode === 2 ? 't' : 'u')} ${register}, [{XSP:Rn}{offset signed:imm9}]`;
      },
      fp: (f) => f.V === 1,
      where: (f) =>
        isTransfer(f) && (f.mode === 0 || !transfer(f.size, f.V, f.opc)?.prefetch) && !(f.mode === 2 && f.V === 1),
      aux: (f) => [signExtend(f.imm9, 9)],
      run: (m, f) =>
        indexed(m, f.mode === 1 ? 'post' : f.mode === 3 ? 'pre' : 'offset', (address) =>
          move(m, chosen(f), address, f.mode === 2 ? AccessKind.unprivileged : 0),
        ),
    },
  ),
  define('LDR/STR (register offset)', 'size:2 111 V 00 opc:2 1 Rm option:3 S 10 Rn Rt', {
    asm: (f) => {
      const index = `{${f.option & 1 ? 'X' : 'W'}:Rm}{indexextend ${f.option} ${f.S} ${scale(f)}}`;
      const t = transfer(f.size, f.V, f.opc);
      if (t?.prefetch) return `prfm {prfop:Rt}, [{XSP:Rn}, ${index}]`;
      return `${mnemonic(f.size, f.V, f.opc)} {${registerKind(f.size, f.V, f.opc)}:Rt}, [{XSP:Rn}, ${index}]`;
    },
    fp: (f) => f.V === 1,
    where: (f) => (f.option & 2) !== 0 && isTransfer(f),
    run: (m, f) => {
      const shift = i64.const(f.S ? scale(f) : 0);
      move(m, chosen(f), i64.add(m.base('Rn'), extended(m, f.option, 'Rm', shift)));
    },
  }),
  define('LDR (literal)', 'opc:2 011 V 00 imm19:19 Rt', {
    asm: (f) => {
      if (f.V === 0 && f.opc === 3) return 'prfm {prfop:Rt}, {label:imm19}';
      const kind = f.V ? 'SDQ'[f.opc] : f.opc === 0 ? 'W' : 'X';
      return `${f.V === 0 && f.opc === 2 ? 'ldrsw' : 'ldr'} {${kind}:Rt}, {label:imm19}`;
    },
    fp: (f) => f.V === 1,
    where: (f) => f.V === 0 || f.opc < 3,
    aux: (f) => [signExtend(f.imm19, 19) * 4],
    run: (m, f) => {
      const address = i64.add(m.pc(), m.aux(0));
      if (f.V) m.setV('Rt', m.loadVector(address, 4 << f.opc));
      else if (f.opc === 0) m.setX('Rt', m.load(address, 4));
      else if (f.opc === 1) m.setX('Rt', m.load(address, 8));
      else if (f.opc === 2) m.setX('Rt', i64.extend32_s(m.load(address, 4)));
    },
  }),
];

/** Bytes an element of a pair has, or undefined where unallocated. */
const pairBytes = (opc: number, V: number, L: number, mode: number): number | undefined => {
  if (opc === 3) return undefined;
  if (V) return 4 << opc;
  if (opc === 1) return L === 1 && mode !== 0 ? 4 : undefined;
  return opc === 0 ? 4 : 8;
};

const pairs = [
  define('LDP/STP/LDNP/STNP', 'opc:2 101 V 0 mode:2 L imm7:7 Rt2 Rn Rt', {
    asm: (f) => {
      const kind = f.V ? 'SDQ'[f.opc] : f.opc === 0 ? 'W' : 'X';
      const bytes = pairBytes(f.opc, f.V, f.L, f.mode) ?? 4;
      const name = `${f.L ? 'ld' : 'st'}${f.mode === 0 ? 'n' : ''}p${!f.V && f.opc === 1 ? 'sw' : ''}`;
      const registers = `{${kind}:Rt}, {${kind}:Rt2}`;
      if (f.mode === 1) return `${name} ${registers}, [{XSP:Rn}], {signed*${bytes}:imm7}`;
      if (f.mode === 3) return `${name} ${registers}, [{XSP:Rn}, {signed*${bytes}:imm7}]!`;
      return `${name} ${registers}, [{XSP:Rn}{offset signed*${bytes}:imm7}]`;
    },
    fp: (f) => f.V === 1,
    where: (f) => pairBytes(f.opc, f.V, f.L, f.mode) !== undefined,
    aux: (f) => [signExtend(f.imm7, 7) * (pairBytes(f.opc, f.V, f.L, f.mode) ?? 4)],
    run: (m, f) => {
      const bytes = pairBytes(f.opc, f.V, f.L, f.mode) ?? 4;
      indexed(m, f.mode === 1 ? 'post' : f.mode === 3 ? 'pre' : 'offset', (address) => {
        if (f.V) {
          if (f.L) {
            const [first, second] = m.loadVectorPair(address, bytes);
            m.setV('Rt', first);
            m.setV('Rt2', second);
          } else m.storePair(address, m.v('Rt'), m.v('Rt2'), bytes);
        } else if (f.L) {
          const [first, second] = m.loadPair(address, bytes);
          m.setX('Rt', f.opc === 1 ? i64.extend32_s(first) : first);
          m.setX('Rt2', f.opc === 1 ? i64.extend32_s(second) : second);
        } else m.storePair(address, m.x('Rt'), m.x('Rt2'), bytes);
      });
    },
  }),
];

const low32 = (e: I64): Expr<'i64'> => i64.and(e, i64.const(0xffffffff));

const exclusives = [
  define('LDXR/LDAXR', 'size:2 001000 0 1 0 xxxxx o0 xxxxx Rn Rt', {
    asm: (f) => `ld${f.o0 ? 'a' : ''}xr${['b', 'h', '', ''][f.size]} {${f.size === 3 ? 'X' : 'W'}:Rt}, [{XSP:Rn}]`,
    run: (m, f) => m.setX('Rt', m.loadExclusive(m.base('Rn'), 1 << f.size)),
  }),
  define('STXR/STLXR', 'size:2 001000 0 0 0 Rs o0 xxxxx Rn Rt', {
    asm: (f) =>
      `st${f.o0 ? 'l' : ''}xr${['b', 'h', '', ''][f.size]} {W:Rs}, {${f.size === 3 ? 'X' : 'W'}:Rt}, [{XSP:Rn}]`,
    run: (m, f) => m.setX('Rs', i64.extend_u(m.storeExclusive(m.base('Rn'), 1 << f.size, [m.x('Rt')]))),
  }),
  define('LDXP/LDAXP', '1 sz 001000 0 1 1 xxxxx o0 Rt2 Rn Rt', {
    asm: (f) => `ld${f.o0 ? 'a' : ''}xp {${f.sz ? 'X' : 'W'}:Rt}, {${f.sz ? 'X' : 'W'}:Rt2}, [{XSP:Rn}]`,
    run: (m, f) => {
      const [first, second] = m.loadExclusivePair(m.base('Rn'), 4 << f.sz);
      m.setX('Rt', first);
      m.setX('Rt2', second);
    },
  }),
  define('STXP/STLXP', '1 sz 001000 0 0 1 Rs o0 Rt2 Rn Rt', {
    asm: (f) => `st${f.o0 ? 'l' : ''}xp {W:Rs}, {${f.sz ? 'X' : 'W'}:Rt}, {${f.sz ? 'X' : 'W'}:Rt2}, [{XSP:Rn}]`,
    run: (m, f) => {
      const values = f.sz ? [m.x('Rt'), m.x('Rt2')] : [i64.or(low32(m.x('Rt')), i64.shl(m.x('Rt2'), i64.const(32)))];
      m.setX('Rs', i64.extend_u(m.storeExclusive(m.base('Rn'), 8, values, true)));
    },
  }),
  define('LDAR', 'size:2 001000 1 1 0 xxxxx 1 xxxxx Rn Rt', {
    asm: (f) => `ldar${['b', 'h', '', ''][f.size]} {${f.size === 3 ? 'X' : 'W'}:Rt}, [{XSP:Rn}]`,
    run: (m, f) => m.setX('Rt', m.load(m.base('Rn'), 1 << f.size, AccessKind.read | AccessKind.aligned)),
  }),
  define('STLR', 'size:2 001000 1 0 0 xxxxx 1 xxxxx Rn Rt', {
    asm: (f) => `stlr${['b', 'h', '', ''][f.size]} {${f.size === 3 ? 'X' : 'W'}:Rt}, [{XSP:Rn}]`,
    run: (m, f) => m.store(m.base('Rn'), m.x('Rt'), 1 << f.size, AccessKind.write | AccessKind.aligned),
  }),
];

export const loadsStores = [...registerForms, ...pairs, ...exclusives];
