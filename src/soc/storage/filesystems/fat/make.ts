/** Makes FAT file systems with files in them (Microsoft: FAT File System Specification, August 2005). */
import { concatenated } from '../../../../base/bytes.ts';
import { sectorSize } from '../../disk.ts';
import { type DiskPart, FileSystemError, viewOf } from '../disk-part.ts';
import { type FatType, fatTypeOf } from './layout.ts';
import { nameEntries } from './names.ts';

/** A file for a new file system. Its directories are made too. */
export interface NewFile {
  /** Such as `/boot/Image`; any name that Windows would take. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface FatOptions {
  /** Up to 11 characters of ASCII. */
  readonly label?: string;
  /** The serial number, 32 bits. */
  readonly id?: number;
  /** Without it, by the size: FAT12 below 4 MiB, FAT16 up to 512 MiB, FAT32 above. */
  readonly type?: FatType;
}

/** 1 January 1980, the first day of FAT: the machine has no date, and the same files must give the same bytes. */
const date = (1 << 5) | 1;
const MiB = 2 ** 20;
const fats = 2;

interface Plan {
  readonly type: FatType;
  readonly sectors: number;
  readonly sectorsPerCluster: number;
  readonly reserved: number;
  readonly fatSectors: number;
  readonly rootSectors: number;
  readonly dataStart: number;
  readonly clusters: number;
}

/**
 * Makes a FAT file system that fills a part of a disk, with these files. What was there before is lost: tables and
 * directories are written anew, the room of free clusters is not. Throws FileSystemError if a name cannot be or the
 * files do not fit.
 *
 * @example
 * // A card with one partition from 1 MiB on, as the board's boot loader reads it:
 * const part = new DiskPart(card, 2048);
 * writeMbr(card, [{ firstSector: 2048, sectors: part.sectors, type: 0x0c, isActive: true }]);
 * makeFat(part, [{ path: '/boot/Image', bytes: kernel }], { label: 'BOOT' });
 * // openFileSystem(card, 2048)?.read('/boot/Image') returns the bytes; walk() lists all files.
 */
export function makeFat(part: DiskPart, files: readonly NewFile[], options: FatOptions = {}): void {
  const { label = '', id = 0, type } = options;
  if (!/^[ -~]{0,11}$/.test(label)) throw new FileSystemError(`cannot have the label “${label}”`);
  const plan = planFor(part.sectors, type);
  const clusters = new Clusters(part, plan);
  const root = treeOf(files);
  const labelEntry = label === '' ? [] : [newEntry(label.toUpperCase().padEnd(11), { attributes: 0x08 })];
  const rootBytes = (labelEntry.length + root.records) * 32;
  // FAT32 has the root in clusters like other directories, by custom the first ones.
  const first = plan.rootSectors === 0 ? clusters.take(Math.max(rootBytes, 1)) : 0;
  const content = concatenated([...labelEntry, ...writeChildren(clusters, root, 0)]);
  if (first > 0) clusters.store(first, content);
  else {
    if (rootBytes > plan.rootSectors * sectorSize)
      throw new FileSystemError('has too many files in its root directory');
    part.write(plan.dataStart - plan.rootSectors, padded(content, plan.rootSectors * sectorSize));
  }
  clusters.writeTables();
  writeBootSectors(part, plan, { label: label.toUpperCase(), id, root: first, next: clusters.next });
}

function planFor(sectors: number, wanted?: FatType): Plan {
  const bytes = sectors * sectorSize;
  const type = wanted ?? (bytes < 4 * MiB ? 'FAT12' : bytes <= 512 * MiB ? 'FAT16' : 'FAT32');
  // The smallest clusters that the type can number, but on FAT32 4 KiB where that gives enough of them.
  const candidates = type === 'FAT32' ? [8, 4, 2, 1, 16, 32, 64] : [1, 2, 4, 8, 16, 32, 64];
  for (const sectorsPerCluster of candidates) {
    const plan = layOut(type, sectors, sectorsPerCluster);
    if (plan) return plan;
  }
  throw new FileSystemError(`cannot be ${type} with ${sectors} sectors`);
}

