/** A file of the host as the SD card. */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { cardSizeError } from '../../session/api/card.ts';
import { type ChunkStore, chunkSize, type Disk, SparseDisk, sectorSize } from '../../soc/storage/disk.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from './files.ts';

export class CardFile {
  readonly path: string;
  readonly disk: Disk;
  readonly #chunks: FileChunks;

  /** Throws UsageError. */
  constructor(path: string) {
    this.path = path;
    const { descriptor, isReadOnly } = open(path);
    const { size } = fstatSync(descriptor);
    const wrong = cardSizeError(size);
    if (wrong !== null) {
      closeSync(descriptor);
      throw new UsageError(`${path} ${wrong}. \`truncate -s 64M\` makes one of 64 MiB.`);
    }
    this.#chunks = new FileChunks(path, descriptor);
    this.disk = new SparseDisk(size / sectorSize, { store: () => this.#chunks, isReadOnly });
  }

  close(): void {
    this.disk.flush();
    this.#chunks.close();
  }
}

/** Opens a file to be written, or only to be read where it cannot be written. */
function open(path: string): { descriptor: number; isReadOnly: boolean } {
  try {
    return { descriptor: openSync(path, constants.O_RDWR), isReadOnly: false };
  } catch {
    try {
      return { descriptor: openSync(path, constants.O_RDONLY), isReadOnly: true };
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${reason(error)}.`);
    }
  }
}

/** A file in chunks, all of which are there. */
class FileChunks implements ChunkStore {
  readonly #path: string;
  readonly #descriptor: number;
  #isChanged = false;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  has(): boolean {
    return true;
  }

  read(index: number, offset: number, into: Uint8Array): void {
    const count = this.#try('read', () => readSync(this.#descriptor, into, 0, into.length, index * chunkSize + offset));
    into.fill(0, count);
  }

  write(index: number, offset: number, from: Uint8Array): void {
    this.#try('written', () => writeSync(this.#descriptor, from, 0, from.length, index * chunkSize + offset));
    this.#isChanged = true;
  }

  drop(index: number): void {
    this.write(index, 0, new Uint8Array(chunkSize));
  }

  flush(): void {
    if (this.#isChanged) this.#try('written', () => fsyncSync(this.#descriptor));
    this.#isChanged = false;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** A file that fails while the machine runs ends the run: the guest would take what it gets for the card's. */
  #try<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${this.#path} cannot be ${what}: ${reason(error)}.`);
    }
  }
}
