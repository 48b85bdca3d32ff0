import { type ExpressionReader, readExpression, type Scope, type Value } from './expression.ts';
import { type Register, registerNamed } from './register-names.ts';
import type { TextError, Token } from './tokens.ts';

/**
 * Reads operands from the tokens of a line. Several syntaxes are tried on the same operands one after another; the
 * reader keeps the mistake farthest to the right, because the syntax that got that far is probably the one that was
 * meant.
 */
export class OperandReader implements ExpressionReader {
  #index = 0;
  #failedAt = -1;
  readonly #expected = new Set<string>();
  #sentence: string | undefined;
  #unknown: TextError | undefined;
  #unknownBefore: TextError | undefined;

  constructor(
    readonly tokens: readonly Token[],
    readonly scope: Scope,
    first = 0,
  ) {
    this.#index = first;
  }

  get index(): number {
    return this.#index;
  }

  /** Goes back to a token, to try another syntax. */
  rewind(index: number): void {
    this.#index = index;
    this.#unknownBefore ??= this.#unknown;
    this.#unknown = undefined;
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.#index + ahead, this.tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    this.#index++;
    return token;
  }

  atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  /** Passes a mark or a name, in either case, if it is next. */
  accept(text: string): boolean {
    const token = this.peek();
    if ((token.kind !== 'mark' && token.kind !== 'name') || token.text.toLowerCase() !== text) return false;
    this.#index++;
    return true;
  }

  /** Passes a name and returns it in lower case. */
  name(what: string): string | undefined {
    if (this.peek().kind !== 'name') return this.fail(what);
    return this.next().text.toLowerCase();
  }

  /** The register that a token names, directly or by `.req`. */
  register(token: Token): Register | undefined {
    if (token.kind !== 'name') return undefined;
    return registerNamed(this.scope.registerAlias(token.text) ?? token.text.toLowerCase());
  }

  /** A number with its optional `#`. `:lo12:` before it takes the low 12 bits. */
  expression(): Value | undefined {
    this.accept('#');
    const low = this.peek().text === ':' && this.peek(1).text === 'lo12' && this.peek(2).text === ':';
    if (low) this.#index += 3;
    const value = readExpression(this);
    return value && low ? { value: value.value & 0xfffn, relative: 0 } : value;
  }

  /** A number of a range, both ends included. */
  within(low: number, high: number, what: string): number | undefined {
    const token = this.peek();
    const value = this.expression()?.value;
    if (value === undefined) return undefined;
    if (value >= BigInt(low) && value <= BigInt(high)) return Number(value);
    return this.reject(`${what} must be ${low} to ${high}, not ${value}.`, token);
  }

  /** Notes what is expected here, or at a token. */
  fail(expected: string, { column } = this.peek()): undefined {
    if (column > this.#failedAt) this.#start(column);
    if (column === this.#failedAt) this.#expected.add(expected);
    return undefined;
  }

  /** Notes why a token is wrong. */
  reject(sentence: string, at: Token): undefined {
    if (at.column > this.#failedAt) this.#start(at.column);
    if (at.column === this.#failedAt) this.#sentence ??= sentence;
    return undefined;
  }

  /** Notes a name without a meaning, and reads on with zero to find the syntax that was meant. */
  unknown(message: string, { column }: Token): Value {
    this.#unknown ??= { column, message };
    return { value: 0n, relative: 0 };
  }

  #start(column: number): void {
    this.#failedAt = column;
    this.#expected.clear();
    this.#sentence = undefined;
  }

  /** A name without a meaning, if one was read in the syntax that is tried. */
  get unknownName(): TextError | undefined {
    return this.#unknown;
  }

  /** What was wrong, in one sentence. */
  get error(): TextError {
    const unknown = this.#unknownBefore ?? this.#unknown;
    if (unknown) return unknown;
    const column = Math.max(0, this.#failedAt);
    if (this.#sentence) return { column, message: this.#sentence };
    const found = this.tokens.find((token) => token.column === column && token.kind !== 'end');
    const instead = found ? `, not '${found.text}'` : '';
    const expected = [...this.#expected];
    if (expected.length === 0 || expected.length > 5)
      return {
        column,
        message: found ? `'${found.text}' is not an operand that fits here.` : 'An operand is missing here.',
      };
    const last = expected.pop() ?? '';
    const list = expected.length > 0 ? `${expected.join(', ')} or ${last}` : last;
    return { column, message: `Expected ${list}${instead}.` };
  }
}
