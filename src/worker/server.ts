import type { Session } from '../session/session.ts';
import { parseCall } from './endpoints/index.ts';
import { type FromWorker, protocolVersion } from './protocol.ts';

/** What the server needs of the thread that it runs in. */
export interface Thread {
  /** Sends a message to the page. */
  send(message: FromWorker, transfer: Transferable[]): void;
  /** Calls back after at least `ms` milliseconds, once waiting messages have been received. */
  later(ms: number, callback: () => void): void;
}

/** Wall time that the machine runs before messages are served: well below the 50 ms at which a person feels a delay. */
const turnMs = 8;

/** The worker's side of the protocol: one session, its run loop, and answers to the page. */
export class Server {
  readonly #session: Session;
  readonly #thread: Thread;
  /** The next turn of the run loop is scheduled. */
  #scheduled = false;
  /** The page knows that something is new, and has not asked for the status since. */
  #rung = false;
  #crashed = false;

  constructor(session: Session, thread: Thread) {
    this.#session = session;
    this.#thread = thread;
    session.setPace('real-time');
    thread.send({ kind: 'hello', version: protocolVersion }, []);
  }

  /** Answers one message of the page. */
  receive(message: unknown): void {
    this.guard(() => {
      const { id, kind, request, endpoint } = parseCall(message);
      const answer = endpoint.answer(this.#session, request);
      if (answer.ok) this.#thread.send({ kind: 'reply', id, reply: answer.value.reply }, answer.value.transfer);
      else this.#thread.send({ kind: 'refused', id, error: answer.error }, []);
      if (kind === 'status') this.#rung = false;
      // A turn after a look would ring, the page would look again, and so on without end.
      if (!endpoint.onlyLooks) this.#schedule(0);
    });
  }

  /** Runs a part of the server. If it throws, the page learns of a crash and the machine stops for good. */
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
    this.#thread.send({ kind: 'crash', message: error.message, stack: error.stack ?? error.message }, []);
  }

  #schedule(ms: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#thread.later(ms, () => {
      this.#scheduled = false;
      this.guard(() => this.#turn());
    });
  }

  #turn(): void {
    const wait = this.#session.advance(turnMs);
    if (wait !== null) this.#schedule(wait);
    this.#ring();
  }

  /** Tells the page that something is new, unless it knows already. */
  #ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#thread.send({ kind: 'changed' }, []);
  }
}
