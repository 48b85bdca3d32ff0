import type { Dom0File, UserFiles } from '../../session/api/files.ts';

/** What the browser keeps of one path of Domain-0: the user's bytes, or that the user has removed what was there. */
interface Kept {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

const storeName = 'dom0';

const completed = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The folders of Domain-0 whose files are the user's; others hold what programs write. */
const keptFolders = ['/etc/', '/guests/', '/root/'];

export const isKept = (path: string): boolean => keptFolders.some((folder) => path.startsWith(folder));

/** The user's changes to Domain-0's files, in the browser's IndexedDB. Methods reject where the browser refuses. */
export class KeptDom0Files {
  #database: Promise<IDBDatabase> | undefined;

  async all(): Promise<UserFiles> {
    const kept: Kept[] = await completed((await this.#store('readonly')).getAll());
    return {
      files: kept.flatMap(({ path, bytes }): Dom0File[] => (bytes ? [{ path, bytes }] : [])),
      removed: kept.flatMap(({ path, bytes }) => (bytes ? [] : [path])),
    };
  }

  async keep(path: string, bytes: Uint8Array | null): Promise<void> {
    const record: Kept = { path, bytes };
    await completed((await this.#store('readwrite')).put(record));
  }

  /** The file is as Domain-0 begins with it. */
  async forget(path: string): Promise<void> {
    await completed((await this.#store('readwrite')).delete(path));
  }

  async clear(): Promise<void> {
    await completed((await this.#store('readwrite')).clear());
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#database ??= this.#open();
    return (await this.#database).transaction(storeName, mode).objectStore(storeName);
  }

  #open(): Promise<IDBDatabase> {
    const request = indexedDB.open('el2lab.dom0', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: 'path' });
    return completed(request);
  }
}
