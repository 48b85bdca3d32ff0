/** What --save asks for: snapshots of the machine at moments of its run. */
import type { ConsoleId } from '../../session/api/console.ts';
import type { Session } from '../../session/session.ts';
import { toFile } from '../../session/snapshot/file.ts';
import { writePieces } from '../files/files.ts';
import type { SaveOption } from '../options/run-options.ts';
import { ConsoleReader } from './console-reader.ts';
import { message } from './messages.ts';
import { TextWatch } from './text-watch.ts';

/** A snapshot that has not been written. */
interface WaitingSave {
  readonly save: SaveOption;
  readonly watch: TextWatch;
}

export class Saves {
  readonly #session: Session;
  readonly #console: ConsoleId;
  readonly #consoles: ConsoleReader;
  readonly #waiting: WaitingSave[];

  /** Whether a moment is still to come. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** `console` is where patterns are looked for, from now on. */
  constructor(saves: readonly SaveOption[], session: Session, console: ConsoleId) {
    this.#session = session;
    this.#console = console;
    this.#consoles = new ConsoleReader(session, true);
    this.#waiting = saves.map((save) => ({ save, watch: new TextWatch() }));
  }

  /** Writes the snapshots whose moment has come. Throws UsageError. */
  async look(): Promise<void> {
    const bytes = this.#consoles.take(this.#console);
    const due = this.#waiting.filter(({ save: { at }, watch }) => {
      if (bytes.length > 0) watch.push(bytes);
      return at !== null && (typeof at === 'number' ? this.#session.virtualNs >= at * 1e9 : watch.take(at));
    });
    for (const one of due) await this.#write(one);
  }

  /** The run is over: writes those for its end, and says which moments never came. Throws UsageError. */
  async end(): Promise<void> {
    for (const one of [...this.#waiting]) {
      if (one.save.at === null) await this.#write(one);
      else message(`el2lab: ${one.save.path} is not written: its moment has not come.`);
    }
  }

  async #write(one: WaitingSave): Promise<void> {
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    const { path } = one.save;
    const saved = this.#session.save();
    if (!saved.ok) {
      message(`el2lab: ${path} is not written: ${saved.error}`);
      return;
    }
    const length = writePieces(path, await toFile(saved.value));
    const seconds = (this.#session.virtualNs / 1e9).toFixed(6);
    message(`el2lab: saved the machine at ${seconds} s in ${path}, ${(length / 1e6).toFixed(2)} MB.`);
  }
}
