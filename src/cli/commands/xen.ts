/** The `xen` command: Xen with Domain-0 on the board. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { defined } from '../../base/assert.ts';
import type { ConsoleId } from '../../session/api/console.ts';
import type { Dom0File } from '../../session/api/files.ts';
import type { Dom0View } from '../../session/dom0.ts';
import type { HypervisorView } from '../../session/hypervisor.ts';
import type { Session } from '../../session/session.ts';
import { boardTreePath } from '../../session/xen/first-files.ts';
import { readBoardTree } from '../../xen/passthrough/board-tree.ts';
import { ExitCode, UsageError } from '../exit-code.ts';
import { builtInGuests, filesBelow, linuxFiles, realXen } from '../files/dom0-files.ts';
import { readInput, reason } from '../files/files.ts';
import { HostDisks } from '../files/host-disks.ts';
import { parseXenOptions, type XenOptions, xenHelp } from '../options/xen-options.ts';
import { ConsoleReader } from '../run/console-reader.ts';
import { type Guest, type Outcome, resetEnd, run } from '../run/runner.ts';
import { Terminal } from '../run/terminal.ts';
import { TextWatch } from '../run/text-watch.ts';
import { command } from './command.ts';

/**
 * Virtual time between two looks at the domains' consoles, in nanoseconds: short enough that none overflows
 * meanwhile.
 */
const guestInterval = 5_000_000;

export const xenCommand = command({
  name: 'xen',
  summary: 'boot Xen with a control domain, and create domains by xl',
  help: xenHelp,
  parse: parseXenOptions,
  run: async (options) => {
    const disks = options.disks === null ? null : new HostDisks(options.disks);
    try {
      return await run(options, (session) => start(session, options), disks);
    } finally {
      disks?.close();
    }
  },
});

/** Throws UsageError. */
async function start(session: Session, options: XenOptions): Promise<Guest> {
  const script = await scriptOf(options);
  const started = session.startXen({
    machine: { ...options.machine, onReset: options.onReset },
    real: options.real ? realXen() : undefined,
    commandLine: options.xenArgs,
    costs: options.costs,
    seed: options.seed,
    guests: [...builtInGuests(), ...(options.linux ? linuxFiles() : [])],
    user: { files: filesOf(options), removed: [] },
    startsDomains: options.bootScript,
    script,
    interactive: script === null,
  });
  if (!started.ok) throw new UsageError(started.error);
  const terminal = script === null && process.stdin.isTTY ? new Terminal() : null;
  return new XenGuest(session, terminal, options);
}

/** The user's files for Domain-0. Throws UsageError. */
function filesOf({ files, dtb }: XenOptions): Dom0File[] {
  const below = files === null ? [] : filesBelow(files);
  if (dtb === null) return below;
  const bytes = new Uint8Array(readInput(dtb).bytes);
  const tree = readBoardTree(bytes);
  if (!tree.ok) throw new UsageError(`${dtb} ${tree.error}.`);
  return [...below, { path: boardTreePath, bytes }];
}

/** The script for Domain-0; null if a person types, or nobody does. */
async function scriptOf({ script, commands, until, virtualSeconds, maxSeconds }: XenOptions): Promise<string | null> {
  if (commands) return commands.join('\n');
  if (script !== null) return new TextDecoder().decode(readInput(script).bytes);
  if (process.stdin.isTTY) return null;
  const typed = await text(process.stdin);
  const ends = until !== null || Math.min(virtualSeconds, maxSeconds) < Number.POSITIVE_INFINITY;
  return typed === '' && ends ? null : typed;
}

/** Xen with Domain-0, whose terminal is standard output. */
export class XenGuest implements Guest {
  readonly terminal: Terminal | null;
  readonly keyboard = 'dom0';
  readonly firstLogEntry: number;
  readonly #session: Session;
  readonly #hypervisor: HypervisorView;
  readonly #dom0: Dom0View;
  readonly #consoles: ConsoleReader;
  readonly #files: readonly { readonly domain: string; readonly path: string; readonly descriptor: number }[];
  readonly #until: RegExp | null;
  readonly #untilWatch = new TextWatch();
  /** Names of domains by their consoles. */
  readonly #names = new Map<ConsoleId, string>();
  /** Virtual time, in nanoseconds, of the next look at the consoles of domains. */
  #nextLook = 0;
  /** Whether the last byte was a carriage return, which is passed on only if no newline follows. */
  #heldReturn = false;

