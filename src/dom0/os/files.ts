/** Dom0's files: a tree in memory, and disks that may be held elsewhere. */
import type { Hasher } from '../../base/hasher.ts';
import { constant } from '../../base/held-objects.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type ChunkStore, chunkSize, type Disk, MemoryChunks, maximumDiskSize } from '../../soc/storage/disk.ts';
import { type DiskStore, MemoryDisks } from '../../soc/storage/disk-store.ts';
import { DiskFile } from './disk-file.ts';

/** Errors in the words of the C library. */
export type FileError =
  | 'No such file or directory'
  | 'Not a directory'
  | 'Is a directory'
  | 'File exists'
  | 'Directory not empty'
  | 'File too large'
  | 'No space left on device'
  | 'Invalid argument';

export type FileResult<T> = Result<T, FileError>;

type Entry = Directory | DiskFile | Uint8Array;
class Directory {
  readonly entries = new Map<string, Entry>();
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Whether its contents are a disk. */
  readonly isDisk: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Makes a path absolute and removes `.`, `..`, and double and trailing slashes. */
export function resolvePath(path: string, directory = '/'): string {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** Below /dev, files are devices: they have the size that they were made with. */
export const isDevice = (path: string): boolean => path.startsWith('/dev/');

/** No larger file can be read in one piece. */
const readMax = 128 * 2 ** 20;

const sizeOf = (entry: Entry): number =>
  entry instanceof Directory ? 0 : entry instanceof DiskFile ? entry.size : entry.length;

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * All paths are absolute, as `resolvePath` makes them. A file that is large, or that is used as a disk, is a `DiskFile`;
 * all others are bytes. Which of them it is shows only in how it is kept.
 */
export class FileSystem {
  private readonly root = new Directory();
  private readonly disks: DiskStore;
  /**
   * Called with the path of each file or directory that is created, changed or removed. Of a disk, only that its
   * contents are the user's from now on, or its size.
   */
  onChange: (path: string) => void = () => {};
  private _keptChanges = 0;
  private readonly watches = new Set<(path: string) => void>();

  /** @param disks keeps disks; those that it has are there from the start */
  constructor(disks: DiskStore = new MemoryDisks()) {
    this.disks = disks;
    for (const { name, size } of disks.list()) {
      if (!name.startsWith('/') || !this.makePath(resolvePath('..', name)).ok) continue;
      const parent = this.parent(name);
      if (parent.ok) parent.value.entries.set(baseName(name), this.diskFile(name, size, null));
    }
  }

  /** How often something has changed in disks that something keeps: what was there before is gone. */
  get keptChanges(): number {
    return this._keptChanges;
  }

  /** A file's bytes; of a disk, a copy. */
  read(path: string): FileResult<Uint8Array> {
    const entry = this.find(path);
    if (!entry.ok) return entry;
    if (entry.value instanceof Directory) return err('Is a directory');
    if (entry.value instanceof Uint8Array) return ok(entry.value);
    return entry.value.original ? ok(entry.value.original) : this.readAt(path, 0, Number.POSITIVE_INFINITY);
  }

  /** A copy of the bytes from an offset on, at most `length`: fewer at the file's end. */
  readAt(path: string, offset: number, length: number): FileResult<Uint8Array> {
    const entry = this.find(path);
    if (!entry.ok) return entry;
    if (entry.value instanceof Directory) return err('Is a directory');
    const count = Math.max(0, Math.min(length, sizeOf(entry.value) - offset));
    if (count > readMax) return err('File too large');
    if (entry.value instanceof Uint8Array) return ok(entry.value.slice(offset, offset + count));
    const bytes = new Uint8Array(count);
    if (count > 0) entry.value.read(offset, bytes);
    return ok(bytes);
  }

  /** Bytes; 0 for a directory. */
  size(path: string): FileResult<number> {
    const entry = this.find(path);
    return entry.ok ? ok(sizeOf(entry.value)) : entry;
  }

  /**
   * A file as a disk. The same file is the same disk each time. If it is made longer or shorter, so is the disk; if it is
   * removed or replaced, the disk has no sectors any more.
   */
  disk(path: string): FileResult<Disk> {
    const entry = this.find(path);
    if (!entry.ok) return entry;
    if (entry.value instanceof Directory) return err('Is a directory');
    if (entry.value instanceof DiskFile) return ok(entry.value.disk);
    if (entry.value.length > maximumDiskSize) return err('File too large');
    return ok(this.asDisk(path, entry.value).disk);
  }

  /** The bytes that a disk was made of and still has; null for another file, or for a disk that has been written to. */
  originalOfDisk(path: string): Uint8Array | null {
    const entry = this.find(path);
    return entry.ok && entry.value instanceof DiskFile ? entry.value.original : null;
  }

  isDisk(path: string): boolean {
    const entry = this.find(path);
    return entry.ok && entry.value instanceof DiskFile;
  }

  /** Makes a volume of zeros, and the directories above it. */
  makeDevice(path: string, size: number): FileResult<null> {
    const made = this.makePath(resolvePath('..', path));
    if (!made.ok) return made;
    return this.exists(path) ? err('File exists') : this.put(path, () => this.diskFile(path, size, null));
  }

  /** Writes bytes into a file from an offset on. A file that is too short, or not there, is made longer by zeros. */
  writeAt(path: string, offset: number, bytes: Uint8Array): FileResult<null> {
    const size = this.size(path);
    const end = offset + bytes.length;
    if (size.ok && isDevice(path) && end > size.value) return err('No space left on device');
    if (!size.ok || end > size.value) {
      const made = this.resize(path, end);
      if (!made.ok) return made;
    }
    const entry = this.find(path);
    if (!entry.ok) return entry;
    if (entry.value instanceof Directory) return err('Is a directory');
    if (entry.value instanceof DiskFile) {
      entry.value.write(offset, bytes);
      return ok(null);
    }
    const changed = entry.value.slice();
    changed.set(bytes, offset);
    return this.write(path, changed);
  }

  /** Makes a file longer by zeros, or shorter. One that is not there is made. */
  resize(path: string, size: number): FileResult<null> {
    const entry = this.find(path);
    if (entry.ok && entry.value instanceof Directory) return err('Is a directory');
    if (isDevice(path)) return entry.ok ? err('Invalid argument') : entry;
    if (size > maximumDiskSize) return err('File too large');
    if (!entry.ok && entry.error !== 'No such file or directory') return entry;
    const before = entry.ok ? entry.value : new Uint8Array();
    if (before instanceof Uint8Array && size <= chunkSize) {
      const bytes = new Uint8Array(size);
      bytes.set(before.subarray(0, size));
      return this.write(path, bytes);
    }
    if (!entry.ok) return this.put(path, () => this.diskFile(path, size, null));
    const file = before instanceof DiskFile ? before : this.asDisk(path, before as Uint8Array);
    file.resize(size);
    this.disks.open(path, size);
    this.changed(path);
    return ok(null);
  }

  /** What has been written to all disks is durable on return, if anything keeps them. */
  sync(): void {
    this.disks.flush();
  }

  readText(path: string): FileResult<string> {
    const bytes = this.read(path);
    return bytes.ok ? ok(decoder.decode(bytes.value)) : bytes;
  }

  /**
   * Creates or replaces a file in an existing directory. Keeps the bytes without copying them. Those for a device are
   * written to its start.
   */
  write(path: string, contents: Uint8Array | string): FileResult<null> {
    const bytes = typeof contents === 'string' ? encoder.encode(contents) : contents;
    if (isDevice(path) && this.isDisk(path)) return this.writeAt(path, 0, bytes);
    if (isDevice(path)) return this.put(path, () => this.diskFile(path, bytes.length, bytes));
    return this.put(path, () => bytes);
  }

  mkdir(path: string): FileResult<null> {
    const parent = this.parent(path);
    if (!parent.ok) return parent;
    const name = baseName(path);
    if (name === '' || parent.value.entries.has(name)) return err('File exists');
    parent.value.entries.set(name, new Directory());
    this.changed(path);
    return ok(null);
  }

  /** Creates a directory and its missing parents. */
  makePath(path: string): FileResult<null> {
    let at = '';
    for (const name of path.split('/').slice(1)) {
      at += `/${name}`;
      const made = this.isDirectory(at) ? ok(null) : this.mkdir(at);
      if (!made.ok) return made;
    }
    return ok(null);
  }

  list(path: string): FileResult<DirectoryEntry[]> {
    const directory = this.find(path);
    if (!directory.ok) return directory;
    if (!(directory.value instanceof Directory)) return err('Not a directory');
    const entries = [...directory.value.entries].map(([name, entry]) => ({
      name,
      isDirectory: entry instanceof Directory,
      isDisk: entry instanceof DiskFile,
      size: sizeOf(entry),
    }));
    return ok(entries.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  isDirectory(path: string): boolean {
    const entry = this.find(path);
    return entry.ok && entry.value instanceof Directory;
  }

  exists(path: string): boolean {
    return this.find(path).ok;
  }

  /** Removes a file or an empty directory. */
  remove(path: string): FileResult<null> {
    const entry = this.find(path);
    if (!entry.ok) return entry;
    if (path === '/') return err('Invalid argument');
    if (entry.value instanceof Directory && entry.value.entries.size > 0) return err('Directory not empty');
    return this.detach(path);
  }

  /** Moves a file or directory; a file with the new name is replaced. */
  rename(from: string, to: string): FileResult<null> {
    const entry = this.find(from);
    if (!entry.ok) return entry;
    if (from === to) return ok(null);
    if (to === '/' || to.startsWith(`${from}/`)) return err('Invalid argument');
    const parent = this.parent(to);
    if (!parent.ok) return parent;
    const other = parent.value.entries.get(baseName(to));
    if (other instanceof Directory) return err(entry.value instanceof Directory ? 'File exists' : 'Is a directory');
    this.end(other);
    const before = this.parent(from);
    if (before.ok) before.value.entries.delete(baseName(from));
    parent.value.entries.set(baseName(to), entry.value);
    this.moved(to, entry.value);
    this.changed(from);
    this.changed(to);
    return ok(null);
  }

  /** Paths of all files below a directory, in order. */
  *walk(directory: string): Generator<string> {
    const listed = this.list(directory);
    if (!listed.ok) return;
    for (const { name, isDirectory } of listed.value) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      if (isDirectory) yield* this.walk(path);
      else yield path;
    }
  }

  /** Adds all names and contents. The order of creation does not count, because every listing is sorted. */
  fingerprint(hasher: Hasher): void {
    const add = ({ entries }: Directory): void => {
      hasher.add(entries.size);
      for (const [name, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
        hasher.add(name);
        if (entry instanceof Directory) add(entry);
        else if (entry instanceof DiskFile) entry.disk.fingerprint(hasher.add(entry.size));
        else hasher.add(entry);
      }
    };
    add(this.root);
  }

  /** Calls back with each path below a directory that is created, changed or removed. Returns what ends that. */
  watch(directory: string, changed: (path: string) => void): () => void {
    const watch = (path: string): void => {
      if (path.startsWith(`${directory}/`)) changed(path);
    };
    this.watches.add(watch);
    return () => this.watches.delete(watch);
  }

  private changed(path: string): void {
    this.onChange(path);
    for (const watch of this.watches) watch(path);
  }

  private find(path: string): FileResult<Entry> {
    let entry: Entry | undefined = this.root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      if (!(entry instanceof Directory)) return err('Not a directory');
      entry = entry.entries.get(name);
      if (!entry) return err('No such file or directory');
    }
    return ok(entry);
  }

  private parent(path: string): FileResult<Directory> {
    const parent = this.find(path.slice(0, path.lastIndexOf('/')));
    if (!parent.ok) return parent;
    return parent.value instanceof Directory ? ok(parent.value) : err('Not a directory');
  }

  /** Makes or replaces a file. */
  private put(path: string, make: () => DiskFile | Uint8Array): FileResult<null> {
    const parent = this.parent(path);
    if (!parent.ok) return parent;
    const name = baseName(path);
    const before = parent.value.entries.get(name);
    if (before instanceof Directory || name === '') return err('Is a directory');
    this.end(before);
    const file = make();
    parent.value.entries.set(name, file instanceof Uint8Array ? constant(file) : file);
    this.changed(path);
    return ok(null);
  }

  /** Tells disks where they are now. */
  private moved(to: string, entry: Entry): void {
    if (entry instanceof Directory) for (const [name, each] of entry.entries) this.moved(`${to}/${name}`, each);
    if (!(entry instanceof DiskFile)) return;
    if (!entry.original) this.kept().rename(entry.path, to);
    entry.path = to;
  }

  private detach(path: string): FileResult<null> {
    const parent = this.parent(path);
    if (!parent.ok) return parent;
    const name = baseName(path);
    this.end(parent.value.entries.get(name));
    parent.value.entries.delete(name);
    this.changed(path);
    return ok(null);
  }

  /** What a file was is gone. */
  private end(entry: Entry | undefined): void {
    if (!(entry instanceof DiskFile)) return;
    entry.disk.remove();
    if (!entry.original) this.kept().remove(entry.path);
  }

  private diskFile(path: string, size: number, original: Uint8Array | null): DiskFile {
    const open = (name: string, bytes: number, contents: Uint8Array): ChunkStore => {
      const store = this.kept().open(name, bytes, contents);
      if (original) this.changed(name);
      return store instanceof MemoryChunks ? store : this.counted(store);
    };
    return new DiskFile(path, size, open, original);
  }

  /** What keeps disks, to change something there. */
  private kept(): DiskStore {
    if (!(this.disks instanceof MemoryDisks)) this._keptChanges++;
    return this.disks;
  }

  private counted(store: ChunkStore): ChunkStore {
    return {
      has: (index) => store.has(index),
      read: (index, offset, into) => store.read(index, offset, into),
      write: (index, offset, from) => {
        this._keptChanges++;
        store.write(index, offset, from);
      },
      drop: (index) => {
        this._keptChanges++;
        store.drop(index);
      },
      flush: () => store.flush(),
    };
  }

  /** Makes a file of bytes one whose contents are a disk. */
  private asDisk(path: string, bytes: Uint8Array): DiskFile {
    const file = this.diskFile(path, bytes.length, bytes);
    const parent = this.parent(path);
    if (parent.ok) parent.value.entries.set(baseName(path), file);
    return file;
  }
}
