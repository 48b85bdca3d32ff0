/** The partition table of UEFI (UEFI Specification 2.10, section 5.3), with both of its copies and their checksums. */
import { crc32 } from '../../../base/crc32.ts';
import { RandomBytes } from '../../../base/random.ts';
import { type Disk, sectorSize } from '../disk.ts';
import { DiskPart, FileSystemError, viewOf } from '../filesystems/disk-part.ts';
import { protectiveType, writeMbr } from './mbr.ts';
import type { Partition } from './partition.ts';

const signature = 'EFI PART';
const headerSize = 92;
const entrySize = 128;
const entryCount = 128;
const entrySectors = (entryCount * entrySize) / sectorSize;
/** As much of a table as is read: more than any tool makes. */
const mostTableBytes = 2 ** 20;

/** Types of partitions. */
export const gptTypes = {
  linux: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  efiSystem: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  basicData: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7',
} as const;

type Gpt = { readonly partitions: Partition[]; readonly warnings: string[] };

/** The partitions, from the second copy if the first is damaged. Throws FileSystemError if both are. */
export function readGpt(disk: Disk): Gpt {
  const first = readCopy(disk, 1);
  const last = readCopy(disk, disk.sectors - 1);
  if (typeof first !== 'string') {
    const warnings = typeof last === 'string' ? [`The partition table's second copy is damaged: ${last}.`] : [];
    return { partitions: first, warnings };
  }
  if (typeof last === 'string') throw new FileSystemError(`has a damaged partition table (GPT): ${first}`);
  return { partitions: last, warnings: [`The partition table is damaged: ${first}. Its second copy is used.`] };
}

/** A copy of the table; what is wrong with it if it cannot be used. */
function readCopy(disk: Disk, at: number): Partition[] | string {
  if (at < 1 || at >= disk.sectors) return 'there is no room for it';
  const whole = new DiskPart(disk);
  const header = whole.read(at * sectorSize, sectorSize);
  const view = viewOf(header);
  const u64 = (from: number): number => Number(view.getBigUint64(from, true));
  if (new TextDecoder('latin1').decode(header.subarray(0, 8)) !== signature) return 'it has no signature';
  const size = view.getUint32(12, true);
  if (size < headerSize || size > sectorSize) return 'the size of its header is wrong';
  const checked = header.slice(0, size);
  checked.fill(0, 16, 20);
  if (crc32(checked) !== view.getUint32(16, true)) return 'the checksum of its header is wrong';
  if (u64(24) !== at) return 'it belongs to another sector';
  const count = view.getUint32(80, true);
  const bytesEach = view.getUint32(84, true);
  if (bytesEach < entrySize || bytesEach % 8 !== 0 || count * bytesEach > mostTableBytes)
    return 'the size of its entries is wrong';
  const from = u64(72) * sectorSize;
  if (from + count * bytesEach > whole.size) return 'its entries lie behind the end of the disk';
  const table = whole.read(from, count * bytesEach);
  if (crc32(table) !== view.getUint32(88, true)) return 'the checksum of its entries is wrong';
  const partitions: Partition[] = [];
  for (let i = 0; i < count; i++) {
    const entry = table.subarray(i * bytesEach, (i + 1) * bytesEach);
    const partition = readEntry(entry, i + 1, disk.sectors);
    if (partition) partitions.push(partition);
  }
  return partitions;
}

function readEntry(entry: Uint8Array, number: number, sectors: number): Partition | null {
  const view = viewOf(entry);
  const type = guidOf(entry.subarray(0, 16));
  const first = Number(view.getBigUint64(32, true));
  const last = Number(view.getBigUint64(40, true));
  if (/^[0-]+$/.test(type) || first > last || last >= sectors) return null;
  const units = Array.from({ length: 36 }, (_, i) => view.getUint16(56 + i * 2, true));
  const name = String.fromCharCode(...units).replace(/\0.*$/s, '');
  // Attribute bit 2: the BIOS may boot from it.
  const isActive = (view.getUint8(48) & 4) !== 0;
  return { number, firstSector: first, sectors: last - first + 1, type, name, isActive };
}

/** A GUID as text: its first three parts are little-endian. */
function guidOf(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15];
  return order.map((at) => (at < 0 ? '-' : (bytes[at] as number).toString(16).padStart(2, '0'))).join('');
}

function guidBytes(text: string): Uint8Array {
  const hex = text.replaceAll('-', '');
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** A partition for a new table. */
export interface NewGptPartition {
  readonly firstSector: number;
  readonly sectors: number;
  /** One of `gptTypes`, or another GUID. */
  readonly type: string;
  /** Up to 36 characters. */
  readonly name?: string;
}

/** Writes both copies of a table, and the MBR that protects it. The GUIDs follow from the seed. */
export function writeGpt(disk: Disk, partitions: readonly NewGptPartition[], seed = 0): void {
  const random = new RandomBytes(seed);
  const guid = (): Uint8Array => {
    const bytes = random.bytes(16);
    // Version 4, random (RFC 9562, 5.4).
    bytes[7] = ((bytes[7] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return bytes;
  };
  const id = guid();
  const table = new Uint8Array(entryCount * entrySize);
  for (const [i, { firstSector, sectors, type, name = '' }] of partitions.slice(0, entryCount).entries()) {
    const entry = table.subarray(i * entrySize, (i + 1) * entrySize);
    const view = viewOf(entry);
    entry.set(guidBytes(type));
    entry.set(guid(), 16);
    view.setBigUint64(32, BigInt(firstSector), true);
    view.setBigUint64(40, BigInt(firstSector + sectors - 1), true);
    for (let c = 0; c < Math.min(name.length, 36); c++) view.setUint16(56 + c * 2, name.charCodeAt(c), true);
  }
  const last = disk.sectors - 1;
  const header = (own: number, other: number, entries: number): Uint8Array => {
    const bytes = new Uint8Array(sectorSize);
    const view = viewOf(bytes);
    bytes.set(new TextEncoder().encode(signature));
    view.setUint32(8, 0x0001_0000, true);
    view.setUint32(12, headerSize, true);
    view.setBigUint64(24, BigInt(own), true);
    view.setBigUint64(32, BigInt(other), true);
    view.setBigUint64(40, BigInt(2 + entrySectors), true);
    view.setBigUint64(48, BigInt(last - entrySectors - 1), true);
    bytes.set(id, 56);
    view.setBigUint64(72, BigInt(entries), true);
    view.setUint32(80, entryCount, true);
    view.setUint32(84, entrySize, true);
    view.setUint32(88, crc32(table), true);
    view.setUint32(16, crc32(bytes.subarray(0, headerSize)), true);
    return bytes;
  };
  writeMbr(disk, [{ firstSector: 1, sectors: disk.sectors - 1, type: protectiveType }]);
  disk.write(1, header(1, last, 2));
  disk.write(2, table);
  disk.write(last - entrySectors, table);
  disk.write(last, header(last, 1, last - entrySectors));
}
