/** Longest stretch of output, in characters, in which a pattern can match. */
const memory = 65_536;

/** Watches a stream of text for patterns, one after the other: what has matched is not matched again. */
export class TextWatch {
  readonly #decoder = new TextDecoder();
  #text = '';
  #from = 0;

  /** Adds output of the serial line, UTF-8. */
  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const excess = this.#text.length - memory;
    if (excess <= 0) return;
    this.#text = this.#text.slice(excess);
    this.#from = Math.max(this.#from - excess, 0);
  }

  /** Whether the pattern appears after the last match; if so, that is the last match from now on. */
  take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#from;
    if (!pattern.test(this.#text)) return false;
    this.#from = pattern.lastIndex;
    return true;
  }
}

/** When the pattern has appeared, the text is typed. */
export interface TypedInput {
  readonly pattern: RegExp;
  readonly text: Uint8Array;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['e', '\x1b'],
  ['\\', '\\'],
]);

/** Reads `REGEX=>text`; \n \r \t \e \\ and \xHH in the text stand for single characters. Throws SyntaxError with the reason. */
export function parseInput(argument: string): TypedInput {
  const arrow = argument.indexOf('=>');
  if (arrow < 0) throw new SyntaxError("there is no '=>' between the text to await and the text to type");
  const text = argument
    .slice(arrow + 2)
    .replace(/\\(?:x([0-9a-fA-F]{2})|(.?))/g, (whole, code: string | undefined, letter: string | undefined) => {
      const character = code ? String.fromCharCode(Number.parseInt(code, 16)) : escapes.get(letter ?? '');
      if (character === undefined) throw new SyntaxError(`${whole} is not one of \\n \\r \\t \\e \\\\ \\xHH`);
      return character;
    });
  return { pattern: parsePattern(argument.slice(0, arrow)), text: new TextEncoder().encode(text) };
}

/** A JavaScript regular expression in which ^ and $ are the ends of a line. Throws SyntaxError. */
export const parsePattern = (source: string): RegExp => new RegExp(source, 'gm');
