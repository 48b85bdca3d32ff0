import type { BootRequest, BootSummary, XenRequest } from '../session/api/boot.ts';
import type { ConsoleId, ConsoleWindow, LogWindow } from '../session/api/console.ts';
import type {
  Backtrace,
  CoreRegisters,
  MemoryRequest,
  MemoryWindow,
  StopPoint,
  SystemRegisterValue,
  Translation,
  TranslationRequest,
} from '../session/api/debug.ts';
import type { FileChanges, FileEntry, UserFiles } from '../session/api/files.ts';
import type { DomainList, Utilisation, UtilisationRequest } from '../session/api/hypervisor.ts';
import type { Pace, Status } from '../session/api/status.ts';
import type { Call, FromWorker, Replies, Request } from './protocol.ts';
import { protocolVersion } from './protocol.ts';

/** What the client needs of a Worker. */
export interface WorkerPort {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  terminate(): void;
}

/** The worker threw: a bug in the simulator. */
export interface Crash {
  readonly message: string;
  readonly stack: string;
}

/** The request was understood and cannot be done; the message is one sentence for the user. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The worker died before it could answer. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

interface Pending {
  resolve(value: never): void;
  reject(error: Error): void;
}

/**
 * The page's handle on the machine in its worker.
 * Every method rejects with Refused when the session declines and with WorkerLost when the worker has crashed or was restarted.
 */
export class MachineClient {
  readonly #spawn: () => WorkerPort;
  #port: WorkerPort;
  #pending = new Map<number, Pending>();
  #nextId = 0;
  #crash: Crash | null = null;
  #crashListeners = new Set<(crash: Crash) => void>();
  #changeListeners = new Set<() => void>();

  /** Starts a worker; `spawn` makes one and is called again by `restart`. */
  constructor(spawn: () => WorkerPort) {
    this.#spawn = spawn;
    this.#port = this.#connect();
  }

  /** Loads a kernel and what goes with it on a new machine and leaves it paused at the kernel's entry. The buffers are copied, not transferred. */
  boot(request: BootRequest): Promise<BootSummary> {
    const kernel = { name: request.kernel.name, bytes: request.kernel.bytes.slice() };
    return this.#ask({ ...request, kind: 'boot', kernel }, [kernel.bytes.buffer]);
  }

