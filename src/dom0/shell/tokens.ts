/** Cuts a script into words and operators (POSIX sh, 2.2 and 2.3). */
import { err, ok, type Result } from '../../base/result.ts';
import type { Part, Word } from './syntax.ts';

export type Token =
  | { readonly kind: 'word'; readonly word: Word }
  /** A semicolon is a newline here. */
  | { readonly kind: 'operator'; readonly text: string };

const operators = ['&&', '||', ';;', '2>&1', '1>&2', '>&2', '2>>', '2>', '1>', '>>', '>', '<', '|', '&', '(', ')', ';'];

/** The tokens of a script. An error is the text that follows `sh: `. */
export function tokenize(text: string): Result<Token[]> {
  const tokens: Token[] = [];
  let word: Part[] | null = null;
  const add = (part: string, quoted: boolean, kind: Part['kind'] = 'literal'): void => {
    word ??= [];
    const last = word.at(-1);
    if (last?.kind === 'literal' && kind === 'literal' && last.quoted === quoted)
      word.splice(-1, 1, { ...last, text: last.text + part });
    else word.push({ text: part, kind, quoted });
  };
  const end = (): void => {
    if (word) tokens.push({ kind: 'word', word });
    word = null;
  };
  for (let i = 0; i < text.length; ) {
    const character = text[i] as string;
    const operator =
      character === '\n' ? '\n' : operators.find((o) => text.startsWith(o, i) && !(/^\d/.test(o) && word));
    if (operator) {
      end();
      tokens.push({ kind: 'operator', text: operator === ';' ? '\n' : operator });
      i += operator.length;
    } else if (/\s/.test(character)) {
      end();
      i++;
    } else if (character === '#' && !word) {
      const line = text.indexOf('\n', i);
      i = line < 0 ? text.length : line;
    } else if (character === '`') {
      return err('syntax error: "`" is not supported by this shell, but $( ) is');
    } else if (character === '\\') {
      // An escaped newline joins two lines.
      if (text[i + 1] !== '\n') add(text[i + 1] ?? '\\', true);
      i += 2;
    } else if (character === "'") {
      const close = text.indexOf("'", i + 1);
      if (close < 0) return err('syntax error: unterminated quoted string');
      add(text.slice(i + 1, close), true);
      i = close + 1;
    } else if (character === '"') {
      const close = closingQuote(text, i + 1);
      if (close < 0) return err('syntax error: unterminated quoted string');
      add('', true);
      for (i++; i < close; ) {
        if (text[i] === '$') {
          const read = dollar(i, true);
          if (read === null) return err('syntax error: bad substitution');
          i += read;
        } else {
          if (text[i] === '\\' && /["\\$`]/.test(text[i + 1] ?? '')) i++;
          add(text[i] as string, true);
          i++;
        }
      }
      i = close + 1;
    } else if (character === '$') {
      const read = dollar(i, false);
      if (read === null) return err('syntax error: bad substitution');
      i += read;
    } else {
      add(character, false);
      i++;
    }
  }
  end();
  return ok(tokens);

  /** Reads what a dollar sign begins, or the sign alone. Returns the number of characters read; null for what this shell does not know. */
  function dollar(at: number, quoted: boolean): number | null {
    if (text[at + 1] === '(') {
      const close = closingParenthesis(text, at + 2);
      if (close < 0) return null;
      const inner = text.slice(at + 2, close);
      const isArithmetic = inner.startsWith('(') && closingParenthesis(inner, 1) === inner.length - 1;
      if (isArithmetic) add(inner.slice(1, -1), quoted, 'arithmetic');
      else add(inner, quoted, 'command');
      return close + 1 - at;
    }
    if (/^\$\{(?!(\w+|[?#@*])\})/.test(text.slice(at))) return null;
    const [whole, braced, plain] = text.slice(at).match(/^\$(?:\{(\w+|[?#@*])\}|([A-Za-z_]\w*|\d|[?#@*]))/) ?? [];
    add(whole === undefined ? '$' : (braced ?? plain ?? ''), quoted, whole === undefined ? 'literal' : 'variable');
    return whole?.length ?? 1;
  }
}

/** Where the quotation that began before `from` ends; -1 if nowhere. */
function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') return i;
    if (text[i] === '\\') i++;
    else if (text.startsWith('$(', i)) {
      i = closingParenthesis(text, i + 2);
      if (i < 0) return -1;
    }
  }
  return -1;
}

/** Where the parenthesis that was opened before `from` is closed; -1 if nowhere. */
function closingParenthesis(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === "'") i = text.indexOf("'", i + 1);
    else if (character === '"') i = plainQuote(text, i + 1);
    else if (character === '(') open++;
    else if (character === ')' && --open === 0) return i;
    if (i < 0) return -1;
  }
  return -1;
}

/** The next quotation mark that is not escaped; -1 if there is none. Substitutions in it keep their own balance. */
function plainQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return -1;
}