function layOut(type: FatType, sectors: number, sectorsPerCluster: number): Plan | null {
  const reserved = type === 'FAT32' ? 32 : 1;
  const rootSectors = type === 'FAT32' ? 0 : 32;
  const entryBytes = { FAT12: 1.5, FAT16: 2, FAT32: 4 }[type];
  // The table numbers the clusters that it leaves room for; a few rounds settle it.
  let fatSectors = 1;
  for (;;) {
    const clusters = Math.floor((sectors - reserved - rootSectors - fats * fatSectors) / sectorsPerCluster);
    if (clusters < 1) return null;
    const needed = Math.ceil(((clusters + 2) * entryBytes) / sectorSize);
    if (needed > fatSectors) {
      fatSectors = needed;
      continue;
    }
    // Some implementations count wrongly near the limits; the specification advises to stay away from them.
    if (fatTypeOf(clusters - 16) !== type || fatTypeOf(clusters + 16) !== type) return null;
    const dataStart = reserved + fats * fatSectors + rootSectors;
    return { type, sectors, sectorsPerCluster, reserved, fatSectors, rootSectors, dataStart, clusters };
  }
}

/** A directory that is to be written: the entries of each name, and what the name is for. */
interface Directory {
  readonly children: Map<string, { readonly entries: readonly Uint8Array[]; readonly node: Directory | Uint8Array }>;
  readonly taken: Set<string>;
  /** Entries of 32 bytes, without `.` and `..`. */
  records: number;
}

/** Puts files into directories. Names that differ in case only are one. */
function treeOf(files: readonly NewFile[]): Directory {
  const root: Directory = { children: new Map(), taken: new Set(), records: 0 };
  for (const { path, bytes } of files) {
    const names = path.split('/').filter((name) => name !== '');
    const add = (directory: Directory, name: string, node: Directory | Uint8Array): void => {
      const entries = nameEntries(name, directory.taken);
      directory.children.set(name.toUpperCase(), { entries, node });
      directory.records += entries.length;
    };
    let at = root;
    for (const name of names.slice(0, -1)) {
      const known = at.children.get(name.toUpperCase())?.node;
      if (known instanceof Uint8Array) throw new FileSystemError(`cannot have both a file and a directory at ${path}`);
      const next = known ?? { children: new Map(), taken: new Set(), records: 0 };
      if (!known) add(at, name, next);
      at = next;
    }
    const last = names.at(-1) ?? '';
    if (at.children.has(last.toUpperCase())) throw new FileSystemError(`cannot have two files at ${path}`);
    add(at, last, bytes);
  }
  return root;
}

/** Writes all that is in a directory. Returns its entries; `own` is its first cluster, 0 for the root. */
function writeChildren(clusters: Clusters, directory: Directory, own: number): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (const { entries, node } of directory.children.values()) {
    records.push(...entries);
    const short = entries.at(-1) ?? new Uint8Array(32);
    if (node instanceof Uint8Array) {
      const cluster = node.length === 0 ? 0 : clusters.take(node.length);
      if (cluster > 0) clusters.store(cluster, node);
      setEntry(short, { attributes: 0x20, cluster, size: node.length });
    } else {
      const cluster = clusters.take((node.records + 2) * 32);
      const dots = [
        newEntry('.'.padEnd(11), { attributes: 0x10, cluster }),
        newEntry('..'.padEnd(11), { attributes: 0x10, cluster: own }),
      ];
      clusters.store(cluster, concatenated([...dots, ...writeChildren(clusters, node, cluster)]));
      setEntry(short, { attributes: 0x10, cluster });
    }
  }
  return records;
}

interface EntryFields {
  readonly attributes: number;
  readonly cluster?: number;
  readonly size?: number;
}

function newEntry(name: string, fields: EntryFields): Uint8Array {
  const entry = new Uint8Array(32);
  entry.set(new TextEncoder().encode(name));
  setEntry(entry, fields);
  return entry;
}

