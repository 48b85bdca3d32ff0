/** Dom0's shell. It is a model: it looks like a small POSIX shell, but there is no Linux below it. */
import type { Hasher } from '../../base/hasher.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../os/costs.ts';
import { type FileResult, type FileSystem, resolvePath } from '../os/files.ts';
import type { Process, Processes } from '../os/processes.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, quietly, type Task } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import { evaluate } from './arithmetic.ts';
import { builtins, Input, type Job, type Jump, type ShellState, type Streams } from './builtins.ts';
import { expandWord, matchesPattern, type Value } from './expand.ts';
import { type Completion, LineEditor, readLine } from './line-editor.ts';
import { parseShell } from './parse.ts';
import { programs } from './programs/index.ts';
import type { Command, CompoundCommand, List, Part, Pipeline, Redirection, SimpleCommand, Word } from './syntax.ts';

const historyMax = 1000;
/** The exit code of an interrupted program, as in any shell: 128 + SIGINT. */
const interrupted = 130;
/** Shells within shells and functions within functions, at most. */
const depthMax = 50;

export interface ShellOptions {
  readonly files: FileSystem;
  readonly processes: Processes;
  /** Programs in addition to the small ones of every shell. */
  readonly programs: readonly Program[];
  readonly tty: Tty | null;
  /** Files that do something with what is written to them. */
  readonly triggers?: ReadonlyMap<string, (text: string) => void>;
  /** How many shells and functions it runs in. */
  readonly depth?: number;
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
  private readonly options: ShellOptions;
  readonly history: string[] = [];
  private readonly programs: ReadonlyMap<string, Program>;
  readonly variables = new Map([
    ['HOME', '/root'],
    ['PATH', '/usr/sbin:/usr/bin:/sbin:/bin'],
  ]);
  directory = '/root';
  parameters: readonly string[] = [];
  private readonly functions = new Map<string, Command>();
  private readonly _jobs: Job[] = [];
  private depth: number;
  private _code = 0;
  /** What is being left, and how many loops. */
  private _jump: Jump | null = null;
  private levels = 0;
  /** The line at the prompt. */
  private line: LineEditor | null = null;
  /** What waits at the prompt anew, while a line runs that is a program and nothing else. */
  private again: (() => Task<number>) | null = null;
  /** The program of such a line. */
  private foreground: Process | null = null;
  private loops = 0;

  constructor(options: ShellOptions) {
    this.options = options;
    this.depth = options.depth ?? 0;
    this.programs = new Map([...programs, ...options.programs].map((program) => [program.name, program]));
  }

  /** Adds the shell's own state. The shells of running scripts are local to coroutines and cannot be added. */
  fingerprint(hasher: Hasher): void {
    hasher.add([...this.variables].flat(), this.directory, this._code, this._jump, this.history);
    hasher.add([...this.parameters], [...this.functions.keys()], this._jobs.length);
  }

  get files(): FileSystem {
    return this.options.files;
  }

  get code(): number {
    return this._code;
  }

  get jobs(): readonly Job[] {
    return this._jobs;
  }

  jump(to: Jump, levels = 1): void {
    if ((to === 'break' || to === 'continue') && this.loops === 0) return;
    this._jump = to;
    this.levels = Math.min(levels, this.loops);
  }

  kill({ process }: Job): void {
    this.options.processes.kill(process);
  }

