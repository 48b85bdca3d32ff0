import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FileEntry, UserFiles } from '../../session/api/files.ts';
import type { Connection, ControlView } from '../machine/connection.ts';
import { isKept, KeptDom0Files } from './keptDom0Files.ts';

/** Folders of Domain-0 that the page shows. */
const shownFolders = ['/etc', '/guests', '/root'] as const;

interface FilesView {
  /** Files and folders, by path. */
  readonly files: readonly FileEntry[];
}

/** Domain-0's files. What the user changes, the browser keeps for the next start. */
export class Dom0Files {
  readonly store: StoreApi<FilesView> = createStore<FilesView>(() => ({ files: [] }));
  readonly #connection: Connection;
  readonly #kept = new KeptDom0Files();
  readonly #listeners = new Set<(path: string) => void>();
  #epoch = 0;
  /** How many changes to the machine's files the page has followed; -1 before it has listed them. */
  #seen = -1;
  #isFollowing = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onChange((view) => this.#follow(view));
  }

  get all(): readonly FileEntry[] {
    return this.store.getState().files;
  }

  /** A file's bytes, or null if it cannot be read. */
  read(path: string): Promise<Uint8Array | null> {
    return this.#connection.look('readFile', { path });
  }

  /** Makes or replaces a file; resolves to whether it was written. */
  write(path: string, bytes: Uint8Array): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('writeFile', { path, bytes }));
  }

  /** Removes a file, or a folder that is empty. */
  remove(path: string): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('removeFile', { path }));
  }

  rename(path: string, to: string): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('renameFile', { path, to }));
  }

  /** Calls back with the path of each file that has changed. Returns what ends that. */
  onFile(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the browser has kept of the user's files; nothing, if it refuses. */
  async kept(): Promise<UserFiles> {
    try {
      return await this.#kept.all();
    } catch (error) {
      console.warn('The files of the last visit cannot be read:', error);
      return { files: [], removed: [] };
    }
  }

  /** Has the browser forget all files of the user's. */
  forget(): Promise<void> {
    return this.#kept.clear();
  }

  #follow({ status, epoch }: ControlView): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#seen = -1;
    }
    if (status?.dom0 && status.dom0.files > this.#seen) void this.#followChanges();
  }

  /** Lists the files again, tells the listeners which have changed, and has the browser keep the user's. */
  async #followChanges(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    const epoch = this.#epoch;
    const changes = await this.#connection.look('fileChanges', { from: Math.max(0, this.#seen) });
    if (changes && epoch === this.#epoch) {
      this.#seen = changes.end;
      await this.#list();
      const paths = changes.missed
        ? this.all.filter((file) => file.changed).map((file) => file.path)
        : new Set(changes.paths);
      for (const path of paths) {
        for (const listener of this.#listeners) listener(path);
        await this.#keep(path);
      }
    }
    this.#isFollowing = false;
  }

  async #list(): Promise<void> {
    const lists = await Promise.all(shownFolders.map((folder) => this.#listFolder(folder)));
    this.store.setState({ files: lists.flat() });
  }

  /** A folder and everything in it, in order. */
  async #listFolder(path: string): Promise<FileEntry[]> {
    const entries = (await this.#connection.look('listFiles', { path })) ?? [];
    const inside = await Promise.all(
      entries.map(async (entry) => (entry.isDirectory ? this.#listFolder(entry.path) : [entry])),
    );
    return [{ path, isDirectory: true, size: 0, changed: false }, ...inside.flat()];
  }

  /**
   * Has the browser keep the current state of a path. If it refuses (full, or private mode), only the next visit
   * lacks it.
   */
  async #keep(path: string): Promise<void> {
    if (!isKept(path)) return;
    const entry = this.all.find((file) => file.path === path);
    if (entry?.isDirectory) return;
    try {
      if (entry && !entry.changed) await this.#kept.forget(path);
      else await this.#kept.keep(path, entry ? await this.read(path) : null);
    } catch (error) {
      console.warn(`${path} is not kept:`, error);
    }
  }
}
