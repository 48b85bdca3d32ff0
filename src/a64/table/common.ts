import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { FlagKind } from '../layout.ts';
import type { Meaning } from '../meaning.ts';

/** The syntax kind of a general register by its size bit. */
export const reg = (sf: number): 'X' | 'W' => (sf ? 'X' : 'W');

/** Rd = a + b or a - b with NZCV. */
export function addFlags64(m: Meaning, subtract: number, a: I64, b: I64): void {
  const x = m.let(a);
  const y = m.let(b);
  m.setFlags(subtract ? FlagKind.sub64 : FlagKind.add64, x, y);
  m.setX('Rd', subtract ? i64.sub(x, y) : i64.add(x, y));
}

export function addFlags32(m: Meaning, subtract: number, a: I32, b: I32): void {
  const x = m.let(a);
  const y = m.let(b);
  m.setFlags(subtract ? FlagKind.sub32 : FlagKind.add32, i64.extend_u(x), i64.extend_u(y));
  m.setW('Rd', subtract ? i32.sub(x, y) : i32.add(x, y));
}

/** NZCV in bits 31-28 from a result and the carry and overflow bits (0 or 1). */
export const packFlags = (negative: I32, zero: I32, carry: I32, overflow: I32): I32 =>
  i32.or(
    i32.or(i32.shl(negative, i32.const(31)), i32.shl(zero, i32.const(30))),
    i32.or(i32.shl(carry, i32.const(29)), i32.shl(overflow, i32.const(28))),
  );
