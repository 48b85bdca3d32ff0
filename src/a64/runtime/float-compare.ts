import { type Expr, type I32, i32, i64 } from '../../wasm/expr.ts';
import { FlagKind } from '../layout.ts';
import type { Meaning } from '../meaning.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { Fpsr } from '../softfloat/format.ts';
import type { Lanes } from './float-lanes.ts';
import { isNormalOrZero, keepsSubnormals, raiseFlags, returnSoft } from './float-state.ts';

/**
 * FPCompare's flags are those of an integer subtraction, so that they can stay lazy: less is 0 - 1, equal 0 - 0,
 * greater 2 - 0, and unordered (C and V) the smallest integer - 1. In one word, bit 0 is what is subtracted.
 */
const greater = 2;
const unordered = -(2 ** 31) | 1;

/** The comparison of two numbers. With `signalling`, quiet NaNs signal too. */
interface FloatComparison<T extends 'f32' | 'f64'> {
  readonly lanes: Lanes<T, 'i32'>;
  readonly signalling: boolean;
  readonly a: Expr<T>;
  readonly b: Expr<T>;
}

/** Operands of the subtraction that sets the flags of a comparison. */
interface FlagOperands {
  readonly left: I32;
  readonly right: I32;
}

/** Compares two numbers. If there is a condition that does not hold, nothing is signalled. */
function compare<T extends 'f32' | 'f64'>(
  m: Meaning,
  { lanes: l, signalling, a, b }: FloatComparison<T>,
  condition?: I32,
): FlagOperands {
  const { code } = m;
  const x = m.let(a);
  const y = m.let(b);
  const left = code.local('i32');
  const right = code.local('i32');
  code.set(left, i32.shl(l.gt(x, y), i32.const(1)));
  code.set(right, i32.eqz(l.ge(x, y)));
  const limit = m.let(l.limit(m.cpu));
  const special = i32.eqz(i32.and(l.lt(l.abs(x), limit), l.lt(l.abs(y), limit)));
  code.if(condition ? i32.and(condition, special) : special, () => {
    const word = m.let(m.call(careful(l, signalling), m.cpu, x, y));
    code.set(left, i32.and(word, i32.const(-2)));
    code.set(right, i32.and(word, i32.const(1)));
  });
  return { left: code.get(left), right: code.get(right) };
}

/** FCMP, FCMPE. */
export function emitCompare<T extends 'f32' | 'f64'>(m: Meaning, numbers: FloatComparison<T>): void {
  const { left, right } = compare(m, numbers);
  m.setFlags(FlagKind.sub32, i64.extend_u(left), i64.extend_u(right));
}

/** FCCMP, FCCMPE: compares if a condition holds, else sets constant flags. */
export function emitConditionalCompare<T extends 'f32' | 'f64'>(
  m: Meaning,
  numbers: FloatComparison<T>,
  condition: I32,
  nzcv: number,
): void {
  const holds = m.let(condition);
  const { left, right } = compare(m, numbers, holds);
  const comparison = { subtract: true, wide: false, a: i64.extend_u(left), b: i64.extend_u(right) };
  m.setConditionalFlags(holds, comparison, nzcv);
}

/** (cpu, a, b): how they compare, as one word; signals NaNs. */
function careful<T extends 'f32' | 'f64'>(l: Lanes<T, 'i32'>, signalling: boolean): RuntimeFunction<'i32'> {
  const { bits } = l.format;
  const name = signalling ? 'fpCompareSignalling' : 'fpCompare';
  return runtimeFunction(`careful_${name}${bits}`, ['i32', l.type, l.type], 'i32', (code, call) => {
    const cpu = code.param('i32', 0);
    const a = code.param(l.type, 1);
    const b = code.param(l.type, 2);
    const plain = i32.or(keepsSubnormals(cpu), i32.and(isNormalOrZero(l, a), isNormalOrZero(l, b)));
    code.if(i32.and(plain, i32.and(l.eq(a, a), l.eq(b, b))), () => {
      const order = i32.or(i32.shl(l.gt(a, b), i32.const(1)), l.lt(a, b));
      code.return(order);
    });
    // Programs test for quiet NaNs, so these are handled here.
    const silent = signalling ? i32.const(0) : i32.and(l.notSignalling(a), l.notSignalling(b));
    const anyNaN = i32.or(l.ne(a, a), l.ne(b, b));
    code.if(i32.and(keepsSubnormals(cpu), anyNaN), () => {
      code.if(i32.eqz(silent), () => code.drop(call(raiseFlags, [cpu, i32.const(Fpsr.invalidOperation)])));
      code.return(i32.const(unordered));
    });
    const nzcv = call(softCompare(name, bits), [cpu, a, b]);
    // NZCV 0110, 1000, 0010, 0011 to the word for equal, less, greater, unordered.
    const flags = code.let(nzcv);
    code.if(i32.eq(flags, i32.const(0b0110)), () => code.return(i32.const(0)));
    code.if(i32.eq(flags, i32.const(0b1000)), () => code.return(i32.const(1)));
    code.if(i32.eq(flags, i32.const(0b0010)), () => code.return(i32.const(greater)));
    code.return(i32.const(unordered));
    code.unreachable();
  });
}

const softCompare = (name: string, bits: number): RuntimeFunction<'i32'> => {
  const type = bits === 64 ? 'f64' : 'f32';
  return runtimeFunction(`soft_${name}${bits}`, ['i32', type, type], 'i32', (code, call) => {
    const operands = [code.param(type, 1), code.param(type, 2)];
    returnSoft(code, call, { name: `${name}${bits}`, result: 'i32' }, { cpu: code.param('i32', 0), operands });
  });
};
