/** The boot sector of FAT (Microsoft: FAT File System Specification, August 2005, sections 3 and 4). */
import { type DiskPart, FileSystemError, viewOf } from '../disk-part.ts';

export type FatType = 'FAT12' | 'FAT16' | 'FAT32';

/** Where the parts of a FAT file system lie: all in sectors of `sectorBytes`, from its beginning. */
export interface FatLayout {
  readonly type: FatType;
  readonly sectorBytes: number;
  readonly sectorsPerCluster: number;
  readonly fatStart: number;
  readonly fatSectors: number;
  readonly fats: number;
  /** FAT12 and FAT16 have the root directory in a place of its own; FAT32 in clusters, where this is empty. */
  readonly rootStart: number;
  readonly rootSectors: number;
  readonly rootCluster: number;
  readonly dataStart: number;
  readonly clusters: number;
  readonly label: string;
  /** The serial number. */
  readonly id: number;
}

/** What a file system with so many clusters is: nothing else tells the types apart. */
export const fatTypeOf = (clusters: number): FatType =>
  clusters < 4085 ? 'FAT12' : clusters < 65525 ? 'FAT16' : 'FAT32';

const isPowerOfTwo = (n: number): boolean => n > 0 && (n & (n - 1)) === 0;

/** Reads the boot sector; null if it is none of FAT. */
export function readLayout(part: DiskPart): FatLayout | null {
  if (part.sectors === 0) return null;
  const boot = part.read(0, 512);
  const view = viewOf(boot);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  if (u16(510) !== 0xaa55 || (boot[0] !== 0xeb && boot[0] !== 0xe9)) return null;
  const sectorBytes = u16(11);
  const sectorsPerCluster = view.getUint8(13);
  const fatStart = u16(14);
  const fats = view.getUint8(16);
  if (sectorBytes < 512 || sectorBytes > 4096 || !isPowerOfTwo(sectorBytes) || !isPowerOfTwo(sectorsPerCluster))
    return null;
  if (fatStart === 0 || fats === 0) return null;
  const total = u16(19) || u32(32);
  const fatSectors = u16(22) || u32(36);
  const rootSectors = Math.ceil((u16(17) * 32) / sectorBytes);
  const rootStart = fatStart + fats * fatSectors;
  const dataStart = rootStart + rootSectors;
  const clusters = Math.floor((total - dataStart) / sectorsPerCluster);
  if (clusters < 1) throw new FileSystemError('has a FAT boot sector with no room for files');
  const type = u16(22) === 0 ? 'FAT32' : fatTypeOf(clusters) === 'FAT12' ? 'FAT12' : 'FAT16';
  const extended = type === 'FAT32' ? 64 : 36;
  const label = new TextDecoder('latin1').decode(boot.subarray(extended + 7, extended + 18)).trimEnd();
  const hasLabel = boot[extended + 2] === 0x29;
  return {
    type,
    sectorBytes,
    sectorsPerCluster,
    fatStart,
    fatSectors,
    fats,
    rootStart,
    rootSectors,
    rootCluster: type === 'FAT32' ? u32(44) : 0,
    dataStart,
    clusters,
    label: hasLabel && label !== 'NO NAME' ? label : '',
    id: hasLabel ? u32(extended + 3) : 0,
  };
}
