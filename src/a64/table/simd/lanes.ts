/**
 * What the integer AdvSIMD families share: operations on lanes of any size, where WebAssembly has them only for some,
 * the width of results, and saturation.
 *
 * Syntax kinds of these tables: `{V.8b:Rd}` a vector register with its arrangement; `{V.b[imm]:Rn}` one element, its
 * index from the fields named (joined from the most significant on); `{B:Rd}` to `{Q:Rd}` a scalar; `{list 8b 3:Rt}`
 * three registers from Rt on, `{list b 3[imm]:Rt}` one element of each; `{right 8:imm}` a shift to the right, written
 * as 8 - imm; `{bytemask:a:b}` a byte of 0xff for each set bit of the joined fields; `{postindex 16:Rm}` an X register,
 * or #16 for XZR.
 */
import { assert } from '../../../base/assert.ts';
import { constantOf, type I32, type I64, i32, i64, select, type V128 } from '../../../wasm/expr.ts';
import { i8x16, i16x8, i32x4, i64x2, v128 } from '../../../wasm/simd.ts';
import { Core } from '../../layout.ts';
import type { Meaning } from '../../meaning.ts';

/** A string of fixed bits in a pattern. */
export type Bits = `0${string}` | `1${string}`;

/** Width in bits of one element. Sizes are as encoded: 0 is a byte, 3 a doubleword. */
export const bitsOf = (size: number): number => 8 << size;

/** The arrangement's name, as in `8b` or `4s`. */
export const arrangement = (size: number, Q: number): string => `${(8 << Q) >> size}${'bhsd'[size]}`;

/** The kind of a scalar register by element size. */
export const scalarKind = (size: number): string => 'BHSDQ'[size] ?? '';

/** One of several things by a field's value. */
export function pick<const T extends readonly unknown[]>(index: number, ...choices: T): T[number] {
  assert(index < choices.length, `no choice ${index} among ${choices.length}`);
  return choices[index];
}

/** WebAssembly's operations on lanes of a size. */
export const lane = (size: number): typeof i8x16 | typeof i16x8 | typeof i32x4 | typeof i64x2 =>
  pick(size, i8x16, i16x8, i32x4, i64x2);

/** The same for the sizes below 64 bits, which have more of them. */
export const shortLane = (size: number): typeof i8x16 | typeof i16x8 | typeof i32x4 => pick(size, i8x16, i16x8, i32x4);

/** A constant vector with the same value in each lane. */
export function splatConst(size: number, value: bigint | number): V128 {
  const bytes = new Uint8Array(16);
  const element = BigInt(value);
  for (let i = 0; i < 16; i++) bytes[i] = Number((element >> BigInt(8 * (i & ((1 << size) - 1)))) & 0xffn);
  return v128.const(bytes);
}

export const allOnes = (): V128 => splatConst(0, 0xff);
/** The most negative signed value of a lane. */
export const minSigned = (size: number): V128 => splatConst(size, 1n << BigInt(bitsOf(size) - 1));
export const maxSigned = (size: number): V128 => splatConst(size, (1n << BigInt(bitsOf(size) - 1)) - 1n);

/** A value in every lane; constant where the value is. */
export function splat(size: number, value: I64): V128 {
  const known = constantOf(value);
  if (known !== undefined) return splatConst(size, known);
  return size === 3 ? i64x2.splat(value) : shortLane(size).splat(i32.wrap(value));
}

/** Clears all but the low bits of a vector: 128 and 64 for the two vector lengths, less for a scalar. */
export function keep(width: number, value: V128): V128 {
  if (width === 128) return value;
  if (width === 64) return i64x2.replace_lane(value, 1, i64.const(0));
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 0, width / 8);
  return v128.and(value, v128.const(bytes));
}

/** Sets Rd, and clears what lies above the width. */
export const setResult = (m: Meaning, width: number, value: V128): void => m.setV('Rd', keep(width, value));

const fpsrQC = 1 << 27;

