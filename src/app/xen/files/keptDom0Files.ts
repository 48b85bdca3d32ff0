import type { Dom0File, UserFiles } from '../../../session/api/files.ts';
import type { Keeping } from '../../storage/keeping.ts';
import { ObjectStore } from '../../storage/objectStore.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import { newStamp, openChannel, type TabChannel } from '../../storage/tabChannel.ts';

/** A path in Domain-0 that the user has changed: to these bytes, or, with null, by removing what was there. */
export interface KeptRow {
  readonly path: string;
  readonly bytes: Uint8Array | null;
  /** Whether this is Domain-0's original again. The row stays for the other tabs, which may have another version. */
  readonly isOriginal?: boolean;
  /** Tells this version of the row from all others. */
  readonly stamp?: string;
}

/** Where the rows are kept. */
export type KeptRows = Pick<ObjectStore<KeptRow>, 'all' | 'get' | 'update' | 'clear' | 'onLost'>;

/** What the page does when another tab, or the browser, has changed the rows. */
export interface KeptListener {
  /** Another tab has written this. */
  foreign(row: KeptRow): void;
  /** All rows are gone. */
  lost(): void;
}

/** The folders of Domain-0 whose files are the user's; others hold what programs write. */
const keptFolders = ['/etc/', '/guests/', '/root/', '/dev/vg/', '/var/lib/xen/images/'];

export const isKept = (path: string): boolean => keptFolders.some((folder) => path.startsWith(folder));

/**
 * Whether a file is Git's. Its objects have one content by their names, so those of two tabs go together; of the few others
 * the last counts. Nobody is asked about them.
 */
export const isOfGit = (path: string): boolean => path.includes('/.git/');

/**
 * The user's changes to Domain-0's files, kept in the browser. Those that it refuses stay in the page, so that they
 * are there at the next start of the machine. What another tab has written is not overwritten before the user has seen
 * it.
 */
export class KeptDom0Files {
  readonly #keeping: Keeping;
  readonly #listener: KeptListener;
  readonly #rows: KeptRows;
  readonly #channel: TabChannel | null;
  /** By path: the rows that the browser has not written. */
  readonly #own = new Map<string, KeptRow>();
  /** By path: the version of the row that this page has read or written. */
  readonly #seen = new Map<string, string | undefined>();
  /** Paths that this page has had kept. */
  readonly #touched = new Set<string>();
  /** The end of the changes that are on their way. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    keeping: Keeping,
    listener: KeptListener,
    rows: KeptRows = new ObjectStore<KeptRow>('el2lab.dom0', 'dom0', 'path'),
    channel = openChannel('el2lab.dom0'),
  ) {
    this.#keeping = keeping;
    this.#listener = listener;
    this.#rows = rows;
    this.#channel = channel;
    rows.onLost = () => this.#lost();
    if (channel) channel.onmessage = ({ data }) => void this.#hear(data);
  }

  /** Whether some change is in this page alone. */
  get isAtRisk(): boolean {
    return this.#own.size > 0;
  }

  /** Whether a change of this file is in this page alone. */
  has(path: string): boolean {
    return this.#own.has(path);
  }

  async all(): Promise<UserFiles> {
    const rows = await this.#keeping.read(() => this.#rows.all(), []);
    for (const { path, stamp } of rows) if (!this.#own.has(path)) this.#seen.set(path, stamp);
    const now = new Map([...rows.map((row) => [row.path, row] as const), ...this.#own]);
    const changes = [...now.values()].filter(({ isOriginal }) => !isOriginal);
    return {
      files: changes.flatMap(({ path, bytes }): Dom0File[] => (bytes ? [{ path, bytes }] : [])),
      removed: changes.flatMap(({ path, bytes }) => (bytes ? [] : [path])),
    };
  }

  /**
   * Keeps a file. What `read` resolves to is written, null for one that the user has removed; with undefined there is
   * nothing to keep, as the machine is gone.
   * @param isOriginal the file is as Domain-0 starts with it
   */
  keep(path: string, read: () => Promise<Uint8Array | null | undefined>, isOriginal = false): Promise<void> {
    // An original that was never anything else needs nothing of the browser.
    if (isOriginal && !this.#seen.has(path) && !this.#touched.has(path)) return Promise.resolve();
    this.#touched.add(path);
    return this.#keeping.write(path, () => {
      const changed = this.#last.then(async () => {
        const bytes = await read();
        if (bytes !== undefined) await this.#put({ path, bytes, ...(isOriginal && { isOriginal }) });
      });
      this.#last = changed.catch(() => {});
      return changed;
    });
  }

  /** The user has seen another tab's version: this page may overwrite it. */
  accept({ path, stamp }: KeptRow): void {
    this.#seen.set(path, stamp);
    this.#own.delete(path);
  }

  /** Forgets all changes; returns them. */
  async clear(): Promise<UserFiles> {
    const all = await this.all();
    for (const path of this.#own.keys()) this.#keeping.forget(path);
    this.#own.clear();
    this.#seen.clear();
    await this.#keeping.read(() => this.#rows.clear(), undefined);
    this.#channel?.postMessage(null);
    return all;
  }

  /** Writes a row, unless another tab has written one that this page has not seen. */
  async #put(row: KeptRow): Promise<void> {
    const { path } = row;
    this.#own.set(path, row);
    const stamp = newStamp();
    const met: { row?: KeptRow | undefined; isSame: boolean; isForeign: boolean } = { isSame: false, isForeign: false };
    await this.#rows.update(path, (now) => {
      met.row = now;
      met.isSame = now ? sameBytes(now.bytes, row.bytes) && now.isOriginal === row.isOriginal : row.isOriginal === true;
      met.isForeign = now !== undefined && !met.isSame && !isOfGit(path) && now.stamp !== this.#seen.get(path);
      return met.isSame || met.isForeign ? undefined : { ...row, stamp };
    });
    if (met.row && met.isForeign) {
      this.#listener.foreign(met.row);
      return;
    }
    if (this.#own.get(path) === row) this.#own.delete(path);
    this.#seen.set(path, met.isSame ? met.row?.stamp : stamp);
    if (!met.isSame) this.#channel?.postMessage(path);
  }

  /** Another tab has changed something. */
  async #hear(path: unknown): Promise<void> {
    if (typeof path !== 'string') {
      this.#lost();
      return;
    }
    if (isOfGit(path)) return;
    const row = await this.#keeping.read(() => this.#rows.get(path), undefined);
    if (row && row.stamp !== this.#seen.get(path)) this.#listener.foreign(row);
  }

  #lost(): void {
    this.#seen.clear();
    this.#listener.lost();
  }
}
