import type { Guest, Role } from './guests.ts';

type UserGuest = Extract<Guest, { readonly origin: 'user' }>;

/** A record of the store: its key is the file's name. */
interface Kept {
  readonly name: string;
  readonly role: Role;
  readonly file: Blob;
}

const storeName = 'files';

const completed = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The user's files in the browser's IndexedDB: they are there again at the next visit. Methods reject where the browser refuses. */
export class KeptFiles {
  #database: Promise<IDBDatabase> | undefined;

  async all(): Promise<UserGuest[]> {
    const kept: Kept[] = await completed((await this.#files('readonly')).getAll());
    return kept.map(({ name, role, file }) => ({ origin: 'user', name, role, file }));
  }

  async keep({ name, role, file }: UserGuest): Promise<void> {
    const record: Kept = { name, role, file };
    await completed((await this.#files('readwrite')).put(record));
  }

  async remove(name: string): Promise<void> {
    await completed((await this.#files('readwrite')).delete(name));
  }

  async #files(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#database ??= this.#open();
    return (await this.#database).transaction(storeName, mode).objectStore(storeName);
  }

  #open(): Promise<IDBDatabase> {
    const request = indexedDB.open('el2lab', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: 'name' });
    return completed(request);
  }
}
