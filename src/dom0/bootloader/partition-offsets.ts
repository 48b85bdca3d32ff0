/** Where pygrub looks for file systems on a disk: its own reading of partition tables (docs/xen/pygrub.md, rules 6 to 8). */
import { type Disk, sectorSize } from '../../soc/storage/disk.ts';
import { DiskPart, viewOf } from '../../soc/storage/filesystems/disk-part.ts';
import { protectiveType } from '../../soc/storage/partitions/mbr.ts';

const linuxSwap = 0x82;
const solaris = 0xbf;
/** As many entries of a GPT as are looked at. */
const mostEntries = 1024;

/** The first sectors of the partitions to try, in pygrub's order. */
export function partitionOffsets(disk: Disk): number[] {
  const whole = new DiskPart(disk);
  if (disk.sectors === 0) return [0];
  const table = viewOf(whole.read(0, sectorSize));
  if (table.getUint16(510, true) !== 0xaa55) return [0];
  const offsets: number[] = [];
  for (const at of [446, 462, 478, 494]) {
    const type = table.getUint8(at + 4);
    const first = table.getUint32(at + 8, true);
    if (first === 0 || type === linuxSwap || type === solaris) continue;
    if (type === protectiveType) {
      offsets.push(...gptOffsets(whole));
      break;
    }
    offsets.push(first);
  }
  return offsets.length > 0 ? offsets : [0];
}

function gptOffsets(whole: DiskPart): number[] {
  const offsets: number[] = [];
  if (whole.sectors < 2) return offsets;
  const header = viewOf(whole.read(sectorSize, sectorSize));
  const size = header.getUint32(84, true);
  for (let i = 0; i < Math.min(header.getUint32(80, true), mostEntries); i++) {
    const at = 2 * sectorSize + i * size;
    if (size < 40 || at + size > whole.size) break;
    const first = Number(viewOf(whole.read(at, size)).getBigUint64(32, true));
    if (first > 0) offsets.push(first);
  }
  return offsets;
}
