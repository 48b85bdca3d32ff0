import { type Disk, sectorSize } from '../disk.ts';

/** Why a partition or file system cannot be read or made, for the user: a clause such as "has a loop in …". */
export class FileSystemError extends Error {
  override readonly name = 'FileSystemError';
}

/** The part of a disk that a file system lies in: bytes from its beginning. */
export class DiskPart {
  readonly disk: Disk;
  readonly firstSector: number;
  readonly sectors: number;

  /** From `firstSector` on, `sectors` long or as long as the disk goes on. */
  constructor(disk: Disk, firstSector = 0, sectors: number = disk.sectors) {
    this.disk = disk;
    this.firstSector = Math.min(firstSector, disk.sectors);
    this.sectors = Math.min(sectors, disk.sectors - this.firstSector);
  }

  get size(): number {
    return this.sectors * sectorSize;
  }

  /** Bytes at any place. Throws FileSystemError if they are not all within the part. */
  read(offset: number, length: number): Uint8Array {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size))
      throw new FileSystemError(`refers to byte ${offset}, behind its end`);
    if (length === 0) return new Uint8Array();
    const first = Math.floor(offset / sectorSize);
    const end = Math.ceil((offset + length) / sectorSize);
    const bytes = new Uint8Array((end - first) * sectorSize);
    this.disk.read(this.firstSector + first, bytes);
    return bytes.subarray(offset - first * sectorSize).subarray(0, length);
  }

  /** Writes whole sectors. */
  write(sector: number, bytes: Uint8Array): void {
    this.disk.write(this.firstSector + sector, bytes);
  }
}

/** A view of bytes, for numbers in them. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