/** Sets FPSR.QC where a mask of saturated lanes has bits within the width. */
export function setQC(m: Meaning, width: number, saturated: V128): void {
  const any =
    width === 128
      ? v128.any_true(saturated)
      : width === 64
        ? i64.ne(i64x2.extract_lane(saturated, 0), i64.const(0))
        : i32.and(i32x4.extract_lane(saturated, 0), i32.const(width === 32 ? -1 : (1 << width) - 1));
  m.code.if(any, () => {
    m.code.store(m.cpu, i32.or(i32.load(m.cpu, Core.fpsr), i32.const(fpsrQC)), 4, Core.fpsr);
  });
}

/** Multiplication, modulo the lane's width; there is none of 64 bits. */
export function multiply(m: Meaning, size: number, a: V128, b: V128): V128 {
  if (size > 0) return pick(size - 1, i16x8, i32x4).mul(a, b);
  const x = m.let(a);
  const y = m.let(b);
  const odd = i16x8.mul(i16x8.shr_u(x, i32.const(8)), v128.and(y, splatConst(1, 0xff00)));
  return v128.or(v128.and(i16x8.mul(x, y), splatConst(1, 0x00ff)), odd);
}

/** Unsigned a > b, as a mask; 64-bit lanes compare signed with the sign bit flipped. */
export function greaterUnsigned(size: number, a: V128, b: V128): V128 {
  if (size < 3) return shortLane(size).gt_u(a, b);
  return i64x2.gt_s(v128.xor(a, minSigned(3)), v128.xor(b, minSigned(3)));
}

export function greaterEqualUnsigned(size: number, a: V128, b: V128): V128 {
  return size < 3 ? shortLane(size).ge_u(a, b) : v128.not(greaterUnsigned(3, b, a));
}

/** All ones in the lanes below zero. */
export const negativeLanes = (size: number, a: V128): V128 => lane(size).lt_s(a, v128.zero());

/** Lanes of integers: log2 of their bytes, and whether they are unsigned. */
export interface IntegerLanes {
  readonly size: number;
  readonly unsigned: boolean;
}

/**
 * What an operation covers: log2 of the bytes in a (narrow) lane, the bits of Rd that get a result, and, for long and
 * narrow forms, whether the operation is about the upper half.
 */
export interface LaneShape {
  readonly size: number;
  readonly width: number;
  readonly high: number;
}

/** Shifts to the right by 0 to the lane's width; WebAssembly takes the amount modulo the width. */
export function shiftRight(m: Meaning, { size, unsigned }: IntegerLanes, a: V128, amount: I32): V128 {
  const last = bitsOf(size) - 1;
  const op = unsigned ? lane(size).shr_u : lane(size).shr_s;
  const known = constantOf(amount);
  if (known !== undefined) {
    if (known <= last) return op(a, amount);
    return unsigned ? v128.zero() : op(a, i32.const(last));
  }
  const n = m.let(amount);
  const full = i32.gt_s(n, i32.const(last));
  if (unsigned) return select(full, v128.zero(), op(a, n));
  return op(a, select(full, i32.const(last), n));
}

/** Shifts to the right by 1 to the lane's width and rounds to nearest, halves up. */
export function shiftRightRounded(m: Meaning, { size, unsigned }: IntegerLanes, a: V128, amount: I32): V128 {
  const op = unsigned ? lane(size).shr_u : lane(size).shr_s;
  const known = constantOf(amount);
  const before = known === undefined ? i32.sub(amount, i32.const(1)) : i32.const(Number(known) - 1);
  const doubled = m.let(op(a, before));
  return lane(size).add(op(doubled, i32.const(1)), v128.and(doubled, splatConst(size, 1)));
}

/** The lower (or with `high` the upper) half's lanes, twice as wide. `size` is that of the narrow lanes. */
export function widen(size: number, unsigned: boolean, high: number, a: V128): V128 {
  const op = unsigned
    ? pick(
        size,
        [i16x8.extend_low_i8x16_u, i16x8.extend_high_i8x16_u],
        [i32x4.extend_low_i16x8_u, i32x4.extend_high_i16x8_u],
        [i64x2.extend_low_i32x4_u, i64x2.extend_high_i32x4_u],
      )
    : pick(
        size,
        [i16x8.extend_low_i8x16_s, i16x8.extend_high_i8x16_s],
        [i32x4.extend_low_i16x8_s, i32x4.extend_high_i16x8_s],
        [i64x2.extend_low_i32x4_s, i64x2.extend_high_i32x4_s],
      );
  return pick(high, ...op)(a);
}

