import type { ConsoleId } from '../../session/api/console.ts';
import type { FileEntry } from '../../session/api/files.ts';
import type { DomainInfo } from '../../session/api/hypervisor.ts';
import { Refused, WorkerLost } from '../../worker/client.ts';
import type { Translate } from '../i18n/translate.ts';
import { type ControlView, MachineControl, Unreadable } from '../machine/control.ts';
import { guestImages } from './guestImages.ts';
import { isKept, KeptDom0Files } from './keptFiles.ts';
import { type Measurement, readStat } from './latency.ts';

/** What the page knows of the machine with Xen. */
export interface XenView extends ControlView {
  readonly domains: readonly DomainInfo[];
  /** Per cent of a pCPU that each domain had in the last second, by its number. */
  readonly shares: Readonly<Record<number, number>>;
  /** Domain-0's files and folders, by path. */
  readonly files: readonly FileEntry[];
  /** Whether Xen's own work takes time. */
  readonly costs: boolean;
  /** What RTOSes have said of their latency, the oldest first. */
  readonly measurements: readonly Measurement[];
  /** The domain that was asked and has not answered yet. */
  readonly measuring: string | null;
  /** The domain that did not answer. */
  readonly silent: string | null;
}

/** Wall time between two looks at the list of domains: their letters change thousands of times a second. */
const listIntervalMs = 200;
/** Virtual time over which shares are told. */
const shareNs = 1e9;
/** Virtual time for which what is typed waits for a console that takes nothing. */
const unreadNs = 1e9;
/** Virtual time that an RTOS has to answer. */
const answerNs = 5e9;
const measurementsMax = 20;
/** Folders of Domain-0 that the page shows. */
export const shownFolders = ['/etc', '/guests', '/root'] as const;

/** The seed of everything that is random in the session: with the same inputs at the same virtual times it is the same run. */
export const seed = 1;

/** Xen on the whole board; Domain-0's /etc/rc.local creates the domains of the ready session. */
const xenSession = {
  machine: { cpus: 4, memoryMiB: 2048, el: 2 },
  commandLine: 'dom0_mem=512M',
  seed,
  startsDomains: true,
  script: null,
  interactive: true,
} as const;

const encoder = new TextEncoder();
/** Deletes what stands on the shell's line: to its beginning, then to its end. */
const clearLine = '\x05\x15';

/** The page's machine with Xen: passes the user's wishes to the worker, and keeps a view of it for the panels. */
export class XenMachine extends MachineControl<XenView> {
  readonly #translate: () => Translate;
  readonly #costs: () => boolean;
  readonly #kept = new KeptDom0Files();
  /** Of the shares: virtual time of the sample that was last asked for, and wall time. */
  #shared = { sampled: 0, at: 0 };
  #listed = { version: -1, at: 0, pending: false };
  /** By console: the end of what is being typed. */
  readonly #typing = new Map<ConsoleId, Promise<void>>();
  #filesSeen = 0;
  #readingFiles = false;
  /** Told the paths of files whose contents have changed. */
  readonly #fileListeners = new Set<(path: string) => void>();

  constructor(spawn: () => Worker, translate: () => Translate, costs: () => boolean) {
    super(spawn, {
      status: null,
      epoch: 0,
      refusal: null,
      crash: null,
      domains: [],
      shares: {},
      files: [],
      costs: true,
      measurements: [],
      measuring: null,
      silent: null,
    });
    this.#translate = translate;
    this.#costs = costs;
    this.store.subscribe((view, before) => {
      if (view.status !== before.status) this.#follow();
    });
  }

  protected override readonly stepped = 0;

