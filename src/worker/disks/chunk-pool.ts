/**
 * Disks in three files: one of chunks, two of the index (index-log.ts). What is written goes to slots that the index of the
 * last commit does not name, so that whenever the page is killed, the disks are what they were at the last commit: a
 * guest's flush, Dom0's `sync`, or the second that the worker lets pass at most.
 */
import { assert } from '../../base/assert.ts';
import { type ChunkStore, chunkSize, filled } from '../../soc/storage/disk.ts';
import type { DiskStore, KeptDisk } from '../../soc/storage/disk-store.ts';
import { type DiskTable, IndexLog } from './index-log.ts';
import { MemoryFile, type SyncFile, writeWhole } from './sync-file.ts';

export interface PoolFiles {
  readonly chunks: SyncFile;
  readonly index: readonly [SyncFile, SyncFile];
}

export interface PoolOptions {
  /** The disks that are there go with the next commit. */
  readonly isEmpty?: boolean;
  /** Slots that are used now stay as they are until `settle`: another pool may be brought back that has them. */
  readonly holds?: boolean;
}

/** Chunks in memory, those that are written already and those that are not: 16 MiB. */
const cacheMax = 256;

interface Chunk {
  readonly disk: PoolDisk;
  readonly index: number;
  readonly bytes: Uint8Array;
  isDirty: boolean;
}

export class ChunkPool implements DiskStore {
  /** Called when the browser refuses to keep something, and with null when it keeps everything again. */
  onFault: (error: unknown) => void = () => {};
  /** Null while another pool has the files. */
  #files: PoolFiles | null;
  #log: IndexLog;
  readonly #disks = new Map<string, PoolDisk>();
  /** What the last commit has said. */
  #committed: DiskTable = new Map();
  /** Slots that nothing uses. */
  #free = new Set<number>();
  /** How many slots there are. */
  #end = 0;
  /** Slots that were given since the last commit. */
  readonly #fresh = new Set<number>();
  /** Slots that the last commit names, and the next does not. */
  #leaving: number[] = [];
  /** Slots from here on may be given; those below may be another pool's. */
  #firstFree = 0;
  /** The most recently used last. */
  readonly #cache = new Map<string, Chunk>();
  #isChanged = false;
  #isFaulty = false;

