import type { LexicalError, Token, TokenKind } from './lexer.ts';

/** The names of token kinds in the messages of xl's parser, which Bison generated. */
export const tokenName = (kind: TokenKind): string => (/^[=;,[\]]$/.test(kind) ? `'${kind}'` : kind);

/**
 * Which syntax errors xl prints (Xen 4.17, libxlu_cfg.c; Bison's error recovery). It prints no second message for a
 * line with a lexical error, none for the three tokens after a syntax error, and none after the parser has given up.
 */
export class SyntaxReport {
  readonly lines: string[] = [];
  failed = false;
  private gaveUp = false;
  private python = false;
  private lexicalLine = -1;
  /** Tokens left to accept before errors are reported again. */
  private quiet = 0;

  constructor(readonly source: string) {}

  /** The line that xl prints, or null if it prints none. */
  lexical(error: LexicalError): string | null {
    if (this.gaveUp) return null;
    if (error.python) this.python = true;
    if (error.message === null || (error.code === 'bad-escape' && this.failed)) return null;
    return this._lexical(error.line, error.raw, error.message);
  }

  /** An impossible assignment, which xl notices after its last token. */
  assignment(token: Token, message: string): string | null {
    if (this.gaveUp || this.failed) return null;
    return this._lexical(token.lineAfter, token.raw, message);
  }

  syntax(token: Token, expected: readonly string[]): string | null {
    if (this.gaveUp) return null;
    const quiet = this.quiet > 0;
    this.quiet = 3;
    this.failed = true;
    if (quiet) return null;
    const message = `syntax error, unexpected ${tokenName(token.kind)}, expecting ${expected.join(' or ')}`;
    return this.print(token.line, token.raw, message);
  }

  /** The parser has accepted a token. */
  taken(): void {
    if (this.quiet > 0) this.quiet--;
  }

  giveUp(): void {
    this.gaveUp = true;
  }

  /** The text after the last token. */
  finish(): void {
    if (!this.failed) return;
    if (this.python) {
      this.lines.push(
        'warning: Config file looks like it contains Python code.',
        'warning:  Arbitrary Python is no longer supported.',
        'warning:  See https://wiki.xen.org/wiki/PythonInXlConfig',
      );
    }
    this.lines.push('Failed to parse config: Invalid argument');
  }

  private _lexical(line: number, raw: string, message: string): string | null {
    const printed = this.print(line, raw, message);
    this.lexicalLine = line;
    this.failed = true;
    return printed;
  }

  private print(line: number, raw: string, message: string): string | null {
    if (line <= this.lexicalLine) return null;
    const newline = raw.endsWith('\n');
    const text = (newline ? raw.slice(0, -1) : raw).replace(/[ \t]+$/, '');
    // A C string ends at its first NUL.
    const quoted = text === '' ? '' : `\`${text.split('\0', 1)[0]}'`;
    const near = `${quoted}${raw === '\n' ? '<newline>' : ''}`;
    const printed = `${this.source}:${newline ? line - 1 : line}: config parsing error near ${near}: ${message}`;
    this.lines.push(printed);
    return printed;
  }
}