function setEntry(entry: Uint8Array, { attributes, cluster = 0, size = 0 }: EntryFields): void {
  const view = viewOf(entry);
  entry[11] = attributes;
  for (const at of [16, 18, 24]) view.setUint16(at, date, true);
  view.setUint16(20, Math.floor(cluster / 2 ** 16), true);
  view.setUint16(26, cluster % 2 ** 16, true);
  view.setUint32(28, size, true);
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

/** The clusters, which are handed out in order, and the allocation table. */
class Clusters {
  readonly #part: DiskPart;
  readonly #plan: Plan;
  readonly #table: Uint8Array;
  /** The next free cluster. */
  next = 2;

  constructor(part: DiskPart, plan: Plan) {
    this.#part = part;
    this.#plan = plan;
    this.#table = new Uint8Array(plan.fatSectors * sectorSize);
    // The media byte, and the marks that the volume was unmounted without an error.
    this.#set(0, 0x0fff_fff8);
    this.#set(1, 0x0fff_ffff);
  }

  get #clusterBytes(): number {
    return this.#plan.sectorsPerCluster * sectorSize;
  }

  /** A chain of clusters for so many bytes; returns the first. */
  take(bytes: number): number {
    const first = this.next;
    const count = Math.ceil(bytes / this.#clusterBytes);
    const left = this.#plan.clusters + 2 - first;
    if (count > left) {
      const missing = Math.ceil(((count - left) * this.#clusterBytes) / 1024);
      throw new FileSystemError(`is too small for these files: at least ${missing} KiB are missing`);
    }
    for (let i = 0; i < count; i++) this.#set(first + i, i < count - 1 ? first + i + 1 : 0x0fff_ffff);
    this.next += count;
    return first;
  }

  /** Writes to the chain that begins with a cluster. */
  store(first: number, bytes: Uint8Array): void {
    const { dataStart, sectorsPerCluster } = this.#plan;
    const sector = dataStart + (first - 2) * sectorsPerCluster;
    const whole = bytes.length - (bytes.length % sectorSize);
    if (whole > 0) this.#part.write(sector, bytes.subarray(0, whole));
    // The rest of the last cluster is cleared, because a directory ends at a zero.
    const size = Math.ceil(bytes.length / this.#clusterBytes) * this.#clusterBytes;
    if (size > whole) this.#part.write(sector + whole / sectorSize, padded(bytes.subarray(whole), size - whole));
  }

  writeTables(): void {
    const { reserved, fatSectors } = this.#plan;
    for (let copy = 0; copy < fats; copy++) this.#part.write(reserved + copy * fatSectors, this.#table);
  }

  #set(cluster: number, value: number): void {
    const view = viewOf(this.#table);
    if (this.#plan.type === 'FAT32') view.setUint32(cluster * 4, value, true);
    else if (this.#plan.type === 'FAT16') view.setUint16(cluster * 2, value & 0xffff, true);
    else {
      const at = Math.floor(cluster * 1.5);
      const pair = view.getUint16(at, true);
      const entry = value & 0xfff;
      view.setUint16(at, cluster & 1 ? (pair & 0x000f) | (entry << 4) : (pair & 0xf000) | entry, true);
    }
  }
}

interface BootFacts {
  readonly label: string;
  readonly id: number;
  /** The first cluster of FAT32's root. */
  readonly root: number;
  /** The first free cluster. */
  readonly next: number;
}

function writeBootSectors(part: DiskPart, plan: Plan, { label, id, root, next }: BootFacts): void {
  const { type, sectors, sectorsPerCluster, reserved, fatSectors, rootSectors, clusters } = plan;
  const boot = new Uint8Array(sectorSize);
  const view = viewOf(boot);
  const ascii = (at: number, text: string): void => boot.set(new TextEncoder().encode(text), at);
  const isLarge = type === 'FAT32';
  // A jump over the parameters, to an endless loop: the card is not to be booted by a PC.
  boot.set(isLarge ? [0xeb, 0x58, 0x90] : [0xeb, 0x3c, 0x90]);
  boot.set([0xeb, 0xfe], isLarge ? 90 : 62);
  ascii(3, 'EL2LAB  ');
  view.setUint16(11, sectorSize, true);
  view.setUint8(13, sectorsPerCluster);
  view.setUint16(14, reserved, true);
  view.setUint8(16, fats);
  view.setUint16(17, (rootSectors * sectorSize) / 32, true);
  if (sectors < 2 ** 16 && !isLarge) view.setUint16(19, sectors, true);
  else view.setUint32(32, sectors, true);
  view.setUint8(21, 0xf8);
  if (!isLarge) view.setUint16(22, fatSectors, true);
  // The geometry that PCs have used since 1995.
  view.setUint16(24, 63, true);
  view.setUint16(26, 255, true);
  view.setUint32(28, part.firstSector, true);
  if (isLarge) {
    view.setUint32(36, fatSectors, true);
    view.setUint32(44, root, true);
    view.setUint16(48, 1, true);
    view.setUint16(50, 6, true);
  }
  const extended = isLarge ? 64 : 36;
  boot.set([0x80, 0, 0x29], extended);
  view.setUint32(extended + 3, id, true);
  ascii(extended + 7, (label || 'NO NAME').padEnd(11));
  ascii(extended + 18, type.padEnd(8));
  view.setUint16(510, 0xaa55, true);
  if (isLarge) {
    const info = new Uint8Array(sectorSize);
    const infoView = viewOf(info);
    infoView.setUint32(0, 0x4161_5252, true);
    infoView.setUint32(484, 0x6141_7272, true);
    infoView.setUint32(488, clusters + 2 - next, true);
    infoView.setUint32(492, next, true);
    infoView.setUint32(508, 0xaa55_0000, true);
    part.write(1, new Uint8Array((reserved - 1) * sectorSize));
    part.write(1, info);
    part.write(6, boot);
    part.write(7, info);
  }
  part.write(0, boot);
}
