/** Macros and repeated blocks: lines that stand for other lines. */
import { err, ok, type Result } from '../../base/result.ts';
import type { TextError } from '../syntax/tokens.ts';
import type { Line } from './source.ts';

interface Parameter {
  readonly name: string;
  readonly value: string | undefined;
  readonly required: boolean;
  /** Takes all remaining arguments, with their commas. */
  readonly rest: boolean;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Line[];
}

/** The word that a statement begins with, after its labels, in lower case. */
export function firstWord(text: string): string {
  const match = /^\s*(?:[\w.$]+\s*:\s*)*([.A-Za-z_$][\w.$]*)/.exec(text);
  return match?.[1]?.toLowerCase() ?? '';
}

const ends: Readonly<Record<string, string>> = {
  '.macro': '.endm',
  '.rept': '.endr',
  '.irp': '.endr',
  '.irpc': '.endr',
};

/** Whether a word begins a block of lines. */
export const beginsBlock = (word: string): boolean => word in ends;

/** The index of the line that ends the block beginning at a line, or undefined if none does. */
export function blockEnd(lines: readonly Line[], start: number): number | undefined {
  const open: string[] = [];
  for (let i = start; i < lines.length; i++) {
    const word = firstWord(lines[i]?.text ?? '');
    const end = ends[word];
    if (end) open.push(end);
    else if (word === open.at(-1)) {
      open.pop();
      if (open.length === 0) return i;
    }
  }
  return undefined;
}

/** Reads what follows `.macro`. */
export function defineMacro(text: string, column: number, body: readonly Line[]): Result<Macro, TextError> {
  const head = /^\s*([A-Za-z_.$][\w.$]*)\s*,?/.exec(text);
  if (!head?.[1]) return err({ column, message: "'.macro' must be followed by the macro's name." });
  const parameters: Parameter[] = [];
  let rest = text.slice(head[0].length);
  while (rest.trim() !== '') {
    const match = /^\s*([A-Za-z_.$][\w.$]*)(?:\s*:\s*(req|vararg))?(?:\s*=\s*("(?:\\.|[^"\\])*"|[^\s,]+))?\s*,?/.exec(
      rest,
    );
    if (!match?.[1])
      return err({
        column: column + text.length - rest.trimStart().length,
        message: 'Expected the name of a parameter.',
      });
    const value = match[3] === undefined ? undefined : unquote(match[3]);
    parameters.push({ name: match[1], value, required: match[2] === 'req', rest: match[2] === 'vararg' });
    rest = rest.slice(match[0].length);
  }
  return ok({ name: head[1].toLowerCase(), parameters, body });
}

/** A call of a macro: its arguments, where they are, and the number of calls so far, for `\@`. */
interface MacroCall {
  readonly line: Line;
  readonly text: string;
  readonly column: number;
  readonly count: number;
}

/** The lines that a call stands for. */
export function expandMacro(macro: Macro, call: MacroCall): Result<Line[], TextError> {
  const { text, column } = call;
  const values = new Map<string, string>();
  const { parameters } = macro;
  const vararg = parameters.findIndex(({ rest }) => rest);
  const given = splitArguments(text, vararg < 0 ? Number.POSITIVE_INFINITY : vararg);
  let position = 0;
  for (const argument of given) {
    const named = /^([A-Za-z_.$][\w.$]*)\s*=\s*(?!=)(.*)$/s.exec(argument);
    if (named?.[1] !== undefined && parameters.some(({ name }) => name === named[1])) {
      values.set(named[1], unquote(named[2] ?? ''));
      continue;
    }
    const parameter = parameters[position++];
    if (!parameter)
      return err({
        column,
        message: `The macro '${macro.name}' takes ${parameters.length} arguments, not ${given.length}.`,
      });
    if (argument !== '') values.set(parameter.name, parameter.rest ? argument : unquote(argument));
  }
  for (const { name, value, required } of parameters) {
    if (values.has(name)) continue;
    if (required) return err({ column, message: `The macro '${macro.name}' needs a value for '${name}'.` });
    values.set(name, value ?? '');
  }
  return ok(substitute(macro.body, values, { name: macro.name, ...call }));
}

/** The body of `.irp` or `.irpc` for one value. */
export const substituteOne = (
  body: readonly Line[],
  { name, value }: { readonly name: string; readonly value: string },
  word: string,
  line: Line,
): Line[] => substitute(body, new Map([[name, unquote(value)]]), { name: word, line, column: 0, count: undefined });

/** Where lines are put: by which macro or block, in place of which line. */
interface Expansion {
  readonly name: string;
  readonly line: Line;
  readonly column: number;
  readonly count: number | undefined;
}

function substitute(
  body: readonly Line[],
  values: ReadonlyMap<string, string>,
  { name: macro, line: at, column, count }: Expansion,
): Line[] {
  return body.map((line) => {
    // `\()` ends a name. It is kept after a name that is not a parameter of this macro or block.
    const text = line.text.replace(
      /\\(?:(@)|\(\)|([A-Za-z_.$][\w.$]*)(?:\\\(\))?)/g,
      (whole, counter: string | undefined, name: string | undefined) => {
        if (counter !== undefined) return count === undefined ? whole : String(count);
        return name === undefined ? '' : (values.get(name) ?? whole);
      },
    );
    const indent = at.indent + (at.macro === undefined ? column : 0);
    return { text, number: at.number, indent, macro: at.macro ?? macro };
  });
}

/**
 * Arguments are separated by commas, or by blanks between words, but not inside parentheses or quotes. After `most`
 * arguments, the rest is one more.
 */
export function splitArguments(text: string, most = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = [];
  let current = '';
  let depth = 0;
  let blank = false;
  for (const [part] of text.matchAll(/"(?:\\.|[^"\\])*"?|'(?:\\.|.)|\s+|./gs)) {
    const divides = found.length < most && depth === 0;
    if (/^\s/.test(part)) {
      blank = current !== '';
      continue;
    }
    if (part === ',' && divides) {
      found.push(current);
      current = '';
      blank = false;
      continue;
    }
    if (blank && divides && /[\w.$"')\]]$/.test(current) && /^[\w.$"'#\\[{]/.test(part)) {
      found.push(current);
      current = '';
    } else if (blank) current += ' ';
    blank = false;
    if (part === '(') depth++;
    if (part === ')') depth--;
    current += part;
  }
  if (current !== '' || found.length > 0) found.push(current);
  return found;
}

const unquote = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('\\"', '"') : text);