  constructor(files: PoolFiles, { isEmpty = false, holds = false }: PoolOptions = {}) {
    this.#files = files;
    this.#log = new IndexLog(files.index, this.#committed);
    this.#end = Math.ceil(files.chunks.getSize() / chunkSize);
    if (holds) this.#firstFree = this.#end;
    if (isEmpty) this.#isChanged = this.#committed.size > 0;
    else for (const [name, { size, slots }] of this.#committed) this.#add(name, size, new Map(slots));
    this.#findFree();
  }

  list(): readonly KeptDisk[] {
    return [...this.#disks.values()]
      .map(({ name, size }) => ({ name, size }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  open(name: string, size: number, contents?: Uint8Array): ChunkStore {
    const known = this.#disks.get(name);
    if (known?.size !== size) this.#isChanged = true;
    if (!known) return filled(this.#add(name, size, new Map()), contents);
    known.size = size;
    return known;
  }

  rename(from: string, to: string): void {
    const disk = this.#disks.get(from);
    assert(disk, `${from} is no disk`);
    this.#disks.delete(from);
    disk.name = to;
    this.#disks.set(to, disk);
    this.#isChanged = true;
  }

  remove(name: string): void {
    const disk = this.#disks.get(name);
    assert(disk, `${name} is no disk`);
    for (const index of [...disk.indices()]) this.drop(disk, index);
    this.#disks.delete(name);
    this.#isChanged = true;
  }

  flush(): void {
    this.commit();
  }

  /** What was done before is kept on return, if the browser does not refuse it. */
  commit(): void {
    const files = this.#files;
    if (!files || !this.#isChanged) return;
    try {
      for (const chunk of this.#cache.values()) if (chunk.isDirty) this.#save(files, chunk);
      files.chunks.flush();
      const table = this.#table();
      this.#log.add(changeOf(this.#committed, table), table);
      this.#committed = table;
    } catch (error) {
      this.#refused(error);
      return;
    }
    this.#isChanged = false;
    this.#fresh.clear();
    for (const slot of this.#leaving) if (slot >= this.#firstFree) this.#free.add(slot);
    this.#leaving = [];
    this.#trim(files);
    if (!this.#isFaulty) return;
    this.#isFaulty = false;
    this.onFault(null);
  }

  /** Lets another pool have the files. */
  release(): void {
    this.commit();
    const files = this.#files;
    this.#files = null;
    if (!files) return;
    for (const file of [files.chunks, ...files.index]) file.close();
  }

  /** Takes the files back: the disks are what they were. The pool that had them meanwhile has held this one's slots. */
  takeBack(files: PoolFiles): this {
    this.#files = files;
    this.#log = new IndexLog(files.index, new Map());
    this.#end = Math.ceil(files.chunks.getSize() / chunkSize);
    this.#firstFree = 0;
    this.#findFree();
    try {
      this.#log.begin(this.#committed);
    } catch (error) {
      this.#refused(error);
    }
    return this;
  }

  /** The pool that had the files before will not be brought back. */
  settle(): void {
    if (this.#firstFree === 0) return;
    this.#firstFree = 0;
    this.#findFree();
  }

  read(disk: PoolDisk, index: number, offset: number, into: Uint8Array): void {
    into.set(this.#chunk(disk, index).bytes.subarray(offset, offset + into.length));
  }

  write(disk: PoolDisk, index: number, offset: number, from: Uint8Array): void {
    const isNew = from.length === chunkSize;
    const chunk = isNew ? this.#cached({ disk, index, bytes: from.slice(), isDirty: true }) : this.#chunk(disk, index);
    if (!isNew) chunk.bytes.set(from, offset);
    chunk.isDirty = true;
    this.#isChanged = true;
  }

  drop(disk: PoolDisk, index: number): void {
    this.#cache.delete(disk.key(index));
    this.#leave(disk.slots.get(index));
    disk.slots.delete(index);
    this.#isChanged = true;
  }

  isCached(disk: PoolDisk, index: number): boolean {
    return this.#cache.has(disk.key(index));
  }

  #add(name: string, size: number, slots: Map<number, number>): PoolDisk {
    const disk = new PoolDisk(this, name, size, slots);
    this.#disks.set(name, disk);
    return disk;
  }

  /** A chunk that is there, the most recently used from now on. */
  #chunk(disk: PoolDisk, index: number): Chunk {
    const known = this.#cache.get(disk.key(index));
    if (known) return this.#cached(known);
    const slot = disk.slots.get(index);
    assert(slot !== undefined, `${disk.name} has no chunk ${index}`);
    const bytes = new Uint8Array(chunkSize);
    this.#files?.chunks.read(bytes, { at: slot * chunkSize });
    return this.#cached({ disk, index, bytes, isDirty: false });
  }

  #cached(chunk: Chunk): Chunk {
    const key = chunk.disk.key(chunk.index);
    this.#cache.delete(key);
    this.#cache.set(key, chunk);
    if (this.#cache.size > cacheMax) this.#makeRoom();
    return chunk;
  }

  /** Removes the older half of the cache, but for what the browser refuses to keep. */
  #makeRoom(): void {
    const old = [...this.#cache].slice(0, cacheMax / 2);
    try {
      for (const [key, chunk] of old) {
        if (chunk.isDirty && !this.#files) continue;
        if (chunk.isDirty && this.#files) this.#save(this.#files, chunk);
        this.#cache.delete(key);
      }
    } catch (error) {
      this.#refused(error);
    }
  }

  /** Writes a chunk to a slot that the last commit does not name. */
  #save(files: PoolFiles, chunk: Chunk): void {
    const { disk, index, bytes } = chunk;
    const before = disk.slots.get(index);
    const isFresh = before !== undefined && this.#fresh.has(before);
    const slot = isFresh ? before : this.#take();
    try {
      writeWhole(files.chunks, bytes, slot * chunkSize);
    } catch (error) {
      if (!isFresh) this.#free.add(slot);
      throw error;
    }
    if (!isFresh) {
      this.#fresh.add(slot);
      this.#leave(before);
      disk.slots.set(index, slot);
    }
    chunk.isDirty = false;
  }

  #take(): number {
    const [slot] = this.#free;
    if (slot === undefined) return this.#end++;
    this.#free.delete(slot);
    return slot;
  }

  /** Nothing uses a slot any more. */
  #leave(slot: number | undefined): void {
    if (slot === undefined) return;
    if (this.#fresh.delete(slot)) this.#free.add(slot);
    else this.#leaving.push(slot);
  }

  #findFree(): void {
    const used = new Set([...this.#fresh, ...this.#leaving]);
    for (const { slots } of [...this.#disks.values(), ...this.#committed.values()])
      for (const slot of slots.values()) used.add(slot);
    this.#free = new Set();
    for (let slot = this.#firstFree; slot < this.#end; slot++) if (!used.has(slot)) this.#free.add(slot);
  }

  /** Gives room behind the last slot in use back to the browser. */
  #trim({ chunks }: PoolFiles): void {
    const before = this.#end;
    while (this.#free.delete(this.#end - 1)) this.#end--;
    if (this.#end < before && chunks.getSize() > this.#end * chunkSize) chunks.truncate(this.#end * chunkSize);
  }

  #table(): DiskTable {
    return new Map([...this.#disks].map(([name, { size, slots }]) => [name, { size, slots: new Map(slots) }]));
  }

  #refused(error: unknown): void {
    this.#isFaulty = true;
    this.onFault(error);
  }
}

/** One disk of a pool. */
class PoolDisk implements ChunkStore {
  name: string;
  size: number;
  readonly slots: Map<number, number>;
  readonly #pool: ChunkPool;
  /** Tells its chunks from those of other disks, whatever it is called. */
  readonly #number = PoolDisk.#count++;
  static #count = 0;

  constructor(pool: ChunkPool, name: string, size: number, slots: Map<number, number>) {
    this.#pool = pool;
    this.name = name;
    this.size = size;
    this.slots = slots;
  }

  key(index: number): string {
    return `${this.#number}/${index}`;
  }

  has(index: number): boolean {
    return this.slots.has(index) || this.#pool.isCached(this, index);
  }

  *indices(): Generator<number> {
    for (let index = 0; index * chunkSize < this.size; index++) if (this.has(index)) yield index;
  }

  read(index: number, offset: number, into: Uint8Array): void {
    this.#pool.read(this, index, offset, into);
  }

  write(index: number, offset: number, from: Uint8Array): void {
    this.#pool.write(this, index, offset, from);
  }

  drop(index: number): void {
    this.#pool.drop(this, index);
  }

  flush(): void {
    this.#pool.commit();
  }
}

/** What a commit changes. */
function changeOf(before: DiskTable, after: DiskTable) {
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const disks = [...after].flatMap(([name, { size, slots }]) => {
    const old = before.get(name);
    const chunks = [
      ...[...slots].filter(([chunk, slot]) => old?.slots.get(chunk) !== slot),
      ...[...(old?.slots.keys() ?? [])]
        .filter((chunk) => !slots.has(chunk))
        .map((chunk): [number, number] => [chunk, -1]),
    ];
    return old?.size === size && chunks.length === 0 ? [] : [{ name, size, chunks }];
  });
  return { removed, disks };
}

/** Files in memory, for a pool that nothing keeps. */
export const memoryFiles = (): PoolFiles => ({ chunks: new MemoryFile(), index: [new MemoryFile(), new MemoryFile()] });