  /** Starts Xen with the ready session and the user's files, and lets it run. A crashed worker is replaced. */
  start(): Promise<void> {
    this.refuse(null);
    this.replaceCrashed();
    return this.request(async () => {
      const [guests, user] = await Promise.all([this.#guests(), this.#userFiles()]);
      const costs = this.#costs();
      await this.client.ask('startXen', { ...xenSession, costs, guests, user });
      this.#listed = { version: -1, at: 0, pending: false };
      this.#filesSeen = 0;
      const epoch = this.store.getState().epoch + 1;
      this.store.setState({
        epoch,
        costs,
        domains: [],
        shares: {},
        measurements: [],
        measuring: null,
        silent: null,
      });
      await this.client.ask('run');
      await this.#listFiles();
    });
  }

  override restart(): Promise<void> {
    return this.start();
  }

  override reset(): Promise<void> {
    return this.start();
  }

  domain(name: string): DomainInfo | undefined {
    return this.store.getState().domains.find((domain) => domain.name === name);
  }

  /** Types on a console. What finds no room waits until there is some, and what is typed later waits behind it. */
  input(console: ConsoleId, text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const typed = (this.#typing.get(console) ?? Promise.resolve()).then(() => this.#type(console, bytes));
    this.#typing.set(console, typed);
    return typed;
  }

  async #type(console: ConsoleId, bytes: Uint8Array): Promise<void> {
    const { epoch } = this.store.getState();
    let rest = bytes;
    await this.request(async () => {
      rest = rest.subarray(await this.client.ask('input', { console, bytes: rest }));
    });
    // A console that nobody reads, or that is gone, takes nothing for long, and then the rest is lost.
    const now = () => this.status?.virtualNs ?? 0;
    let takenAt = now();
    while (rest.length > 0 && this.store.getState().epoch === epoch && now() - takenAt < unreadNs) {
      await this.#changed();
      const taken = (await this.#ask(() => this.client.ask('input', { console, bytes: rest }))) ?? rest.length;
      if (taken > 0) takenAt = now();
      rest = rest.subarray(taken);
    }
  }

  /** Waits for the machine to go on. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribe = this.store.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
  }

  /** Types a command into Domain-0's shell, in place of what stands on its line; the user presses Enter. */
  typeCommand(command: string): Promise<void> {
    return this.input('dom0', clearLine + command);
  }

  /** Types a command into Domain-0's shell, and Enter. */
  runCommand(command: string): Promise<void> {
    return this.input('dom0', `${clearLine}${command}\r`);
  }

  /** A file's bytes, or null where it is not to be had. */
  async readFile(path: string): Promise<Uint8Array | null> {
    try {
      return await this.client.ask('readFile', { path });
    } catch (error) {
      if (error instanceof Refused || error instanceof WorkerLost) return null;
      throw error;
    }
  }

  /** Whether it was written. */
  async writeFile(path: string, bytes: Uint8Array): Promise<boolean> {
    let written = false;
    await this.request(async () => {
      await this.client.ask('writeFile', { path, bytes });
      written = true;
    });
    return written;
  }

  makeFolder(path: string): Promise<void> {
    return this.request(() => this.client.ask('makeDirectory', { path }));
  }

  removeFile(path: string): Promise<void> {
    return this.request(() => this.client.ask('removeFile', { path }));
  }

  renameFile(from: string, to: string): Promise<void> {
    return this.request(() => this.client.ask('renameFile', { path: from, to }));
  }

  /** Calls back with the path of each file that has changed. Returns what ends that. */
  onFile(listener: (path: string) => void): () => void {
    this.#fileListeners.add(listener);
    return () => this.#fileListeners.delete(listener);
  }

  /** Has all files of the user's forgotten, and starts anew. */
  async forgetFiles(): Promise<void> {
    await this.#kept.clear();
    await this.start();
  }

  /** Asks an RTOS, on its own console, how late its control task came; what it answers becomes a measurement. */
  async measure(name: string): Promise<void> {
    const console = this.#consoleOf(name);
    if (!console || this.store.getState().measuring !== null) return;
    this.store.setState({ measuring: name, silent: null });
    const epoch = this.store.getState().epoch;
    const from = this.status?.consoleEnd[console] ?? 0;
    const deadline = (this.status?.virtualNs ?? 0) + answerNs;
    await this.input(console, 'stat\r');
    const decoder = new TextDecoder();
    let text = '';
    let position = from;
    const unsubscribe = this.store.subscribe(() => void look());
    let looking = false;
    const end = (change: Partial<XenView>) => {
      unsubscribe();
      this.store.setState({ measuring: null, ...change });
    };
    const look = async () => {
      const { status, crash, measuring } = this.store.getState();
      if (looking || measuring !== name) return;
      if (crash || this.store.getState().epoch !== epoch) return end({});
      if ((status?.consoleEnd[console] ?? 0) <= position) {
        if ((status?.virtualNs ?? 0) > deadline) end({ silent: name });
        return;
      }
      looking = true;
      try {
        const window = await this.readConsole(console, position);
        position = window.from + window.bytes.length;
        text += decoder.decode(window.bytes, { stream: true });
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
      } finally {
        looking = false;
      }
      const stat = readStat(text);
      if (!stat) return;
      const measurement = { domain: name, at: this.status?.virtualNs ?? 0, ...stat };
      end({ measurements: [...this.store.getState().measurements, measurement].slice(-measurementsMax) });
    };
  }

  /** Has an RTOS begin to measure again. */
  async beginAgain(name: string): Promise<void> {
    const console = this.#consoleOf(name);
    if (console) await this.input(console, 'reset\r');
  }

  #consoleOf(name: string): ConsoleId | undefined {
    return this.domain(name)?.consoles[0];
  }

  /** Asks for what the status says is new. */
  #follow(): void {
    const xen = this.status?.xen;
    if (!xen) return;
    if (xen.domains !== this.#listed.version) this.#listSoon();
    if (xen.sampled !== this.#shared.sampled) void this.#share(xen.sampled);
    if (xen.files > this.#filesSeen) void this.#followFiles();
  }

  #listSoon(): void {
    const listed = this.#listed;
    if (listed.pending) return;
    listed.pending = true;
    const wait = Math.max(0, listed.at + listIntervalMs - performance.now());
    setTimeout(() => void this.#list(listed), wait);
  }

  async #list(listed: { version: number; at: number; pending: boolean }): Promise<void> {
    const list = await this.#ask(() => this.client.ask('domains'));
    listed.pending = false;
    if (!list || listed !== this.#listed) return;
    listed.version = list.version;
    listed.at = performance.now();
    this.store.setState({ domains: list.domains });
  }

  async #share(sampled: number): Promise<void> {
    if (performance.now() < this.#shared.at + listIntervalMs && this.status?.state === 'running') return;
    this.#shared = { sampled, at: performance.now() };
    const request = { from: Math.max(0, sampled - shareNs), to: sampled, buckets: 1 };
    const answer = await this.#ask(() => this.client.ask('utilisation', request));
    if (!answer) return;
    const shares: Record<number, number> = {};
    const covered = answer.covered[0] ?? 0;
    for (const { kind, domain, busy } of answer.series)
      if (kind === 'vcpu' && covered > 0) shares[domain] = (shares[domain] ?? 0) + ((busy[0] ?? 0) / covered) * 100;
    this.store.setState({ shares });
  }

  /** Takes in which files have changed, tells the listeners, and has the browser keep what is the user's. */
  async #followFiles(): Promise<void> {
    if (this.#readingFiles) return;
    this.#readingFiles = true;
    const changes = await this.#ask(() => this.client.ask('fileChanges', { from: this.#filesSeen }));
    if (changes) {
      this.#filesSeen = changes.end;
      await this.#listFiles();
      const { files } = this.store.getState();
      const paths = changes.missed ? files.filter((f) => f.changed).map((f) => f.path) : new Set(changes.paths);
      for (const path of paths) {
        for (const listener of this.#fileListeners) listener(path);
        await this.#keep(path);
      }
    }
    this.#readingFiles = false;
  }

  async #listFiles(): Promise<void> {
    const lists = await Promise.all(shownFolders.map((folder) => this.#listFolder(folder)));
    this.store.setState({ files: lists.flat() });
  }

  /** A folder and all that is in it, in order. */
  async #listFolder(path: string): Promise<FileEntry[]> {
    const entries = (await this.#ask(() => this.client.ask('listFiles', { path }))) ?? [];
    const inside = await Promise.all(
      entries.map(async (entry) => (entry.isDirectory ? this.#listFolder(entry.path) : [entry])),
    );
    return [{ path, isDirectory: true, size: 0, changed: false }, ...inside.flat()];
  }

  /** Has the browser keep what a path now is; one that refuses (full, or private mode) only forgets it. */
  async #keep(path: string): Promise<void> {
    if (!isKept(path)) return;
    const entry = this.store.getState().files.find((file) => file.path === path);
    if (entry?.isDirectory) return;
    try {
      if (entry && !entry.changed) await this.#kept.forget(path);
      else await this.#kept.keep(path, entry ? await this.readFile(path) : null);
    } catch (error) {
      console.warn(`${path} is not kept:`, error);
    }
  }

  /** An answer, or null when the worker is gone. */
  async #ask<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof WorkerLost || error instanceof Refused) return null;
      throw error;
    }
  }

  async #guests() {
    return Promise.all(
      guestImages.map(async ({ name, url }) => {
        try {
          const response = await fetch(url);
          if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
          return { path: `/guests/${name}`, bytes: new Uint8Array(await response.arrayBuffer()) };
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new Unreadable(this.#translate()('refusal.notFetched', { name, reason }));
        }
      }),
    );
  }

  async #userFiles() {
    try {
      return await this.#kept.all();
    } catch (error) {
      console.warn('The files of the last visit are not to be had:', error);
      return { files: [], removed: [] };
    }
  }
}
