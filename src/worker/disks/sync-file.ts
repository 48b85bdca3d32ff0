/** A file that is read and written at once: the part of the browser's FileSystemSyncAccessHandle that disks need. */
export interface SyncFile {
  getSize(): number;
  /** Returns how many bytes there were. */
  read(into: Uint8Array, options: { readonly at: number }): number;
  /** Throws where the browser gives no more room. */
  write(from: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  /** What was written before is durable on return. */
  flush(): void;
  close(): void;
}

/** Writes all bytes, or throws. */
export function writeWhole(file: SyncFile, from: Uint8Array, at: number): void {
  if (file.write(from, { at }) < from.length) throw new DOMException('There is no more room.', 'QuotaExceededError');
}

/** A file in memory, of blocks that are there when something was written to them. */
export class MemoryFile implements SyncFile {
  static readonly blockSize = 0x1_0000;
  readonly blocks = new Map<number, Uint8Array>();
  #size = 0;

  getSize(): number {
    return this.#size;
  }

  read(into: Uint8Array, { at }: { readonly at: number }): number {
    const count = Math.max(0, Math.min(into.length, this.#size - at));
    for (let done = 0; done < count; ) {
      const { index, offset, length } = pieceAt(at + done, count - done);
      const block = this.blocks.get(index);
      if (block) into.set(block.subarray(offset, offset + length), done);
      else into.fill(0, done, done + length);
      done += length;
    }
    return count;
  }

  write(from: Uint8Array, { at }: { readonly at: number }): number {
    for (let done = 0; done < from.length; ) {
      const { index, offset, length } = pieceAt(at + done, from.length - done);
      let block = this.blocks.get(index);
      if (!block) {
        block = new Uint8Array(MemoryFile.blockSize);
        this.blocks.set(index, block);
      }
      block.set(from.subarray(done, done + length), offset);
      this.changed(index);
      done += length;
    }
    this.#size = Math.max(this.#size, at + from.length);
    return from.length;
  }

  truncate(size: number): void {
    for (const [index, block] of this.blocks) {
      const end = size - index * MemoryFile.blockSize;
      if (end >= MemoryFile.blockSize) continue;
      if (end <= 0) this.blocks.delete(index);
      else block.fill(0, end);
      this.changed(index);
    }
    this.#size = size;
  }

  flush(): void {}

  close(): void {}

  /** A block is another one now, or gone. */
  protected changed(_index: number): void {}
}

/** The part of a range that lies in the first of its blocks. */
const pieceAt = (at: number, left: number) => {
  const offset = at % MemoryFile.blockSize;
  const index = (at - offset) / MemoryFile.blockSize;
  return { index, offset, length: Math.min(left, MemoryFile.blockSize - offset) };
};
