import type { ConsoleId } from '../../../session/api/console.ts';
import { type Connection, nextChange } from '../../machine/connection.ts';

/** What a console has printed from now on. */
export class ConsoleText {
  text = '';
  readonly #connection: Connection;
  readonly #console: ConsoleId;
  readonly #decoder = new TextDecoder();
  #position: number;

  /** @param from byte offset at which reading begins: by default, what is printed from now on */
  constructor(connection: Connection, console: ConsoleId, from?: number) {
    this.#connection = connection;
    this.#console = console;
    this.#position = from ?? connection.view.status?.consoleEnd[console] ?? 0;
  }

  /** Bytes that have been read, or were lost. */
  get position(): number {
    return this.#position;
  }

  get isBehind(): boolean {
    return (this.#connection.view.status?.consoleEnd[this.#console] ?? 0) > this.#position;
  }

  /** Reads what is new. */
  async pull(budget = 65_536): Promise<void> {
    if (!this.isBehind) return;
    const window = await this.#connection.look('console', { console: this.#console, from: this.#position, budget });
    if (!window) return;
    this.#position = window.from + window.bytes.length;
    this.text += this.#decoder.decode(window.bytes, { stream: true });
  }
}

/** Waits until a console has printed something; null if `ends` becomes true before, or the machine is another. */
export async function answerOn<T>(
  connection: Connection,
  printed: ConsoleText,
  { find, ends }: { find(text: string): T | null; ends(): boolean },
): Promise<T | null> {
  const { epoch } = connection.view;
  while (!connection.view.crash && connection.view.epoch === epoch) {
    const before = printed.position;
    await printed.pull();
    const found = find(printed.text);
    if (found !== null) return found;
    if (printed.position > before) continue;
    if (ends()) return null;
    await nextChange(connection);
  }
  return null;
}
