/**
 * The pool's files as rows of IndexedDB, for browsers without synchronous files: they are in memory, and each flush of the
 * index writes what has changed in one transaction.
 */
import type { PoolFiles } from './chunk-pool.ts';
import { MemoryFile } from './sync-file.ts';

const storeName = 'blocks';

/** A row: a file's block, or its size. */
type Row = Uint8Array | number;

class RowFile extends MemoryFile {
  readonly name: string;
  readonly changes = new Set<number>();
  onFlush: () => void = () => {};

  constructor(name: string) {
    super();
    this.name = name;
  }

  override flush(): void {
    this.onFlush();
  }

  protected override changed(index: number): void {
    this.changes.add(index);
  }
}

/** Opens them. Rejects where the browser refuses. `refused` is called when it refuses later. */
export async function openRows(
  refused: (error: unknown) => void,
): Promise<{ readonly files: PoolFiles; readonly written: () => Promise<void> }> {
  const database = await openDatabase();
  const [chunks, first, second] = [new RowFile('chunks'), new RowFile('index-0'), new RowFile('index-1')];
  const files = [chunks, first, second];
  for (const file of files) await load(database, file);
  let written: Promise<void> = Promise.resolve();
  const write = (): void => {
    const rows = files.flatMap((file) => rowsOf(file));
    if (rows.length === 0) return;
    for (const file of files) file.changes.clear();
    const done = save(database, rows).catch((error: unknown) => {
      // They go with the next flush.
      for (const { file, index } of rows) if (index >= 0) file.changes.add(index);
      refused(error);
    });
    written = written.then(() => done);
  };
  first.onFlush = write;
  second.onFlush = write;
  return { files: { chunks, index: [first, second] }, written: () => written };
}

interface ChangedRow {
  readonly file: RowFile;
  /** -1: the file's size. */
  readonly index: number;
  readonly row: Row | undefined;
}

const rowsOf = (file: RowFile): ChangedRow[] => {
  if (file.changes.size === 0) return [];
  const blocks = [...file.changes].map((index) => ({ file, index, row: file.blocks.get(index)?.slice() }));
  return [...blocks, { file, index: -1, row: file.getSize() }];
};

const keyOf = (file: RowFile, index: number): string => `${file.name}/${index < 0 ? 'size' : index}`;

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('el2lab.disks', 1);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function load(database: IDBDatabase, file: RowFile): Promise<void> {
  const transaction = database.transaction(storeName);
  const store = transaction.objectStore(storeName);
  const size: IDBRequest<Row | undefined> = store.get(keyOf(file, -1));
  const cursor = store.openCursor(IDBKeyRange.bound(`${file.name}/0`, `${file.name}/:`, false, true));
  cursor.onsuccess = () => {
    const at = cursor.result;
    if (!at) return;
    const row: Row = at.value;
    if (typeof row !== 'number') file.blocks.set(Number(String(at.key).slice(file.name.length + 1)), row);
    at.continue();
  };
  return new Promise((resolve, reject) => {
    transaction.onabort = () => reject(transaction.error);
    transaction.oncomplete = () => {
      file.truncate(typeof size.result === 'number' ? size.result : 0);
      file.changes.clear();
      resolve();
    };
  });
}

function save(database: IDBDatabase, rows: readonly ChangedRow[]): Promise<void> {
  const transaction = database.transaction(storeName, 'readwrite', { durability: 'strict' });
  const store = transaction.objectStore(storeName);
  for (const { file, index, row } of rows) {
    if (row === undefined) store.delete(keyOf(file, index));
    else store.put(row, keyOf(file, index));
  }
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
