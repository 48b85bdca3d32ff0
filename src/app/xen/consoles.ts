import type { ConsoleId } from '../../session/api/console.ts';
import { type Connection, nextChange } from '../machine/connection.ts';

/** Virtual time for which input waits for a console that takes nothing. */
const unreadNs = 1e9;
/** Two control characters that clear the shell's line: to its beginning, then all of it. */
const clearLine = '\x05\x15';

/** Ctrl+C. */
const interrupt = 0x03;

const encoder = new TextEncoder();

/** Types on the consoles of Domain-0 and the guests. */
export class Consoles {
  readonly #connection: Connection;
  /** By console: the end of what is being typed. */
  readonly #typing = new Map<ConsoleId, Promise<void>>();
  /** By console: how often the user has pressed Ctrl+C. */
  readonly #interrupts = new Map<ConsoleId, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Types on a console. Input without room in it waits until there is some, and later input waits behind it; but Ctrl+C
   * drops what waits, as it empties a terminal's input queue (POSIX, 11.1.9).
   */
  type(console: ConsoleId, text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const isInterrupt = bytes.length === 1 && bytes[0] === interrupt;
    const round = this.#round(console) + (isInterrupt ? 1 : 0);
    this.#interrupts.set(console, round);
    const before = isInterrupt ? undefined : this.#typing.get(console);
    const typed = (before ?? Promise.resolve()).then(() => this.#type(console, bytes, round));
    this.#typing.set(console, typed);
    return typed;
  }

  /** Types a command into Domain-0's shell, in place of what is on its line; the user presses Enter. */
  typeCommand(command: string): Promise<void> {
    return this.type('dom0', clearLine + command);
  }

  /** Types a command into Domain-0's shell, and Enter. */
  runCommand(command: string): Promise<void> {
    return this.type('dom0', `${clearLine}${command}\r`);
  }

  #round(console: ConsoleId): number {
    return this.#interrupts.get(console) ?? 0;
  }

  /** @param round how many interrupts there were before: with another, the rest is dropped */
  async #type(console: ConsoleId, bytes: Uint8Array, round: number): Promise<void> {
    if (round !== this.#round(console)) return;
    const connection = this.#connection;
    const { epoch } = connection.view;
    const now = () => connection.view.status?.virtualNs ?? 0;
    let rest = bytes;
    await connection.request(async () => {
      rest = rest.subarray(await connection.ask('input', { console, bytes: rest }));
    });
    // A console that nobody reads, or that is gone, takes nothing for long: then the rest is dropped.
    let takenAt = now();
    while (rest.length > 0 && connection.view.epoch === epoch && now() - takenAt < unreadNs) {
      await nextChange(connection);
      if (round !== this.#round(console)) return;
      const taken = (await connection.look('input', { console, bytes: rest })) ?? rest.length;
      if (taken > 0) takenAt = now();
      rest = rest.subarray(taken);
    }
  }
}
