/** Waits for GDB on a port of this computer, and keeps it and the machine together while it is there. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Session } from '../../session/session.ts';
import { UsageError } from '../exit-code.ts';
import type { GdbOption } from '../options/run-options.ts';
import { message } from '../run/messages.ts';
import type { Wake } from '../run/wake.ts';
import { packetOf } from './packets.ts';
import { SessionTarget } from './session-target.ts';
import { domainNamed, SessionThreads } from './session-threads.ts';
import { Stub } from './stub.ts';

/** GDB and the protocol with it. */
interface Connection {
  readonly socket: Socket;
  readonly target: SessionTarget;
  readonly stub: Stub;
}

export class GdbServer {
  readonly #session: Session;
  readonly #domain: string | null;
  readonly #wake: Wake;
  readonly #server: Server;
  #connection: Connection | null = null;
  #isKilled = false;
  /** The machine waits for the first GDB to come. */
  #waits = false;
  /** A domain that is to be debugged has not been created. */
  #isExpected: boolean;
  #created: number | null = null;
  /** Version of the domains that were looked at last. */
  #version = -1;

  /**
   * Waits for GDB, and the machine with it: from now on, or when a domain has been created. Throws UsageError.
   * @param wake is told when something has come
   */
  static async start(session: Session, { port, domain }: GdbOption, wake: Wake): Promise<GdbServer> {
    const { hypervisor } = session;
    if (domain !== null && !hypervisor.ok) throw new UsageError(`--gdb ${port}=${domain}: ${hypervisor.error}`);
    const server = new GdbServer(session, domain, wake);
    await server.#bind(port);
    if (domain === null) server.#expect();
    return server;
  }

  private constructor(session: Session, domain: string | null, wake: Wake) {
    this.#session = session;
    this.#domain = domain;
    this.#isExpected = domain !== null;
    this.#wake = wake;
    this.#server = createServer((socket) => this.#come(socket));
  }

  /** Has the port, so that it is known to be free. */
  #bind(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.on('error', (error) =>
        reject(new UsageError(`GDB cannot be waited for on port ${port}: ${error.message}.`)),
      );
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** The machine stands still until GDB comes and says that it is to go on. */
  #expect(): void {
    this.#waits = true;
    const address = this.#server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    message(`el2lab: waiting for GDB: target remote localhost:${port}`);
  }

  /** Whether GDB has ended the run. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Whether GDB is there, or is waited for: then a machine that stands still goes on some time. */
  get isThere(): boolean {
    return this.#waits || this.#connection !== null;
  }

  /** Whether the machine is to stand still before its first instruction. */
  get holdsStart(): boolean {
    return this.#waits;
  }

  /** The machine has run on. Says whether it moves on at once: what GDB asks for may take several motions. */
  look(): boolean {
    if (this.#isExpected) this.#lookForDomain();
    this.#connection?.stub.look();
    this.#leave();
    const { state, time } = this.#session;
    return state === 'running' || (time.ok && time.value.isSeeking);
  }

  /** The run is over: GDB is told, and no other may come. */
  close(): void {
    this.#server.close();
    this.#connection?.socket.end(packetOf('W00'));
    this.#connection = null;
  }

  /** The domain may have been created. */
  #lookForDomain(): void {
    const { hypervisor } = this.#session;
    if (!hypervisor.ok || this.#domain === null) return;
    if (hypervisor.value.version !== this.#version) {
      this.#version = hypervisor.value.version;
      this.#created = domainNamed(this.#session, this.#domain);
    }
    // Its first vCPU comes a while later, and runs when xl has unpaused the domain.
    if (this.#created === null || new SessionThreads(this.#session, this.#created).list().length === 0) return;
    this.#isExpected = false;
    this.#session.pause();
    this.#expect();
  }

  #come(socket: Socket): void {
    const domain = this.#domain === null ? null : domainNamed(this.#session, this.#domain);
    if (this.#connection || this.#isExpected || (this.#domain !== null && domain === null)) {
      socket.destroy();
      return;
    }
    this.#waits = false;
    socket.setNoDelay(true);
    const target = new SessionTarget(this.#session, domain);
    const stub = new Stub(target, (bytes) => void socket.write(bytes));
    this.#connection = { socket, target, stub };
    socket.on('data', (data) => {
      stub.receive(data);
      this.#leave();
      this.#wake.now();
    });
    const gone = (): void => {
      if (this.#connection?.socket === socket) this.#release();
      this.#wake.now();
    };
    socket.on('close', gone);
    socket.on('error', gone);
  }

  /** GDB may have taken its leave. */
  #leave(): void {
    const connection = this.#connection;
    if (!connection?.stub.farewell) return;
    this.#isKilled = connection.stub.farewell === 'killed';
    this.#release();
    connection.socket.end();
  }

  /** Nobody debugs any more: the machine goes on. */
  #release(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (!this.#isKilled) connection?.target.release();
  }
}
