/**
 * One pass over a source. The first pass finds where everything lies. The later ones know the symbols of the pass
 * before and write the bytes. Directives that decide where things lie (.skip, .if, .rept…) may use only symbols defined
 * before them.
 */
import type { Scope, Value } from '../syntax/expression.ts';
import { OperandReader } from '../syntax/reader.ts';
import { type TextError, type Token, tokenize } from '../syntax/tokens.ts';
import { conditionOf, type OpenCondition } from './conditions.ts';
import { directives, ignored } from './directives.ts';
import { encode, isMnemonic } from './encode.ts';
import {
  beginsBlock,
  blockEnd,
  defineMacro,
  expandMacro,
  type Macro,
  splitArguments,
  substituteOne,
} from './macros.ts';
import { largestImage, Section } from './section.ts';
import { type AssemblyError, errorIn, type Line } from './source.ts';
import type { Layout, SourceSymbol, StatementTarget } from './statement-target.ts';

/** Limits on the lines that a source expands to, and on the nesting of macros and repetitions. */
const mostLines = 500_000;
const deepest = 100;

/** Ends a pass early: more errors would be noise. */
class Stop extends Error {}

export class Pass implements StatementTarget {
  readonly errors: AssemblyError[] = [];
  readonly symbols = new Map<string, SourceSymbol>();
  readonly sections = new Map<string, Section>();
  readonly registers = new Map<string, string>();
  readonly #locals = new Map<number, bigint[]>();
  readonly #macros = new Map<string, Macro>();
  #calls = 0;
  #lines = 0;
  /** Current nesting of macros and repetitions. */
  #depth = 0;
  #ended = false;
  section: Section;
  /** Sections in the order of their first bytes. */
  readonly #written = new Set<Section>();
  /** Sections to which .popsection and .previous return. */
  readonly stack: Section[] = [];
  previous: Section;
  readonly #known = this.#lookUp(true);
  readonly #all = this.#lookUp(false);
  #line: Line = { text: '', number: 1, indent: 0 };

  constructor(
    readonly origin: bigint,
    readonly layout: Layout | undefined,
    readonly tokens: Map<string, ReturnType<typeof tokenize>>,
  ) {
    this.section = this.openSection('.text', true);
    this.previous = this.section;
  }

