import { assert } from '../base/assert.ts';
import { Session } from '../session/session.ts';
import type { BootOptions } from './boot-options.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { parsePattern, TextWatch } from './expect.ts';
import { figures } from './figures.ts';
import { fetchedTree, readInput, writeJson } from './files.ts';
import { message, sayLog } from './messages.ts';
import { Terminal } from './terminal.ts';
import { TraceFile } from './trace-file.ts';

/** Wall time between two looks at standard input while the machine runs without waiting, in milliseconds. */
const inputInterval = 20;
/** One slice can print no more than this, so that nothing is missed. */
const consoleBudget = 4 * 1024 * 1024;

/** The last thing that Linux (kernel/panic.c) and Xen (common/shutdown.c and drivers/char/console.c) print when they give up. */
const panic = parsePattern(/---\[ end Kernel panic|^\(XEN\) (Reboot in five seconds|Manual reset required)/.source);

interface Outcome {
  readonly code: ExitCode;
  readonly message: string;
}

/** The `boot` command. Throws UsageError. */
export async function boot(options: BootOptions): Promise<ExitCode> {
  const session = new Session(() => performance.now());
  const trace = options.trace === null ? null : new TraceFile(options.trace, session);
  const tree = options.dtb ?? fetchedTree();
  const loaded = session.boot({
    kernel: readInput(options.kernel),
    initrd: options.initrd === null ? undefined : readInput(options.initrd),
    deviceTree: tree === null ? undefined : readInput(tree),
    bootArguments: options.append ?? undefined,
    placed: options.placed.map(({ address, path }) => ({ address, file: readInput(path) })),
    seed: options.seed ?? undefined,
    machine: options.machine,
  });
  if (!loaded.ok) throw new UsageError(loaded.error);
  const terminal = new Terminal();
  try {
    const outcome = await new Run(session, terminal, trace, options).finish();
    if (options.stats !== null) writeJson(options.stats, figures(session, outcome.code));
    message(`el2lab: ${outcome.message}`);
    return outcome.code;
  } finally {
    trace?.close();
    terminal.close();
  }
}

/** One machine from its start until something ends it. */
class Run {
  readonly #session: Session;
  readonly #terminal: Terminal;
  readonly #trace: TraceFile | null;
  readonly #options: BootOptions;
  readonly #start = performance.now();
  readonly #untilWatch = new TextWatch();
  readonly #inputWatch = new TextWatch();
  readonly #panicWatch = new TextWatch();
  #inputsTyped = 0;
  #typed: Uint8Array[] = [];
  #printed = 0;
  #logged = 0;
  #outputs = 0;

  constructor(session: Session, terminal: Terminal, trace: TraceFile | null, options: BootOptions) {
    this.#session = session;
    this.#terminal = terminal;
    this.#trace = trace;
    this.#options = options;
  }

  async finish(): Promise<Outcome> {
    const session = this.#session;
    session.setPace(this.#terminal.interactive ? 'real-time' : 'unlimited');
    session.run();
    let looked = this.#start;
    for (;;) {
      // A budget of 0 is one slice: what it printed is answered at the same virtual time in every run.
      const wait = session.advance(0);
      this.#trace?.write();
      const outcome = this.#print() ?? this.#ended();
      if (outcome) return outcome;
      const now = performance.now();
      if (wait === 0 && now - looked < inputInterval) continue;
      looked = now;
      const msLeft = this.#options.maxSeconds * 1000 - (now - this.#start);
      if (msLeft <= 0) return { code: ExitCode.limit, message: 'The limit of wall time is reached.' };
      if (session.state === 'waiting' && !this.#terminal.open)
        return {
          code: ExitCode.failed,
          message: 'The guest waits for ever: no core runs, no event is due, nobody types.',
        };
      await this.#terminal.wait(Math.min(wait ?? Number.POSITIVE_INFINITY, msLeft));
      if (this.#terminal.quit) return this.#over('You have ended the run');
      this.#type();
    }
  }

  /** Passes on what the last slice printed and reported, and answers it. */
  #print(): Outcome | null {
    const session = this.#session;
    const { outputs } = session;
    if (outputs === this.#outputs && outputs > 0) return null;
    this.#outputs = outputs;
    this.#logged = sayLog(session, this.#logged);
    const { from, bytes, end } = session.console('serial', this.#printed, consoleBudget);
    if (bytes.length > 0) {
      assert(from === this.#printed, 'a slice prints no more than the console holds');
      this.#printed = end;
      process.stdout.write(bytes);
      this.#untilWatch.push(bytes);
      this.#inputWatch.push(bytes);
      if (this.#options.until && this.#untilWatch.take(this.#options.until))
        return { code: ExitCode.done, message: 'The awaited text has come.' };
      this.#panicWatch.push(bytes);
      if (this.#panicWatch.take(panic)) return { code: ExitCode.failed, message: 'The guest has panicked.' };
    }
    for (;;) {
      const next = this.#options.inputs[this.#inputsTyped];
      if (!next || !this.#inputWatch.take(next.pattern)) return null;
      this.#inputsTyped++;
      const taken = session.input('serial', next.text);
      assert(taken === next.text.length, 'the serial line has room for an answer');
    }
  }

  #ended(): Outcome | null {
    const session = this.#session;
    if (session.state === 'ended') {
      if (session.end === 'reset') return { code: ExitCode.failed, message: 'The guest has reset the machine.' };
      return this.#over('The guest has powered off');
    }
    return session.virtualNs >= this.#options.virtualSeconds * 1e9
      ? { code: ExitCode.limit, message: 'The limit of virtual time is reached.' }
      : null;
  }

  /** An end that is well unless a text was awaited. */
  #over(how: string): Outcome {
    return this.#options.until
      ? { code: ExitCode.failed, message: `${how}; the awaited text has not come.` }
      : { code: ExitCode.done, message: `${how}.` };
  }

  /** Gives standard input to the serial line, as much as that takes now. */
  #type(): void {
    this.#typed.push(...this.#terminal.take());
    for (let first = this.#typed[0]; first; first = this.#typed[0]) {
      const taken = this.#session.input('serial', first);
      if (taken < first.length) {
        this.#typed[0] = first.subarray(taken);
        return;
      }
      this.#typed.shift();
    }
  }
}
