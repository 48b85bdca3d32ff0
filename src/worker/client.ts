import type { BootRequest, BootSummary } from '../session/api/boot.ts';
import type { DisksOrder, DisksState } from './disks/worker-disks.ts';
import type { KeepOrder, KeepReply, KeptMoment } from './keep/worker-keep.ts';
import {
  type Arguments,
  type Call,
  type FromWorker,
  type Kind,
  protocolVersion,
  type Reply,
  type Request,
} from './protocol.ts';

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

/** The worker refuses a request; the message is one sentence for the user. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The worker crashed or was restarted before it could answer. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

interface Pending {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** The page's connection to the worker. Requests reject with `Refused` or `WorkerLost`. */
export class MachineClient {
  readonly #spawn: () => WorkerPort;
  #port: WorkerPort;
  #pending = new Map<number, Pending>();
  #nextId = 0;
  #crash: Crash | null = null;
  #crashListeners = new Set<(crash: Crash) => void>();
  #changeListeners = new Set<() => void>();
  /** Called with the virtual time of each moment of the machine that the browser has kept. */
  onKeptMoment: (moment: KeptMoment) => void = () => {};
  #keepAnswers: ((reply: KeepReply) => void)[] = [];
  #disks: DisksState = 'none';
  #disksListeners = new Set<(state: DisksState) => void>();

  /** Starts a worker. `spawn` makes one, also for `restart`. */
  constructor(spawn: () => WorkerPort) {
    this.#spawn = spawn;
    this.#port = this.#connect();
  }

  /** Sends a request (src/worker/endpoints) and resolves to the reply. */
  ask<K extends Kind>(kind: K, ...[request]: Arguments<K>): Promise<Reply<K>> {
    return this.#call(kind, request ?? {}, []);
  }

  /** The same, with bytes that are transferred: the page has them no more. */
  give<K extends Kind>(kind: K, request: Request<K> & { readonly bytes: Uint8Array }): Promise<Reply<K>> {
    return this.#call(kind, request, [request.bytes.buffer]);
  }

  /** Requests a boot. The kernel is copied and the copy transferred: the page keeps its own. */
  boot(request: BootRequest): Promise<BootSummary> {
    const kernel = { name: request.kernel.name, bytes: request.kernel.bytes.slice() };
    return this.#call('boot', { ...request, kernel }, [kernel.bytes.buffer]);
  }

  /**
   * Calls back when something is new, once until the page asks for `status`. Returns a function that removes the
   * listener.
   */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /**
   * Calls back when the worker has crashed; the machine is gone until `restart`. Returns a function that removes the
   * listener.
   */
  onCrash(listener: (crash: Crash) => void): () => void {
    this.#crashListeners.add(listener);
    return () => this.#crashListeners.delete(listener);
  }

  /** Orders something about the disks; calls that come later wait until it is done. */
  order(order: DisksOrder): void {
    this.#port.postMessage(order, []);
  }

  /** Orders something about the machine that the browser keeps; resolves to the answer, or never if the worker is lost. */
  keep(order: KeepOrder): Promise<KeepReply> {
    this.#port.postMessage(order, []);
    return new Promise((resolve) => this.#keepAnswers.push(resolve));
  }

  /** How the browser keeps the disks, as far as the worker has told. */
  get disks(): DisksState {
    return this.#disks;
  }

  /** Calls back when the disks are kept in another way. Returns a function that removes the listener. */
  onDisks(listener: (state: DisksState) => void): () => void {
    this.#disksListeners.add(listener);
    return () => this.#disksListeners.delete(listener);
  }

  /** The crash of the current worker, if it has crashed. */
  get crash(): Crash | null {
    return this.#crash;
  }

  /** Ends the worker and starts an empty one. */
  restart(): void {
    this.#lose(new WorkerLost('The machine was restarted.'));
    this.#port.terminate();
    this.#keepAnswers = [];
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

  #call<K extends Kind>(kind: K, request: unknown, transfer: Transferable[]): Promise<Reply<K>> {
    if (this.#crash) return Promise.reject(new WorkerLost(this.#crash.message));
    const call: Call = { id: this.#nextId++, kind, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve, reject });
      this.#port.postMessage(call, transfer);
    });
  }

  /** Page and worker are built from the same sources, so only the version of the greeting is checked. */
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
      case 'disks':
        this.#disks = message.state;
        for (const listener of this.#disksListeners) listener(message.state);
        return;
      case 'keptMoment':
        this.onKeptMoment(message.moment);
        return;
      case 'kept':
        this.#keepAnswers.shift()?.(message.reply);
        return;
      case 'crash':
        this.#crashed(message);
        return;
      case 'reply':
        this.#take(message.id)?.resolve(message.reply as never);
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
