/** Values that instructions are likely to treat in a special way, among random ones: pools of them, to be quick. */

import { mask64 } from '../../src/base/bits.ts';
import { Random } from '../random.ts';

const poolSize = 4096;

/** What the lanes of a vector register are likely to hold. */
export const flavours = ['half', 'single', 'double', 'i8', 'i16', 'i32', 'i64', 'bytes'] as const;
export type Flavour = (typeof flavours)[number];

interface Format {
  readonly exponent: number;
  readonly fraction: number;
}
const half: Format = { exponent: 5, fraction: 10 };
const single: Format = { exponent: 8, fraction: 23 };
const double: Format = { exponent: 11, fraction: 52 };

/** A number of few set bits at random places, or of all random bits. */
function fraction(random: Random, width: number): bigint {
  const all = (1n << BigInt(width)) - 1n;
  switch (random.below(6)) {
    case 0:
      return 0n;
    case 1:
      return all;
    case 2:
      return 1n << BigInt(random.below(width));
    case 3:
      return (all >> BigInt(random.below(width))) ^ (random.oneIn(2) ? all : 0n);
    default:
      return random.u64() & all;
  }
}

/** A floating-point number: zeros, NaNs, infinities, subnormals, integers, numbers near powers of two and halves. */
function float(random: Random, format: Format): bigint {
  const bias = 2 ** (format.exponent - 1) - 1;
  const top = 2 ** format.exponent - 1;
  const e = BigInt(format.fraction);
  const of = (exponent: number, bits: bigint): bigint =>
    (BigInt(random.below(2)) << (e + BigInt(format.exponent))) | (BigInt(exponent) << e) | bits;
  const around = (middle: number, spread: number): number =>
    Math.min(Math.max(bias + middle + random.below(2 * spread + 1) - spread, 0), top - 1);
  switch (random.below(16)) {
    case 0:
      return of(0, 0n);
    case 1:
      return of(top, 0n);
    case 2: // quiet NaN
      return of(top, (1n << (e - 1n)) | fraction(random, format.fraction - 1));
    case 3: // signalling NaN
      return of(top, fraction(random, format.fraction - 1) || 1n);
    case 4:
    case 5:
      return of(0, fraction(random, format.fraction));
    case 6: // smallest normal numbers
      return of(1 + random.below(2), fraction(random, format.fraction));
    case 7: // largest ones
      return of(top - 1 - random.below(2), fraction(random, format.fraction));
    case 8: // about the limits of 16, 32 and 64 bits, and of halves in a single or double
      return of(
        around(random.pick([7, 8, 15, 16, 31, 32, 63, 64, -14, -24, -126, -149]), 2),
        fraction(random, format.fraction),
      );
    case 9: // near 1, integers and their halves
    case 10:
    case 11:
      return of(around(3, 5), fraction(random, format.fraction));
    case 12: // where all of the fraction is an integer
      return of(around(format.fraction, 3), fraction(random, format.fraction));
    case 13:
    case 14:
      return of(around(0, 2 + random.below(bias)), fraction(random, format.fraction));
    default:
      return of(random.below(top + 1), fraction(random, format.fraction));
  }
}

/** An integer: small ones of both signs, limits of 8, 16, 32 and 64 bits, powers of two, runs of ones, random. */
function integer(random: Random, width: number): bigint {
  const limit = 1n << BigInt(random.pick([7, 8, 15, 16, 31, 32, 63, 64]));
  const small = BigInt(random.below(5)) - 2n;
  const value = [
    () => small,
    () => limit + small,
    () => -limit + small,
    () => (1n << BigInt(random.below(width))) + small,
    () => fraction(random, width),
    () => BigInt(random.below(256)),
    () => BigInt(random.u32()),
    () => random.u64(),
    () => random.u64(),
  ];
  return BigInt.asUintN(width, random.pick(value)());
}

const lanes: { readonly [F in Flavour]: readonly [number, (random: Random) => bigint] } = {
  half: [16, (r) => float(r, half)],
  single: [32, (r) => float(r, single)],
  double: [64, (r) => float(r, double)],
  i8: [8, (r) => integer(r, 8)],
  i16: [16, (r) => integer(r, 16)],
  i32: [32, (r) => integer(r, 32)],
  i64: [64, (r) => integer(r, 64)],
  bytes: [64, (r) => (r.oneIn(8) ? (r.oneIn(2) ? 0n : mask64) : r.u64())],
};

/** Values to draw from. */
export class Values {
  /** For each flavour random vectors, 4 words each. */
  readonly #vectors: { readonly [F in Flavour]: Uint32Array };
  /** Random 64-bit integers, 2 words each. */
  readonly #integers: Uint32Array;

  constructor(seed: number) {
    const random = new Random(seed, 0x706f6f6c);
    this.#integers = new Uint32Array(2 * poolSize);
    for (let i = 0; i < poolSize; i++) put(this.#integers, 2 * i, 2, integer(random, 64));
    const pool = (flavour: Flavour): Uint32Array => vectors(random, ...lanes[flavour]);
    this.#vectors = {
      half: pool('half'),
      single: pool('single'),
      double: pool('double'),
      i8: pool('i8'),
      i16: pool('i16'),
      i32: pool('i32'),
      i64: pool('i64'),
      bytes: pool('bytes'),
    };
  }

  /** Puts a vector of a flavour at an index of 32-bit words. */
  putVector(random: Random, flavour: Flavour, to: Uint32Array, at: number): void {
    const pool = this.#vectors[flavour];
    const from = 4 * random.below(poolSize);
    for (let i = 0; i < 4; i++) to[at + i] = pool[from + i] as number;
  }

  /** Puts a 64-bit integer at an index of 32-bit words. */
  putInteger(random: Random, to: Uint32Array, at: number): void {
    if (random.oneIn(3)) {
      to[at] = random.u32();
      to[at + 1] = random.u32();
      return;
    }
    const from = 2 * random.below(poolSize);
    to[at] = this.#integers[from] as number;
    to[at + 1] = this.#integers[from + 1] as number;
  }
}

/** Vectors of such lanes. */
function vectors(random: Random, width: number, lane: (random: Random) => bigint): Uint32Array {
  const pool = new Uint32Array(4 * poolSize);
  for (let i = 0; i < poolSize; i++) {
    // Sometimes every lane is the same, sometimes all but the lowest are zero.
    const shape = random.below(8);
    const first = lane(random);
    let vector = 0n;
    for (let at = 0; at < 128; at += width) {
      const value = at === 0 || shape === 0 ? first : shape === 1 ? 0n : lane(random);
      vector |= value << BigInt(at);
    }
    put(pool, 4 * i, 4, vector);
  }
  return pool;
}

function put(to: Uint32Array, at: number, words: number, value: bigint): void {
  for (let i = 0; i < words; i++) to[at + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn);
}
