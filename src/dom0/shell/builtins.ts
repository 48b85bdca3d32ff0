/** The shell's builtins: commands that change or show the shell itself. */
import { err as failure, ok } from '../../base/result.ts';
import { type FileResult, type FileSystem, resolvePath } from '../os/files.ts';
import type { Process } from '../os/processes.ts';
import { type Task, until } from '../os/task.ts';
import { holds } from './condition.ts';

/** Text that commands read one after the other, each what it needs. */
export class Input {
  private rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  /** The next line without its end; null if there is none. */
  line(): string | null {
    if (this.rest === '') return null;
    const [line = ''] = this.rest.split('\n', 1);
    this.rest = this.rest.slice(line.length + 1);
    return line;
  }

  /** All that is left. */
  all(): string {
    const rest = this.rest;
    this.rest = '';
    return rest;
  }
}

/** What a command is connected to. */
export interface Streams {
  /** A file, or what was printed before it in a pipe; null: the terminal. */
  readonly input: Input | null;
  out(text: string): void;
  err(text: string): void;
}

/** A command that runs in the background. */
export interface Job {
  readonly number: number;
  readonly text: string;
  readonly process: Process;
}

/** What ends more than one command. */
export type Jump = 'break' | 'continue' | 'return' | 'exit' | 'interrupt';

/** The part of the shell that its builtins use. */
export interface ShellState {
  readonly files: FileSystem;
  readonly variables: Map<string, string>;
  readonly history: readonly string[];
  directory: string;
  /** The arguments of the script or function that runs: $1, $2, … */
  parameters: readonly string[];
  /** Exit code of the last command. */
  readonly code: number;
  /** Background commands that have not ended. */
  readonly jobs: readonly Job[];
  /** Leaves `levels` loops, the function or the script. Ignored where there is none to leave. */
  jump(to: Jump, levels?: number): void;
  kill(job: Job): void;
  help(): string;
  /** Runs a script in this shell, or in a new one that starts with a copy of this shell's variables. */
  script(
    text: FileResult<string>,
    streams: Streams,
    where: 'here' | 'own shell',
    parameters?: readonly string[],
  ): Task<number>;
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
  run: (shell, [first, ...rest], streams) =>
    first === '-c'
      ? shell.script(ok(rest[0] ?? ''), streams, 'own shell', rest.slice(2))
      : shell.script(read(shell, first), streams, 'own shell', rest),
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
  shell.jump('exit');
  return Number(given ?? shell.code) & 255;
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

const nothing = atOnce(':', 'do nothing, and succeed', () => 0);

const condition = (name: '[' | 'test'): Builtin =>
  atOnce(name, 'compare texts and numbers, look for files', (shell, args, { err }) => {
    const isClosed = name === 'test' || args.at(-1) === ']';
    const judged = isClosed ? holds(name === 'test' ? args : args.slice(0, -1), shell) : failure('missing ]');
    if (judged.ok) return judged.value ? 0 : 1;
    err(`sh: ${name}: ${judged.error}\n`);
    return 2;
  });

const leave = (name: 'break' | 'continue', summary: string): Builtin =>
  atOnce(name, summary, (shell, [levels = '1']) => {
    shell.jump(name, Math.max(1, Number.parseInt(levels, 10) || 1));
    return 0;
  });

const returnCode = atOnce('return', 'end a function with an exit code', (shell, [given]) => {
  shell.jump('return');
  return Number(given ?? shell.code) & 255;
});

const readLine = atOnce('read', 'read a line into variables', (shell, args, { input }) => {
  const line = input?.line() ?? null;
  const names = args.filter((name) => name !== '-r');
  const words = (line ?? '').trim().split(/\s+/);
  names.forEach((name, i) => {
    // The last one gets all that is left.
    const rest = (line ?? '').trim().match(new RegExp(`^(?:\\S+\\s+){${i}}(.*)$`, 's'))?.[1] ?? '';
    shell.variables.set(name, i === names.length - 1 ? rest : (words[i] ?? ''));
  });
  return line === null ? 1 : 0;
});

const shift = atOnce('shift', 'drop the first arguments of a script or function', (shell, [count = '1'], { err }) => {
  const dropped = Number.parseInt(count, 10);
  if (!(dropped >= 0 && dropped <= shell.parameters.length)) {
    err(`sh: shift: can't shift that many\n`);
    return 2;
  }
  shell.parameters = shell.parameters.slice(dropped);
  return 0;
});

const unset = atOnce('unset', 'remove variables', ({ variables }, args) => {
  for (const name of args) variables.delete(name);
  return 0;
});

const jobs = atOnce('jobs', 'list the commands in the background', (shell, _, { out }) => {
  for (const { number, process, text } of shell.jobs) out(`[${number}] ${process.id} Running    ${text}\n`);
  return 0;
});

const wait: Builtin = {
  name: 'wait',
  summary: 'wait until the commands in the background have ended',
  *run(shell) {
    for (const { process } of [...shell.jobs]) yield* until(process.ended, () => process.result !== undefined);
    return 0;
  },
};

const kill = atOnce('kill', 'end commands in the background: kill %1', (shell, args, { err }) => {
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const job = shell.jobs.find(({ number, process }) => name === `%${number}` || name === String(process.id));
    if (job) shell.kill(job);
    else {
      err(`sh: kill: ${name}: no such job\n`);
      code = 1;
    }
  }
  return code;
});

export const builtins: readonly Builtin[] = [
  source,
  nothing,
  condition('['),
  leave('break', 'leave a loop'),
  cd,
  clear,
  leave('continue', 'go on with the next round of a loop'),
  exit,
  exportVariables,
  help,
  history,
  jobs,
  kill,
  pwd,
  readLine,
  returnCode,
  sh,
  shift,
  condition('test'),
  unset,
  wait,
];
