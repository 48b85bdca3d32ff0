/** The result of a request to IndexedDB; rejects where the browser refuses. */
const completed = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * One object store in a database of its own in the browser's IndexedDB, opened when it is first used. Methods reject
 * where the browser refuses (full, or private mode).
 */
export class ObjectStore<Row extends object> {
  readonly #database: string;
  readonly #name: string;
  readonly #key: keyof Row & string;
  #opened: Promise<IDBDatabase> | undefined;

  /** @param key the field of a row that is its key */
  constructor(database: string, name: string, key: keyof Row & string) {
    this.#database = database;
    this.#name = name;
    this.#key = key;
  }

  async all(): Promise<Row[]> {
    return completed((await this.#store('readonly')).getAll());
  }

  /** Adds a row, or replaces the one with its key. */
  async put(row: Row): Promise<void> {
    await completed((await this.#store('readwrite')).put(row));
  }

  async remove(key: string): Promise<void> {
    await completed((await this.#store('readwrite')).delete(key));
  }

  async clear(): Promise<void> {
    await completed((await this.#store('readwrite')).clear());
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#opened ??= this.#open();
    return (await this.#opened).transaction(this.#name, mode).objectStore(this.#name);
  }

  #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(this.#name, { keyPath: this.#key });
    return completed(request);
  }
}
