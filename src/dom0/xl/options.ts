/**
 * Reads a command's words as xl 4.17 does with glibc's getopt_long(3) (tools/xl/xl_utils.c: def_getopt), and prints
 * help.
 */
import type { XlCommand, XlSyntax } from './command.ts';

/** What xl prints if it does not run the command, and its exit code. */
export interface XlAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface XlOptions {
  /** The options in their order, by letter. */
  readonly options: readonly { readonly letter: string; readonly argument: string | null }[];
  /** The other words. */
  readonly operands: readonly string[];
}

/** What `xl help COMMAND` prints. */
export function commandHelp({ name, summary, syntax }: XlCommand): string {
  const options = syntax.options ? `Options:\n\n${syntax.options.join('\n')}\n` : '';
  return `Usage: xl [-vtT${syntax.global ?? ''}] ${name} ${syntax.usage}\n\n${summary}.\n\n${options}`;
}

export const notImplemented = (name: string): string => `command "${name}" not implemented\n`;

/**
 * Reads the words after a command's name: options and operands, or what xl prints instead. Options end at the first
 * word that is not an option.
 */
export function parseXlOptions(command: XlCommand, words: readonly string[]): XlOptions | XlAnswer {
  const { name: commandName, syntax } = command;
  if (syntax.readsNoOptions) return { options: [], operands: words };
  const { short = '', required = 0 } = syntax;
  const options: { letter: string; argument: string | null }[] = [];
  const operands: string[] = [];
  // The letter that getopt(3) does not accept; NUL for an unknown long option.
  let wrong: string | null = null;
  const take = (letter: string, wants: boolean, own: string | null, at: number): number => {
    if (!wants || own !== null) {
      options.push({ letter, argument: wants ? own : null });
      return at;
    }
    const next = words[at + 1];
    if (next === undefined) wrong = letter;
    else options.push({ letter, argument: next });
    return at + 1;
  };
  const isHelp = (): boolean => wrong === 'h' || options.at(-1)?.letter === 'h';
  for (let i = 0; i < words.length && wrong === null && !isHelp(); i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', value = null] = splitOnce(word.slice(2));
      const letter = longOption(syntax, name);
      const wants = letter !== null && short.includes(`${letter}:`);
      if (letter === null) wrong = '\0';
      else if (value !== null && !wants) wrong = letter;
      else i = take(letter, wants, value, i);
    } else if (word.startsWith('-') && word !== '-') {
      for (let j = 1; j < word.length && wrong === null && !isHelp(); j++) {
        const letter = word.charAt(j);
        const place = letter === ':' ? -1 : short.indexOf(letter);
        if (place < 0) {
          wrong = letter;
        } else if (short.charAt(place + 1) === ':') {
          i = take(letter, true, j + 1 < word.length ? word.slice(j + 1) : null, i);
          break;
        } else {
          options.push({ letter, argument: null });
        }
      }
    } else {
      operands.push(...words.slice(i));
      break;
    }
  }
  if (isHelp()) return { stdout: commandHelp(command), stderr: '', exitCode: 0 };
  if (wrong !== null) return { stdout: '', stderr: `option \`${wrong}' not supported.\n`, exitCode: 2 };
  if (operands.length < required) {
    const stderr = `'xl ${commandName}' requires at least ${required} argument${required > 1 ? 's' : ''}.\n\n`;
    return { stdout: commandHelp(command), stderr, exitCode: 2 };
  }
  return { options, operands };
}

function splitOnce(text: string): [string, string?] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The letter of a long option, which may be shortened as long as it is unambiguous. */
function longOption({ long }: XlSyntax, name: string): string | null {
  const all = { ...long, help: 'h' };
  const exact = Object.entries(all).find(([word]) => word === name);
  if (exact) return exact[1];
  const letters = new Set(Object.entries(all).flatMap(([word, letter]) => (word.startsWith(name) ? [letter] : [])));
  const [letter] = letters;
  return letters.size === 1 && letter !== undefined ? letter : null;
}
