/** What --journal and --replay ask for. */
import type { Session } from '../../session/session.ts';
import { fromFile, toFile } from '../../session/snapshot/file.ts';
import { unknownHash } from '../../session/snapshot/snapshot.ts';
import { UsageError } from '../exit-code.ts';
import { readInput, writePieces } from '../files/files.ts';
import { message } from './messages.ts';

/** Writes the journal of a run, or says why there is none. Throws UsageError. */
export async function writeJournal(session: Session, path: string): Promise<void> {
  const way = session.way();
  if (!way.ok) {
    message(`el2lab: ${path} is not written: ${way.error}`);
    return;
  }
  writePieces(path, await toFile(way.value));
  const { inputs } = way.value.journal;
  message(`el2lab: wrote the journal of ${inputs.length} inputs in ${path}.`);
}

/** Begins to play what entered another run. Throws UsageError. */
export async function playJournal(session: Session, path: string): Promise<JournalPlay> {
  const read = await fromFile(path, readInput(path).bytes);
  if (!read.ok) throw new UsageError(read.error);
  const { journal, hash } = read.value;
  const plays = session.play(journal);
  if (!plays.ok) throw new UsageError(`${path}: ${plays.error}`);
  return new JournalPlay(session, path, hash);
}

/** A journal that plays. */
export class JournalPlay {
  readonly #session: Session;
  readonly #path: string;
  readonly #hash: string;
  #plays = true;

  constructor(session: Session, path: string, hash: string) {
    this.#session = session;
    this.#path = path;
    this.#hash = hash;
  }

  /** Whether it has just come to its end; says so. */
  look(): boolean {
    if (!this.#plays || this.#session.replays) return false;
    this.#plays = false;
    const isSame = this.#hash === this.#session.stateHash();
    const state =
      this.#hash === unknownHash ? '' : isSame ? ', in the recorded state' : ', in another state than the recorded one';
    message(`el2lab: ${this.#path} is played until ${(this.#session.virtualNs / 1e9).toFixed(6)} s${state}.`);
    return true;
  }
}
