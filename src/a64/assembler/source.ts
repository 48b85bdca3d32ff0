/** An assembly source as lines without comments. */
import type { TextError } from '../syntax/tokens.ts';

/** A mistake in a source: where, from 1, and one sentence about it. */
export interface AssemblyError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** One statement. */
export interface Line {
  readonly text: string;
  /** Line in the source, from 1, and the columns before the text. */
  readonly number: number;
  readonly indent: number;
  /** The macro's name, if it comes from one. Its place is then that of the call. */
  readonly macro?: string;
}

/** The error at a place of a line. */
export const errorIn = (line: Line, { column, message }: TextError): AssemblyError => ({
  line: line.number,
  column: line.indent + (line.macro === undefined ? column : 0) + 1,
  message: line.macro === undefined ? message : `${message} (Macro '${line.macro}': ${line.text.trim()})`,
});

export interface Lines {
  readonly lines: readonly Line[];
  readonly errors: readonly AssemblyError[];
}

/** A quoted string, a character constant, a comment of either kind, the end of a statement. */
const special = /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^\n])'?|\/\/[^\n]*|\/\*|[;\n]/g;

/** Replaces comments by blanks and splits the text into statements. */
export function readLines(source: string): Lines {
  const text = source.replaceAll('\r\n', '\n');
  const lines: Line[] = [];
  const errors: AssemblyError[] = [];
  let statement = '';
  let at = 0;
  let number = 1;
  let indent = 0;
  let lineStart = 0;
  const end = (next: number): void => {
    if (isLineComment(statement, indent)) {
      const cpp = /^\s*#\s*(define|undef|include|if|ifdef|ifndef|else|elif|endif)\b/.exec(statement);
      if (cpp) {
        const message = `There is no C preprocessor, so '#${cpp[1]}' does nothing; use .equ, .macro and .if.`;
        errors.push({ line: number, column: statement.indexOf('#') + 1, message });
      }
    } else if (statement.trim() !== '') lines.push({ text: statement, number, indent });
    statement = '';
    indent = next - lineStart;
  };
  for (const match of text.matchAll(special)) {
    // A comment that was skipped may contain special characters.
    if (match.index < at) continue;
    const found = match[0];
    statement += text.slice(at, match.index);
    at = match.index + found.length;
    if (found === '\n') {
      lineStart = at;
      end(at);
      number++;
    } else if (isLineComment(statement, indent)) {
      // The rest of the line is part of the comment.
    } else if (found === ';') end(at);
    else if (found.startsWith('//')) statement += ' ';
    else if (found === '/*') {
      const close = text.indexOf('*/', at);
      if (close < 0) {
        errors.push({
          line: number,
          column: match.index - lineStart + 1,
          message: "This comment has no closing '*/'.",
        });
        at = text.length;
        break;
      }
      const comment = text.slice(match.index, close + 2);
      statement += comment.replace(/[^\n]/g, ' ').replaceAll('\n', '');
      at = close + 2;
      const breaks = comment.split('\n').length - 1;
      if (breaks > 0) {
        if (statement.trim() !== '') end(at);
        number += breaks;
        lineStart = text.lastIndexOf('\n', at - 1) + 1;
        statement = ' '.repeat(at - lineStart);
        indent = 0;
      }
    } else statement += found;
  }
  statement += text.slice(at);
  end(text.length);
  return { lines, errors };
}

/** A `#` that begins a line begins a comment. */
const isLineComment = (statement: string, indent: number): boolean => indent === 0 && /^\s*#/.test(statement);