  /** Assembles all lines and the remaining literals. */
  run(lines: readonly Line[]): void {
    try {
      this.#run(lines);
      for (const section of this.sections.values()) {
        this.section = section;
        this.dumpLiterals();
      }
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
  }

  /** All sections, in the order in which their first bytes were written. */
  get inOrder(): Section[] {
    return [...new Set([...this.#written, ...this.sections.values()])];
  }

  get locals(): ReadonlyMap<number, readonly bigint[]> {
    return this.#locals;
  }

  /** The section with a name, created if it is new. */
  openSection(name: string, isCode: boolean): Section {
    const known = this.sections.get(name);
    if (known) return known;
    const section = new Section(name, this.layout?.bases.get(name) ?? this.origin, isCode);
    this.sections.set(name, section);
    return section;
  }

  fail(error: TextError): void {
    this.errors.push(errorIn(this.#line, error));
  }

  /** Reports a mistake at the beginning of the statement. */
  failHere(message: string): void {
    const column = this.#line.text.length - this.#line.text.trimStart().length;
    this.fail({ column, message });
  }

  get line(): Line {
    return this.#line;
  }

  /** Where names are looked up; with `known` they must stand before this line. */
  #lookUp(known: boolean): Scope {
    const pass = this;
    return {
      get here() {
        return { value: pass.section.here, relative: 1 };
      },
      symbol: (name) => (this.symbols.get(name) ?? (known ? undefined : this.layout?.symbols.get(name)))?.value,
      local: (label, forward) => {
        const before = this.#locals.get(label) ?? [];
        const value = forward ? (known ? undefined : this.layout?.locals.get(label)?.[before.length]) : before.at(-1);
        return value === undefined ? undefined : { value, relative: 1 };
      },
      registerAlias: (name) => (this.registers.size > 0 ? this.registers.get(name.toLowerCase()) : undefined),
    };
  }

  define(name: string, value: Value, at: Token, line?: number): void {
    const known = this.symbols.get(name);
    if (known && (known.line !== undefined || line !== undefined)) {
      const where = known.line === undefined ? '' : `, in line ${known.line}`;
      this.fail({ column: at.column, message: `'${name}' is defined already${where}.` });
      return;
    }
    this.symbols.set(name, { value, line });
  }

  /** Room for bytes in the current section. */
  room(count: number): Uint8Array {
    return this.section.reserve(count) ?? this.#tooLarge();
  }

  align(to: number, fill?: number, most?: number): void {
    if (!this.section.align(to, fill, most)) this.#tooLarge();
  }

  number(value: bigint, size: number): void {
    if (!this.section.number(value, size)) this.#tooLarge();
  }

  dumpLiterals(): void {
    const place = (symbol: string): void => {
      this.symbols.set(symbol, { value: { value: this.section.here, relative: 1 }, line: 0 });
    };
    if (!this.section.dumpLiterals(place)) this.#tooLarge();
  }

  #tooLarge(): never {
    this.failHere(`The image becomes larger than ${largestImage >> 20} MiB here.`);
    throw new Stop();
  }

  /** `.end`: what follows is not assembled. */
  end(): void {
    this.#ended = true;
  }

  #run(lines: readonly Line[]): void {
    const open: OpenCondition[] = [];
    for (let i = 0; i < lines.length && !this.#ended; i++) {
      const line = lines[i] as Line;
      this.#line = line;
      if (++this.#lines > mostLines || this.#depth > deepest) {
        this.failHere('The macros and repetitions of this source do not end.');
        throw new Stop();
      }
      const skipping = open.some(({ state }) => state !== 'taken');
      const tokens = this.#tokens(line, skipping);
      if (!tokens) continue;
      const input = new OperandReader(tokens, this.#known);
      if (!skipping) this.#labels(input);
      else while (input.peek(1).text === ':') input.rewind(input.index + 2);
      const token = input.next();
      const word = token.text.toLowerCase();
      const condition = conditionOf(word);
      if (condition) condition(this, open, input, line);
      else if (beginsBlock(word)) {
        const end = blockEnd(lines, i);
        if (end === undefined) {
          this.failHere(`'${word}' has no end.`);
          return;
        }
        if (!skipping) this.#block(word, input, token, lines.slice(i + 1, end));
        i = end;
      } else if (!skipping && token.kind !== 'end') this.#statement(word, token, input);
      if (this.section.length > 0) this.#written.add(this.section);
    }
    for (const { line } of open) {
      this.#line = line;
      this.failHere("This condition has no '.endif'.");
    }
  }

  #tokens(line: Line, skipping: boolean): readonly Token[] | undefined {
    const result = this.tokens.get(line.text) ?? tokenize(line.text);
    this.tokens.set(line.text, result);
    if (result.ok) return result.value;
    if (!skipping) this.fail(result.error);
    return undefined;
  }

  #labels(input: OperandReader): void {
    while (input.peek(1).text === ':') {
      const token = input.next();
      input.next();
      const here = this.section.here;
      if (token.kind === 'number') {
        const number = Number(token.value);
        const known = this.#locals.get(number);
        if (known) known.push(here);
        else this.#locals.set(number, [here]);
      } else if (token.kind === 'name' && !input.register(token))
        this.define(token.text, { value: here, relative: 1 }, token, this.#line.number);
      else this.fail({ column: token.column, message: `'${token.text}' cannot be a label.` });
    }
  }

  #statement(word: string, token: Token, input: OperandReader): void {
    const macro = this.#macros.get(word);
    if (macro) {
      const { text } = this.#line;
      const call = expandMacro(macro, {
        line: this.#line,
        text: text.slice(token.column + token.text.length),
        column: token.column,
        count: this.#calls++,
      });
      if (call.ok) this.#expand(call.value);
      else this.fail(call.error);
    } else if (input.peek().text === '=' && token.kind === 'name') {
      input.next();
      if (input.peek().text === '=') input.next();
      this.#assign(token, input);
    } else if (input.peek().text.toLowerCase() === '.req') {
      input.next();
      const register = input.peek();
      if (input.register(register))
        this.registers.set(word, this.registers.get(register.text) ?? register.text.toLowerCase());
      else this.fail({ column: register.column, message: `'${register.text}' is not a register.` });
    } else if (word.startsWith('.')) this.#directive(word, token, input);
    else if (isMnemonic(word)) this.#instruction(word, input);
    else {
      const message =
        token.kind === 'name'
          ? `There is no instruction or macro '${token.text}'.`
          : `A statement cannot begin with '${token.text}'.`;
      this.fail({ column: token.column, message });
    }
  }

  #assign(token: Token, input: OperandReader): void {
    if (token.text === '.') {
      directives['.org']?.(this, input, token);
      return;
    }
    this.assign(token, input);
  }

  /** Sets a symbol to the expression that follows. */
  assign(token: Token, input: OperandReader): void {
    const reader = this.reader(input, false);
    const value = reader.expression();
    if (!value || !reader.atEnd()) {
      if (value) reader.fail('the end of the line');
      this.fail(reader.error);
    } else if (reader.unknownName) {
      // In the first pass it may be defined further down.
      if (this.layout) this.fail(reader.unknownName);
    } else this.define(token.text, value, token);
  }

  /** A reader of the same tokens from the same place, with another scope. `known`: only symbols defined so far. */
  reader(input: OperandReader, known: boolean): OperandReader {
    return new OperandReader(input.tokens, known ? this.#known : this.#all, input.index);
  }

  #directive(word: string, token: Token, input: OperandReader): void {
    if (ignored.test(word)) return;
    const directive = Object.hasOwn(directives, word) ? directives[word] : undefined;
    if (directive) directive(this, input, token);
    else this.fail({ column: token.column, message: `There is no directive '${token.text}'.` });
  }

  #instruction(word: string, input: OperandReader): void {
    this.align(4, 0);
    const literal = this.#literal(word, input);
    const tokens = literal ?? input.tokens;
    if (tokens.length === 0) return;
    if (this.layout) {
      const reader = new OperandReader(tokens, this.#all, input.index);
      const word32 = encode(word, reader);
      if (word32.ok) this.number(BigInt(word32.value), 4);
      else {
        this.fail(word32.error);
        this.room(4);
      }
    } else this.room(4);
  }

  /**
   * `ldr x0, =value`: the operands, with the literal's symbol instead of `=value`. Undefined if there is no `=`, an
   * empty list after a mistake.
   */
  #literal(word: string, input: OperandReader): readonly Token[] | undefined {
    if (word !== 'ldr' && word !== 'ldrsw') return undefined;
    const { tokens } = input;
    const equals = tokens.findIndex(({ kind, text }) => kind === 'mark' && text === '=');
    if (equals < 0) return undefined;
    const register = input.register(input.peek());
    const size = word === 'ldrsw' ? 4 : { W: 4, S: 4, X: 8, D: 8, Q: 16 }[register?.class as string];
    const reader = new OperandReader(tokens, this.#all, equals + 1);
    const known = new OperandReader(tokens, this.#known, equals + 1);
    const value = reader.expression();
    if (value && !reader.atEnd()) reader.fail('the end of the line');
    if (!value || !reader.atEnd() || (this.layout && reader.unknownName)) {
      this.fail(reader.error);
      this.room(4);
      return [];
    }
    const written = tokens.slice(equals + 1);
    // Equal constants share a literal, and so do equal texts, unless they contain local labels or `.`.
    const constant = known.expression();
    const isConstant = constant?.relative === 0 && known.unknownName === undefined;
    const isLocal = written.some(({ kind, text }) => kind === 'local' || text === '.');
    const place = isLocal ? ` at ${this.section.length}` : '';
    const key = isConstant ? String(constant.value) : written.map(({ text }) => text).join(' ') + place;
    if (size === 4 && value.relative === 0 && (value.value < -(2n ** 31n) || value.value >= 2n ** 32n)) {
      const column = tokens[equals + 1]?.column ?? 0;
      this.fail({ column, message: `${value.value} does not fit into 32 bits.` });
    }
    const symbol = this.section.literal(size ?? 4, key, value);
    const target = tokens[equals] as Token;
    const end = tokens.at(-1) as Token;
    return [...tokens.slice(0, equals), { ...target, kind: 'name', text: symbol }, end];
  }

  #block(word: string, input: OperandReader, token: Token, body: readonly Line[]): void {
    const line = this.#line;
    const rest = line.text.slice(token.column + token.text.length);
    if (word === '.macro') {
      const macro = defineMacro(rest, token.column + token.text.length, body);
      if (!macro.ok) this.fail(macro.error);
      else this.#macros.set(macro.value.name, macro.value);
    } else if (word === '.rept') {
      const count = this.known(input, 0, mostLines, 'The number of repetitions');
      for (let n = 0; n < (count ?? 0) && !this.#ended; n++) this.#expand(body);
    } else {
      const [name, ...values] = splitArguments(rest);
      if (!name) this.failHere(`'${word}' must be followed by a name and values.`);
      else {
        const each = word === '.irpc' ? [...(values[0] ?? '')] : values;
        for (const value of each) this.#expand(substituteOne(body, { name, value }, word, line));
      }
    }
  }

  #expand(lines: readonly Line[]): void {
    const call = this.#line;
    this.#depth++;
    this.#run(lines);
    this.#depth--;
    this.#line = call;
  }

  /** `.purgem` forgets a macro. */
  forget(macro: string): void {
    this.#macros.delete(macro.toLowerCase());
  }

  /** An expression that must be known here; undefined after a mistake, which has been reported. */
  knownValue(input: OperandReader): Value | undefined {
    return this.#isKnown(input, input.expression());
  }

  /** The same for a number of a range. */
  known(input: OperandReader, low: number, high: number, what: string): number | undefined {
    return this.#isKnown(input, input.within(low, high, what));
  }

  #isKnown<T>(input: OperandReader, value: T | undefined): T | undefined {
    if (input.unknownName) {
      const { column, message } = input.unknownName;
      this.fail({ column, message: message.replace('is not defined.', 'must be defined before this line.') });
      return undefined;
    }
    if (value === undefined) this.fail(input.error);
    return value;
  }
}
