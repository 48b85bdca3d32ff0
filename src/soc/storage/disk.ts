/**
 * A disk: sectors that are read and written at once, in whole sectors. What holds them is a `ChunkStore`: memory, or a
 * file of the host. It decides nothing in the machine but the bytes, which are the same wherever they are held.
 */
import { assert } from '../../base/assert.ts';
import { Hasher } from '../../base/hasher.ts';
import type { Held, Holdable } from '../../base/held-objects.ts';

export const sectorSize = 512;
/** What a disk is held and kept in: 64 KiB. */
export const chunkSize = 0x1_0000;
/** No disk is larger than 1 GiB. */
export const maximumDiskSize = 2 ** 30;

/**
 * Callers judge what a guest asks for: a request for sectors that are not there, or a write to a disk that is read-only,
 * is an assertion here.
 */
export interface Disk {
  /** How many there are now: a file may be made longer, shorter, or be removed while a guest has it. */
  readonly sectors: number;
  readonly isReadOnly: boolean;
  /** Fills `into`, a number of whole sectors. */
  read(sector: number, into: Uint8Array): void;
  /** Writes `from`, a number of whole sectors. It survives the end of the page or of the command only after `flush`. */
  write(sector: number, from: Uint8Array): void;
  /** The sectors read as zero from now on. */
  discard(sector: number, count: number): void;
  /** What has been written is durable on return, if anything keeps this disk. */
  flush(): void;
  /** Adds the contents. Only what has been written since the last time is looked at. */
  fingerprint(hasher: Hasher): void;
}

/** Holds the chunks of one disk. Offsets are those in the chunk. A chunk's first write is a whole chunk. */
export interface ChunkStore {
  has(index: number): boolean;
  read(index: number, offset: number, into: Uint8Array): void;
  write(index: number, offset: number, from: Uint8Array): void;
  /** Removes a chunk that may be there. */
  drop(index: number): void;
  flush(): void;
}

/** Chunks in memory, which nothing keeps. */
export class MemoryChunks implements ChunkStore {
  readonly #chunks = new Map<number, Uint8Array>();
  /** The chunks that a copy has, too: they are copied before they are written. */
  readonly #shared = new Set<number>();

  /** The same chunks. What is written to one of the two is not in the other. */
  copy(): MemoryChunks {
    const copy = new MemoryChunks();
    for (const [index, chunk] of this.#chunks) {
      copy.#chunks.set(index, chunk);
      copy.#shared.add(index);
      this.#shared.add(index);
    }
    return copy;
  }

