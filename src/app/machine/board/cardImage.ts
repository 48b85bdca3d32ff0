/** The image of a card with an MBR and a FAT partition: made from files, and read. It comes when the card is used. */
import { readCard } from '../../../session/card.ts';
import { SparseDisk, sectorSize } from '../../../soc/storage/disk.ts';
import { DiskPart } from '../../../soc/storage/filesystems/disk-part.ts';
import { makeFat, type NewFile } from '../../../soc/storage/filesystems/fat/make.ts';
import type { ListedFile } from '../../../soc/storage/filesystems/file-tree.ts';
import { openFileSystem } from '../../../soc/storage/filesystems/open.ts';
import { writeMbr } from '../../../soc/storage/partitions/mbr.ts';
import { readPartitionTable } from '../../../soc/storage/partitions/partition-table.ts';

/** Where the partition begins: at 1 MiB, as partitioning tools have it. */
const firstSector = 2048;

/**
 * The contents of a card with these files, from its start; zeros follow. Throws FileSystemError if a name cannot be or
 * the files do not fit.
 */
export function makeCard(size: number, files: readonly NewFile[]): Uint8Array {
  const disk = new SparseDisk(size / sectorSize);
  const part = new DiskPart(disk, firstSector);
  writeMbr(disk, [{ firstSector, sectors: part.sectors, type: 0x0c, isActive: true }]);
  makeFat(part, files, { label: 'CARD' });
  return readCard(disk, '').bytes;
}

export interface CardContents {
  /** The type of the first file system on it; null if there is none that can be read. */
  readonly type: string | null;
  readonly files: readonly ListedFile[];
  readonly read: (path: string) => Uint8Array;
}

/** What is on a card: the first partition that has a file system, or the card itself. Throws FileSystemError. */
export function openCard(bytes: Uint8Array, size: number): CardContents {
  const disk = new SparseDisk(size / sectorSize, { base: bytes, isReadOnly: true });
  const partitions = readPartitionTable(disk)?.partitions ?? [];
  const places = [...partitions, { firstSector: 0, sectors: disk.sectors }];
  for (const place of places) {
    const tree = openFileSystem(disk, place.firstSector, place.sectors);
    if (tree)
      return {
        type: tree.format.type,
        files: [...tree.walk()].filter(({ kind }) => kind === 'file'),
        read: (path) => tree.read(path),
      };
  }
  return { type: null, files: [], read: () => new Uint8Array() };
}
