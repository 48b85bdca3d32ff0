/** Disks in a folder of the user's. */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type ChunkStore, chunkSize, filled, isZero, MemoryChunks, maximumDiskSize } from '../../soc/storage/disk.ts';
import type { DiskStore, KeptDisk } from '../../soc/storage/disk-store.ts';
import { UsageError } from '../exit-code.ts';
import { message } from '../run/messages.ts';
import { reason } from './files.ts';

/** In a folder of disks: the number of the process that uses it. */
const lockName = '.el2lab-lock';
/** Ends the name of a file that is being made. */
const unfinished = '.el2lab-new';

/**
 * An image's bytes in a file. They are written at once, in the order in which they come, so that a process that is
 * killed leaves what a disk leaves that loses its power: all that was flushed, and some of what came later.
 */
class FileChunks implements ChunkStore {
  readonly path: string;
  readonly #descriptor: number;
  #size: number;
  /** What the file system has refused. */
  readonly #refused = new MemoryChunks();
  #hasComplained = false;

  /** Opens a file. Throws what Node throws. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'r+');
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Throws what Node throws. */

  resize(size: number): void {
    if (size !== this.#size) ftruncateSync(this.#descriptor, size);
    this.#size = size;
  }

  has(index: number): boolean {
    return index * chunkSize < this.#size || this.#refused.has(index);
  }

  read(index: number, offset: number, into: Uint8Array): void {
    if (this.#refused.has(index)) {
      this.#refused.read(index, offset, into);
      return;
    }
    const count = readSync(this.#descriptor, into, 0, into.length, index * chunkSize + offset);
    into.fill(0, count);
  }

  write(index: number, offset: number, from: Uint8Array): void {
    if (this.#refused.has(index)) {
      this.#refused.write(index, offset, from);
      return;
    }
    // Holes stay holes.
    if (isZero(from) && this.#isZero(index, offset, from.length)) return;
    const at = index * chunkSize + offset;
    // The last chunk may reach behind the end.
    const count = Math.min(from.length, this.#size - at);
    try {
      for (let done = 0; done < count; ) done += writeSync(this.#descriptor, from, done, count - done, at + done);
    } catch (error) {
      if (!this.#hasComplained)
        message(`el2lab: ${this.path} cannot be written: ${reason(error)}. The disk goes on in memory.`);
      this.#hasComplained = true;
      const chunk = new Uint8Array(chunkSize);
      this.read(index, 0, chunk);
      chunk.set(from, offset);
      this.#refused.write(index, 0, chunk);
    }
  }

  drop(index: number): void {
    if (this.has(index)) this.write(index, 0, new Uint8Array(chunkSize));
  }

  flush(): void {
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #isZero(index: number, offset: number, length: number): boolean {
    const bytes = new Uint8Array(length);
    this.read(index, offset, bytes);
    return isZero(bytes);
  }
}

/** Domain-0's images and volumes in a folder: FOLDER/dev/vg/a is /dev/vg/a there. */
export class HostDisks implements DiskStore {
  readonly #folder: string;
  readonly #open = new Map<string, FileChunks>();

  /** Throws UsageError, also if another process uses the folder. */
  constructor(folder: string) {
    this.#folder = folder;
    attempt(folder, () => mkdirSync(folder, { recursive: true }));
    this.#lock(join(folder, lockName));
  }

  list(): readonly KeptDisk[] {
    const all = attempt(this.#folder, () => imagesBelow(this.#folder, ''));
    const large = all.find(({ size }) => size > maximumDiskSize);
    if (large) throw new UsageError(`${this.#path(large.name)} is larger than 1 GiB, which no disk here can be.`);
    return all;
  }

  open(name: string, size: number, contents?: Uint8Array): ChunkStore {
    const path = this.#path(name);
    try {
      const known = this.#open.get(name);
      if (!known && !isFile(path)) makeImage(path, size, contents);
      const chunks = known ?? new FileChunks(path);
      this.#open.set(name, chunks);
      chunks.resize(size);
      return chunks;
    } catch (error) {
      if (isFile(path)) throw new UsageError(`${path} cannot be used for disks: ${reason(error)}.`);
      message(`el2lab: ${path} cannot be written: ${reason(error)}. The disk goes on in memory.`);
      return filled(new MemoryChunks(), contents);
    }
  }

  rename(from: string, to: string): void {
    const chunks = this.#open.get(from);
    this.#open.delete(from);
    if (chunks) this.#open.set(to, chunks);
    this.#change(to, (path) => {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(this.#path(from), path);
    });
  }

  remove(name: string): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#change(name, unlinkSync);
  }

  flush(): void {
    for (const chunks of this.#open.values()) chunks.flush();
  }

  close(): void {
    for (const chunks of this.#open.values()) chunks.close();
    this.#open.clear();
    unlinkSync(join(this.#folder, lockName));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #change(name: string, change: (path: string) => void): void {
    const path = this.#path(name);
    try {
      change(path);
    } catch (error) {
      message(`el2lab: ${path} cannot be changed: ${reason(error)}.`);
    }
  }

  #lock(path: string): void {
    for (;;) {
      try {
        writeFileSync(path, String(process.pid), { flag: 'wx' });
        return;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
          throw new UsageError(`${path} cannot be written: ${reason(error)}.`);
      }
      const other = Number(attempt(path, () => readFileSync(path, 'latin1')));
      if (isRunning(other)) throw new UsageError(`${dirname(path)} is used by process ${other}: end that first.`);
      // It was killed.
      attempt(path, () => unlinkSync(path));
    }
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const isRunning = (process: number): boolean => {
  try {
    if (process > 0) globalThis.process.kill(process, 0);
    return process > 0;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Makes a file with all that it begins with, or none. */
function makeImage(path: string, size: number, contents: Uint8Array = new Uint8Array()): void {
  mkdirSync(dirname(path), { recursive: true });
  const made = `${path}${unfinished}`;
  const descriptor = openSync(made, 'w');
  for (let done = 0; done < contents.length; ) done += writeSync(descriptor, contents, done);
  ftruncateSync(descriptor, size);
  if (contents.length > 0) fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(made, path);
}

/** The images in a directory and below, in order. What was not finished is removed. */
function imagesBelow(directory: string, at: string): KeptDisk[] {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return imagesBelow(path, `${at}/${entry.name}`);
    if (entry.name.endsWith(unfinished)) unlinkSync(path);
    else if (entry.name !== lockName) return [{ name: `${at}/${entry.name}`, size: statSync(path).size }];
    return [];
  });
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new UsageError(`${path} cannot be used for disks: ${reason(error)}.`);
  }
}
