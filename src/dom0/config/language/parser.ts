/**
 * The parser of xl's config language (Xen 4.17, tools/libs/util/libxlu_cfg_y.y). It keeps positions and goes on after
 * errors.
 */

import type { Range } from '../diagnostics/range.ts';
import { Lexer, type LexicalCode, type Token, type TokenKind } from './lexer.ts';
import { SyntaxReport, tokenName } from './report.ts';
import type { List, Setting, Value } from './syntax.ts';

export type SyntaxCode =
  | LexicalCode
  | 'missing-operator'
  | 'missing-value'
  | 'missing-separator'
  | 'unclosed-list'
  | 'no-statement'
  | 'mixed-addition';

export interface SyntaxProblem {
  readonly code: SyntaxCode;
  readonly range: Range;
  /** The text found there, for the message. */
  readonly found: string;
  /** The line that xl prints about it, or null. */
  readonly xl: string | null;
}

export interface ParsedConfig {
  readonly text: string;
  /** In the order of the text; the last one of each name counts. */
  readonly settings: readonly Setting[];
  readonly problems: readonly SyntaxProblem[];
  /** What xl prints about the syntax, in order. xl stops after it if `failed`. */
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** The tokens that each state of the parser expects, in Bison's order. */
const expected = {
  'no-statement': ['$end', 'IDENT', 'NEWLINE', "';'"],
  'missing-operator': ['+=', "'='"],
  'missing-value': ['STRING', 'NUMBER', "'['"],
  'missing-separator': ['$end'],
  'unclosed-list': ["']'"],
} as const;

/** One setting as written. */
interface Assignment {
  readonly name: Token;
  readonly operator: '=' | '+=';
  readonly written: Value;
  readonly line: number;
}

/** Parses any text; `source` is its name in xl's messages. It never fails: errors are in `problems`. */
export const parseConfig = (text: string, source = ''): ParsedConfig => new Parser(text, source).run();

class Parser {
  private readonly lexer: Lexer;
  private readonly report: SyntaxReport;
  private readonly settings: Setting[] = [];
  private readonly byName = new Map<string, Setting>();
  private readonly problems: SyntaxProblem[] = [];
  private peeked: Token | null = null;

  constructor(
    readonly text: string,
    source: string,
  ) {
    this.report = new SyntaxReport(source);
    this.lexer = new Lexer(text, (error) => {
      const found = text.slice(error.range.start, error.range.end);
      this.problems.push({ code: error.code, range: error.range, found, xl: this.report.lexical(error) });
    });
  }

  run(): ParsedConfig {
    while (this.peek().kind !== '$end') this.statement();
    this.report.finish();
    const { lines, failed } = this.report;
    return { text: this.text, settings: this.settings, problems: this.problems, lines, failed };
  }

  private peek(): Token {
    this.peeked ??= this.lexer.next();
    return this.peeked;
  }

  /** Accepts the next token. */
  private take(): Token {
    const token = this.peek();
    this.peeked = null;
    this.report.taken();
    return token;
  }

  private is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.peek().kind);
  }

  private statement(): void {
    if (this.is('NEWLINE', ';')) {
      this.take();
      return;
    }
    if (!this.is('IDENT')) {
      this.fail('no-statement');
      return;
    }
    const name = this.take();
    if (!this.is('=', '+=')) {
      this.fail('missing-operator');
      return;
    }
    const operator = this.take();
    const line = this.peek().line;
    const value = this.value();
    if (!value) return;
    this.store({ name, operator: operator.kind === '+=' ? '+=' : '=', written: value.value, line }, value.last);
    if (this.is('NEWLINE', ';')) {
      this.take();
    } else if (!this.is('$end')) {
      this.problem('missing-separator');
      // Bison took the text to be complete, so error recovery has no state to return to.
      this.report.giveUp();
      if (!this.is('IDENT')) this.skipLine();
    }
  }

  /**
   * A value and its last token, or null after an error. Open lists are on an explicit stack, because a text may nest
   * them to any depth.
   */
  private value(): { value: Value; last: Token } | null {
    const open: { start: number; items: Value[] }[] = [];
    for (;;) {
      let value: Value;
      let last: Token;
      if (this.is('[')) {
        open.push({ start: this.take().range.start, items: [] });
        this.newlines();
        if (!this.is(']')) continue;
      }
      const top = open.at(-1);
      if (top && this.is(']')) {
        last = this.take();
        value = closeList(top, last);
        open.pop();
      } else if (this.is('STRING', 'NUMBER')) {
        last = this.take();
        value = { kind: 'atom', text: last.text, quoted: last.kind === 'STRING', range: last.range };
      } else {
        this.fail(top ? 'unclosed-list' : 'missing-value');
        return null;
      }
      // After a value in a list: another item, or the end of the list, which makes the list the value.
      for (;;) {
        const list = open.at(-1);
        if (!list) return { value, last };
        list.items.push(value);
        this.newlines();
        if (this.is(',')) {
          this.take();
          this.newlines();
          if (!this.is(']')) break;
        }
        if (!this.is(']')) {
          this.fail('unclosed-list');
          return null;
        }
        last = this.take();
        value = closeList(list, last);
        open.pop();
      }
    }
  }

  private newlines(): void {
    while (this.is('NEWLINE')) this.take();
  }

  private store({ name, operator, written, line }: Assignment, last: Token): void {
    let value = written;
    const before = operator === '+=' ? this.byName.get(name.text)?.value : undefined;
    if (before && before.kind === 'list' && written.kind === 'list') {
      value = { ...written, items: [...before.items, ...written.items] };
    } else if (before && before.kind === 'atom' && written.kind === 'atom') {
      value = { ...written, text: before.text + written.text };
    } else if (before) {
      const xl = this.report.assignment(last, 'can\'t add [list] to "string" or vice versa');
      this.problems.push({ code: 'mixed-addition', range: written.range, found: name.text, xl });
    }
    const setting = { name: name.text, nameRange: name.range, operator, written, value, line };
    this.settings.push(setting);
    this.byName.set(name.text, setting);
  }

  private problem(code: keyof typeof expected): void {
    const token = this.peek();
    const xl = this.report.syntax(token, expected[code]);
    // An error about which xl is silent, on a line that already has one, is only a consequence of that.
    const previous = this.problems.at(-1);
    if (xl === null && previous && !this.text.slice(previous.range.end, token.range.start).includes('\n')) return;
    const found = token.kind === '$end' || token.kind === 'NEWLINE' ? tokenName(token.kind) : token.raw;
    this.problems.push({ code, range: token.range, found, xl });
  }

  private fail(code: keyof typeof expected): void {
    this.problem(code);
    this.skipLine();
  }

  /** Skips the rest of the line, but keeps complete assignments in it, as xl does. */
  private skipLine(): void {
    const skipped: Token[] = [];
    while (!this.is('NEWLINE', '$end')) {
      skipped.push(this.peek());
      this.peeked = null;
      const [name, operator, value] = skipped.slice(-3);
      if (name?.kind !== 'IDENT' || !value || (value.kind !== 'STRING' && value.kind !== 'NUMBER')) continue;
      if (operator?.kind !== '=') continue;
      const { text, range, line } = value;
      const written: Value = { kind: 'atom', text, quoted: value.kind === 'STRING', range };
      this.store({ name, operator: '=', written, line }, value);
    }
    if (this.is('$end')) this.report.giveUp();
    else this.take();
  }
}

const closeList = (list: { start: number; items: Value[] }, bracket: Token): List => ({
  kind: 'list',
  items: list.items,
  range: { start: list.start, end: bracket.range.end },
});