  /** Builds a machine with Xen and Dom0 and leaves it paused before the first instruction. */
  startXen(request: XenRequest): Promise<null> {
    const { files, removed } = request.user;
    return this.#ask({
      ...request,
      kind: 'startXen',
      guests: [...request.guests],
      user: { files: [...files], removed: [...removed] },
    });
  }

  run(): Promise<null> {
    return this.#ask({ kind: 'run' });
  }

  pause(): Promise<null> {
    return this.#ask({ kind: 'pause' });
  }

  /** Power-on again with the same kernel; a paused machine stays paused. Console and log start again at offset 0. */
  reset(): Promise<null> {
    return this.#ask({ kind: 'reset' });
  }

  /** Runs the paused machine until `core` has retired `instructions` more, and pauses again. */
  step(core: number, instructions = 1): Promise<null> {
    return this.#ask({ kind: 'step', core, instructions });
  }

  /** As `step` by one instruction, but a call is run until it returns: the machine runs until then, or until it is paused. */
  stepOver(core: number): Promise<null> {
    return this.#ask({ kind: 'stepOver', core });
  }

  /** Runs the paused machine until the function that `core` is in has returned. */
  stepOut(core: number): Promise<null> {
    return this.#ask({ kind: 'stepOut', core });
  }

  /** Sets all breakpoints and watchpoints anew; `Status.stop` says where the machine has stopped. */
  setStopPoints(points: readonly StopPoint[]): Promise<null> {
    return this.#ask({ kind: 'setStopPoints', points: [...points] });
  }

  setPace(pace: Pace): Promise<null> {
    return this.#ask({ kind: 'pace', pace });
  }

  /** Types bytes on a console. Answers how many were taken: offer the rest again. */
  input(bytes: Uint8Array, console: ConsoleId = 'serial'): Promise<number> {
    return this.#ask({ kind: 'input', console, bytes });
  }

  status(): Promise<Status> {
    return this.#ask({ kind: 'status' });
  }

  /** At most `budget` bytes of a console from byte offset `from` on. */
  console(from: number, budget = 65_536, console: ConsoleId = 'serial'): Promise<ConsoleWindow> {
    return this.#ask({ kind: 'console', console, from, budget });
  }

  /** At most `budget` log entries from index `from` on. */
  log(from: number, budget = 500): Promise<LogWindow> {
    return this.#ask({ kind: 'log', from, budget });
  }

  registers(core: number): Promise<CoreRegisters> {
    return this.#ask({ kind: 'registers', core });
  }

  /** All system registers that can be read. */
  systemRegisters(core: number): Promise<readonly SystemRegisterValue[]> {
    return this.#ask({ kind: 'systemRegisters', core });
  }

  /** RAM as a core sees it, up to the first byte that is not mapped. */
  memory(request: MemoryRequest): Promise<MemoryWindow> {
    return this.#ask({ kind: 'memory', ...request });
  }

  /** How an address is translated, descriptor by descriptor. */
  translation(request: TranslationRequest): Promise<Translation> {
    return this.#ask({ kind: 'translation', ...request });
  }

  /** The calls that led to where a core is. */
  backtrace(core: number): Promise<Backtrace> {
    return this.#ask({ kind: 'backtrace', core });
  }

  /** The domains that are there; `Status.xen.domains` tells when the list has changed in more than times. */
  domains(): Promise<DomainList> {
    return this.#ask({ kind: 'domains' });
  }

  /** Who used the pCPUs; `Status.xen.sampled` tells up to when that is known. */
  utilisation(request: UtilisationRequest): Promise<Utilisation> {
    return this.#ask({ kind: 'utilisation', ...request });
  }

  /** The same as a table. */
  utilisationCsv(request: UtilisationRequest): Promise<string> {
    return this.#ask({ kind: 'utilisationCsv', ...request });
  }

  listFiles(path: string): Promise<readonly FileEntry[]> {
    return this.#ask({ kind: 'listFiles', path });
  }

  /** What has changed among Dom0's files since there were `from` changes; `Status.xen.files` is their number. */
  fileChanges(from: number): Promise<FileChanges> {
    return this.#ask({ kind: 'fileChanges', from });
  }

  readFile(path: string): Promise<Uint8Array> {
    return this.#ask({ kind: 'readFile', path });
  }

  /** Makes or replaces a file of Dom0's, and the directories above it. */
  writeFile(path: string, bytes: Uint8Array): Promise<null> {
    return this.#ask({ kind: 'writeFile', path, bytes });
  }

  renameFile(path: string, to: string): Promise<null> {
    return this.#ask({ kind: 'renameFile', path, to });
  }

  /** Removes a file, or a directory that is empty. */
  removeFile(path: string): Promise<null> {
    return this.#ask({ kind: 'removeFile', path });
  }

  makeDirectory(path: string): Promise<null> {
    return this.#ask({ kind: 'makeDirectory', path });
  }

  /** What the user has changed of Dom0's files: to be kept, and given to `startXen` another time. */
  userFiles(): Promise<UserFiles> {
    return this.#ask({ kind: 'userFiles' });
  }

  /** Called when something is new, at most once until `status` has been asked for. Returns what takes the listener away. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Called when the worker has thrown; the machine is gone until `restart`. Returns what takes the listener away. */
  onCrash(listener: (crash: Crash) => void): () => void {
    this.#crashListeners.add(listener);
    return () => this.#crashListeners.delete(listener);
  }

  /** The crash that ended the present worker, if one did. */
  get crash(): Crash | null {
    return this.#crash;
  }

  /** Ends the worker and starts an empty one. */
  restart(): void {
    this.#lose(new WorkerLost('The machine was restarted.'));
    this.#port.terminate();
    this.#crash = null;
    this.#port = this.#connect();
  }

  /** Ends the worker for good. */
  close(): void {
    this.#lose(new WorkerLost('The machine was closed.'));
    this.#port.terminate();
  }

  #connect(): WorkerPort {
    const port = this.#spawn();
    port.addEventListener('message', (event) => {
      if (port === this.#port) this.#receive(event.data);
    });
    port.addEventListener('error', (event) => {
      if (port !== this.#port) return;
      // A worker whose script does not load fires a plain Event, without a message.
      const message = event.message || 'its script could not be loaded';
      const stack = event.error instanceof Error ? event.error.stack : undefined;
      this.#crashed({ message, stack: stack ?? message });
    });
    return port;
  }

  #ask<K extends Request['kind']>(
    request: Extract<Request, { kind: K }>,
    transfer: Transferable[] = [],
  ): Promise<Replies[K]> {
    if (this.#crash) return Promise.reject(new WorkerLost(this.#crash.message));
    const call: Call = { id: this.#nextId++, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve, reject });
      this.#port.postMessage(call, transfer);
    });
  }

  /** The worker is built from the same sources as the page, so its messages need no checking beyond the version that it greets with. */
  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'hello':
        if (message.version !== protocolVersion) {
          const text = `The page speaks protocol ${protocolVersion}, its worker ${message.version}: reload the page.`;
          this.#crashed({ message: text, stack: text });
        }
        return;
      case 'changed':
        for (const listener of this.#changeListeners) listener();
        return;
      case 'crash':
        this.#crashed(message);
        return;
      case 'reply':
        this.#take(message.id)?.resolve(message.value as never);
        return;
      case 'refused':
        this.#take(message.id)?.reject(new Refused(message.error));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #crashed(crash: Crash): void {
    if (this.#crash) return;
    this.#crash = { message: crash.message, stack: crash.stack };
    this.#lose(new WorkerLost(crash.message));
    for (const listener of this.#crashListeners) listener(this.#crash);
  }

  #lose(error: Error): void {
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of lost) pending.reject(error);
  }
}
