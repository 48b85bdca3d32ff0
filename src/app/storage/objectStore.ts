/** An attempt to open the database that has no answer after so long has failed, in ms. */
const patienceMs = 5000;

/**
 * One object store in a database of its own in the browser's IndexedDB, opened when it is first used. Methods reject
 * where the browser refuses (full, blocked, or private mode); what they resolve to is written.
 */
export class ObjectStore<Row extends object> {
  /** Called when the browser, or the user by its means, has removed the database under the page. */
  onLost: () => void = () => {};
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

  /** All rows, ordered by their keys. */
  all(): Promise<Row[]> {
    return this.#transact('readonly', (store, done) => {
      const request: IDBRequest<Row[]> = store.getAll();
      request.onsuccess = () => done(request.result);
    });
  }

  get(key: string): Promise<Row | undefined> {
    return this.#transact('readonly', (store, done) => {
      const request: IDBRequest<Row | undefined> = store.get(key);
      request.onsuccess = () => done(request.result);
    });
  }

  /** Adds a row, or replaces the one with its key. */
  put(row: Row): Promise<void> {
    return this.#transact('readwrite', (store, done) => {
      store.put(row);
      done();
    });
  }

  /**
   * Puts in place of the row with a key what `change` makes of it; undefined leaves it as it is. No other tab writes
   * in between.
   */
  update(key: string, change: (row: Row | undefined) => Row | undefined): Promise<void> {
    return this.#transact('readwrite', (store, done) => {
      const request: IDBRequest<Row | undefined> = store.get(key);
      request.onsuccess = () => {
        const changed = change(request.result);
        if (changed) store.put(changed);
        done();
      };
    });
  }

  remove(key: string): Promise<void> {
    return this.#transact('readwrite', (store, done) => {
      store.delete(key);
      done();
    });
  }

  clear(): Promise<void> {
    return this.#transact('readwrite', (store, done) => {
      store.clear();
      done();
    });
  }

  /** Makes requests in a transaction. Resolves to what they gave to `done` when the browser has written everything. */
  async #transact<T>(
    mode: IDBTransactionMode,
    action: (store: IDBObjectStore, done: (result: T) => void) => void,
  ): Promise<T> {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(this.#name, mode);
      transaction.onabort = () => reject(transaction.error);
      action(transaction.objectStore(this.#name), (result) => {
        transaction.oncomplete = () => resolve(result);
      });
    });
  }

  #open(): Promise<IDBDatabase> {
    if (!this.#opened) {
      const opened = this.#request();
      this.#opened = opened;
      // The next use tries again.
      opened.catch(() => this.#forget(opened));
    }
    return this.#opened;
  }

  /** Rejects where the page may not even ask. */
  async #request(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(this.#name, { keyPath: this.#key });
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      setTimeout(() => reject(new DOMException('The browser does not answer.', 'TimeoutError')), patienceMs);
    });
    const lost = () => {
      database.close();
      this.#opened = undefined;
      this.onLost();
    };
    database.onclose = lost;
    // Somebody deletes it.
    database.onversionchange = lost;
    return database;
  }

  #forget(opened: Promise<IDBDatabase>): void {
    if (this.#opened === opened) this.#opened = undefined;
  }
}