/** Products, twice as wide, of the lower (or upper) half's lanes. */
export function multiplyLong({ size, unsigned }: IntegerLanes, high: number, a: V128, b: V128): V128 {
  const op = unsigned
    ? pick(
        size,
        [i16x8.extmul_low_i8x16_u, i16x8.extmul_high_i8x16_u],
        [i32x4.extmul_low_i16x8_u, i32x4.extmul_high_i16x8_u],
        [i64x2.extmul_low_i32x4_u, i64x2.extmul_high_i32x4_u],
      )
    : pick(
        size,
        [i16x8.extmul_low_i8x16_s, i16x8.extmul_high_i8x16_s],
        [i32x4.extmul_low_i16x8_s, i32x4.extmul_high_i16x8_s],
        [i64x2.extmul_low_i32x4_s, i64x2.extmul_high_i32x4_s],
      );
  return pick(high, ...op)(a, b);
}

/** Byte numbers of the lanes that `from` gives for each lane of a result. */
export function laneBytes(size: number, from: (i: number) => number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < 16 >> size; i++) {
    for (let b = 0; b < 1 << size; b++) bytes.push((from(i) << size) + b);
  }
  return bytes;
}

/** Lanes picked of a and b, which count on from a's last. */
export const shuffleLanes = (size: number, a: V128, b: V128, from: (i: number) => number): V128 =>
  v128.shuffle(a, b, laneBytes(size, from));

/** Even (part 0) or odd (part 1) lanes of the low `width` bits of a, then those of b. */
export function unzip({ size, width }: Omit<LaneShape, 'high'>, part: number, a: V128, b: V128): V128 {
  const half = width / bitsOf(size) / 2;
  const whole = 16 >> size;
  return shuffleLanes(size, a, b, (i) => (i < half ? 2 * i + part : whole + ((2 * (i - half)) % (2 * half)) + part));
}

/**
 * Sets Rd to lanes of `size`, each a part of a lane twice as wide (part 0 its low half, 1 its high half): in the lower
 * half with the rest cleared, or with `high` in the upper half with the rest kept.
 */
export function setNarrowed(m: Meaning, { size, high }: Omit<LaneShape, 'width'>, wide: V128, part = 0): void {
  const half = 8 >> size;
  const whole = 16 >> size;
  m.setV(
    'Rd',
    high
      ? shuffleLanes(size, m.v('Rd'), wide, (i) => (i < half ? i : whole + 2 * (i - half) + part))
      : shuffleLanes(size, wide, v128.zero(), (i) => (i < half ? 2 * i + part : whole)),
  );
}

/** A saturated result and the lanes where it saturated: as all ones, or at least as something that is not zero. */
export interface Saturated {
  readonly value: V128;
  readonly mask: V128;
}

/** Sets Rd and FPSR.QC. */
export function setSaturated(m: Meaning, width: number, { value, mask }: Saturated): void {
  setQC(m, width, mask);
  setResult(m, width, value);
}

/** a + b or a - b, saturated. */
export function addSaturated(
  m: Meaning,
  { size, unsigned, subtract }: IntegerLanes & { readonly subtract: boolean },
  a: V128,
  b: V128,
): Saturated {
  const op = lane(size);
  const x = m.let(a);
  const y = m.let(b);
  const plain = m.let(subtract ? op.sub(x, y) : op.add(x, y));
  if (size < 2) {
    const short = pick(size, i8x16, i16x8);
    const saturating = unsigned
      ? subtract
        ? short.sub_sat_u
        : short.add_sat_u
      : subtract
        ? short.sub_sat_s
        : short.add_sat_s;
    const value = m.let(saturating(x, y));
    return { value, mask: v128.xor(value, plain) };
  }
  if (unsigned) {
    const mask = m.let(subtract ? greaterUnsigned(size, y, x) : greaterUnsigned(size, x, plain));
    return { value: subtract ? v128.andnot(plain, mask) : v128.or(plain, mask), mask };
  }
  // Overflow: the operands agree in sign (for a - b: differ) and the result's sign is another than a's.
  const signs = subtract ? v128.xor(x, y) : v128.not(v128.xor(x, y));
  const mask = m.let(negativeLanes(size, v128.and(signs, v128.xor(x, plain))));
  const limit = v128.xor(negativeLanes(size, x), maxSigned(size));
  return { value: v128.bitselect(limit, plain, mask), mask };
}

