import { closeSync, openSync, writeSync } from 'node:fs';
import { assert } from '../../base/assert.ts';
import { eventNames } from '../../base/probe/kinds.ts';
import type { EventText } from '../../session/probe/text.ts';
import type { Session } from '../../session/session.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from '../files/files.ts';

/** Characters collected before they are written. */
const chunk = 65_536;
/** More events than a slice has, so that none is missed. */
const capacity = 2 ** 20;
/** Events turned into text at a time. */
const limit = 65_536;

/** A text file with a line for each event of a session's machine. */
export class TraceFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #session: Session;
  #eventText: EventText | undefined;
  #text = '';
  /** Number of the first unwritten event. */
  #next = 0;

  /** Makes the session record all events from now on. Throws UsageError. */
  constructor(path: string, session: Session) {
    this.#path = path;
    this.#session = session;
    this.#descriptor = this.#attempt(() => openSync(path, 'w'));
    session.record({ kinds: eventNames, capacity });
  }

  /** Writes the events since the last call. Call it after each slice. Throws UsageError. */
  write(): void {
    const session = this.#session;
    this.#eventText ??= session.eventText();
    while (this.#next < session.eventEnd) {
      const filter = { from: 0, to: Number.POSITIVE_INFINITY, kinds: null, cores: null, domains: null };
      const { events, next } = session.events({ ...filter, after: this.#next, limit, newest: false });
      assert(next === this.#next + events.time.length, 'a slice has no more events than are kept');
      for (let i = 0; i < events.time.length; i++) this.#text += `${this.#eventText.line(events, i)}\n`;
      this.#next = next;
      if (this.#text.length >= chunk) this.#flush();
    }
  }

  /** Throws UsageError. */
  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const text = this.#text;
    this.#text = '';
    this.#attempt(() => writeSync(this.#descriptor, text));
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${this.#path} cannot be written: ${reason(error)}.`);
    }
  }
}
