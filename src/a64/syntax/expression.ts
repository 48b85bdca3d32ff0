/**
 * Expressions of GNU assembly. Precedence is GNU's, not C's: `* / % << >>` bind strongest, then `| & ^ !`, then `+ -`
 * and comparisons, then `&&` and `||` (GNU as manual, 6.2.4). Numbers have 64 bits.
 */
import type { Register } from './register-names.ts';
import type { Token } from './tokens.ts';

/** A number or an address: `relative` is how many times the image's base address is part of it. */
export interface Value {
  readonly value: bigint;
  readonly relative: number;
}

/** What names mean where an expression stands. */
export interface Scope {
  /** Address of the current statement. */
  readonly here: Value;
  symbol(name: string): Value | undefined;
  /** Nearest local label (`1:`) with this number after or before this place. */
  local(label: number, forward: boolean): Value | undefined;
  /** The register that a name of `.req` stands for. */
  registerAlias(name: string): string | undefined;
}

/** What an expression is read from: see OperandReader. */
export interface ExpressionReader {
  readonly scope: Scope;
  peek(): Token;
  next(): Token;
  accept(text: string): boolean;
  register(token: Token): Register | undefined;
  fail(expected: string): undefined;
  reject(sentence: string, at: Token): undefined;
  unknown(message: string, at: Token): Value;
}

const strengths: Readonly<Record<string, number>> = {
  '*': 4,
  '/': 4,
  '%': 4,
  '<<': 4,
  '>>': 4,
  '|': 3,
  '&': 3,
  '^': 3,
  '!': 3,
  '+': 2,
  '-': 2,
  '==': 2,
  '!=': 2,
  '<>': 2,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  '&&': 1,
  '||': 0,
};

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
const number = (value: bigint): Value => ({ value: wrap(value), relative: 0 });
/** GNU as says -1 for a comparison that holds. */
const truth = (condition: boolean): Value => number(condition ? -1n : 0n);

/** Reads an expression. After a mistake, which the reader has noted, the result is undefined. */
export function readExpression(reader: ExpressionReader, weakest = 0): Value | undefined {
  let left = readOperand(reader);
  while (left) {
    const token = reader.peek();
    const strength = token.kind === 'mark' ? strengths[token.text] : undefined;
    if (strength === undefined || strength < weakest) return left;
    reader.next();
    const right = readExpression(reader, strength + 1);
    if (!right) return undefined;
    if ((token.text === '/' || token.text === '%') && right.value === 0n)
      return reader.reject('This divides by zero.', token);
    left = combine(token.text, left, right);
  }
  return undefined;
}

function combine(operator: string, { value: a, relative: m }: Value, { value: b, relative: n }: Value): Value {
  switch (operator) {
    case '+':
      return { value: wrap(a + b), relative: m + n };
    case '-':
      return { value: wrap(a - b), relative: m - n };
    case '*':
      return number(a * b);
    case '/':
      return number(a / b);
    case '%':
      return number(a % b);
    case '<<':
      return number(b < 0n || b > 63n ? 0n : a << b);
    case '>>':
      return number(b < 0n || b > 63n ? 0n : BigInt.asUintN(64, a) >> b);
    case '|':
      return number(a | b);
    case '&':
      return number(a & b);
    case '^':
      return number(a ^ b);
    case '!':
      return number(a | ~b);
    case '==':
      return truth(a === b);
    case '!=':
    case '<>':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '&&':
      return number(a !== 0n && b !== 0n ? 1n : 0n);
    default:
      return number(a !== 0n || b !== 0n ? 1n : 0n);
  }
}

function readOperand(reader: ExpressionReader): Value | undefined {
  const token = reader.peek();
  switch (token.kind) {
    case 'number':
      reader.next();
      return number(token.value);
    case 'local': {
      reader.next();
      const forward = token.text.endsWith('f');
      const found = reader.scope.local(Number(token.value), forward);
      return (
        found ??
        reader.unknown(`There is no local label '${token.value}:' ${forward ? 'after' : 'before'} this line.`, token)
      );
    }
    case 'name':
      if (reader.register(token)) break;
      reader.next();
      if (token.text === '.') return reader.scope.here;
      return reader.scope.symbol(token.text) ?? reader.unknown(`The symbol '${token.text}' is not defined.`, token);
    case 'mark':
      return readPrefixed(reader, token.text);
  }
  return reader.fail('a number or symbol');
}

function readPrefixed(reader: ExpressionReader, operator: string): Value | undefined {
  if (operator === '(') {
    reader.next();
    const inner = readExpression(reader);
    return inner && (reader.accept(')') ? inner : reader.fail("')'"));
  }
  if (!['-', '~', '+', '!'].includes(operator)) return reader.fail('a number or symbol');
  reader.next();
  const inner = readOperand(reader);
  if (!inner || operator === '+') return inner;
  if (operator === '-') return { value: wrap(-inner.value), relative: -inner.relative };
  return number(operator === '~' ? ~inner.value : inner.value === 0n ? 1n : 0n);
}
