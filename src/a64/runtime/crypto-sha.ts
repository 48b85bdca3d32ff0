/** SHA-1 and SHA-256 hash updates (FIPS 180-4, 6.1.2 and 6.2.2; Arm ARM J1.3, SHA256hash; C7.2, SHA1C). */
import type { Code, Local } from '../../wasm/code.ts';
import { type I32, i32, type V128 } from '../../wasm/expr.ts';
import { i32x4, v128 } from '../../wasm/simd.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';

/** Ch(x, y, z), Maj(x, y, z) and Parity(x, y, z) (FIPS 180-4, 4.1.1). */
const choose = (x: I32, y: I32, z: I32): I32 => i32.xor(i32.and(i32.xor(y, z), x), z);
const majority = (x: I32, y: I32, z: I32): I32 => i32.or(i32.and(x, y), i32.and(i32.or(x, y), z));
const parity = (x: I32, y: I32, z: I32): I32 => i32.xor(i32.xor(x, y), z);

const rotateRight = (x: I32, n: number): I32 => i32.rotr(x, i32.const(n));

/** Four words of a vector as locals. */
const words = (code: Code, v: V128): Local<'i32'>[] =>
  [0, 1, 2, 3].map((i) => {
    const word = code.local('i32');
    code.set(word, i32x4.extract_lane(v, i));
    return word;
  });

const vector = (values: readonly I32[]): V128 =>
  values.reduce<V128>((v, value, i) => i32x4.replace_lane(v, i, value), v128.zero());

const rounds1 = (name: string, f: (x: I32, y: I32, z: I32) => I32): RuntimeFunction<'v128'> =>
  runtimeFunction(name, ['v128', 'i32', 'v128'], 'v128', (code) => {
    let [a, b, c, d] = words(code, code.param('v128', 0)).map((l) => code.get(l)) as [I32, I32, I32, I32];
    let e = code.param('i32', 1);
    for (let i = 0; i < 4; i++) {
      const message = i32x4.extract_lane(code.param('v128', 2), i);
      const sum = i32.add(i32.add(i32.add(e, rotateRight(a, 27)), f(b, c, d)), message);
      // Each word moves one place on; b is turned on the way.
      const next = code.let(sum);
      const turned = code.let(rotateRight(b, 2));
      [a, b, c, d, e] = [next, a, turned, c, d];
    }
    code.return(vector([a, b, c, d]));
    code.unreachable();
  });

/** (abcd, e, four words of the schedule with their constant added): abcd after four rounds. */
export const sha1Choose = rounds1('sha1c', choose);
export const sha1Parity = rounds1('sha1p', parity);
export const sha1Majority = rounds1('sha1m', majority);

/** (abcd, efgh, four words of the schedule with their constants added): one half of the state after four rounds. */
const rounds256 = (name: string, part: 0 | 1): RuntimeFunction<'v128'> =>
  runtimeFunction(name, ['v128', 'v128', 'v128'], 'v128', (code) => {
    let [a, b, c, d] = words(code, code.param('v128', 0)).map((l) => code.get(l)) as [I32, I32, I32, I32];
    let [e, f, g, h] = words(code, code.param('v128', 1)).map((l) => code.get(l)) as [I32, I32, I32, I32];
    for (let i = 0; i < 4; i++) {
      const sigma1 = parity(rotateRight(e, 6), rotateRight(e, 11), rotateRight(e, 25));
      const sigma0 = parity(rotateRight(a, 2), rotateRight(a, 13), rotateRight(a, 22));
      const message = i32x4.extract_lane(code.param('v128', 2), i);
      const t = code.let(i32.add(i32.add(h, sigma1), i32.add(choose(e, f, g), message)));
      const nextE = code.let(i32.add(d, t));
      const nextA = code.let(i32.add(t, i32.add(sigma0, majority(a, b, c))));
      [a, b, c, d, e, f, g, h] = [nextA, a, b, c, nextE, e, f, g];
    }
    code.return(part === 0 ? vector([a, b, c, d]) : vector([e, f, g, h]));
    code.unreachable();
  });

export const sha256First = rounds256('sha256h', 0);
export const sha256Second = rounds256('sha256h2', 1);
