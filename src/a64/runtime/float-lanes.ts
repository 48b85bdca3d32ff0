import { type Expr, f32, f64, type I32, type I64, i32, i64, type V128, type ValType } from '../../wasm/expr.ts';
import { f32x4, f64x2, i32x4, i64x2, v128 } from '../../wasm/simd.ts';
import { Core } from '../layout.ts';
import { double, type Format, single } from '../softfloat/format.ts';

/** What comparisons give: 0 or 1 of scalars, lanes of all ones or zeros of vectors. */
export type Mask = 'i32' | 'v128';

/**
 * Floating point of one shape, so that an algorithm is written once for scalars and vectors of both precisions. Lanes
 * from `count` on are meaningless.
 */
export interface Lanes<T extends ValType, M extends Mask> {
  readonly type: T;
  readonly format: Format;
  readonly count: 1 | 2 | 4;
  constant(n: number): Expr<T>;
  abs(a: Expr<T>): Expr<T>;
  neg(a: Expr<T>): Expr<T>;
  sqrt(a: Expr<T>): Expr<T>;
  ceil(a: Expr<T>): Expr<T>;
  floor(a: Expr<T>): Expr<T>;
  trunc(a: Expr<T>): Expr<T>;
  /** To an integral number, ties to even. */
  nearest(a: Expr<T>): Expr<T>;
  add(a: Expr<T>, b: Expr<T>): Expr<T>;
  sub(a: Expr<T>, b: Expr<T>): Expr<T>;
  mul(a: Expr<T>, b: Expr<T>): Expr<T>;
  div(a: Expr<T>, b: Expr<T>): Expr<T>;
  min(a: Expr<T>, b: Expr<T>): Expr<T>;
  max(a: Expr<T>, b: Expr<T>): Expr<T>;
  eq(a: Expr<T>, b: Expr<T>): Expr<M>;
  ne(a: Expr<T>, b: Expr<T>): Expr<M>;
  lt(a: Expr<T>, b: Expr<T>): Expr<M>;
  le(a: Expr<T>, b: Expr<T>): Expr<M>;
  gt(a: Expr<T>, b: Expr<T>): Expr<M>;
  ge(a: Expr<T>, b: Expr<T>): Expr<M>;
  and(a: Expr<M>, b: Expr<M>): Expr<M>;
  or(a: Expr<M>, b: Expr<M>): Expr<M>;
  /** Whether a mask holds in all of the first `count` lanes. */
  all(a: Expr<M>): I32;
  /** Whether it holds in any of them. */
  any(a: Expr<M>): I32;
  /** A mask as a result: all bits of a lane or none. */
  ones(a: Expr<M>): Expr<T>;
  /** The sign of b on the bits of a. */
  copysign(a: Expr<T>, b: Expr<T>): Expr<T>;
  /** A number of half the precision near a, such that a minus it has half the precision too. */
  upper(a: Expr<T>): Expr<T>;
  /** Whether it is a number or a quiet NaN. */
  notSignalling(a: Expr<T>): Expr<M>;
  /** Core.fpLimit in each lane. */
  limit(cpu: I32): Expr<T>;
}

/** Scalars also convert from integers. */
export interface ScalarLanes<T extends 'f32' | 'f64'> extends Lanes<T, 'i32'> {
  convert_i32_s(a: I32): Expr<T>;
  convert_i32_u(a: I32): Expr<T>;
  convert_i64_s(a: I64): Expr<T>;
  convert_i64_u(a: I64): Expr<T>;
}

// Rounding the fraction at half its width leaves 26 bits of a double above and below, 12 of a single.
const halfUnit64 = 1n << 26n;
const upperMask64 = -(1n << 27n);
const halfUnit32 = 1 << 11;
const upperMask32 = -(1 << 12);

export const scalarSingle: ScalarLanes<'f32'> = {
  ...f32,
  type: 'f32',
  format: single,
  count: 1,
  constant: f32.const,
  and: i32.and,
  or: i32.or,
  all: (a) => a,
  any: (a) => a,
  ones: (a) => f32.reinterpret(i32.sub(i32.const(0), a)),
  upper: (a) => f32.reinterpret(i32.and(i32.add(i32.reinterpret(a), i32.const(halfUnit32)), i32.const(upperMask32))),
  notSignalling: (a) => i32.or(f32.eq(a, a), i32.shr_u(i32.shl(i32.reinterpret(a), i32.const(9)), i32.const(31))),
  limit: (cpu) => f32.load(cpu, Core.fpLimit32),
};