  /** How many of its chunks another does not share. */
  differences(other: MemoryChunks | null): number {
    let count = 0;
    for (const [index, chunk] of this.#chunks) if (!other || other.#chunks.get(index) !== chunk) count++;
    return count;
  }

  has(index: number): boolean {
    return this.#chunks.has(index);
  }

  read(index: number, offset: number, into: Uint8Array): void {
    into.set(this.#chunk(index).subarray(offset, offset + into.length));
  }

  write(index: number, offset: number, from: Uint8Array): void {
    if (from.length === chunkSize) this.#chunks.set(index, from.slice());
    else {
      if (this.#shared.has(index)) this.#chunks.set(index, this.#chunk(index).slice());
      this.#chunk(index).set(from, offset);
    }
    this.#shared.delete(index);
  }

  drop(index: number): void {
    this.#chunks.delete(index);
    this.#shared.delete(index);
  }

  flush(): void {}

  #chunk(index: number): Uint8Array {
    const chunk = this.#chunks.get(index);
    assert(chunk, `chunk ${index} is not there`);
    return chunk;
  }
}

const nothing = new Uint8Array(0);
/** A chunk that is being put together. */
const scratch = new Uint8Array(chunkSize);

/** Writes what a new disk begins with. */
export function filled(store: ChunkStore, contents: Uint8Array = nothing): ChunkStore {
  for (let at = 0; at < contents.length; at += chunkSize) {
    scratch.fill(0);
    scratch.set(contents.subarray(at, at + chunkSize));
    if (!isZero(scratch)) store.write(at / chunkSize, 0, scratch);
  }
  return store;
}

export interface SparseDiskOptions {
  /**
   * What a disk holds that nothing has been written to: these bytes, and zeros behind them. They are never changed: with
   * the first write, a store holds a copy.
   */
  readonly base?: Uint8Array;
  readonly isReadOnly?: boolean;
  /** Gives a store that holds the base; memory, if there is none. */
  readonly store?: (base: Uint8Array) => ChunkStore;
}

/** A disk that holds only what has been written to it: chunks of zeros are not held. */
export class SparseDisk implements Disk, Holdable {
  readonly isReadOnly: boolean;
  #sectors: number;
  #base: Uint8Array;
  #store: ChunkStore | null = null;
  readonly #open: (base: Uint8Array) => ChunkStore;
  /** Fingerprints of chunks that have not changed since; '' is a chunk of zeros. */
  readonly #prints: (string | undefined)[] = [];
  /** The last moment that was held, until something is written. */
  #held: Held | null = null;
  #heldBefore: MemoryChunks | null = null;

  constructor(
    sectors: number,
    { base = nothing, isReadOnly = false, store = (held) => filled(new MemoryChunks(), held) }: SparseDiskOptions = {},
  ) {
    assert(sectors * sectorSize <= maximumDiskSize, `a disk of ${sectors} sectors`);
    assert(base.length <= sectors * sectorSize, 'the base is larger than the disk');
    this.#sectors = sectors;
    this.isReadOnly = isReadOnly;
    this.#base = base;
    this.#open = store;
    if (base.length === 0) this.#store = store(base);
  }

  get sectors(): number {
    return this.#sectors;
  }

  /** A disk with the same contents, which shares what neither has written since; null where something keeps this one. */
  copy(): SparseDisk | null {
    if (this.#store && !(this.#store instanceof MemoryChunks)) return null;
    const copy = new SparseDisk(this.#sectors, { base: this.#base, isReadOnly: this.isReadOnly, store: this.#open });
    copy.#store = this.#store ? this.#store.copy() : null;
    copy.#prints.push(...this.#prints);
    return copy;
  }

  /** The present contents. Of those that something keeps only where they are: who keeps them has to see that they have stayed. */
  heldState(): Held {
    if (this.#held) return this.#held;
    const [sectors, base, store] = [this.#sectors, this.#base, this.#store];
    const chunks = store instanceof MemoryChunks ? store.copy() : null;
    const bytes = (chunks?.differences(this.#heldBefore) ?? 0) * chunkSize;
    this.#heldBefore = chunks;
    this.#held = {
      restore: () => {
        this.#sectors = sectors;
        this.#base = base;
        this.#store = chunks ? chunks.copy() : store;
        this.#prints.length = 0;
        this.#held = null;
      },
      bytes,
    };
    return this.#held;
  }

  /** Makes the disk longer by zeros, or shorter. */
  resize(sectors: number): void {
    assert(sectors * sectorSize <= maximumDiskSize, `a disk of ${sectors} sectors`);
    this.#writable();
    if (sectors < this.#sectors) this.discard(sectors, this.#sectors - sectors);
    this.#sectors = sectors;
  }

  /** What holds the disk is gone: it has no sectors any more. */
  remove(): void {
    this.#held = null;
    this.#sectors = 0;
  }

  read(sector: number, into: Uint8Array): void {
    for (const { index, offset, from, to } of this.#pieces(sector, into.length)) {
      this.#readPiece(index, offset, into.subarray(from, to));
    }
  }

  write(sector: number, from: Uint8Array): void {
    const store = this.#writable();
    for (const piece of this.#pieces(sector, from.length)) {
      const bytes = from.subarray(piece.from, piece.to);
      this.#prints[piece.index] = undefined;
      if (store.has(piece.index)) store.write(piece.index, piece.offset, bytes);
      else if (!isZero(bytes)) {
        scratch.fill(0);
        scratch.set(bytes, piece.offset);
        store.write(piece.index, 0, scratch);
      }
    }
  }

  discard(sector: number, count: number): void {
    const store = this.#writable();
    for (const { index, offset, from, to } of this.#pieces(sector, count * sectorSize)) {
      if (!store.has(index)) continue;
      this.#prints[index] = undefined;
      if (to - from === chunkSize) store.drop(index);
      else store.write(index, offset, new Uint8Array(to - from));
    }
  }

  flush(): void {
    this.#store?.flush();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.sectors);
    const chunk = new Uint8Array(chunkSize);
    for (let index = 0; index * chunkSize < this.sectors * sectorSize; index++) {
      const print = this.#prints[index] ?? this.#print(index, chunk);
      this.#prints[index] = print;
      if (print !== '') hasher.add(index, print);
    }
  }

  /** The numbers of the chunks that may hold something else than zeros. */
  *held(): Generator<number> {
    const count = Math.ceil((this.sectors * sectorSize) / chunkSize);
    for (let index = 0; index < count; index++) if (this.#isHeld(index)) yield index;
  }

  #print(index: number, chunk: Uint8Array): string {
    if (!this.#isHeld(index)) return '';
    this.#readPiece(index, 0, chunk);
    return isZero(chunk) ? '' : new Hasher().add(chunk).digest();
  }

  #isHeld(index: number): boolean {
    return this.#store ? this.#store.has(index) : index * chunkSize < this.#base.length;
  }

  #writable(): ChunkStore {
    assert(!this.isReadOnly, 'a write to a read-only disk');
    this.#held = null;
    if (this.#store) return this.#store;
    const store = this.#open(this.#base);
    this.#base = nothing;
    this.#store = store;
    return store;
  }

  #readPiece(index: number, offset: number, into: Uint8Array): void {
    if (this.#store?.has(index)) {
      this.#store.read(index, offset, into);
      return;
    }
    const at = index * chunkSize + offset;
    const held = this.#base.subarray(at, at + into.length);
    into.set(held);
    into.fill(0, held.length);
  }

  /** The parts of a range of bytes from a sector on that lie in one chunk each; `from` and `to` count from the range's start. */
  *#pieces(sector: number, length: number) {
    assert(length % sectorSize === 0, `${length} bytes are no whole sectors`);
    assert(Number.isInteger(sector) && sector >= 0, `sector ${sector}`);
    assert(sector + length / sectorSize <= this.sectors, `sector ${sector}, ${length} bytes: behind the end`);
    const start = sector * sectorSize;
    for (let from = 0; from < length; ) {
      const offset = (start + from) % chunkSize;
      const to = Math.min(length, from + chunkSize - offset);
      yield { index: Math.floor((start + from) / chunkSize), offset, from, to };
      from = to;
    }
  }
}

/** Are all bytes zero? */
export function isZero(bytes: Uint8Array): boolean {
  const isAligned = bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0;
  const words = isAligned ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : bytes;
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}
