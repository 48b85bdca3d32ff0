/** Dom0's shell. It is a model: it looks like a small POSIX shell, and nothing of Linux is below it. */
import type { Hasher } from '../../base/hasher.ts';
import { ok } from '../../base/result.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { type FileResult, type FileSystem, resolvePath } from '../os/files.ts';
import type { Process, Processes } from '../os/processes.ts';
import { type Task, until } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import { builtins } from './builtins.ts';
import type { CommandContext, CommandEntry } from './command.ts';
import { expandText, expandWord, type Surroundings } from './expand.ts';
import { type Completion, readLine } from './line-editor.ts';
import { type Pipeline, parseShell, type SimpleCommand } from './parse.ts';

const historyMax = 1000;
/** What an interrupted program leaves, as in any shell: 128 + SIGINT. */
const interrupted = 130;

export interface ShellOptions {
  readonly files: FileSystem;
  readonly processes: Processes;
  /** Programs besides the built-in ones. */
  readonly commands: ReadonlyMap<string, CommandEntry>;
  readonly tty: Tty | null;
  /** Where output goes that is not redirected. */
  out(text: string): void;
  err(text: string): void;
  now(): Nanoseconds;
}

/** What one command is connected to. */
interface Streams {
  readonly input: string | null;
  out(text: string): void;
  err(text: string): void;
}

