/**
 * What the floating-point tables share.
 *
 * Syntax kinds of these tables, besides those of simd-lanes.ts (`{S:Rd}`, `{V.4s:Rd}`, `{V.s[1]:Rm}`, `{right 64:imm6}`
 * for 64 - imm6): `{X:Rd}` and `{W:Rd}` general registers, `{cond 4}` a condition's name, and `{fpimm:imm8}` eight bits
 * (of one field or of several joined) as the number VFPExpandImm makes of them.
 */
import { type Expr, f32, f64, type I64, i32, type V128 } from '../../../wasm/expr.ts';
import { f32x4, f64x2 } from '../../../wasm/simd.ts';
import type { Meaning } from '../../meaning.ts';
import {
  type Lanes,
  type ScalarLanes,
  scalarDouble,
  scalarSingle,
  vectorDouble1,
  vectorSingle1,
} from '../../runtime/float-lanes.ts';
import { keep } from '../simd/lanes.ts';

export type ScalarType = 'f32' | 'f64';
export type VectorLanes = Lanes<'v128', 'v128'>;

/** A precision of scalars: its arithmetic, also as a vector of one lane, and its registers. */
export interface Precision<T extends ScalarType> {
  /** The register's kind in assembly. */
  readonly kind: 'S' | 'D';
  readonly lanes: ScalarLanes<T>;
  readonly vector: VectorLanes;
  get(m: Meaning, field: string): Expr<T>;
  set(m: Meaning, field: string, value: Expr<T>): void;
  lane(v: V128, index: number): Expr<T>;
  /** A number by its bits, in the low ones. */
  fromBits(bits: I64): Expr<T>;
}

const single: Precision<'f32'> = {
  kind: 'S',
  lanes: scalarSingle,
  vector: vectorSingle1,
  get: (m, field) => m.s(field),
  set: (m, field, value) => m.setS(field, value),
  lane: f32x4.extract_lane,
  fromBits: (bits) => f32.reinterpret(i32.wrap(bits)),
};

const double: Precision<'f64'> = {
  kind: 'D',
  lanes: scalarDouble,
  vector: vectorDouble1,
  get: (m, field) => m.d(field),
  set: (m, field, value) => m.setD(field, value),
  lane: f64x2.extract_lane,
  fromBits: f64.reinterpret,
};

/** Does something for the precision of an sz bit. */
export const withPrecision = <R>(sz: number, body: <T extends ScalarType>(p: Precision<T>) => R): R =>
  sz ? body(double) : body(single);

/** The kind of a scalar register by an sz bit. */
export const fpKind = (sz: number): 'S' | 'D' => (sz ? 'D' : 'S');

/** The kind of a vector register by its sz and Q bits. */
export const fpVector = (sz: number, Q: number): string => `V.${sz ? '2d' : Q ? '4s' : '2s'}`;

/** Vectors of one double are reserved. */
export const isFpVector = (f: { readonly sz: number; readonly Q: number }): boolean => f.sz === 0 || f.Q === 1;

/** Sets Rd to the lanes that count and clears the rest. */
export const setLanes = (m: Meaning, l: VectorLanes, value: V128): void =>
  m.setV('Rd', keep(l.count * l.format.bits, value));

/** VFPExpandImm: the bits of a number from eight. */
export function expandImmediate(sz: number, imm8: number): bigint {
  const sign = BigInt(imm8 >> 7);
  const b = (imm8 >> 6) & 1;
  const low = BigInt(imm8 & 63);
  if (sz) return (sign << 63n) | (BigInt(b ? 0xff : 0x100) << 54n) | (low << 48n);
  return (sign << 31n) | (BigInt(b ? 0x1f : 0x20) << 25n) | (low << 19n);
}
