import { assert } from '../../base/assert.ts';
import type { ConsoleId } from '../../session/api/console.ts';
import type { Status } from '../../session/api/status.ts';
import type { Session } from '../../session/session.ts';

/** More than any console keeps. */
const budget = 4 * 1024 * 1024;

/** Reads each console from where it stopped the last time. */
export class ConsoleReader {
  readonly #session: Session;
  readonly #starts: Status['consoleEnd'];
  readonly #ends = new Map<ConsoleId, number>();

  /** `fromNow`: what has been shown before is passed over. */
  constructor(session: Session, fromNow = false) {
    this.#session = session;
    this.#starts = fromNow ? session.status().consoleEnd : {};
  }

  /** What a console has shown since the last call. */
  take(id: ConsoleId): Uint8Array {
    const before = this.#ends.get(id) ?? this.#starts[id] ?? 0;
    const { from, bytes, end } = this.#session.console(id, before, budget);
    if (bytes.length === 0) return bytes;
    assert(from === before, 'consoles are read before they forget');
    this.#ends.set(id, end);
    return bytes;
  }
}
