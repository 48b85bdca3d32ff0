import { unreachable } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Inspection } from '../session/inspection.ts';
import type { Session } from '../session/session.ts';
import { utilisationCsv } from '../session/xen/utilisation-csv.ts';
import type { XenSystem } from '../session/xen/xen-system.ts';
import { callSchema, type FromWorker, protocolVersion, type Replies, type Request } from './protocol.ts';

/** What the server needs of the thread that it runs in. */
export interface Host {
  /** Gives a message to the page. */
  send(message: FromWorker, transfer: Transferable[]): void;
  /** Calls back after at least `ms` milliseconds, once waiting messages have been received. */
  later(ms: number, callback: () => void): void;
}

/** Wall time for which the machine runs before messages are looked at: well below the 50 ms at which a person feels a delay. */
const turnMs = 8;

/** Requests that only look at the machine. */
const looks: ReadonlySet<Request['kind']> = new Set([
  'status',
  'console',
  'log',
  'registers',
  'systemRegisters',
  'memory',
  'translation',
  'backtrace',
  'domains',
  'utilisation',
  'utilisationCsv',
  'listFiles',
  'fileChanges',
  'readFile',
  'userFiles',
]);

type Answer<K extends keyof Replies> = Result<Replies[K]>;

/** The worker's side of the protocol: one session, its run loop, and answers to the page. */
export class Server {
  readonly #session: Session;
  readonly #host: Host;
  /** The run loop has asked to be called again. */
  #scheduled = false;
  /** The page knows that there is something new and has not asked for the status since. */
  #rung = false;
  #crashed = false;

  constructor(session: Session, host: Host) {
    this.#session = session;
    this.#host = host;
    session.setPace('real-time');
    host.send({ kind: 'hello', version: protocolVersion }, []);
  }

  /** Answers one message of the page. */
  receive(message: unknown): void {
    this.guard(() => {
      const { id, request } = callSchema.parse(message);
      const answer = this.#serve(request);
      if (answer.ok) this.#host.send({ kind: 'reply', id, value: answer.value }, transferred(answer.value));
      else this.#host.send({ kind: 'refused', id, error: answer.error }, []);
      if (request.kind === 'status') this.#rung = false;
      // Looking at the machine changes nothing; a turn after it would ring, be answered with a look, and so on without end.
      if (!looks.has(request.kind)) this.#schedule(0);
    });
  }

  /** Runs a part of the server; what it throws goes to the page as a crash, and the machine stops for good. */
  guard(action: () => void): void {
    if (this.#crashed) return;
    try {
      action();
    } catch (thrown) {
      this.crash(thrown);
    }
  }

  /** Tells the page that the worker has failed. */
  crash(thrown: unknown): void {
    this.#crashed = true;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#host.send({ kind: 'crash', message: error.message, stack: error.stack ?? error.message }, []);
  }

  #serve(request: Request): Answer<keyof Replies> {
    const session = this.#session;
    switch (request.kind) {
      case 'boot':
        return session.boot(request);
      case 'startXen':
        return session.startXen(request);
      case 'run':
        return session.run();
      case 'pause':
        session.pause();
        return ok(null);
      case 'reset':
        return session.reset();
      case 'step':
        return session.step(request.core, request.instructions);
      case 'stepOver':
        return session.stepOver(request.core);
      case 'stepOut':
        return session.stepOut(request.core);
      case 'setStopPoints':
        return session.setStopPoints(request.points);
      case 'pace':
        session.setPace(request.pace);
        return ok(null);
      case 'input':
        return ok(session.input(request.console, request.bytes));
      case 'status':
        return ok(session.status());
      case 'console':
        return ok(session.console(request.console, request.from, request.budget));
      case 'log':
        return ok(session.log(request.from, request.budget));
      case 'registers':
        return this.#look(request.core, (core) => core.registers());
      case 'systemRegisters':
        return this.#look(request.core, (core) => core.systemRegisters());
      case 'memory':
        return this.#look(request.core, (core) => core.memory(request));
      case 'translation':
        return this.#look(request.core, (core) => core.translation(request));
      case 'backtrace':
        return this.#look(request.core, (core) => core.backtrace());
      case 'domains':
        return this.#xen((xen) => ok(xen.domains()));
      case 'utilisation':
        return this.#xen((xen) => ok(xen.utilisation(request)));
      case 'utilisationCsv':
        return this.#xen((xen) => ok(utilisationCsv(xen.utilisation(request))));
      case 'listFiles':
        return this.#xen(({ files }) => about(request.path, files.list(request.path)));
      case 'fileChanges':
        return this.#xen(({ files }) => ok(files.changes(request.from)));
      case 'readFile':
        return this.#xen(({ files }) => about(request.path, files.read(request.path)));
      case 'writeFile':
        return this.#xen(({ files }) => about(request.path, files.write(request.path, request.bytes)));
      case 'renameFile':
        return this.#xen(({ files }) => about(request.to, files.rename(request.path, request.to)));
      case 'removeFile':
        return this.#xen(({ files }) => about(request.path, files.remove(request.path)));
      case 'makeDirectory':
        return this.#xen(({ files }) => about(request.path, files.makeDirectory(request.path)));
      case 'userFiles':
        return this.#xen(({ files }) => ok(files.user));
      default:
        return unreachable(request);
    }
  }

  #xen<T>(use: (xen: XenSystem) => Result<T>): Result<T> {
    const { xen } = this.#session;
    return xen.ok ? use(xen.value) : xen;
  }

  #look<T>(core: number, at: (inspection: Inspection) => T): Result<T> {
    const inspection = this.#session.inspect(core);
    return inspection.ok ? ok(at(inspection.value)) : inspection;
  }

  #schedule(ms: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#host.later(ms, () => {
      this.#scheduled = false;
      this.guard(() => this.#turn());
    });
  }

  #turn(): void {
    const wait = this.#session.advance(turnMs);
    if (wait !== null) this.#schedule(wait);
    this.#ring();
  }

  /** Says that there is something new, unless the page knows already. */
  #ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#host.send({ kind: 'changed' }, []);
  }
}

/** An error with what it is about. */
const about = <T>(path: string, result: Result<T>): Result<T> =>
  result.ok ? result : err(`${path}: ${result.error}.`);

/** What an answer holds are copies that the worker does not need: they move instead of being copied again. */
function transferred(value: Replies[keyof Replies]): Transferable[] {
  if (typeof value !== 'object' || value === null) return [];
  const arrays: ArrayBufferView[] = [];
  if (value instanceof Uint8Array) arrays.push(value);
  else if ('bytes' in value) arrays.push(value.bytes);
  else if ('covered' in value) arrays.push(value.covered, ...value.series.map(({ busy }) => busy));
  else if ('removed' in value) arrays.push(...value.files.map(({ bytes }) => bytes));
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
