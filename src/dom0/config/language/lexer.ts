/**
 * The lexer of xl's config language (Xen 4.17, tools/libs/util/libxlu_cfg_l.l and libxlu_cfg.c). Some of xl's
 * behaviour looks unintended: numeric escapes give nothing, and an error at the end of a line gets the number of the
 * line before. It is kept, because users' files are read by it, and the messages must match.
 */
import type { Range } from '../diagnostics/range.ts';

export type TokenKind = 'IDENT' | 'STRING' | 'NUMBER' | 'NEWLINE' | '+=' | '=' | ';' | ',' | '[' | ']' | '$end';

export interface Token {
  readonly kind: TokenKind;
  readonly range: Range;
  /**
   * The text as written, which xl quotes in messages. At the end it is the NUL at which flex stops, after any
   * character that xl overlooked.
   */
  readonly raw: string;
  /** The name, the number as written, or the string with quotes and escapes removed. */
  readonly text: string;
  /** The token's line as xl counts it. */
  readonly line: number;
  /** xl's line counter when it has read the token. */
  readonly lineAfter: number;
}

export type LexicalCode =
  | 'unterminated-string'
  | 'unended-comment'
  | 'carriage-return'
  | 'unexpected-text'
  | 'bad-escape';

/** Text that is not a token. */
export interface LexicalError {
  readonly code: LexicalCode;
  readonly range: Range;
  readonly raw: string;
  /** xl's line counter when it met the error. */
  readonly line: number;
  /** xl's message; null if xl overlooks the error. */
  readonly message: string | null;
  /** Whether xl concludes from it that the file is a Python program. */
  readonly python: boolean;
}

const word =
  /[a-z][._0-9a-z]*|[0-9][0-9a-fx]*|\+=|[,[\]=;]|#[^\n]*\n|\n|'(?:[^'\\\n]|\\[^\n])*'|"(?:[^"\\\n]|\\[^\n])*"/y;
const blank = /[ \t]+/y;
const unknownRest = /[^ \t\n]*/y;

/** Reads a text token by token. Text that is not a token is passed to `onError` and skipped. */
export class Lexer {
  private at = 0;
  private line = 1;
  /** For xl the end of the text is on the line of the token before it. */
  private tokenLine = 0;
  private overlooked = '';

  constructor(
    readonly text: string,
    readonly onError: (error: LexicalError) => void,
  ) {}

  next(): Token {
    const { text } = this;
    for (;;) {
      blank.lastIndex = this.at;
      if (blank.test(text)) this.at = blank.lastIndex;
      const start = this.at;
      if (start >= text.length) return this.token('$end', `${this.overlooked}\0`, '');
      word.lastIndex = start;
      const raw = word.exec(text)?.[0];
      if (raw === undefined) {
        const newline = this.unknown();
        if (newline) return newline;
        continue;
      }
      this.at += raw.length;
      const first = raw.charAt(0);
      if (raw.endsWith('\n')) {
        this.line++;
        return this.token('NEWLINE', raw, raw, this.line - 1);
      }
      if (first === "'" || first === '"') return this.token('STRING', raw, this.unquote(raw, start));
      if (first >= 'a' && first <= 'z') return this.token('IDENT', raw, raw);
      if (first >= '0' && first <= '9') return this.token('NUMBER', raw, raw);
      return this.token(raw as ',' | '[' | ']' | '=' | ';' | '+=', raw, raw);
    }
  }

  private token(
    kind: TokenKind,
    raw: string,
    text: string,
    line = kind === '$end' ? this.tokenLine : this.line,
  ): Token {
    this.tokenLine = line;
    const end = this.at;
    const start = kind === '$end' ? end : end - raw.length;
    return { kind, range: { start, end }, raw, text, line, lineAfter: this.line };
  }

  /**
   * Text that is not a token: up to a blank, or a single character with the blank after it. At the end of the text xl
   * overlooks such a character.
   */
  private unknown(): Token | null {
    const { text } = this;
    const start = this.at;
    unknownRest.lastIndex = start + 1;
    unknownRest.test(text);
    let end = unknownRest.lastIndex;
    // xl counts bytes: a character outside ASCII is never single.
    const alone = end === start + 1 && text.charCodeAt(start) < 0x80;
    if (alone && end < text.length) end++;
    const raw = text.slice(start, end);
    const newline = raw.endsWith('\n');
    if (newline) this.line++;
    this.at = end;
    const first = raw.charAt(0);
    const overlooked = alone && raw.length === 1;
    if (overlooked) this.overlooked = raw;
    const quote = first === "'" || first === '"';
    const lineEnd = text.indexOf('\n', start);
    this.onError({
      code: unknownCodes.get(first) ?? 'unexpected-text',
      range: { start, end: quote ? (lineEnd < 0 ? text.length : lineEnd) : alone ? start + 1 : end },
      raw,
      line: this.line,
      message: overlooked ? null : 'lexical error',
      python: '+-.():'.includes(first),
    });
    return newline ? this.token('NEWLINE', '\n', '\n') : null;
  }

  private unquote(raw: string, start: number): string {
    let text = '';
    for (let i = 1; i < raw.length - 1; ) {
      const character = raw.charAt(i++);
      if (character !== '\\') {
        text += character;
        continue;
      }
      const escaped = raw.charAt(i++);
      const plain = plainEscapes.get(escaped);
      let message: string | null = null;
      if (plain !== undefined) text += plain;
      // xl skips one digit, then requires three but looks at two.
      else if (escaped === 'x')
        message = 'invalid digit after backslash hexnumerical character escape in quoted string';
      else if (escaped >= '0' && escaped <= '7') {
        const digits = /^[ \t\v\f\r]*[+-]?[0-9]+/.exec(raw.slice(i, i + 3))?.[0].length ?? 0;
        if (digits > 1) i += digits;
        else message = 'invalid digit after backslash octalnumerical character escape in quoted string';
      } else message = 'invalid character after backlash in quoted string';
      if (message === null) continue;
      this.onError({
        code: 'bad-escape',
        range: { start: start + i - 2, end: start + i },
        raw,
        line: this.line,
        message,
        python: false,
      });
      break;
    }
    return text;
  }
}

/** The meaning of characters that begin no token. */
const unknownCodes = new Map<string, LexicalCode>([
  ['"', 'unterminated-string'],
  ["'", 'unterminated-string'],
  ['#', 'unended-comment'],
  ['\r', 'carriage-return'],
]);

const plainEscapes = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);