  /** Reads lines from the terminal and runs them, for ever. */
  *interact(tty: Tty, prompt: string): Task<number> {
    const again = (): Task<number> => this.interact(tty, prompt);
    if (this.foreground) {
      this._code = yield* this.outcome(this.foreground, again);
      this.lineEnded();
    }
    for (;;) {
      this.line ??= new LineEditor(tty, {
        prompt,
        history: this.history,
        complete: (text, cursor) => this.complete(text.slice(0, cursor)),
      });
      const line = yield* readLine(tty, this.line, again);
      this.line = null;
      if (line === null || line.trim() === '') continue;
      this.remember(line);
      this.again = isProgramAlone(line) ? again : null;
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
    this._jump = null;
    const { out, err } = this.options;
    const code = yield* this.obey(text, { input: null, out, err }, progress);
    this.lineEnded();
    return code;
  }

  /** What a Ctrl-C has ended is no failure of the next line's. */
  private lineEnded(): void {
    if (this._jump === 'interrupt') this._code = 0;
  }

  private *obey(text: string, streams: Streams, progress: ScriptProgress = { next: 0 }): Task<number> {
    const parsed = parseShell(text);
    if (!parsed.ok) {
      streams.err(`sh: ${parsed.error}\n`);
      this._code = 2;
      return 2;
    }
    for (const pipeline of parsed.value.slice(progress.next)) {
      progress.next++;
      if (this._jump !== null) break;
      yield* this.conditional(pipeline, streams);
    }
    return this._code;
  }

  private *list(list: List, streams: Streams): Task {
    for (const pipeline of list) {
      if (this._jump !== null) return;
      yield* this.conditional(pipeline, streams);
    }
  }

  private *conditional(pipeline: Pipeline, streams: Streams): Task {
    if (pipeline.condition === 'success' && this._code !== 0) return;
    if (pipeline.condition === 'failure' && this._code === 0) return;
    if (pipeline.isBackground) this.background(pipeline, streams);
    else yield* this.pipeline(pipeline, streams);
    if (pipeline.isNegated) this._code = this._code === 0 ? 1 : 0;
  }

  /** Each command runs to its end; its output is the next command's input. */
  private *pipeline({ commands }: Pipeline, streams: Streams): Task {
    let { input } = streams;
    for (const [i, command] of commands.entries()) {
      let printed = '';
      const isLast = i === commands.length - 1;
      const out = (text: string): void => {
        if (isLast) streams.out(text);
        else printed += text;
      };
      this._code = yield* this.command(command, { input, out, err: streams.err });
      if (this._jump === 'interrupt') return;
      input = new Input(printed);
    }
  }

  /** Starts a command in a shell of its own, without the terminal's keys. */
  private background({ commands }: Pipeline, { out, err }: Streams): void {
    const [command] = commands;
    if (!command) return;
    const shell = this.child({ input: null, out, err }, null);
    if (!shell) return;
    const text = describe(command);
    const process = this.options.processes.spawn(['sh', text], () => shell.alone(command));
    const job = { number: (this._jobs.at(-1)?.number ?? 0) + 1, text, process };
    this._jobs.push(job);
    process.ended.wait(() => this._jobs.splice(this._jobs.indexOf(job), 1));
    this._code = 0;
  }

  private *alone(command: Command): Task<number> {
    const { out, err } = this.options;
    this._code = yield* this.command(command, { input: new Input(''), out, err });
    return this._code;
  }

  /** A shell that starts as a copy of this one; null where shells are nested too deeply. */
  private child(streams: Streams, tty = this.options.tty): Shell | null {
    const { out, err } = streams;
    if (this.isTooDeep(streams)) return null;
    const shell = new Shell({ ...this.options, out, err, tty, depth: this.depth + 1 });
    shell.directory = this.directory;
    shell.parameters = this.parameters;
    for (const [name, value] of this.variables) shell.variables.set(name, value);
    for (const [name, body] of this.functions) shell.functions.set(name, body);
    shell._code = this._code;
    return shell;
  }

  private isTooDeep({ err }: Streams): boolean {
    if (this.depth < depthMax) return false;
    err('sh: scripts and functions are nested too deeply\n');
    this._code = 2;
    return true;
  }

  /** Runs something in a copy of this shell, and takes over its code and an interrupt. */
  private *inChild(streams: Streams, run: (shell: Shell) => Task<unknown>): Task<number> {
    const shell = this.child(streams);
    if (!shell) return 2;
    yield* run(shell);
    if (shell._jump === 'interrupt') this._jump = 'interrupt';
    return shell._code;
  }

  private *command(command: Command, pipe: Streams): Task<number> {
    const redirected = yield* this.redirect(command.redirections, pipe);
    if (!redirected) return 1;
    const { streams, close } = redirected;
    let code =
      command.kind === 'simple' ? yield* this.simple(command, streams) : yield* this.compound(command, streams);
    for (const error of close()) {
      pipe.err(`sh: ${error}\n`);
      code ||= 1;
    }
    return code;
  }

  private *simple(command: SimpleCommand, streams: Streams): Task<number> {
    const [name, ...args] = yield* this.words(command.words, streams);
    if (this._jump !== null) return this._code;
    if (name !== undefined) return yield* this.program(name, args, streams);
    this._code = 0;
    for (const { name: variable, value } of command.assignments)
      this.variables.set(variable, yield* this.text(value, streams));
    // It is that of the last $(...) in them.
    return this._code;
  }

  private *compound(command: CompoundCommand, streams: Streams): Task<number> {
    switch (command.kind) {
      case 'group':
        yield* this.list(command.body, streams);
        return this._code;
      case 'subshell':
        return yield* this.inChild(streams, (shell) => shell.list(command.body, streams));
      case 'if': {
        for (const { condition, body } of command.branches) {
          yield* this.list(condition, streams);
          if (this._jump !== null || this._code === 0) return yield* this.branch(body, streams);
        }
        return yield* this.branch(command.otherwise, streams);
      }
      case 'while':
      case 'until': {
        let code = 0;
        const { condition, body, kind } = command;
        for (this.loops++; yield* this.startsRound(streams); code = this._code) {
          yield* this.list(condition, streams);
          if (this._jump === null && (this._code === 0) === (kind === 'until')) break;
          yield* this.list(body, streams);
          if (!this.endsRound()) break;
        }
        this.loops--;
        return this._jump === null ? code : this._code;
      }
      case 'for': {
        const values = command.words ? yield* this.words(command.words, streams) : this.parameters;
        this._code = 0;
        this.loops++;
        for (const value of values) {
          if (!(yield* this.startsRound(streams))) break;
          this.variables.set(command.name, value);
          yield* this.list(command.body, streams);
          if (!this.endsRound()) break;
        }
        this.loops--;
        return this._code;
      }
      case 'case': {
        const text = yield* this.text(command.word, streams);
        for (const { patterns, body } of command.arms)
          for (const pattern of patterns)
            if (matchesPattern(text, yield* this.values(pattern, streams))) return yield* this.branch(body, streams);
        return 0;
      }
      case 'function':
        this.functions.set(command.name, command.body);
        return 0;
    }
  }

  /** One of several lists; without commands it succeeds. */
  private *branch(list: List, streams: Streams): Task<number> {
    if (this._jump === null) this._code = 0;
    yield* this.list(list, streams);
    return this._code;
  }

  /** A round of a loop takes some time, so that an endless one leaves the CPU to others, and Ctrl-C ends it. */
  private *startsRound(streams: Streams): Task<boolean> {
    const { tty } = this.options;
    const before = tty?.onInterrupt ?? null;
    if (tty) tty.onInterrupt = () => this.interrupt(streams);
    try {
      yield* compute(dom0Costs.shellRound);
    } finally {
      if (tty) tty.onInterrupt = before;
    }
    return this._jump === null;
  }

  /** Whether the loop goes on. */
  private endsRound(): boolean {
    if (this._jump !== 'break' && this._jump !== 'continue') return this._jump === null;
    if (--this.levels > 0) return false;
    const goesOn = this._jump === 'continue';
    this._jump = null;
    return goesOn;
  }

  private interrupt({ out }: Streams): void {
    out('^C\n');
    this._code = interrupted;
    this._jump = 'interrupt';
  }

  /** The arguments that words expand to. */
  private *words(words: readonly Word[], streams: Streams): Task<string[]> {
    const place = { files: this.files, directory: this.directory };
    const expanded: string[] = [];
    for (const word of words) {
      const [part] = word;
      // "$@" alone is each argument as it is.
      if (word.length === 2 && part?.text === '' && word[1]?.kind === 'variable' && word[1].text === '@')
        expanded.push(...this.parameters);
      else expanded.push(...expandWord(yield* this.values(word, streams), place));
    }
    return expanded;
  }

  /** Expands a word to exactly one text. */
  private *text(word: Word, streams: Streams): Task<string> {
    return (yield* this.values(word, streams)).map(({ text }) => text).join('');
  }

  private *values(word: Word, streams: Streams): Task<Value[]> {
    const values: Value[] = [];
    for (const part of word)
      values.push({ text: yield* this.value(part, streams), quoted: part.quoted, isSplit: part.kind !== 'literal' });
    return values;
  }

  private *value({ kind, text }: Part, { input, err }: Streams): Task<string> {
    if (kind === 'literal') return text;
    if (kind === 'variable') return this.variable(text);
    if (kind === 'command') {
      let printed = '';
      const out = (more: string): void => {
        printed += more;
      };
      const streams = { input, out, err };
      this._code = yield* this.inChild(streams, (shell) => shell.obey(text, streams));
      return printed.replace(/\n+$/, '');
    }
    const value = evaluate(text, (name) => this.variable(name));
    if (value.ok) return String(value.value);
    err(`sh: ${value.error}\n`);
    this._code = 2;
    this.jump('exit');
    return '';
  }

  private variable(name: string): string {
    if (name === '?') return String(this._code);
    if (name === '#') return String(this.parameters.length);
    if (name === '@' || name === '*') return this.parameters.join(' ');
    if (/^[1-9]\d*$/.test(name)) return this.parameters[Number(name) - 1] ?? '';
    return name === '0' ? 'sh' : (this.variables.get(name) ?? '');
  }

  /** Opens a command's redirections; null if one fails. `close` writes the files and returns error messages. */
  private *redirect(
    redirections: readonly Redirection[],
    pipe: Streams,
  ): Task<{ streams: Streams; close(): string[] } | null> {
    const { files } = this.options;
    let { input } = pipe;
    type Sink = (text: string) => void;
    const sinks: [Sink, Sink] = [pipe.out, pipe.err];
    const outputs: { path: string; name: string; text: string }[] = [];
    for (const { kind, stream, target } of redirections) {
      if (typeof target === 'number') {
        if (stream !== 0) sinks[stream - 1] = sinks[target - 1] as Sink;
        continue;
      }
      const name = yield* this.text(target, pipe);
      const path = resolvePath(name, this.directory);
      if (path === '/dev/null') {
        if (stream === 0) input = new Input('');
        else sinks[stream - 1] = () => {};
        continue;
      }
      const trigger = this.options.triggers?.get(path);
      if (trigger && stream !== 0) {
        sinks[stream - 1] = trigger;
        continue;
      }
      const before = kind === '>' ? null : files.readText(path);
      if (kind === '<') {
        if (!before?.ok) {
          pipe.err(`sh: can't open ${name}: ${before?.error}\n`);
          return null;
        }
        input = new Input(before.value);
        continue;
      }
      const made = files.write(path, before?.ok ? before.value : '');
      if (!made.ok) {
        pipe.err(`sh: can't create ${name}: ${made.error}\n`);
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

  private *program(name: string, args: string[], streams: Streams): Task<number> {
    const { again } = this;
    this.again = null;
    const body = this.functions.get(name);
    if (body) return yield* this.function(body, args, streams);
    const builtin = builtins.find((each) => each.name === name);
    if (builtin) return yield* builtin.run(this, args, streams);
    const program = this.find(name);
    const path = resolvePath(name, this.directory);
    if (!program && name.includes('/') && this.files.exists(path))
      return yield* this.script(this.files.readText(path), streams, 'own shell', args);
    if (!program) {
      streams.err(`sh: ${name}: not found\n`);
      return 127;
    }
    const { files, tty, now, processes } = this.options;
    const { out, err } = streams;
    const context: ProgramContext = {
      name,
      args,
      files,
      directory: this.directory,
      tty,
      now,
      out,
      err,
      get input() {
        return streams.input?.all() ?? null;
      },
    };
    const process: Process = processes.spawn([name, ...args], () => program.run(context));
    if (tty) {
      tty.onInterrupt = () => {
        this.interrupt(streams);
        processes.kill(process);
      };
    }
    this.foreground = again && process;
    return yield* this.outcome(process, again);
  }

  /** Waits until a program has ended; its exit code. */
  private *outcome(process: Process, again: (() => Task<number>) | null): Task<number> {
    const { tty, processes } = this.options;
    try {
      yield* quietly(process.ended, () => process.result !== undefined, again);
    } finally {
      this.foreground = null;
      if (tty) tty.onInterrupt = null;
      processes.kill(process);
    }
    return process.result ?? interrupted;
  }

  private *function(body: Command, args: readonly string[], streams: Streams): Task<number> {
    if (this.isTooDeep(streams)) return 2;
    const before = { parameters: this.parameters, loops: this.loops };
    this.parameters = args;
    this.loops = 0;
    this.depth++;
    const code = yield* this.command(body, streams);
    this.depth--;
    this.loops = before.loops;
    this.parameters = before.parameters;
    if (this._jump !== 'return') return code;
    this._jump = null;
    return this._code;
  }

  *script(
    text: FileResult<string>,
    streams: Streams,
    where: 'here' | 'own shell',
    parameters: readonly string[] = [],
  ): Task<number> {
    if (!text.ok) {
      streams.err(`sh: can't open script: ${text.error}\n`);
      return 2;
    }
    if (where === 'here') {
      const code = yield* this.obey(text.value, streams);
      if (this._jump === 'return') this._jump = null;
      return code;
    }
    return yield* this.inChild(streams, (shell) => {
      shell.parameters = parameters;
      shell.functions.clear();
      return shell.obey(text.value, streams);
    });
  }

  private find(name: string): Program | undefined {
    return this.programs.get(name.replace(/^(\/usr)?\/s?bin\//, ''));
  }

  help(): string {
    const rows = [...this.programs.values(), ...builtins].sort((a, b) => (a.name < b.name ? -1 : 1));
    const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
    const lines = rows.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
    const notes = [...this.programs.values()].flatMap(({ notes: own = [] }) => own);
    return [
      "Dom0's control shell: a model, not Linux. Commands:",
      ...lines,
      'Also: ; & && || ! | > >> < 2> 2>&1 quotes, $VARIABLES, $( ) $(( )), * and ?,',
      '  if while until for case { } ( ) and functions, as in any sh',
      'Keys: Tab completes, the arrow keys recall earlier lines, Ctrl-R searches them, Ctrl-C interrupts',
      ...notes,
      '',
    ].join('\n');
  }

  /** Completions of a line's last word: commands, the command's own candidates, or files. */
  private complete(before: string): Completion {
    const words = before
      .split(/[;|&]+/)
      .at(-1)
      ?.trimStart()
      .split(/\s+/) ?? [''];
    const written = words.at(-1) ?? '';
    const from = before.length - written.length;
    if (words.length === 1 && !written.includes('/')) {
      const names = [...this.programs.keys(), ...builtins.map(({ name }) => name)].sort();
      return { from, candidates: names.filter((name) => name.startsWith(written)) };
    }
    const own = this.find(words[0] ?? '')?.complete?.(words.slice(1, -1), written) ?? [];
    const known = own.filter((candidate) => candidate.startsWith(written));
    return { from, candidates: known.length > 0 ? known : this.completeFile(written) };
  }

  private completeFile(written: string): string[] {
    const slash = written.lastIndexOf('/') + 1;
    const listed = this.options.files.list(resolvePath(written.slice(0, slash) || '.', this.directory));
    if (!listed.ok) return [];
    return listed.value
      .map(({ name, isDirectory }) => `${written.slice(0, slash)}${name}${isDirectory ? '/' : ''}`)
      .filter((candidate) => candidate.startsWith(written));
  }
}

/** Whether a line is one program with its arguments: nothing is left to do when that has ended. */
function isProgramAlone(line: string): boolean {
  const parsed = parseShell(line);
  const [pipeline, ...others] = parsed.ok ? parsed.value : [];
  const [command, ...piped] = pipeline?.commands ?? [];
  if (!pipeline || others.length > 0 || pipeline.isNegated || pipeline.isBackground) return false;
  return command?.kind === 'simple' && piped.length === 0 && command.redirections.length === 0;
}

/** A command's first words, for the list of jobs. */
function describe(command: Command): string {
  if (command.kind === 'simple') return command.words.map((word) => word.map(({ text }) => text).join('')).join(' ');
  const [first] = command.kind === 'group' ? command.body : [];
  return first?.commands[0] ? describe(first.commands[0]) : command.kind;
}
