/**
 * The AES round's steps (FIPS 197, section 5; Arm ARM J1.3, AESSubBytes and others) on a state of 16 bytes, column by
 * column.
 */

import type { Code } from '../../wasm/code.ts';
import { i32, type V128 } from '../../wasm/expr.ts';
import { i8x16, v128 } from '../../wasm/simd.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { splatConst } from '../table/simd/lanes.ts';

/** Multiplication by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
const timesX = (b: number): number => ((b << 1) ^ (b & 0x80 ? 0x1b : 0)) & 0xff;

/** The S-box: the inverse in GF(2^8), then an affine map (FIPS 197, 5.1.1). */
function substitution(): Uint8Array {
  const box = new Uint8Array(256);
  let power = 1;
  let inverse = 1;
  do {
    // power runs through all powers of 3, inverse through those of 1/3, which is 0xf6.
    power ^= timesX(power);
    for (const shift of [1, 2, 4]) inverse ^= inverse << shift;
    inverse &= 0xff;
    if (inverse & 0x80) inverse ^= 0x09;
    const doubled = inverse | (inverse << 8);
    box[power] = inverse ^ (doubled >> 7) ^ (doubled >> 6) ^ (doubled >> 5) ^ (doubled >> 4) ^ 0x63;
  } while (power !== 1);
  box[0] = 0x63;
  return box;
}

function inverted(box: Uint8Array): Uint8Array {
  const result = new Uint8Array(256);
  box.forEach((value, index) => {
    result[value] = index;
  });
  return result;
}

/** Looks 16 bytes up in a table of 256: each of its 16 rows gives the bytes that lie in it, and zero for the others. */
function lookup(code: Code, table: Uint8Array, bytes: V128): V128 {
  const row = (n: number): V128 => v128.const(table.slice(16 * n, 16 * n + 16));
  let index = bytes;
  let result = i8x16.swizzle(row(0), index);
  for (let n = 1; n < 16; n++) {
    index = code.let(i8x16.sub(index, splatConst(0, 16)));
    result = v128.or(result, i8x16.swizzle(row(n), index));
  }
  return result;
}

/** ShiftRows moves row r by r columns to the left, its inverse to the right; byte 4c + r is in row r, column c. */
const shiftRows = (direction: 1 | -1): number[] =>
  Array.from({ length: 16 }, (_, i) => (i + direction * 4 * (i & 3)) & 15);

const rounds = (name: string, box: Uint8Array, direction: 1 | -1): RuntimeFunction<'v128'> =>
  runtimeFunction(name, ['v128', 'v128'], 'v128', (code) => {
    const keyed = code.let(v128.xor(code.param('v128', 0), code.param('v128', 1)));
    code.return(lookup(code, box, code.let(v128.shuffle(keyed, keyed, shiftRows(direction)))));
    code.unreachable();
  });

/** (state, round key): AddRoundKey, ShiftRows, SubBytes. */
export const aesEncrypt = rounds('aesEncrypt', substitution(), 1);
/** (state, round key): AddRoundKey, then the inverses of ShiftRows and SubBytes. */
export const aesDecrypt = rounds('aesDecrypt', inverted(substitution()), -1);

const double = (code: Code, a: V128): V128 => {
  const x = code.let(a);
  const reduction = v128.and(i8x16.shr_s(x, i32.const(7)), splatConst(0, 0x1b));
  return v128.xor(i8x16.add(x, x), reduction);
};

/** The bytes of each column moved up by n rows. */
const rotateColumns = (a: V128, n: number): V128 =>
  v128.shuffle(
    a,
    a,
    Array.from({ length: 16 }, (_, i) => (i & ~3) | ((i + n) & 3)),
  );

/** MixColumns: 2a + 3b + c + d for each byte and those below it, cyclically; that is 2(a + b) + b + (c + d). */
export function mixColumns(code: Code, a: V128): V128 {
  const next = code.let(rotateColumns(a, 1));
  const sum = code.let(v128.xor(a, next));
  return v128.xor(v128.xor(double(code, sum), next), rotateColumns(sum, 2));
}

/** Its inverse is MixColumns of 5a + 4c. */
export function inverseMixColumns(code: Code, a: V128): V128 {
  const quadruple = double(code, double(code, v128.xor(a, rotateColumns(a, 2))));
  return mixColumns(code, code.let(v128.xor(a, quadruple)));
}
