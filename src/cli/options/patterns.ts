/** Patterns to await in a guest's output, and texts to type when they appear. */

/** A text to type when a pattern has appeared. */
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

/**
 * Reads `REGEX=>text`; \n \r \t \e \\ and \xHH in the text stand for single characters. Throws SyntaxError with the
 * reason.
 */
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
