/** The shell's builtins: commands that change or show the shell itself. */
import { ok } from '../../base/result.ts';
import { type FileResult, type FileSystem, resolvePath } from '../os/files.ts';
import type { Task } from '../os/task.ts';

/** What a command is connected to. */
export interface Streams {
  readonly input: string | null;
  out(text: string): void;
  err(text: string): void;
}

/** The part of the shell that its builtins use. */
export interface ShellState {
  readonly files: FileSystem;
  readonly variables: Map<string, string>;
  readonly history: readonly string[];
  directory: string;
  /** Exit code of the last command. */
  readonly code: number;
  /** Ends the running script. */
  exit(code: number): void;
  help(): string;
  /** Runs a script in this shell, or in a new one that starts with a copy of this shell's variables. */
  script(text: FileResult<string>, streams: Streams, where: 'here' | 'own shell'): Task<number>;
}

export interface Builtin {
  readonly name: string;
  /** A line for `help`. */
  readonly summary: string;
  run(shell: ShellState, args: readonly string[], streams: Streams): Task<number>;
}

/** A builtin that takes no time. */
const atOnce = (
  name: string,
  summary: string,
  run: (shell: ShellState, args: readonly string[], streams: Streams) => number,
): Builtin => ({
  name,
  summary,
  // biome-ignore lint/correctness/useYield: it shares the type of those that wait.
  *run(shell, args, streams) {
    return run(shell, args, streams);
  },
});

/** A script's text; an empty one if there is no name. */
const read = ({ files, directory }: ShellState, name = ''): FileResult<string> =>
  name === '' ? ok('') : files.readText(resolvePath(name, directory));

const source: Builtin = {
  name: '.',
  summary: 'run a script in this shell',
  run: (shell, [name], streams) => shell.script(read(shell, name), streams, 'here'),
};

const sh: Builtin = {
  name: 'sh',
  summary: 'run a script',
  run: (shell, [first, second = ''], streams) =>
    shell.script(first === '-c' ? ok(second) : read(shell, first), streams, 'own shell'),
};

const cd = atOnce('cd', 'change the working directory', (shell, [target = '/root'], { err }) => {
  const { files } = shell;
  const path = resolvePath(target, shell.directory);
  if (files.isDirectory(path)) {
    shell.directory = path;
    return 0;
  }
  err(`sh: cd: can't cd to ${target}: ${files.exists(path) ? 'Not a directory' : 'No such file or directory'}\n`);
  return 1;
});

const pwd = atOnce('pwd', 'print the working directory', ({ directory }, _, { out }) => {
  out(`${directory}\n`);
  return 0;
});

const exit = atOnce('exit', 'end a script with an exit code', (shell, [given]) => {
  const code = Number(given ?? shell.code) & 255;
  shell.exit(code);
  return code;
});

const exportVariables = atOnce('export', 'set variables', ({ variables }, args) => {
  for (const argument of args) {
    const [variable = '', ...value] = argument.split('=');
    if (value.length > 0) variables.set(variable, value.join('='));
  }
  return 0;
});

const history = atOnce('history', 'lines entered before', (shell, _, { out }) => {
  shell.history.forEach((line, i) => {
    out(`${String(i + 1).padStart(5)}  ${line}\n`);
  });
  return 0;
});

const clear = atOnce('clear', 'clear the terminal', (_, __, { out }) => {
  out('\x1b[H\x1b[2J');
  return 0;
});

const help = atOnce('help', 'this list', (shell, _, { out }) => {
  out(shell.help());
  return 0;
});

export const builtins: readonly Builtin[] = [source, cd, clear, exit, exportVariables, help, history, pwd, sh];