  /** `isResumed`: what it has shown so far is known. */
  constructor(
    session: Session,
    terminal: Terminal | null,
    { consoles, until }: Pick<XenOptions, 'consoles' | 'until'>,
    isResumed = false,
  ) {
    this.#session = session;
    this.#until = until;
    this.firstLogEntry = isResumed ? session.status().logEnd : 0;
    this.terminal = terminal;
    const { hypervisor, dom0 } = session;
    this.#hypervisor = defined(hypervisor.ok ? hypervisor.value : undefined, 'Xen');
    this.#dom0 = defined(dom0.ok ? dom0.value : undefined, 'Domain-0');
    this.#consoles = new ConsoleReader(session, isResumed);
    this.#files = consoles.map(({ domain, path }) => ({
      domain,
      path,
      descriptor: attempt(path, () => openSync(path, 'w')),
    }));
  }

  printed(): Outcome | null {
    const serial = this.#consoles.take('serial');
    if (serial.length > 0) process.stderr.write(withoutReturns(serial));
    const shown = this.#consoles.take('dom0');
    if (shown.length > 0) process.stdout.write(this.terminal ? shown : this.#unixLines(shown));
    if (this.#session.virtualNs >= this.#nextLook) {
      this.#nextLook = this.#session.virtualNs + guestInterval;
      this.#printGuests();
    }
    if (!this.#until) return null;
    this.#untilWatch.push(shown);
    return this.#untilWatch.take(this.#until) ? { code: ExitCode.done, message: 'The awaited text has come.' } : null;
  }

  ended(): Outcome | null {
    const code = this.#dom0.scriptCode;
    if (code !== null) return { code, message: `The script has ended with ${code}.` };
    if (this.#session.state !== 'ended') return null;
    return resetEnd(this.#session) ?? { code: ExitCode.failed, message: 'The machine has been turned off.' };
  }

  userQuit(): Outcome {
    return { code: ExitCode.done, message: 'You have ended the run.' };
  }

  close(): void {
    this.#printGuests();
    for (const { descriptor } of this.#files) closeSync(descriptor);
  }

  figures(): Record<string, unknown> {
    return {
      domains: this.#hypervisor.domains().domains.map(({ id, name, letters, memoryKib, time, scheduling, vcpus }) => ({
        id,
        name,
        state: letters,
        memoryKib,
        cpuSeconds: time / 1e9,
        ...scheduling,
        vcpus: vcpus.map(({ pcpu, time: vcpuTime }) => ({ pcpu, cpuSeconds: vcpuTime / 1e9 })),
      })),
    };
  }

  /** Writes the domains' output to the files of --console. */
  #printGuests(): void {
    if (this.#files.length === 0) return;
    for (const { name, consoles } of this.#hypervisor.domains().domains)
      for (const id of consoles) this.#names.set(id, name);
    for (const [id, name] of this.#names) {
      const files = this.#files.filter(({ domain }) => domain === name);
      const bytes = files.length > 0 ? this.#consoles.take(id) : new Uint8Array();
      for (const { path, descriptor } of files) attempt(path, () => writeSync(descriptor, bytes));
    }
  }

  /** Turns a terminal's line ends into those of a file. */
  #unixLines(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) {
      if (this.#heldReturn && byte !== newline) out.push(carriageReturn);
      this.#heldReturn = byte === carriageReturn;
      if (!this.#heldReturn) out.push(byte);
    }
    return Uint8Array.from(out);
  }
}

const carriageReturn = 0x0d;
const newline = 0x0a;

/** Xen ends its lines with carriage return and newline. */
const withoutReturns = (bytes: Uint8Array): Uint8Array => bytes.filter((byte) => byte !== carriageReturn);

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}.`);
  }
}
