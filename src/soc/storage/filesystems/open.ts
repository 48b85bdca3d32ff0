import type { Disk } from '../disk.ts';
import { DiskPart } from './disk-part.ts';
import { readExt } from './ext/ext.ts';
import { readFat } from './fat/fat.ts';
import { FileTree } from './file-tree.ts';

/**
 * Opens the FAT or ext2/3/4 file system that begins at a sector of a disk. Null if there is none; throws
 * FileSystemError if there is one that cannot be read.
 */
export function openFileSystem(disk: Disk, firstSector = 0, sectors?: number): FileTree | null {
  const part = new DiskPart(disk, firstSector, sectors);
  const format = readExt(part) ?? readFat(part);
  return format && new FileTree(format);
}
