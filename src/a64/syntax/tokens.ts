/** The words of GNU assembly, as the assembler's lines and the operands of instructions are made of them. */
import { err, ok, type Result } from '../../base/result.ts';

export type TokenKind = 'name' | 'number' | 'real' | 'local' | 'string' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string what stands between the quotes, escapes resolved, one character a byte. */
  readonly text: string;
  /** Value of a number (also of a character), or the number of a local label (`1` of `1f`). */
  readonly value: bigint;
  /** First character's place in the text, from 0. */
  readonly column: number;
}

export interface TextError {
  readonly column: number;
  readonly message: string;
}

const space = /[ \t\r\f\v]*/y;

/** Kinds of words, told apart by their beginning; the first that matches is taken. */
const words: readonly (readonly [TokenKind, RegExp])[] = [
  ['name', /[A-Za-z_.$][\w.$]*/y],
  ['local', /\d+[bf](?![\w.$])/y],
  ['real', /\d+(?:\.\d*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/y],
  ['number', /0[xX][0-9a-fA-F]+|0[bB][01]+|\d+/y],
  ['mark', /<<|>>|<=|>=|==|!=|<>|&&|\|\||[-+*/%&|^~!()[\]{},:=<>#@\\]/y],
];

const escapes: Readonly<Record<string, number>> = {
  b: 8,
  t: 9,
  n: 10,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  '\\': 92,
};

/** Takes a line apart. The last token is always `end`. */
export function tokenize(text: string): Result<Token[], TextError> {
  const tokens: Token[] = [];
  let column = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = column;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    column += match(space)?.length ?? 0;
    if (column >= text.length) break;
    const found = text[column] ?? '';
    if (found === '"' || found === "'") {
      const quoted = found === '"' ? readString(text, column) : readCharacter(text, column);
      if (!quoted) {
        const message =
          found === '"' ? 'This string has no closing quote.' : 'A quote must be followed by a character.';
        return err({ column, message });
      }
      if (found === '"') tokens.push({ kind: 'string', text: quoted.text, value: 0n, column });
      else tokens.push({ kind: 'number', text: quoted.text, value: BigInt(quoted.text.charCodeAt(0)), column });
      column += quoted.length;
      continue;
    }
    const word = firstMatch(match);
    if (!word) return err({ column, message: `'${found}' has no meaning here.` });
    const value = wordValue(word.kind, word.text);
    if (value === undefined)
      return err({ column, message: `'${word.text}' begins with 0, so it is octal, which has no digit 8 or 9.` });
    tokens.push({ ...word, value, column });
    column += word.text.length;
  }
  tokens.push({ kind: 'end', text: '', value: 0n, column: text.length });
  return ok(tokens);
}

function firstMatch(match: (pattern: RegExp) => string | undefined): { kind: TokenKind; text: string } | undefined {
  for (const [kind, pattern] of words) {
    const text = match(pattern);
    if (text !== undefined) return { kind, text };
  }
  return undefined;
}

function wordValue(kind: TokenKind, text: string): bigint | undefined {
  if (kind === 'local') return BigInt(text.slice(0, -1));
  if (kind !== 'number') return 0n;
  if (!/^0\d/.test(text)) return BigInt(text);
  return /[89]/.test(text) ? undefined : BigInt(`0o${text}`);
}

interface Quoted {
  readonly text: string;
  readonly length: number;
}

/** The string that begins at a quote: each character is a byte, text beyond ASCII is taken as UTF-8. */
function readString(text: string, start: number): Quoted | undefined {
  let bytes = '';
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === '"') return { text: bytes, length: at + 1 - start };
    const one = readUnit(text, at);
    bytes += one.text;
    at += one.length;
  }
  return undefined;
}

/** A character constant: `'a` or `'a'`. */
function readCharacter(text: string, start: number): Quoted | undefined {
  if (start + 1 >= text.length) return undefined;
  const one = readUnit(text, start + 1);
  const after = start + 1 + one.length;
  return { text: one.text, length: after - start + (text[after] === "'" ? 1 : 0) };
}

function readUnit(text: string, at: number): Quoted {
  if (text[at] !== '\\') {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    return { text: utf8(character), length: character.length };
  }
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1));
  if (octal) return { text: String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), length: 1 + octal[0].length };
  const hex = /^[xX]([0-9a-fA-F]+)/.exec(text.slice(at + 1));
  if (hex?.[1]) return { text: String.fromCharCode(Number(BigInt(`0x${hex[1]}`) & 0xffn)), length: 1 + hex[0].length };
  const letter = text[at + 1] ?? '\\';
  return { text: String.fromCharCode(escapes[letter] ?? letter.charCodeAt(0)), length: 2 };
}

/** A character's bytes in UTF-8, each as a character. */
const utf8 = (character: string): string =>
  encodeURIComponent(character).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
