import type { Hasher } from '../../base/hasher.ts';
import { Signal, type Task, until } from './task.ts';

/**
 * Large files that Dom0 does not start with, but that the front door has: it brings them when a program first needs one.
 * The program waits, as one does for a slow disk.
 */
export class DeferredFiles {
  private readonly paths: Set<string>;
  private readonly _came = new Signal('deferred files');
  private _isWanted = false;
  /** How many times the front door has brought them, or has failed to. */
  private rounds = 0;

  constructor(paths: readonly string[] = []) {
    this.paths = new Set(paths);
  }

  /** Whether a program waits for them. */
  get isWanted(): boolean {
    return this._isWanted;
  }

  /** Waits for the files if one of these is among them: until they have come, or cannot. */
  *need(paths: readonly string[]): Task {
    if (!paths.some((path) => this.paths.has(path))) return;
    this._isWanted = true;
    const round = this.rounds;
    yield* until(this._came, () => this.rounds !== round);
  }

  /** The front door has written those that it could. If some are missing, a program may ask again. */
  came(isComplete: boolean): void {
    this.rounds++;
    this._isWanted = false;
    if (isComplete) this.paths.clear();
    this._came.raise();
  }

  /** Adds what decides how Dom0 goes on: nothing where no file is deferred. */
  fingerprint(hasher: Hasher): void {
    if (this.paths.size > 0) hasher.add(this.paths.size).add(this.rounds).add(this._isWanted);
  }
}