export const scalarDouble: ScalarLanes<'f64'> = {
  ...f64,
  type: 'f64',
  format: double,
  count: 1,
  constant: f64.const,
  and: i32.and,
  or: i32.or,
  all: (a) => a,
  any: (a) => a,
  ones: (a) => f64.reinterpret(i64.sub(i64.const(0), i64.extend_u(a))),
  upper: (a) => f64.reinterpret(i64.and(i64.add(i64.reinterpret(a), i64.const(halfUnit64)), i64.const(upperMask64))),
  notSignalling: (a) =>
    i32.or(f64.eq(a, a), i32.wrap(i64.shr_u(i64.shl(i64.reinterpret(a), i64.const(12)), i64.const(63)))),
  limit: (cpu) => f64.load(cpu, Core.fpLimit64),
};

/** A vector with 64 bits in each half. */
const pairOf = (bits: bigint): V128 => {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, bits, true);
  view.setBigInt64(8, bits, true);
  return v128.const(bytes);
};

const singles = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat32(0, value);
  view.setFloat32(4, value);
  return view.getBigInt64(0);
};

const doubles = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigInt64(0);
};

const words = (value: number): bigint => (BigInt(value >>> 0) << 32n) | BigInt(value >>> 0);

/** Whether the low `count` of `total` bits are set. */
const allOf = (bitmask: I32, count: number, total: number): I32 => {
  const mask = i32.const((1 << count) - 1);
  return i32.eq(count === total ? bitmask : i32.and(bitmask, mask), mask);
};

const vectorSingle = (count: 1 | 2 | 4): Lanes<'v128', 'v128'> => ({
  ...f32x4,
  type: 'v128',
  format: single,
  count,
  constant: (n) => pairOf(singles(n)),
  and: v128.and,
  or: v128.or,
  all: (a) => allOf(i32x4.bitmask(a), count, 4),
  any: (a) => i32.and(i32x4.bitmask(a), i32.const((1 << count) - 1)),
  ones: (a) => a,
  copysign: (a, b) => v128.bitselect(a, b, pairOf(words(0x7fffffff))),
  upper: (a) => v128.and(i32x4.add(a, pairOf(words(halfUnit32))), pairOf(words(upperMask32))),
  notSignalling: (a) => v128.or(f32x4.eq(a, a), i32x4.shr_s(i32x4.shl(a, i32.const(9)), i32.const(31))),
  limit: (cpu) => v128.load(cpu, Core.fpLimit32),
});

/** The low lane of a vector as a vector, where that is what an algorithm is written for. */
export const vectorSingle1 = vectorSingle(1);
export const vectorSingle2 = vectorSingle(2);
export const vectorSingle4 = vectorSingle(4);

const vectorDoubles = (count: 1 | 2): Lanes<'v128', 'v128'> => ({
  ...f64x2,
  type: 'v128',
  format: double,
  count,
  constant: (n) => pairOf(doubles(n)),
  and: v128.and,
  or: v128.or,
  all: (a) => allOf(i64x2.bitmask(a), count, 2),
  any: (a) => i32.and(i64x2.bitmask(a), i32.const((1 << count) - 1)),
  ones: (a) => a,
  copysign: (a, b) => v128.bitselect(a, b, pairOf(0x7fff_ffff_ffff_ffffn)),
  upper: (a) => v128.and(i64x2.add(a, pairOf(halfUnit64)), pairOf(upperMask64)),
  notSignalling: (a) => v128.or(f64x2.eq(a, a), i64x2.shr_s(i64x2.shl(a, i32.const(12)), i32.const(63))),
  limit: (cpu) => v128.load(cpu, Core.fpLimit64),
});

export const vectorDouble1 = vectorDoubles(1);
export const vectorDouble = vectorDoubles(2);

/** The shape of a vector instruction by its sz and Q bits. */
export const vectorLanes = (sz: number, Q: number): Lanes<'v128', 'v128'> =>
  sz ? vectorDouble : Q ? vectorSingle4 : vectorSingle2;

/** The smallest normal number. */
export const minNormal = (format: Format): number => 2 ** format.minimumExponent;
