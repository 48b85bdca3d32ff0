import type { ConsoleId } from '../../session/api/console.ts';
import { type Connection, nextChange } from '../machine/connection.ts';

/** Virtual time for which input waits for a console that takes nothing. */
const unreadNs = 1e9;
/** Two control characters that clear the shell's line: to its beginning, then all of it. */
const clearLine = '\x05\x15';

const encoder = new TextEncoder();

/** Types on the consoles of Domain-0 and the guests. */
export class Consoles {
  readonly #connection: Connection;
  /** By console: the end of what is being typed. */
  readonly #typing = new Map<ConsoleId, Promise<void>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Types on a console. Input without room in it waits until there is some, and later input waits behind it. */
  type(console: ConsoleId, text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const typed = (this.#typing.get(console) ?? Promise.resolve()).then(() => this.#type(console, bytes));
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

  async #type(console: ConsoleId, bytes: Uint8Array): Promise<void> {
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
      const taken = (await connection.look('input', { console, bytes: rest })) ?? rest.length;
      if (taken > 0) takenAt = now();
      rest = rest.subarray(taken);
    }
  }
}
