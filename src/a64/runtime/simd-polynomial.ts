/** Products of polynomials over {0, 1} (Arm ARM J1.3, PolynomialMult): sums without carries. */
import type { Code } from '../../wasm/code.ts';
import { type I64, i64, type V128 } from '../../wasm/expr.ts';
import { i64x2, v128 } from '../../wasm/simd.ts';
import { runtimeFunction } from '../runtime.ts';
import { lane, splatConst } from '../table/simd/lanes.ts';

/** The low bits of the products, in lanes of a size: a shifted by the number of each bit among the low 8 of b. */
function multiplyLanes(code: Code, size: number): void {
  const l = lane(size);
  const b = code.param('v128', 1);
  let a: V128 = code.param('v128', 0);
  let sum: V128 = v128.zero();
  for (let bit = 0; bit < 8; bit++) {
    const set = l.eq(v128.and(b, splatConst(size, 1 << bit)), splatConst(size, 1 << bit));
    sum = code.let(v128.xor(sum, v128.and(a, set)));
    if (bit < 7) a = code.let(l.add(a, a));
  }
  code.return(sum);
  code.unreachable();
}

/** (a, b): products of bytes modulo 2^8. */
export const polynomialMultiply8 = runtimeFunction('polynomialMultiply8', ['v128', 'v128'], 'v128', (code) =>
  multiplyLanes(code, 0),
);

/** (a, b): products of bytes that have been widened to 16 bits. */
export const polynomialMultiply16 = runtimeFunction('polynomialMultiply16', ['v128', 'v128'], 'v128', (code) =>
  multiplyLanes(code, 1),
);

/**
 * The 64-bit product of 32-bit polynomials by integer multiplication: with every fourth bit kept, at most eight ones
 * meet in a place and their carries stay in the three places left free above it.
 */
function multiply32(code: Code, x: I64, y: I64): I64 {
  const part = (e: I64, i: number): I64 => code.let(i64.and(e, i64.const(0x1111_1111n << BigInt(i))));
  const xs = [0, 1, 2, 3].map((i) => part(x, i));
  const ys = [0, 1, 2, 3].map((i) => part(y, i));
  let product: I64 = i64.const(0);
  for (let place = 0; place < 4; place++) {
    const terms = xs.map((e, i) => i64.mul(e, ys[(place - i) & 3] as I64));
    const sum = terms.reduce((a, b) => i64.xor(a, b));
    product = code.let(i64.or(product, i64.and(sum, i64.const(0x1111_1111_1111_1111n << BigInt(place)))));
  }
  return product;
}

/** (a, b): the 128-bit product of 64-bit polynomials, from three of half the size (Karatsuba). */
export const polynomialMultiply64 = runtimeFunction('polynomialMultiply64', ['i64', 'i64'], 'v128', (code) => {
  const a = code.param('i64', 0);
  const b = code.param('i64', 1);
  const half = i64.const(32);
  const mask = i64.const(0xffff_ffff);
  const upper = (e: I64): I64 => i64.shr_u(e, half);
  const low = multiply32(code, a, b);
  const high = multiply32(code, code.let(upper(a)), code.let(upper(b)));
  const both = multiply32(code, code.let(i64.xor(a, upper(a))), code.let(i64.xor(b, upper(b))));
  const middle = code.let(i64.xor(both, i64.xor(low, high)));
  const result = i64x2.splat(i64.xor(low, i64.shl(i64.and(middle, mask), half)));
  code.return(i64x2.replace_lane(result, 1, i64.xor(high, upper(middle))));
  code.unreachable();
});
