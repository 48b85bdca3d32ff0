/**
 * The partition table of PCs in a disk's first sector, with logical partitions in extended ones (no standard has it;
 * Linux, block/partitions/msdos.c, is what all agree with).
 */
import { type Disk, sectorSize } from '../disk.ts';
import { DiskPart, viewOf } from '../filesystems/disk-part.ts';
import type { Partition } from './partition.ts';

const extendedTypes: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85]);
/** A disk with a GPT has one partition of this type, so that other software leaves it alone. */
export const protectiveType = 0xee;
/** The first partition, 446 bytes in, has 16 bytes; there are four. */
const tableAt = 446;
/** As many logical partitions as Linux reads. */
const mostPartitions = 255;

interface Row {
  readonly isActive: boolean;
  readonly type: number;
  readonly first: number;
  readonly sectors: number;
}

/** The four rows of a table; null if the sector has none. */
function readRows(disk: Disk, sector: number): Row[] | null {
  if (sector >= disk.sectors) return null;
  const bytes = new DiskPart(disk, sector, 1).read(0, sectorSize);
  const view = viewOf(bytes);
  if (view.getUint16(510, true) !== 0xaa55) return null;
  const rows = [0, 1, 2, 3].map((i) => {
    const at = tableAt + i * 16;
    return {
      flag: view.getUint8(at),
      isActive: view.getUint8(at) === 0x80,
      type: view.getUint8(at + 4),
      first: view.getUint32(at + 8, true),
      sectors: view.getUint32(at + 12, true),
    };
  });
  // A file system's boot sector has the same mark at its end, and code in the table's place.
  return rows.every(({ flag }) => flag === 0 || flag === 0x80) ? rows : null;
}

/** The partitions, numbered as Linux does: logical ones from 5 on. Null if there is no table. */
export function readMbr(disk: Disk): { readonly partitions: Partition[]; readonly warnings: string[] } | null {
  const rows = readRows(disk, 0);
  if (!rows) return null;
  const partitions: Partition[] = [];
  const warnings: string[] = [];
  const add = (number: number, { isActive, type, first, sectors }: Row, base: number): void => {
    const firstSector = base + first;
    if (firstSector >= disk.sectors) {
      warnings.push(`Partition ${number} lies behind the end of the disk.`);
      return;
    }
    const left = disk.sectors - firstSector;
    if (sectors > left) warnings.push(`Partition ${number} reaches beyond the end of the disk.`);
    const name = '';
    const typeName = type.toString(16).padStart(2, '0');
    partitions.push({ number, firstSector, sectors: Math.min(sectors, left), type: typeName, name, isActive });
  };
  for (const [i, row] of rows.entries()) {
    if (row.type === 0 || row.sectors === 0) continue;
    add(i + 1, row, 0);
  }
  const extended = rows.find(({ type, sectors }) => extendedTypes.has(type) && sectors > 0);
  if (!extended) return { partitions, warnings };
  const seen = new Set<number>();
  let number = 5;
  for (let at = extended.first; number <= mostPartitions; ) {
    if (seen.has(at)) {
      warnings.push('The chain of logical partitions is a loop.');
      break;
    }
    seen.add(at);
    const table = readRows(disk, at);
    if (!table) {
      warnings.push(`The chain of logical partitions is broken before partition ${number}.`);
      break;
    }
    const logical = table.find(({ type, sectors }) => type !== 0 && sectors > 0 && !extendedTypes.has(type));
    if (logical) add(number++, logical, at);
    const next = table.find(({ type, sectors }) => extendedTypes.has(type) && sectors > 0);
    if (!next) break;
    at = extended.first + next.first;
  }
  return { partitions, warnings };
}

/** A partition for a new table. */
export interface NewMbrPartition {
  readonly firstSector: number;
  readonly sectors: number;
  /** 0x0c for FAT, 0x83 for Linux. */
  readonly type: number;
  readonly isActive?: boolean;
}

/** Writes a table of up to four partitions, and nothing else. `id` is the disk's signature. */
export function writeMbr(disk: Disk, partitions: readonly NewMbrPartition[], id = 0): void {
  const bytes = new Uint8Array(sectorSize);
  const view = viewOf(bytes);
  view.setUint32(440, id, true);
  for (const [i, { firstSector, sectors, type, isActive }] of partitions.slice(0, 4).entries()) {
    const at = tableAt + i * 16;
    view.setUint8(at, isActive ? 0x80 : 0);
    bytes.set(cylinderHeadSector(firstSector), at + 1);
    view.setUint8(at + 4, type);
    bytes.set(cylinderHeadSector(firstSector + sectors - 1), at + 5);
    view.setUint32(at + 8, firstSector, true);
    view.setUint32(at + 12, Math.min(sectors, 2 ** 32 - 1), true);
  }
  view.setUint16(510, 0xaa55, true);
  disk.write(0, bytes);
}

/** A sector's old address, for 255 heads and 63 sectors; the last one if the sector is too far behind. */
function cylinderHeadSector(sector: number): number[] {
  const cylinder = Math.floor(sector / (255 * 63));
  if (cylinder > 1023) return [0xfe, 0xff, 0xff];
  return [Math.floor(sector / 63) % 255, ((cylinder >> 2) & 0xc0) | ((sector % 63) + 1), cylinder & 0xff];
}
