/** Dom0's shell. It is a model: it looks like a small POSIX shell, but there is no Linux below it. */
import type { Hasher } from '../../base/hasher.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { type FileResult, type FileSystem, resolvePath } from '../os/files.ts';
import type { Process, Processes } from '../os/processes.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { type Task, until } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import { builtins, type ShellState, type Streams } from './builtins.ts';
import { expandText, expandWord, type Surroundings } from './expand.ts';
import { type Completion, readLine } from './line-editor.ts';
import { type Pipeline, parseShell, type SimpleCommand } from './parse.ts';
import { programs } from './programs/index.ts';

const historyMax = 1000;
/** The exit code of an interrupted program, as in any shell: 128 + SIGINT. */
const interrupted = 130;

export interface ShellOptions {
  readonly files: FileSystem;
  readonly processes: Processes;
  /** Programs in addition to the small ones of every shell. */
  readonly programs: readonly Program[];
  readonly tty: Tty | null;
  /** Gets output that is not redirected. */
  out(text: string): void;
  err(text: string): void;
  now(): Nanoseconds;
}

/** How far a script has come: the number of the pipeline that comes next. */
export interface ScriptProgress {
  next: number;
}

export class Shell implements ShellState {
  readonly #options: ShellOptions;
  readonly history: string[] = [];
  readonly #programs: ReadonlyMap<string, Program>;
  readonly variables = new Map([
    ['HOME', '/root'],
    ['PATH', '/usr/sbin:/usr/bin:/sbin:/bin'],
  ]);
  directory = '/root';
  #code = 0;
  #exit: number | null = null;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#programs = new Map([...programs, ...options.programs].map((program) => [program.name, program]));
  }

  /** Adds the shell's own state. The shells of running scripts are local to coroutines and cannot be added. */
  fingerprint(hasher: Hasher): void {
    hasher.add([...this.variables].flat(), this.directory, this.#code, this.#exit, this.history);
  }

  get files(): FileSystem {
    return this.#options.files;
  }

  get code(): number {
    return this.#code;
  }

  exit(code: number): void {
    this.#exit = code;
  }

  /** Reads lines from the terminal and runs them, for ever. */
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

  /** Adds a line to the history, unless it repeats the last one. */
  remember(line: string): void {
    if (this.history.at(-1) !== line) this.history.push(line);
    if (this.history.length > historyMax) this.history.shift();
  }

  /** Runs a line or a script from where it has come to; returns its exit code. */
  *run(text: string, progress: ScriptProgress = { next: 0 }): Task<number> {
    this.#exit = null;
    return yield* this.#obey(text, progress);
  }

  *#obey(text: string, progress: ScriptProgress = { next: 0 }): Task<number> {
    const parsed = parseShell(text);
    if (!parsed.ok) {
      this.#options.err(`sh: ${parsed.error}\n`);
      this.#code = 2;
      return 2;
    }
    for (const pipeline of parsed.value.slice(progress.next)) {
      progress.next++;
      if (this.#exit !== null || this.#code === interrupted) break;
      if (pipeline.condition === 'success' && this.#code !== 0) continue;
      if (pipeline.condition === 'failure' && this.#code === 0) continue;
      yield* this.#pipeline(pipeline);
    }
    const code = this.#exit ?? this.#code;
    if (code === interrupted) this.#code = 0;
    return code;
  }

  /** Each command runs to its end; its output is the next command's input. */
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
      directory: this.directory,
      variable: (name) => (name === '?' ? String(this.#code) : (this.variables.get(name) ?? '')),
    };
    const [name, ...args] = command.words.flatMap((word) => expandWord(word, surroundings));
    const redirected = this.#redirect(command, pipe, surroundings);
    if (!redirected) return 1;
    const { streams, close } = redirected;
    let code = 0;
    if (name === undefined) {
      for (const { name: variable, value } of command.assignments)
        this.variables.set(variable, expandText(value, surroundings));
    } else code = yield* this.#program(name, args, streams);
    for (const error of close()) {
      this.#options.err(`sh: ${error}\n`);
      code ||= 1;
    }
    return code;
  }

  /** Opens a command's redirections; null if one fails. `close` writes the files and returns error messages. */
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
      const path = resolvePath(name, this.directory);
      if (path === '/dev/null') {
        if (stream === 0) input = '';
        else sinks[stream - 1] = () => {};
        continue;
      }
      const before = kind === '>' ? null : files.readText(path);
      if (kind === '<') {
        if (!before?.ok) {
          this.#options.err(`sh: can't open ${name}: ${before?.error}\n`);
          return null;
        }
        input = before.value;
        continue;
      }
      const made = files.write(path, before?.ok ? before.value : '');
      if (!made.ok) {
        this.#options.err(`sh: can't create ${name}: ${made.error}\n`);
        return null;
      }
      const output = { path, name, text: before?.ok ? before.value : '' };
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
    const builtin = builtins.find((each) => each.name === name);
    if (builtin) return yield* builtin.run(this, args, streams);
    const program = this.#find(name);
    const path = resolvePath(name, this.directory);
    if (!program && name.includes('/') && this.files.exists(path))
      return yield* this.script(this.files.readText(path), streams, 'own shell');
    if (!program) {
      streams.err(`sh: ${name}: not found\n`);
      return 127;
    }
    const { files, tty, now, processes } = this.#options;
    const context: ProgramContext = { name, args, files, directory: this.directory, tty, now, ...streams };
    const process: Process = processes.spawn([name, ...args], program.run(context));
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

  *script(text: FileResult<string>, { out, err: complain }: Streams, where: 'here' | 'own shell'): Task<number> {
    if (!text.ok) {
      complain(`sh: can't open script: ${text.error}\n`);
      return 2;
    }
    if (where === 'here') return yield* this.#obey(text.value);
    const shell = new Shell({ ...this.#options, out, err: complain });
    shell.directory = this.directory;
    for (const [variable, value] of this.variables) shell.variables.set(variable, value);
    return yield* shell.run(text.value);
  }

  #find(name: string): Program | undefined {
    return this.#programs.get(name.replace(/^(\/usr)?\/s?bin\//, ''));
  }

  help(): string {
    const rows = [...this.#programs.values(), ...builtins].sort((a, b) => (a.name < b.name ? -1 : 1));
    const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
    const lines = rows.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
    const notes = [...this.#programs.values()].flatMap(({ notes: own = [] }) => own);
    return [
      "Dom0's control shell: a model, not Linux. Commands:",
      ...lines,
      'Also: ; && || | > >> < 2> 2>&1 quotes, $VARIABLES, * and ?',
      'Keys: Tab completes, the arrow keys recall earlier lines, Ctrl-R searches them, Ctrl-C interrupts',
      ...notes,
      '',
    ].join('\n');
  }

  /** Completions of a line's last word: commands, the command's own candidates, or files. */
  #complete(before: string): Completion {
    const words = before
      .split(/[;|&]+/)
      .at(-1)
      ?.trimStart()
      .split(/\s+/) ?? [''];
    const written = words.at(-1) ?? '';
    const from = before.length - written.length;
    if (words.length === 1 && !written.includes('/')) {
      const names = [...this.#programs.keys(), ...builtins.map(({ name }) => name)].sort();
      return { from, candidates: names.filter((name) => name.startsWith(written)) };
    }
    const own = this.#find(words[0] ?? '')?.complete?.(words.slice(1, -1), written) ?? [];
    const known = own.filter((candidate) => candidate.startsWith(written));
    return { from, candidates: known.length > 0 ? known : this.#completeFile(written) };
  }

  #completeFile(written: string): string[] {
    const slash = written.lastIndexOf('/') + 1;
    const listed = this.#options.files.list(resolvePath(written.slice(0, slash) || '.', this.directory));
    if (!listed.ok) return [];
    return listed.value
      .map(({ name, isDirectory }) => `${written.slice(0, slash)}${name}${isDirectory ? '/' : ''}`)
      .filter((candidate) => candidate.startsWith(written));
  }
}
