/**
 * Cryptographic AES, three-register SHA and two-register SHA (Arm ARM C4.1.97); PMULL of 64 bits is with its family.
 */
import { type I32, i32, type V128 } from '../../wasm/expr.ts';
import { i32x4, v128 } from '../../wasm/simd.ts';
import { define, type Instruction } from '../instruction.ts';
import type { Meaning } from '../meaning.ts';
import { aesDecrypt, aesEncrypt, inverseMixColumns, mixColumns } from '../runtime/crypto-aes.ts';
import { sha1Choose, sha1Majority, sha1Parity, sha256First, sha256Second } from '../runtime/crypto-sha.ts';
import { pick, shuffleLanes } from './simd/lanes.ts';

const aes = define('AESE/AESD/AESMC/AESIMC', '01001110 00 10100 001 opcode:2 10 Rn Rd', {
  asm: (f) => `${pick(f.opcode, 'aese', 'aesd', 'aesmc', 'aesimc')} {V.16b:Rd}, {V.16b:Rn}`,
  fp: true,
  run: (m, f) => {
    const n = m.let(m.v('Rn'));
    m.setV(
      'Rd',
      f.opcode < 2
        ? m.call(f.opcode === 0 ? aesEncrypt : aesDecrypt, m.v('Rd'), n)
        : (f.opcode === 2 ? mixColumns : inverseMixColumns)(m.code, n),
    );
  },
});

const sha1Hash = define('SHA1C/SHA1P/SHA1M', '01011110 00 0 Rm 0 0 opcode:2 00 Rn Rd', {
  asm: (f) => `${pick(f.opcode, 'sha1c', 'sha1p', 'sha1m', '')} {Q:Rd}, {S:Rn}, {V.4s:Rm}`,
  where: (f) => f.opcode < 3,
  fp: true,
  run: (m, f) => {
    const update = pick(f.opcode, sha1Choose, sha1Parity, sha1Majority);
    m.setV('Rd', m.call(update, m.v('Rd'), i32x4.extract_lane(m.v('Rn'), 0), m.v('Rm')));
  },
});

/** Four words from the i-th on of the eight in a and b. */
const wordsFrom = (i: number, a: V128, b: V128): V128 => shuffleLanes(2, a, b, (lane) => lane + i);

const rotateLeft = (m: Meaning, v: V128, n: number): V128 => {
  const x = m.let(v);
  return v128.or(i32x4.shl(x, i32.const(n)), i32x4.shr_u(x, i32.const(32 - n)));
};

const sha1Schedule0 = define('SHA1SU0', '01011110 00 0 Rm 0 011 00 Rn Rd', {
  asm: 'sha1su0 {V.4s:Rd}, {V.4s:Rn}, {V.4s:Rm}',
  fp: true,
  run: (m) => {
    const d = m.let(m.v('Rd'));
    m.setV('Rd', v128.xor(v128.xor(wordsFrom(2, d, m.v('Rn')), d), m.v('Rm')));
  },
});

const sha1Schedule1 = define('SHA1SU1', '01011110 00 10100 00001 10 Rn Rd', {
  asm: 'sha1su1 {V.4s:Rd}, {V.4s:Rn}',
  fp: true,
  run: (m) => {
    const mixed = v128.xor(m.v('Rd'), wordsFrom(1, m.v('Rn'), v128.zero()));
    const turned = m.let(rotateLeft(m, mixed, 1));
    // The last word also takes the first of the results.
    const first: I32 = i32.rotl(i32x4.extract_lane(turned, 0), i32.const(1));
    m.setV('Rd', i32x4.replace_lane(turned, 3, i32.xor(i32x4.extract_lane(turned, 3), first)));
  },
});

const sha1Fixed = define('SHA1H', '01011110 00 10100 00000 10 Rn Rd', {
  asm: 'sha1h {S:Rd}, {S:Rn}',
  fp: true,
  run: (m) => {
    const turned = i32.rotl(i32x4.extract_lane(m.v('Rn'), 0), i32.const(30));
    m.setV('Rd', i32x4.replace_lane(v128.zero(), 0, turned));
  },
});

const sha256Hash = define('SHA256H/SHA256H2', '01011110 00 0 Rm 0 10 second 00 Rn Rd', {
  asm: (f) => `sha256h${f.second ? '2' : ''} {Q:Rd}, {Q:Rn}, {V.4s:Rm}`,
  fp: true,
  run: (m, f) => {
    // SHA256H has abcd in Rd and efgh in Rn, SHA256H2 the other way round.
    const [d, n] = [m.v('Rd'), m.v('Rn')];
    m.setV('Rd', f.second ? m.call(sha256Second, n, d, m.v('Rm')) : m.call(sha256First, d, n, m.v('Rm')));
  },
});

/** Two rotations and a shift to the right, combined (FIPS 180-4, 4.1.2). */
const sigma = (m: Meaning, v: V128, [rotate1, rotate2]: readonly [number, number], shift: number): V128 => {
  const x = m.let(v);
  const rotated = v128.xor(rotateLeft(m, x, 32 - rotate1), rotateLeft(m, x, 32 - rotate2));
  return v128.xor(rotated, i32x4.shr_u(x, i32.const(shift)));
};

const sha256Schedule0 = define('SHA256SU0', '01011110 00 10100 00010 10 Rn Rd', {
  asm: 'sha256su0 {V.4s:Rd}, {V.4s:Rn}',
  fp: true,
  run: (m) => {
    const d = m.let(m.v('Rd'));
    m.setV('Rd', i32x4.add(d, sigma(m, wordsFrom(1, d, m.v('Rn')), [7, 18], 3)));
  },
});

const sha256Schedule1 = define('SHA256SU1', '01011110 00 0 Rm 0 110 00 Rn Rd', {
  asm: 'sha256su1 {V.4s:Rd}, {V.4s:Rn}, {V.4s:Rm}',
  fp: true,
  run: (m) => {
    const o = m.let(m.v('Rm'));
    const sum = m.let(i32x4.add(m.v('Rd'), wordsFrom(1, m.v('Rn'), o)));
    // The lower two words go by the last two of Rm, the upper two by the results before them.
    const low = m.let(
      i32x4.add(
        sum,
        sigma(
          m,
          shuffleLanes(2, o, v128.zero(), (i) => (i < 2 ? 2 + i : 4)),
          [17, 19],
          10,
        ),
      ),
    );
    m.setV(
      'Rd',
      i32x4.add(
        low,
        sigma(
          m,
          shuffleLanes(2, low, v128.zero(), (i) => (i < 2 ? 4 : i - 2)),
          [17, 19],
          10,
        ),
      ),
    );
  },
});

export const crypto: readonly Instruction[] = [
  aes,
  sha1Hash,
  sha1Schedule0,
  sha1Schedule1,
  sha1Fixed,
  sha256Hash,
  sha256Schedule0,
  sha256Schedule1,
];
