/** A file of Dom0's whose contents are a disk: an image, or a logical volume. */
import { constant } from '../../base/held-objects.ts';
import { type ChunkStore, SparseDisk, sectorSize } from '../../soc/storage/disk.ts';

/** The last sector of a size that is no whole number of them ends in zeros. */
const sectorsOf = (size: number): number => Math.ceil(size / sectorSize);

export class DiskFile {
  readonly disk: SparseDisk;
  /** Where it is now. */
  path: string;
  private _size: number;
  private _original: Uint8Array | null;

  /**
   * @param open gives what holds the disk at `path`: now, or for a file that has its original bytes at the first write
   * @param original what it holds until then
   */
  constructor(
    path: string,
    size: number,
    open: (path: string, size: number, contents: Uint8Array) => ChunkStore,
    original: Uint8Array | null = null,
  ) {
    this.path = path;
    this._size = size;
    this._original = original && constant(original);
    this.disk = new SparseDisk(sectorsOf(size), {
      ...(original && { base: original }),
      store: (contents) => {
        this._original = null;
        return open(this.path, this._size, contents);
      },
    });
  }

  /** Bytes. */
  get size(): number {
    return this._size;
  }

  /** The bytes that it was made of, if nothing has been written to it since. */
  get original(): Uint8Array | null {
    return this._original;
  }

  /** Fills `into`, which lies within the file. */
  read(offset: number, into: Uint8Array): void {
    const first = Math.floor(offset / sectorSize);
    const sectors = new Uint8Array((sectorsOf(offset + into.length) - first) * sectorSize);
    this.disk.read(first, sectors);
    into.set(sectors.subarray(offset - first * sectorSize).subarray(0, into.length));
  }

  /** Writes bytes that lie within the file. */
  write(offset: number, from: Uint8Array): void {
    const first = Math.floor(offset / sectorSize);
    if (offset % sectorSize === 0 && from.length % sectorSize === 0) {
      this.disk.write(first, from);
      return;
    }
    const sectors = new Uint8Array((sectorsOf(offset + from.length) - first) * sectorSize);
    this.disk.read(first, sectors);
    sectors.set(from, offset - first * sectorSize);
    this.disk.write(first, sectors);
  }

  resize(size: number): void {
    // What a longer file has behind the old end is zero.
    if (size < this._size && size % sectorSize !== 0)
      this.write(size, new Uint8Array(Math.min(this._size, sectorsOf(size) * sectorSize) - size));
    this.disk.resize(sectorsOf(size));
    this._size = size;
  }
}
