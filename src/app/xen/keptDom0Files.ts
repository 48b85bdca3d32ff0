import type { Dom0File, UserFiles } from '../../session/api/files.ts';
import type { Keeping } from '../storage/keeping.ts';
import { ObjectStore } from '../storage/objectStore.ts';

/** A path in Domain-0 that the user has changed: to these bytes, or, with null, by removing what was there. */
export interface KeptRow {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

/** Where the rows are kept. */
export type KeptRows = Pick<ObjectStore<KeptRow>, 'all' | 'put' | 'remove' | 'clear' | 'onLost'>;

/** The folders of Domain-0 whose files are the user's; others hold what programs write. */
const keptFolders = ['/etc/', '/guests/', '/root/'];

export const isKept = (path: string): boolean => keptFolders.some((folder) => path.startsWith(folder));

/**
 * The user's changes to Domain-0's files, kept in the browser. Those that it refuses stay in the page, so that they
 * are there at the next start of the machine.
 */
export class KeptDom0Files {
  readonly #keeping: Keeping;
  readonly #rows: KeptRows;
  /** By path: the rows that the browser has not written; null for one that it has not removed. */
  readonly #own = new Map<string, KeptRow | null>();
  /** The end of the changes that are on their way. */
  #last: Promise<void> = Promise.resolve();

  /** @param onLost called when the browser has removed everything */
  constructor(
    keeping: Keeping,
    onLost: () => void,
    rows: KeptRows = new ObjectStore<KeptRow>('el2lab.dom0', 'dom0', 'path'),
  ) {
    this.#keeping = keeping;
    this.#rows = rows;
    rows.onLost = onLost;
  }

  async all(): Promise<UserFiles> {
    const rows = await this.#keeping.read(() => this.#rows.all(), []);
    const now = new Map<string, KeptRow | null>([...rows.map((row) => [row.path, row] as const), ...this.#own]);
    const changes = [...now.values()].filter((row) => row !== null);
    return {
      files: changes.flatMap(({ path, bytes }): Dom0File[] => (bytes ? [{ path, bytes }] : [])),
      removed: changes.flatMap(({ path, bytes }) => (bytes ? [] : [path])),
    };
  }

  /** Keeps a file. What `read` resolves to is written; with null there is nothing to keep, as the machine is gone. */
  keep(path: string, read: () => Promise<Uint8Array | null>): Promise<void> {
    return this.#change(path, async () => {
      const bytes = await read();
      if (bytes) await this.#put({ path, bytes });
    });
  }

  /** Keeps that the user has removed a file with which Domain-0 starts. */
  keepRemoval(path: string): Promise<void> {
    return this.#change(path, () => this.#put({ path, bytes: null }));
  }

  /** Forgets a change: the file is Domain-0's original again. */
  forget(path: string): Promise<void> {
    return this.#change(path, async () => {
      this.#own.set(path, null);
      await this.#rows.remove(path);
      this.#own.delete(path);
    });
  }

  /** Forgets all changes; returns them. */
  async clear(): Promise<UserFiles> {
    const all = await this.all();
    for (const path of this.#own.keys()) this.#keeping.forget(path);
    this.#own.clear();
    await this.#keeping.read(() => this.#rows.clear(), undefined);
    return all;
  }

  async #put(row: KeptRow): Promise<void> {
    this.#own.set(row.path, row);
    await this.#rows.put(row);
    this.#own.delete(row.path);
  }

  /** Changes go to the browser one after the other. */
  #change(path: string, change: () => Promise<void>): Promise<void> {
    return this.#keeping.write(path, () => {
      const changed = this.#last.then(change);
      this.#last = changed.catch(() => {});
      return changed;
    });
  }
}
