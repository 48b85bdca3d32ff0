/** The value of `$((...))`: signed 64-bit integers, C's operators without assignments (POSIX sh, 2.6.4). */
import { err, ok, type Result } from '../../base/result.ts';

const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const operations: Readonly<Record<string, (a: bigint, b: bigint) => bigint | boolean>> = {
  '||': (a, b) => a !== 0n || b !== 0n,
  '&&': (a, b) => a !== 0n && b !== 0n,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<<': (a, b) => a << (b & 63n),
  '>>': (a, b) => a >> (b & 63n),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const depthMax = 100;

/** Evaluates an expression; `variable` gives the text of a variable. An error is the text that follows `sh: `. */
export function evaluate(expression: string, variable: (name: string) => string): Result<bigint> {
  const tokens = expression.match(/\s+|\d\w*|\$?[A-Za-z_]\w*|\|\||&&|==|!=|<=|>=|<<|>>|./gs) ?? [];
  const rest = tokens.filter((token) => token.trim() !== '');
  let depth = 0;

  const number = (text: string): bigint => {
    const [, sign, digits] = text.trim().match(/^(-?)(0[xX][\da-fA-F]+|\d+)$/) ?? [];
    if (digits === undefined) {
      if (text.trim() === '') return 0n;
      throw new SyntaxError(`arithmetic: "${text}" is not a number`);
    }
    // As in C, a leading zero means octal.
    const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : BigInt(digits);
    return sign ? -value : value;
  };

  const unary = (): bigint => {
    if (++depth > depthMax) throw new SyntaxError('arithmetic: nested too deeply');
    const token = rest.shift();
    let value: bigint;
    if (token === '(') {
      value = binary(0);
      if (rest.shift() !== ')') throw new SyntaxError('arithmetic: expecting ")"');
    } else if (token === '-') value = -unary();
    else if (token === '+') value = unary();
    else if (token === '!') value = unary() === 0n ? 1n : 0n;
    else if (token === '~') value = ~unary();
    else if (token !== undefined && /^\d/.test(token)) value = number(token);
    else if (token !== undefined && /^\$?[A-Za-z_]/.test(token)) value = number(variable(token.replace('$', '')));
    else throw new SyntaxError(`arithmetic: expecting a number in "${expression.trim()}"`);
    depth--;
    return value;
  };

  const binary = (level: number): bigint => {
    const operators = levels[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (let operator = rest[0]; operator !== undefined && operators.includes(operator); operator = rest[0]) {
      rest.shift();
      const right = binary(level + 1);
      if (right === 0n && (operator === '/' || operator === '%')) throw new SyntaxError('arithmetic: division by zero');
      const value = operations[operator]?.(left, right) ?? 0n;
      left = BigInt.asIntN(64, typeof value === 'boolean' ? BigInt(value) : value);
    }
    return left;
  };

  try {
    const value = rest.length === 0 ? 0n : binary(0);
    return rest.length === 0 ? ok(BigInt.asIntN(64, value)) : err(`arithmetic: unexpected "${rest[0]}"`);
  } catch (error) {
    if (error instanceof SyntaxError) return err(error.message);
    throw error;
  }
}
