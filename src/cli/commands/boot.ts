/** The `boot` command: a kernel on the board. */
import { assert } from '../../base/assert.ts';
import type { NamedFile } from '../../session/api/boot.ts';
import type { Session } from '../../session/session.ts';
import { ExitCode, UsageError } from '../exit-code.ts';
import { fetchedTree, readInput } from '../files/files.ts';
import { type BootOptions, bootHelp, parseBootOptions } from '../options/boot-options.ts';
import { parsePattern } from '../options/patterns.ts';
import { ConsoleReader } from '../run/console-reader.ts';
import { type Guest, type Outcome, resetEnd, run } from '../run/runner.ts';
import { Terminal } from '../run/terminal.ts';
import { TextWatch } from '../run/text-watch.ts';
import { command } from './command.ts';

/** The last line of Linux (kernel/panic.c) and Xen (drivers/char/console.c) after a fatal error that they do not leave. */
const panic = parsePattern(/---\[ end Kernel panic|^\(XEN\) Manual reset required/.source);

export const bootCommand = command({
  name: 'boot',
  summary: 'boot a kernel, with the serial port on standard input and output',
  help: bootHelp,
  parse: parseBootOptions,
  run: (options) => run(options, (session) => start(session, options)),
});

/** Throws UsageError. */
function start(session: Session, options: BootOptions): Guest {
  const tree = options.dtb ?? fetchedTree();
  const loaded = session.boot({
    kernel: readInput(options.kernel),
    initrd: joined(options.initrds.map(readInput)),
    deviceTree: tree === null ? undefined : readInput(tree),
    bootArguments: options.append ?? undefined,
    placed: options.placed.map(({ address, path }) => ({ address, file: readInput(path) })),
    seed: options.seed ?? undefined,
    machine: { ...options.machine, onReset: options.onReset },
  });
  if (!loaded.ok) throw new UsageError(loaded.error);
  return new KernelGuest(session, options);
}

/** Archives of an initial RAM disk, one behind the other, as Linux takes them. */
function joined(archives: readonly NamedFile[]): NamedFile | undefined {
  if (archives.length < 2) return archives[0];
  return {
    name: archives.map(({ name }) => name).join(' and '),
    bytes: Buffer.concat(archives.map(({ bytes }) => new Uint8Array(bytes))),
  };
}

/** A kernel whose serial port is standard output, watched for texts to await and to answer. */
export class KernelGuest implements Guest {
  readonly terminal = new Terminal();
  readonly keyboard = 'serial';
  readonly firstLogEntry: number;
  readonly #session: Session;
  readonly #options: Pick<BootOptions, 'until' | 'inputs'>;
  readonly #consoles: ConsoleReader;
  readonly #untilWatch = new TextWatch();
  readonly #inputWatch = new TextWatch();
  readonly #panicWatch = new TextWatch();
  #inputsTyped = 0;

  /** `isResumed`: what it has shown so far is known. */
  constructor(session: Session, options: Pick<BootOptions, 'until' | 'inputs'>, isResumed = false) {
    this.#session = session;
    this.firstLogEntry = isResumed ? session.status().logEnd : 0;
    this.#options = options;
    this.#consoles = new ConsoleReader(session, isResumed);
  }

  printed(): Outcome | null {
    const bytes = this.#consoles.take('serial');
    if (bytes.length > 0) {
      process.stdout.write(bytes);
      for (const watch of [this.#untilWatch, this.#panicWatch]) watch.push(bytes);
      // What a journal answers is answered.
      if (!this.#session.replays) this.#inputWatch.push(bytes);
      const { until } = this.#options;
      if (until && this.#untilWatch.take(until)) return { code: ExitCode.done, message: 'The awaited text has come.' };
      if (this.#panicWatch.take(panic)) return { code: ExitCode.failed, message: 'The guest has panicked.' };
    }
    this.#answer();
    return null;
  }

  ended(): Outcome | null {
    if (this.#session.state !== 'ended') return null;
    const failure = resetEnd(this.#session);
    return failure ?? this.#over('The guest has powered off');
  }

  userQuit(): Outcome {
    return this.#over('You have ended the run');
  }

  close(): void {}

  /** Types the texts whose patterns have appeared. */
  #answer(): void {
    for (;;) {
      const next = this.#options.inputs[this.#inputsTyped];
      if (!next || this.#session.replays || !this.#inputWatch.take(next.pattern)) return;
      this.#inputsTyped++;
      const taken = this.#session.input('serial', next.text);
      assert(taken === next.text.length, 'the serial line has room for an answer');
    }
  }

  /** A success, unless a text was awaited and has not come. */
  #over(how: string): Outcome {
    return this.#options.until
      ? { code: ExitCode.failed, message: `${how}; the awaited text has not come.` }
      : { code: ExitCode.done, message: `${how}.` };
  }
}
