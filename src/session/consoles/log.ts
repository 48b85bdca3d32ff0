import { list, number, record, type Shape, text, whole } from '../../base/shape.ts';
import type { LogEntry, LogWindow } from '../api/console.ts';

/** The newest messages of the machine's parts. A part reports each kind of thing once, so they are never a flood. */
export const logState: Shape<LogWindow> = record<LogWindow>({
  entries: list(record<LogEntry>({ index: whole(), virtualNs: number, source: text, text })),
  end: whole(),
});

export class Log {
  readonly #capacity: number;
  #entries: LogEntry[] = [];
  #end = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Index after the last entry. */
  get end(): number {
    return this.#end;
  }

  /** An entry by its index; undefined if it is not there, or no more. */
  at(index: number): LogEntry | undefined {
    const place = index - (this.#end - this.#entries.length);
    return place < 0 ? undefined : this.#entries[place];
  }

  add(virtualNs: number, source: string, text: string): void {
    this.#entries.push({ index: this.#end++, virtualNs, source, text });
    if (this.#entries.length >= 2 * this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
  }

  saveState(): LogWindow {
    return { entries: this.#entries, end: this.#end };
  }

  loadState({ entries, end }: LogWindow): void {
    this.#entries = [...entries];
    this.#end = end;
  }

  /** At most `budget` entries from index `from` on, or from the oldest one held. */
  window(from: number, budget: number): LogWindow {
    const oldest = this.#end - this.#entries.length;
    const first = Math.max(from - oldest, 0);
    return { entries: this.#entries.slice(first, first + budget), end: this.#end };
  }
}
