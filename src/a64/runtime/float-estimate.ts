/** Estimates of reciprocals and reciprocal square roots: normal operands here, all others in src/a64/softfloat. */
import type { Code } from '../../wasm/code.ts';
import { f32, f64, type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { double, type Format, single } from '../softfloat/format.ts';
import { returnSoft } from './float-state.ts';

/** RecipEstimate, for 256 <= a < 512. */
const recipEstimate = (a: I32): I32 => {
  const divisor = i32.or(i32.shl(a, i32.const(1)), i32.const(1));
  return i32.shr_u(i32.add(i32.div_u(i32.const(1 << 19), divisor), i32.const(1)), i32.const(1));
};

/**
 * RecipSqrtEstimate, for 128 <= a < 512: the largest b with middle * b^2 < 2^28, halved. 2^28/middle is no square, and
 * farther from one than the error of the root.
 */
function recipSqrtEstimate(code: Code, a: I32): I32 {
  const odd = i32.or(a, i32.const(1));
  const small = i32.or(i32.shl(a, i32.const(1)), i32.const(1));
  const middle = i32.add(
    i32.mul(small, i32.lt_u(a, i32.const(256))),
    i32.mul(i32.shl(odd, i32.const(1)), i32.ge_u(a, i32.const(256))),
  );
  const root = f64.sqrt(f64.div(f64.const(2 ** 28), f64.convert_i32_u(middle)));
  const b = code.let(i32.trunc_sat_f64_u(root));
  return i32.shr_u(i32.add(b, i32.const(1)), i32.const(1));
}

/** FPRecipEstimate or FPRSqrtEstimate: (cpu, a), with singles and doubles as themselves. */
function estimate<T extends 'f32' | 'f64'>(type: T, format: Format, root: boolean): RuntimeFunction<T> {
  const name = root ? 'fpRSqrtEstimate' : 'fpRecipEstimate';
  const { bits, fractionBits, maximumField } = format;
  return runtimeFunction(`careful_${name}${bits}`, ['i32', type], type, (code, call) => {
    const a = code.param(type, 1);
    const word: I64 = code.let(
      type === 'f64'
        ? i64.reinterpret(code.param('f64' as T, 1) as never)
        : i64.extend_u(i32.reinterpret(code.param('f32' as T, 1) as never)),
    );
    const sign = i64.and(word, i64.const(1n << BigInt(bits - 1)));
    const field = code.let(i32.and(i32.wrap(i64.shr_u(word, i64.const(fractionBits))), i32.const(maximumField)));
    const fraction = code.let(i32.and(i32.wrap(i64.shr_u(word, i64.const(fractionBits - 8))), i32.const(255)));
    // Between the smallest normal number and those whose reciprocal is subnormal.
    const top = root ? maximumField - 1 : maximumField - 3;
    const ordinary = i32.lt_u(i32.sub(field, i32.const(1)), i32.const(top));
    code.if(root ? i32.and(ordinary, i64.eqz(sign)) : ordinary, () => {
      const reduced = code.let(
        root
          ? i32.shr_u(i32.or(fraction, i32.const(256)), i32.and(field, i32.const(1)))
          : i32.or(fraction, i32.const(256)),
      );
      const result = code.let(root ? recipSqrtEstimate(code, reduced) : recipEstimate(reduced));
      const bias2 = root ? 3 * (maximumField >> 1) - 1 : maximumField - 2;
      const exponent = root
        ? i32.shr_u(i32.sub(i32.const(bias2), field), i32.const(1))
        : i32.sub(i32.const(bias2), field);
      const low = i64.shl(i64.extend_u(i32.and(result, i32.const(255))), i64.const(fractionBits - 8));
      const bitsOut = i64.or(i64.or(sign, i64.shl(i64.extend_u(exponent), i64.const(fractionBits))), low);
      code.return(type === 'f64' ? f64.reinterpret(bitsOut) : f32.reinterpret(i32.wrap(bitsOut)));
    });
    returnSoft(code, call, { name: `${name}${bits}`, result: type }, { cpu: code.param('i32', 0), operands: [a] });
  });
}

export const fpRecipEstimate32 = estimate('f32', single, false);
export const fpRecipEstimate64 = estimate('f64', double, false);
export const fpRSqrtEstimate32 = estimate('f32', single, true);
export const fpRSqrtEstimate64 = estimate('f64', double, true);

/** UnsignedRecipEstimate and UnsignedRSqrtEstimate: of operands below 1/2 or 1/4 all ones. */
const unsigned = (name: string, root: boolean): RuntimeFunction<'i32'> =>
  runtimeFunction(name, ['i32'], 'i32', (code) => {
    const a = code.param('i32', 0);
    code.if(i32.eqz(i32.shr_u(a, i32.const(root ? 30 : 31))), () => code.return(i32.const(-1)));
    const top = i32.shr_u(a, i32.const(23));
    const result = root ? recipSqrtEstimate(code, code.let(top)) : recipEstimate(top);
    code.return(i32.shl(result, i32.const(23)));
    code.unreachable();
  });

export const unsignedRecipEstimate = unsigned('unsignedRecipEstimate', false);
export const unsignedRSqrtEstimate = unsigned('unsignedRSqrtEstimate', true);

/** FPRecpX. */
const exponentComplement = <T extends 'f32' | 'f64'>(type: T, bits: number): RuntimeFunction<T> =>
  runtimeFunction(`fpRecpX_${bits}`, ['i32', type], type, (code, call) =>
    returnSoft(
      code,
      call,
      { name: `fpRecpX${bits}`, result: type },
      { cpu: code.param('i32', 0), operands: [code.param(type, 1)] },
    ),
  );

export const fpRecpX32 = exponentComplement('f32', 32);
export const fpRecpX64 = exponentComplement('f64', 64);
