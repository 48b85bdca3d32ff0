import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { assert } from '../../base/assert.ts';
import { eventNames } from '../../base/probe/kinds.ts';
import type { EventText } from '../../session/probe/text.ts';
import type { Session } from '../../session/session.ts';
import { traceFile } from '../../session/trace/files.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from '../files/files.ts';

/** Characters collected before they are written. */
const chunk = 65_536;
/** More events than a slice has, so that none is missed. */
const capacity = 2 ** 20;
/** Events turned into text at a time. */
const limit = 65_536;

/** Memory for a timeline: the newest that fits is written. */
const timelineBytes = 2 ** 30;

/** What a run writes of what happens in its machine. */
export interface Trace {
  /** Call it after each slice. Throws UsageError. */
  write(): void;
  /** Throws UsageError. */
  close(): void;
}

/** A trace as its name says: `.pftrace` is the timeline for Perfetto, anything else a line of text for each event. */
export const traceTo = (path: string, session: Session): Trace =>
  path.endsWith('.pftrace') ? new TimelineFile(path, session) : new TraceFile(path, session);

/** The scheduling timeline of a session's machine, written at the end of the run. */
class TimelineFile implements Trace {
  readonly #path: string;
  readonly #session: Session;

  constructor(path: string, session: Session) {
    this.#path = path;
    this.#session = session;
    session.traceSchedule(timelineBytes);
  }

  write(): void {}

  close(): void {
    const file = traceFile(this.#session, 'perfetto', null);
    if (!file.ok) throw new UsageError(file.error);
    try {
      writeFileSync(this.#path, file.value.bytes);
    } catch (error) {
      throw new UsageError(`${this.#path} cannot be written: ${reason(error)}.`);
    }
  }
}

/** A text file with a line for each event of a session's machine. */
class TraceFile implements Trace {
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

  /** Writes the events since the last call. */
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
