import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InstructionBench } from '../../engine/interpreter/instruction-testing.ts';
import type { Instruction } from '../instruction.ts';
import { crypto } from './crypto.ts';
import { encode, polynomialProduct, vectorOf } from './simd/simd-testing.ts';
import { simdThreeDifferent } from './simd/three-different.ts';

const bench = new InstructionBench([...crypto, ...simdThreeDifferent]);

const rowOf = (name: string): Instruction => {
  const found = [...crypto, ...simdThreeDifferent].find((row) => row.name === name);
  if (!found) throw new Error(`no row ${name}`);
  return found;
};

type Registers = readonly [Rd: number, Rn: number, Rm?: number];

const run = (name: string, choices: Record<string, number>, [Rd, Rn, Rm = 0]: Registers): void =>
  bench.run(encode(rowOf(name), { ...choices, Rd, Rn, Rm }));

const bytes = (hex: string): bigint[] => (hex.match(/../g) ?? []).map((b) => BigInt(`0x${b}`));
/** Bytes in the order of memory as a vector, and back. */
const block = (hex: string): bigint => vectorOf(bytes(hex), 8);
const text = (v: bigint): string => {
  let hex = '';
  for (let i = 0n; i < 16n; i++) hex += ((v >> (8n * i)) & 0xffn).toString(16).padStart(2, '0');
  return hex;
};

test('AES-128 of FIPS 197, appendix C.1, with the round keys of its key expansion', () => {
  const keys = [
    '000102030405060708090a0b0c0d0e0f',
    'd6aa74fdd2af72fadaa678f1d6ab76fe',
    'b692cf0b643dbdf1be9bc5006830b3fe',
    'b6ff744ed2c2c9bf6c590cbf0469bf41',
    '47f7f7bc95353e03f96c32bcfd058dfd',
    '3caaa3e8a99f9deb50f3af57adf622aa',
    '5e390f7df7a69296a7553dc10aa31f6b',
    '14f9701ae35fe28c440adf4d4ea9c026',
    '47438735a41c65b9e016baf4aebf7ad2',
    '549932d1f08557681093ed9cbe2c974e',
    '13111d7fe3944a17f307a78b4d2b30c5',
  ].map(block);
  const plain = '00112233445566778899aabbccddeeff';
  const cipher = '69c4e0d86a7b0430d8cdb78070b4c55a';
  const aes = 'AESE/AESD/AESMC/AESIMC';

  bench.setV(0, block(plain));
  keys.slice(0, 10).forEach((key, i) => {
    bench.setV(1, key);
    run(aes, { opcode: 0 }, [0, 1]);
    if (i < 9) run(aes, { opcode: 2 }, [0, 0]);
  });
  expect(text(bench.v(0) ^ (keys[10] ?? 0n))).toBe(cipher);

  // The equivalent inverse cipher (FIPS 197, 5.3.5): its inner round keys are passed through InvMixColumns.
  bench.setV(0, block(cipher));
  keys
    .slice(1)
    .reverse()
    .forEach((key, i) => {
      bench.setV(1, key);
      if (i > 0) run(aes, { opcode: 3 }, [1, 1]);
      run(aes, { opcode: 1 }, [0, 1]);
      if (i < 9) run(aes, { opcode: 3 }, [0, 0]);
    });
  expect(text(bench.v(0) ^ (keys[0] ?? 0n))).toBe(plain);
});

/** The padded block of the message "abc" as sixteen words, four to a vector. */
const abc = [0x61626380, ...new Array<number>(14).fill(0), 24];
const fourWords = (words: readonly number[]): bigint => vectorOf(words.map(BigInt), 32);
const wordsOf = (v: bigint): number[] => [0n, 32n, 64n, 96n].map((at) => Number((v >> at) & 0xffff_ffffn));
const added = (v: bigint, constants: readonly number[]): bigint =>
  fourWords(wordsOf(v).map((w, i) => (w + (constants[i] ?? 0)) >>> 0));
const hex = (words: readonly number[]): string => words.map((w) => w.toString(16).padStart(8, '0')).join(' ');

test('SHA-1 of "abc" (FIPS 180-4)', () => {
  const constants = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
  const initial = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const schedule = [0, 4, 8, 12].map((i) => fourWords(abc.slice(i, i + 4)));
  for (let t = 4; t < 20; t++) {
    [0, 1, 2].forEach((i) => {
      bench.setV(i, schedule[t - 4 + i] ?? 0n);
    });
    bench.setV(3, schedule[t - 1] ?? 0n);
    run('SHA1SU0', {}, [0, 1, 2]);
    run('SHA1SU1', {}, [0, 3]);
    schedule.push(bench.v(0));
  }
  bench.setV(0, fourWords(initial.slice(0, 4)));
  bench.setV(1, BigInt(initial[4] ?? 0));
  schedule.forEach((w, t) => {
    const stage = Math.floor(t / 5);
    const k = constants[stage] ?? 0;
    bench.setV(2, added(w, [k, k, k, k]));
    bench.setV(3, bench.v(0));
    run('SHA1C/SHA1P/SHA1M', { opcode: [0, 1, 2, 1][stage] ?? 0 }, [0, 1, 2]);
    run('SHA1H', {}, [1, 3]);
  });
  const state = [...wordsOf(bench.v(0)), Number(bench.v(1))];
  expect(hex(state.map((w, i) => (w + (initial[i] ?? 0)) >>> 0))).toBe('a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d');
});

/** The first 32 bits of the fractional parts of a root of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function fractionsOfRoots(count: number, root: 2n | 3n): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes.map((prime) => {
    const target = BigInt(prime) << (32n * root);
    let value = 0n;
    for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((value + bit) ** root <= target) value += bit;
    return Number(value & 0xffff_ffffn);
  });
}

test('SHA-256 of "abc" (FIPS 180-4)', () => {
  const constants = fractionsOfRoots(64, 3n);
  const initial = fractionsOfRoots(8, 2n);
  const schedule = [0, 4, 8, 12].map((i) => fourWords(abc.slice(i, i + 4)));
  for (let t = 4; t < 16; t++) {
    [0, 1, 2, 3].forEach((i) => {
      bench.setV(i, schedule[t - 4 + i] ?? 0n);
    });
    run('SHA256SU0', {}, [0, 1]);
    run('SHA256SU1', {}, [0, 2, 3]);
    schedule.push(bench.v(0));
  }
  bench.setV(0, fourWords(initial.slice(0, 4)));
  bench.setV(1, fourWords(initial.slice(4)));
  schedule.forEach((w, t) => {
    bench.setV(2, added(w, constants.slice(4 * t, 4 * t + 4)));
    bench.setV(3, bench.v(0));
    run('SHA256H/SHA256H2', { second: 0 }, [0, 1, 2]);
    run('SHA256H/SHA256H2', { second: 1 }, [1, 3, 2]);
  });
  const state = [...wordsOf(bench.v(0)), ...wordsOf(bench.v(1))];
  expect(hex(state.map((w, i) => (w + (initial[i] ?? 0)) >>> 0))).toBe(
    'ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad',
  );
});

test('PMULL and PMULL2 of 64 bits multiply polynomials', () => {
  const doubleword = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  fc.assert(
    fc.property(doubleword, doubleword, doubleword, doubleword, fc.constantFrom(0, 1), (a, b, c, d, Q) => {
      bench.setV(1, (b << 64n) | a);
      bench.setV(2, (d << 64n) | c);
      run('PMULL (64-bit)', { Q }, [0, 1, 2]);
      expect(bench.v(0)).toBe(Q ? polynomialProduct(b, d) : polynomialProduct(a, c));
    }),
  );
});
