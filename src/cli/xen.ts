import { closeSync, openSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { defined } from '../base/assert.ts';
import type { ConsoleId } from '../session/api/console.ts';
import { Session } from '../session/session.ts';
import type { XenSystem } from '../session/xen/xen-system.ts';
import { builtInGuests, filesBelow } from './dom0-files.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { figures } from './figures.ts';
import { readInput, reason, writeJson } from './files.ts';
import { message, sayLog } from './messages.ts';
import { Terminal } from './terminal.ts';
import { TraceFile } from './trace-file.ts';
import type { XenOptions } from './xen-options.ts';

/** Wall time between two looks at standard input while the machine runs without waiting, in milliseconds. */
const inputInterval = 20;
const consoleBudget = 4 * 1024 * 1024;
/** Virtual time between two looks at the consoles of domains, in nanoseconds: they cannot print more meanwhile than is kept. */
const guestInterval = 5_000_000;

interface Outcome {
  readonly code: number;
  readonly message: string;
}

/** The `xen` command; its exit code. Throws UsageError. */
export async function xen(options: XenOptions): Promise<number> {
  const session = new Session(() => performance.now());
  const trace = options.trace === null ? null : new TraceFile(options.trace, session);
  const script = await scriptOf(options);
  const started = session.startXen({
    machine: options.machine,
    commandLine: options.xenArgs,
    costs: options.costs,
    seed: options.seed,
    guests: builtInGuests(),
    user: { files: options.files === null ? [] : filesBelow(options.files), removed: [] },
    startsDomains: false,
    script,
    interactive: script === null,
  });
  if (!started.ok) throw new UsageError(started.error);
  const terminal = script === null && process.stdin.isTTY ? new Terminal() : null;
  const run = new Run(session, terminal, trace, options);
  try {
    const outcome = await run.finish();
    if (options.stats !== null) writeJson(options.stats, figuresOf(session, outcome.code));
    message(`el2lab: ${outcome.message}`);
    return outcome.code;
  } finally {
    run.close();
    trace?.close();
    terminal?.close();
  }
}

/** What Domain-0 is to do, or null where a person will say it, or nobody. */
async function scriptOf({ script, commands, virtualSeconds, maxSeconds }: XenOptions): Promise<string | null> {
  if (commands) return commands.join('\n');
  if (script !== null) return new TextDecoder().decode(readInput(script).bytes);
  if (process.stdin.isTTY) return null;
  const typed = await text(process.stdin);
  return typed === '' && Math.min(virtualSeconds, maxSeconds) < Number.POSITIVE_INFINITY ? null : typed;
}

const xenOf = (session: Session): XenSystem => {
  const { xen } = session;
  return defined(xen.ok ? xen.value : undefined, 'Xen');
};

/** One machine from its start until something ends it. */
class Run {
  readonly #session: Session;
  readonly #xen: XenSystem;
  /** Absent where nobody types. */
  readonly #terminal: Terminal | null;
  readonly #trace: TraceFile | null;
  readonly #options: XenOptions;
  readonly #start = performance.now();
  readonly #files: readonly { readonly domain: string; readonly path: string; readonly descriptor: number }[];
  /** Offsets up to which consoles have been passed on. */
  readonly #printed = new Map<ConsoleId, number>();
  /** Names of domains by their consoles. */
  readonly #names = new Map<ConsoleId, string>();
  #typed: Uint8Array[] = [];
  #logged = 0;
  #outputs = 0;
  #nextLook = 0;
  /** A carriage return that has come and has not been passed on. */
  #heldReturn = false;

  constructor(session: Session, terminal: Terminal | null, trace: TraceFile | null, options: XenOptions) {
    this.#session = session;
    this.#xen = xenOf(session);
    this.#terminal = terminal;
    this.#trace = trace;
    this.#options = options;
    this.#files = options.consoles.map(({ domain, path }) => ({
      domain,
      path,
      descriptor: attempt(path, () => openSync(path, 'w')),
    }));
  }

  async finish(): Promise<Outcome> {
    const session = this.#session;
    session.setPace(this.#terminal ? 'real-time' : 'unlimited');
    session.run();
    let looked = this.#start;
    for (;;) {
      // A budget of 0 is one slice: a script ends at the same virtual time in every run.
      const wait = session.advance(0);
      this.#trace?.write();
      this.#print();
      const outcome = this.#ended();
      if (outcome) {
        this.#printGuests();
        return outcome;
      }
      const now = performance.now();
      if (wait === 0 && now - looked < inputInterval) continue;
      looked = now;
      const msLeft = this.#options.maxSeconds * 1000 - (now - this.#start);
      if (msLeft <= 0) return { code: ExitCode.limit, message: 'The limit of wall time is reached.' };
      if (!this.#terminal) continue;
      await this.#terminal.wait(Math.min(wait ?? Number.POSITIVE_INFINITY, msLeft));
      if (this.#terminal.quit) return { code: ExitCode.done, message: 'You have ended the run.' };
      this.#type(this.#terminal);
    }
  }

  close(): void {
    for (const { descriptor } of this.#files) closeSync(descriptor);
  }

  /** Passes on what the last slice printed and reported. */
  #print(): void {
    const { outputs } = this.#session;
    if (outputs === this.#outputs) return;
    this.#outputs = outputs;
    this.#logged = sayLog(this.#session, this.#logged);
    const serial = this.#take('serial');
    if (serial.length > 0) process.stderr.write(withoutReturns(serial));
    const shown = this.#take('dom0');
    if (shown.length > 0) process.stdout.write(this.#terminal ? shown : this.#unixLines(shown));
    if (this.#files.length === 0 || this.#session.virtualNs < this.#nextLook) return;
    this.#nextLook = this.#session.virtualNs + guestInterval;
    this.#printGuests();
  }

  /** Writes what domains have printed to the files that are to get it. */
  #printGuests(): void {
    if (this.#files.length === 0) return;
    for (const { name, consoles } of this.#xen.domains().domains)
      for (const id of consoles) if (!this.#names.has(id)) this.#names.set(id, name);
    for (const [id, name] of this.#names) {
      const files = this.#files.filter(({ domain }) => domain === name);
      const bytes = files.length > 0 ? this.#take(id) : new Uint8Array();
      for (const { path, descriptor } of files) attempt(path, () => writeSync(descriptor, bytes));
    }
  }

  /** What a console has shown since the last time. */
  #take(id: ConsoleId): Uint8Array {
    const { bytes, end } = this.#session.console(id, this.#printed.get(id) ?? 0, consoleBudget);
    this.#printed.set(id, end);
    return bytes;
  }

  /** A terminal's line ends as a file has them. */
  #unixLines(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) {
      if (this.#heldReturn && byte !== newline) out.push(carriageReturn);
      this.#heldReturn = byte === carriageReturn;
      if (!this.#heldReturn) out.push(byte);
    }
    return Uint8Array.from(out);
  }

  #ended(): Outcome | null {
    const session = this.#session;
    const code = this.#xen.scriptCode;
    if (code !== null) return { code, message: `The script has ended with ${code}.` };
    if (session.state === 'ended') return { code: ExitCode.failed, message: 'The machine has stopped.' };
    return session.virtualNs >= this.#options.virtualSeconds * 1e9
      ? { code: ExitCode.limit, message: 'The limit of virtual time is reached.' }
      : null;
  }

  /** Gives standard input to Domain-0's terminal, as much as that takes now. */
  #type(terminal: Terminal): void {
    this.#typed.push(...terminal.take());
    for (let first = this.#typed[0]; first; first = this.#typed[0]) {
      const taken = this.#session.input('dom0', first);
      if (taken < first.length) {
        this.#typed[0] = first.subarray(taken);
        return;
      }
      this.#typed.shift();
    }
  }
}

const carriageReturn = 0x0d;
const newline = 0x0a;

/** Xen ends its lines with both. */
const withoutReturns = (bytes: Uint8Array): Uint8Array => bytes.filter((byte) => byte !== carriageReturn);

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}.`);
  }
}

/** What --stats writes. Times are in seconds. */
const figuresOf = (session: Session, exitCode: number): Record<string, unknown> => ({
  ...figures(session, exitCode),
  domains: xenOf(session)
    .domains()
    .domains.map(({ id, name, letters, memoryKib, time, scheduling, vcpus }) => ({
      id,
      name,
      state: letters,
      memoryKib,
      cpuSeconds: time / 1e9,
      ...scheduling,
      vcpus: vcpus.map(({ pcpu, time: vcpuTime }) => ({ pcpu, cpuSeconds: vcpuTime / 1e9 })),
    })),
});
