import type { Hasher } from '../../base/hasher.ts';
import { Signal, type Task, until } from './task.ts';

/**
 * Large files that Dom0 does not start with, but that the front door has: it brings them when a program first needs one.
 * The program waits, as one does for a slow disk.
 */
export class DeferredFiles {
  readonly #paths: Set<string>;
  readonly #came = new Signal('deferred files');
  #isWanted = false;
  /** How many times the front door has brought them, or has failed to. */
  #rounds = 0;

  constructor(paths: readonly string[] = []) {
    this.#paths = new Set(paths);
  }

  /** Whether a program waits for them. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Waits for the files if one of these is among them: until they have come, or cannot. */
  *need(paths: readonly string[]): Task {
    if (!paths.some((path) => this.#paths.has(path))) return;
    this.#isWanted = true;
    const round = this.#rounds;
    yield* until(this.#came, () => this.#rounds !== round);
  }

  /** The front door has written those that it could. If some are missing, a program may ask again. */
  came(isComplete: boolean): void {
    this.#rounds++;
    this.#isWanted = false;
    if (isComplete) this.#paths.clear();
    this.#came.raise();
  }

  /** Adds what decides how Dom0 goes on: nothing where no file is deferred. */
  fingerprint(hasher: Hasher): void {
    if (this.#paths.size > 0) hasher.add(this.#paths.size).add(this.#rounds).add(this.#isWanted);
  }
}
