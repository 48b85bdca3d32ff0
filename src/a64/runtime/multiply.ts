import { i64 } from '../../wasm/expr.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';

const build = (unsigned: boolean): RuntimeFunction<'i64'> =>
  runtimeFunction(unsigned ? 'umulh' : 'smulh', ['i64', 'i64'], 'i64', (code) => {
    const a = code.param('i64', 0);
    const b = code.param('i64', 1);
    const low = i64.const(0xffffffff);
    const half = i64.const(32);
    // Four 32x32 products (Knuth, The Art of Computer Programming 4.3.1, algorithm M).
    const al = code.let(i64.and(a, low));
    const ah = code.let((unsigned ? i64.shr_u : i64.shr_s)(a, half));
    const bl = code.let(i64.and(b, low));
    const bh = code.let((unsigned ? i64.shr_u : i64.shr_s)(b, half));
    const t = code.let(i64.add(i64.mul(ah, bl), i64.shr_u(i64.mul(al, bl), half)));
    const u = code.let(i64.add(i64.mul(al, bh), i64.and(t, low)));
    const shift = unsigned ? i64.shr_u : i64.shr_s;
    code.return(i64.add(i64.add(i64.mul(ah, bh), shift(t, half)), shift(u, half)));
    code.unreachable();
  });

const unsignedHigh = build(true);
const signedHigh = build(false);

/** The upper 64 bits of a 64x64 product. */
export const multiplyHigh = (unsigned: boolean): RuntimeFunction<'i64'> => (unsigned ? unsignedHigh : signedHigh);
