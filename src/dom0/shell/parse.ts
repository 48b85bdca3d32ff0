/** The shell's language: a small part of POSIX sh (IEEE 1003.1, Shell Command Language). */
import { err, ok, type Result } from '../../base/result.ts';

/** A piece of a word. Quoted text is neither split nor matched against file names. */
export interface Part {
  readonly text: string;
  readonly quoted: boolean;
  /** The text is the name of a variable. */
  readonly variable: boolean;
}
export type Word = readonly Part[];

export interface Redirection {
  readonly kind: '<' | '>' | '>>';
  readonly stream: 0 | 1 | 2;
  /** A file, or for `2>&1` the other stream. */
  readonly target: Word | 1 | 2;
}

export interface SimpleCommand {
  /** `NAME=value` before the command. */
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

export interface Pipeline {
  readonly commands: readonly SimpleCommand[];
  /** When it runs: always, or after the success or failure of the pipeline before it. */
  readonly condition: 'always' | 'success' | 'failure';
}

type Token = { readonly kind: 'word'; readonly word: Word } | { readonly kind: 'operator'; readonly text: string };

/** The pipelines of a line or a script. An error is the text that follows `sh: `. */
export function parseShell(text: string): Result<Pipeline[]> {
  const tokens = tokenize(text);
  if (!tokens.ok) return tokens;
  const pipelines: Pipeline[] = [];
  let condition: Pipeline['condition'] = 'always';
  let commands: SimpleCommand[] = [];
  let command = emptyCommand();
  const isEmpty = (): boolean => command.words.length + command.assignments.length + command.redirections.length === 0;
  const unexpected = (what: string) => err(`syntax error: unexpected "${what}"`);
  for (let i = 0; i <= tokens.value.length; i++) {
    const token = tokens.value[i];
    if (token?.kind === 'word') {
      addWord(command, token.word);
      continue;
    }
    const operator = token?.text ?? '\n';
    const redirection = operator.match(/^([012]?)(<|>>?)(&[12])?$/);
    if (redirection) {
      const [, stream, kind, copied] = redirection;
      const file = tokens.value[i + 1];
      const own = stream ? Number(stream) : kind === '<' ? 0 : 1;
      if (copied) command.redirections.push({ kind: '>', stream: own as 1 | 2, target: Number(copied[1]) as 1 | 2 });
      else if (file?.kind === 'word') {
        command.redirections.push({ kind: kind as '<' | '>' | '>>', stream: own as 0 | 1 | 2, target: file.word });
        i++;
      } else return unexpected(file?.text === '\n' || !file ? 'newline' : file.text);
      continue;
    }
    if (isEmpty()) {
      const waits = commands.length > 0 || condition !== 'always';
      if (operator === '\n' && waits && i < tokens.value.length) continue;
      if (operator !== '\n' || waits) return unexpected(operator === '\n' ? 'end of file' : operator);
      continue;
    }
    commands.push(command);
    command = emptyCommand();
    if (operator === '|') continue;
    pipelines.push({ commands, condition });
    commands = [];
    condition = operator === '&&' ? 'success' : operator === '||' ? 'failure' : 'always';
  }
  return ok(pipelines);
}

interface CommandInProgress extends SimpleCommand {
  readonly assignments: { name: string; value: Word }[];
  readonly words: Word[];
  readonly redirections: Redirection[];
}
const emptyCommand = (): CommandInProgress => ({ assignments: [], words: [], redirections: [] });

function addWord(command: CommandInProgress, word: Word): void {
  const [first, ...rest] = word;
  const [, name, value] = (!first?.quoted && !first?.variable && first?.text.match(/^([A-Za-z_]\w*)=(.*)$/s)) || [];
  if (command.words.length > 0 || name === undefined) command.words.push(word);
  else command.assignments.push({ name, value: [{ text: value ?? '', quoted: true, variable: false }, ...rest] });
}

const operators = ['&&', '||', '2>&1', '1>&2', '>&2', '2>>', '2>', '1>', '>>', '>', '<', '|', ';', '\n'];

function tokenize(text: string): Result<Token[]> {
  const tokens: Token[] = [];
  let word: Part[] | null = null;
  const add = (part: string, quoted: boolean, variable = false): void => {
    word ??= [];
    const last = word.at(-1);
    if (last && !variable && !last.variable && last.quoted === quoted)
      word.splice(-1, 1, { ...last, text: last.text + part });
    else word.push({ text: part, quoted, variable });
  };
  const end = (): void => {
    if (word) tokens.push({ kind: 'word', word });
    word = null;
  };
  for (let i = 0; i < text.length; ) {
    const character = text[i] as string;
    const operator = operators.find((o) => text.startsWith(o, i) && !(/^\d/.test(o) && word));
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
    } else if (character === '&' || character === '(' || character === ')' || character === '`') {
      return err(`syntax error: "${character}" is not supported by this shell`);
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
      i++;
      add('', true);
      while (text[i] !== '"') {
        if (i >= text.length) return err('syntax error: unterminated quoted string');
        if (text[i] === '$') i += variable(text.slice(i), true);
        else {
          if (text[i] === '\\' && /["\\$`]/.test(text[i + 1] ?? '')) i++;
          add(text[i] as string, true);
          i++;
        }
      }
      i++;
    } else if (character === '$') i += variable(text.slice(i), false);
    else {
      add(character, false);
      i++;
    }
  }
  end();
  return ok(tokens);

  /** Reads a variable, or a dollar sign alone. Returns the number of characters read. */
  function variable(rest: string, quoted: boolean): number {
    const [whole, braced, plain] = rest.match(/^\$(?:\{(\w+|\?)\}|([A-Za-z_]\w*|\d|\?))/) ?? [];
    if (whole === undefined) {
      add('$', quoted);
      return 1;
    }
    add(braced ?? plain ?? '', quoted, true);
    return whole.length;
  }
}