/** Signedness of the wide lanes and of the range that they are held in. */
export interface Clamp {
  readonly from: 'signed' | 'unsigned';
  readonly to: 'signed' | 'unsigned';
}

/** Lanes of twice the size held within the range of a narrow lane: signed or unsigned, from signed or unsigned. */
export function clampWide(m: Meaning, size: number, { from, to }: Clamp, wide: V128): Saturated {
  const a = m.let(wide);
  const bits = BigInt(bitsOf(size));
  const top = splatConst(size + 1, to === 'signed' ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n);
  const bottom = splatConst(size + 1, to === 'signed' ? -(1n << (bits - 1n)) : 0n);
  let value: V128;
  if (size < 2) {
    const op = pick(size, i16x8, i32x4);
    value = from === 'unsigned' ? op.min_u(a, top) : op.max_s(op.min_s(a, top), bottom);
  } else if (from === 'unsigned') value = v128.bitselect(top, a, greaterUnsigned(3, a, top));
  else value = v128.bitselect(top, v128.bitselect(bottom, a, i64x2.gt_s(bottom, a)), i64x2.gt_s(a, top));
  const held = m.let(value);
  return { value: held, mask: v128.xor(held, a) };
}

/** The number that operand fields make when joined, the most significant first; constant where they are. */
export function joinedFields(m: Meaning, ...fields: readonly { name: string; width: number }[]): I32 {
  return fields.reduce<I32>((high, { name, width }) => {
    const low = m.field(name);
    const [h, l] = [constantOf(high), constantOf(low)];
    if (h === 0) return low;
    if (h !== undefined && l !== undefined) return i32.const((Number(h) << width) | Number(l));
    return i32.or(i32.shl(high, i32.const(width)), low);
  }, i32.const(0));
}

/** One lane, chosen by an index that need not be constant, zero-extended. */
export function extractLane(size: number, a: V128, index: I32): I64 {
  const known = constantOf(index);
  const mask = i64.const(size === 3 ? -1 : (1n << BigInt(bitsOf(size))) - 1n);
  if (known === undefined) return i64.and(i64x2.extract_lane(duplicateLane(size, a, index), 0), mask);
  const n = Number(known);
  if (size === 3) return i64x2.extract_lane(a, n);
  if (size === 2) return i64.extend_u(i32x4.extract_lane(a, n));
  return i64.extend_u(pick(size, i8x16, i16x8).extract_lane_u(a, n));
}

/** One lane, chosen by an index, in all lanes. */
export function duplicateLane(size: number, a: V128, index: I32): V128 {
  const known = constantOf(index);
  if (known !== undefined) return shuffleLanes(size, a, a, () => Number(known));
  const first = v128.const(Uint8Array.from(laneBytes(size, () => 0)));
  return i8x16.swizzle(a, i8x16.add(first, i8x16.splat(i32.shl(index, i32.const(size)))));
}

/** Puts a lane of b in the place of one lane of a, chosen by an index; b has the value in all lanes. */
export function replaceLane(size: number, a: V128, index: I32, b: V128): V128 {
  const known = constantOf(index);
  const whole = 16 >> size;
  if (known !== undefined) return shuffleLanes(size, a, b, (i) => (i === Number(known) ? whole + i : i));
  const number = new Uint8Array(16);
  for (let i = 0; i < 16; i++) number[i] = i >> size;
  return v128.bitselect(b, a, i8x16.eq(v128.const(number), i8x16.splat(index)));
}