export class Shell {
  readonly #options: ShellOptions;
  readonly history: string[] = [];
  readonly #variables = new Map([
    ['HOME', '/root'],
    ['PATH', '/usr/sbin:/usr/bin:/sbin:/bin'],
  ]);
  #directory = '/root';
  #code = 0;
  #exit: number | null = null;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** Adds the shell's own state. Shells that it starts for scripts live in its coroutines. */
  fingerprint(hasher: Hasher): void {
    hasher.add([...this.#variables].flat(), this.#directory, this.#code, this.#exit, this.history);
  }

  /** Reads and obeys lines from the terminal, for ever. */
  *interact(tty: Tty, prompt: string): Task<number> {
    for (;;) {
      const line = yield* readLine(tty, {
        prompt,
        history: this.history,
        complete: (text, cursor) => this.#complete(text.slice(0, cursor)),
      });
      if (line === null || line.trim() === '') continue;
      this.remember(line);
      yield* this.run(line);
    }
  }

  /** Adds a line to the history, unless it is the last one again. */
  remember(line: string): void {
    if (this.history.at(-1) !== line) this.history.push(line);
    if (this.history.length > historyMax) this.history.shift();
  }

  /** Runs a line or a script; returns its exit code. */
  *run(text: string): Task<number> {
    this.#exit = null;
    return yield* this.#obey(text);
  }

  *#obey(text: string): Task<number> {
    const parsed = parseShell(text);
    if (!parsed.ok) {
      this.#options.err(`sh: ${parsed.error}\n`);
      this.#code = 2;
      return 2;
    }
    for (const pipeline of parsed.value) {
      if (this.#exit !== null || this.#code === interrupted) break;
      if (pipeline.condition === 'success' && this.#code !== 0) continue;
      if (pipeline.condition === 'failure' && this.#code === 0) continue;
      yield* this.#pipeline(pipeline);
    }
    const code = this.#exit ?? this.#code;
    if (code === interrupted) this.#code = 0;
    return code;
  }

  /** Each command runs to its end; what it has printed is what the next one reads. */
  *#pipeline({ commands }: Pipeline): Task {
    let input: string | null = null;
    for (const [i, command] of commands.entries()) {
      let printed = '';
      const { err } = this.#options;
      const isLast = i === commands.length - 1;
      const out = (text: string): void => {
        if (isLast) this.#options.out(text);
        else printed += text;
      };
      this.#code = yield* this.#command(command, { input, out, err });
      if (this.#code === interrupted) return;
      input = printed;
    }
  }

  *#command(command: SimpleCommand, pipe: Streams): Task<number> {
    const surroundings: Surroundings = {
      files: this.#options.files,
      directory: this.#directory,
      variable: (name) => (name === '?' ? String(this.#code) : (this.#variables.get(name) ?? '')),
    };
    const [name, ...args] = command.words.flatMap((word) => expandWord(word, surroundings));
    const redirected = this.#redirect(command, pipe, surroundings);
    if (!redirected) return 1;
    const { streams, close } = redirected;
    let code = 0;
    if (name === undefined) {
      for (const { name: variable, value } of command.assignments)
        this.#variables.set(variable, expandText(value, surroundings));
    } else code = yield* this.#program(name, args, streams);
    for (const error of close()) {
      this.#options.err(`sh: ${error}\n`);
      code ||= 1;
    }
    return code;
  }

  /** Connects a command as its redirections say; null if one cannot be done. `close` writes the files and returns what failed. */
  #redirect(
    { redirections }: SimpleCommand,
    pipe: Streams,
    surroundings: Surroundings,
  ): { streams: Streams; close(): string[] } | null {
    const { files } = this.#options;
    let { input } = pipe;
    type Sink = (text: string) => void;
    const sinks: [Sink, Sink] = [pipe.out, pipe.err];
    const outputs: { path: string; name: string; text: string }[] = [];
    for (const { kind, stream, target } of redirections) {
      if (typeof target === 'number') {
        if (stream !== 0) sinks[stream - 1] = sinks[target - 1] as Sink;
        continue;
      }
      const name = expandText(target, surroundings);
      const path = resolvePath(name, this.#directory);
      if (path === '/dev/null') {
        if (stream === 0) input = '';
        else sinks[stream - 1] = () => {};
        continue;
      }
      const before = files.readText(path);
      if (kind === '<') {
        if (!before.ok) {
          this.#options.err(`sh: can't open ${name}: ${before.error}\n`);
          return null;
        }
        input = before.value;
        continue;
      }
      const made = files.write(path, kind === '>>' && before.ok ? before.value : '');
      if (!made.ok) {
        this.#options.err(`sh: can't create ${name}: ${made.error}\n`);
        return null;
      }
      const output = { path, name, text: kind === '>>' && before.ok ? before.value : '' };
      outputs.push(output);
      const sink: Sink = (text) => {
        output.text += text;
      };
      if (stream !== 0) sinks[stream - 1] = sink;
    }
    const close = (): string[] =>
      outputs.flatMap(({ path, name, text }) => {
        const written = files.write(path, text);
        return written.ok ? [] : [`can't create ${name}: ${written.error}`];
      });
    return { streams: { input, out: sinks[0], err: sinks[1] }, close };
  }

  *#program(name: string, args: string[], streams: Streams): Task<number> {
    const own = this.#own(name, args, streams);
    if (own !== null) return own;
    const script = this.#scriptOf(name, args);
    if (script) return yield* this.#script(name, script, streams);
    const entry = this.#find(name);
    if (!entry) {
      streams.err(`sh: ${name}: not found\n`);
      return 127;
    }
    const { files, tty, now, processes } = this.#options;
    const context: CommandContext = { name, args, files, directory: this.#directory, tty, now, ...streams };
    const process: Process = processes.spawn([name, ...args], entry.run(context));
    if (tty) {
      tty.onInterrupt = () => {
        streams.out('^C\n');
        processes.kill(process);
      };
    }
    try {
      yield* until(process.ended, () => process.result !== undefined);
    } finally {
      if (tty) tty.onInterrupt = null;
      processes.kill(process);
    }
    return process.result ?? interrupted;
  }

  /** The text that a command is to run: of `sh -c TEXT`, `sh FILE`, `. FILE`, or of the file that it names. Null: it is none of them. */
  #scriptOf(name: string, args: readonly string[]): FileResult<string> | null {
    const { files } = this.#options;
    const [first = '', second = ''] = args;
    if (name === 'sh' && first === '-c') return ok(second);
    if (name === 'sh' || name === '.')
      return first === '' ? ok('') : files.readText(resolvePath(first, this.#directory));
    const path = resolvePath(name, this.#directory);
    return name.includes('/') && !this.#find(name) && files.exists(path) ? files.readText(path) : null;
  }

  /** `.` runs it in this shell, all else in one of its own, which begins as this one is. */
  *#script(name: string, text: FileResult<string>, { out, err: complain }: Streams): Task<number> {
    if (!text.ok) {
      complain(`sh: can't open script: ${text.error}\n`);
      return 2;
    }
    if (name === '.') return yield* this.#obey(text.value);
    const shell = new Shell({ ...this.#options, out, err: complain });
    shell.#directory = this.#directory;
    for (const [variable, value] of this.#variables) shell.#variables.set(variable, value);
    return yield* shell.run(text.value);
  }

  #find(name: string): CommandEntry | undefined {
    const known = name.replace(/^(\/usr)?\/s?bin\//, '');
    return this.#options.commands.get(known) ?? builtins.get(known);
  }

  /** What only the shell itself can do; null for another command. */
  #own(name: string, args: readonly string[], { out, err }: Streams): number | null {
    const { files } = this.#options;
    switch (name) {
      case 'cd': {
        const path = resolvePath(args[0] ?? '/root', this.#directory);
        if (!files.isDirectory(path)) {
          err(
            `sh: cd: can't cd to ${args[0]}: ${files.exists(path) ? 'Not a directory' : 'No such file or directory'}\n`,
          );
          return 1;
        }
        this.#directory = path;
        return 0;
      }
      case 'pwd':
        out(`${this.#directory}\n`);
        return 0;
      case 'exit':
        this.#exit = Number(args[0] ?? this.#code) & 255;
        return this.#exit;
      case 'export':
        for (const argument of args) {
          const [variable = '', ...value] = argument.split('=');
          if (value.length > 0) this.#variables.set(variable, value.join('='));
        }
        return 0;
      case 'history':
        this.history.forEach((line, i) => {
          out(`${String(i + 1).padStart(5)}  ${line}\n`);
        });
        return 0;
      case 'clear':
        out('\x1b[H\x1b[2J');
        return 0;
      case 'help':
        out(this.#help());
        return 0;
      default:
        return null;
    }
  }

  static readonly #ownCommands: readonly (readonly [string, string])[] = [
    ['.', 'run a script in this shell'],
    ['cd', 'change the working directory'],
    ['clear', 'clear the terminal'],
    ['exit', 'end a script with an exit code'],
    ['export', 'set variables'],
    ['help', 'this list'],
    ['history', 'lines entered before'],
    ['pwd', 'print the working directory'],
    ['sh', 'run a script'],
  ];

  #names(): string[] {
    const { commands } = this.#options;
    return [...commands.keys(), ...builtins.keys(), ...Shell.#ownCommands.map(([name]) => name)].sort();
  }

  #help(): string {
    const rows: (readonly [string, string])[] = [
      ...[...this.#options.commands, ...builtins].map(([name, { summary }]) => [name, summary] as const),
      ...Shell.#ownCommands,
    ];
    const width = Math.max(...rows.map(([name]) => name.length)) + 2;
    const lines = rows
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, summary]) => `  ${name.padEnd(width)}${summary}`);
    return `Dom0's control shell: a model, not Linux. Commands:\n${lines.join('\n')}\nAlso: ; && || | > >> < 2> 2>&1 quotes, $VARIABLES, * and ?\n`;
  }

  /** What the last word of a line could become: a command, what that command knows, or a file. */
  #complete(before: string): Completion {
    const words = before
      .split(/[;|&]+/)
      .at(-1)
      ?.trimStart()
      .split(/\s+/) ?? [''];
    const written = words.at(-1) ?? '';
    const from = before.length - written.length;
    if (words.length === 1 && !written.includes('/'))
      return { from, candidates: this.#names().filter((name) => name.startsWith(written)) };
    const own = this.#find(words[0] ?? '')?.complete?.(words.slice(1, -1), written) ?? [];
    const known = own.filter((candidate) => candidate.startsWith(written));
    return { from, candidates: known.length > 0 ? known : this.#completeFile(written) };
  }

  #completeFile(written: string): string[] {
    const slash = written.lastIndexOf('/') + 1;
    const listed = this.#options.files.list(resolvePath(written.slice(0, slash) || '.', this.#directory));
    if (!listed.ok) return [];
    return listed.value
      .map(({ name, isDirectory }) => `${written.slice(0, slash)}${name}${isDirectory ? '/' : ''}`)
      .filter((candidate) => candidate.startsWith(written));
  }
}
