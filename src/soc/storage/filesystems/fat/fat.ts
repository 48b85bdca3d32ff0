/** Reads FAT12, FAT16 and FAT32 (Microsoft: FAT File System Specification, August 2005). */
import { type DiskPart, FileSystemError, viewOf } from '../disk-part.ts';
import type { FileNode, FileSystemFormat } from '../file-tree.ts';
import { type FatLayout, readLayout } from './layout.ts';
import { longNamePart, shortName, shortNameChecksum } from './names.ts';

enum Attribute {
  volumeLabel = 0x08,
  directory = 0x10,
  /** All of read-only, hidden, system and label: part of a long name. */
  longName = 0x0f,
}
/** The most bytes of a directory: 65,536 entries. */
const mostDirectoryBytes = 65_536 * 32;

/** The FAT file system in a part of a disk; null if there is none. */
export function readFat(part: DiskPart): FileSystemFormat | null {
  const layout = readLayout(part);
  return layout && new Fat(part, layout).format();
}

class Fat {
  readonly #part: DiskPart;
  readonly #layout: FatLayout;
  readonly #table: Uint8Array;

  constructor(part: DiskPart, layout: FatLayout) {
    const { type, clusters, fatStart, fatSectors, sectorBytes } = layout;
    this.#part = part;
    this.#layout = layout;
    const needed = Math.ceil((clusters + 2) * { FAT12: 1.5, FAT16: 2, FAT32: 4 }[type]);
    if (needed > fatSectors * sectorBytes) throw new FileSystemError('has an allocation table that is too short');
    this.#table = part.read(fatStart * sectorBytes, needed + 1 <= fatSectors * sectorBytes ? needed + 1 : needed);
  }

  format(): FileSystemFormat {
    const { type, label, id, rootCluster } = this.#layout;
    // The second entry's high bits: cleared while the volume is mounted, or after an error (section 4).
    const clean = { FAT12: 0, FAT16: 0xc000, FAT32: 0x0c00_0000 }[type];
    const digits = id.toString(16).toUpperCase().padStart(8, '0');
    const root = type === 'FAT32' ? this.#directory(rootCluster) : this.#fixedRoot();
    const labelEntry = [...this.#labels(root.bytes())][0];
    return {
      type,
      label: labelEntry ?? label,
      id: `${digits.slice(0, 4)}-${digits.slice(4)}`,
      needsRecovery: (this.#next(1) & clean) >>> 0 !== clean,
      root: root.node,
      isSameName: (written, wanted) => written.toUpperCase() === wanted.toUpperCase(),
    };
  }

  /** An entry of the table. */
  #next(cluster: number): number {
    const view = viewOf(this.#table);
    if (this.#layout.type === 'FAT32') return view.getUint32(cluster * 4, true) & 0x0fff_ffff;
    if (this.#layout.type === 'FAT16') return view.getUint16(cluster * 2, true);
    const at = Math.floor(cluster * 1.5);
    const pair = view.getUint8(at) | ((this.#table[at + 1] ?? 0) << 8);
    return cluster & 1 ? pair >> 4 : pair & 0xfff;
  }

  /** The bytes of a chain of clusters: `size` of them, or up to its end. */
  #chain(first: number, size: number | null, what: string): Uint8Array {
    const { clusters, sectorsPerCluster, sectorBytes, dataStart, type } = this.#layout;
    const clusterBytes = sectorsPerCluster * sectorBytes;
    const most = size === null ? Math.ceil(mostDirectoryBytes / clusterBytes) : Math.ceil(size / clusterBytes);
    if (most > clusters && size !== null) throw new FileSystemError(`has a ${what} that is larger than itself`);
    const end = { FAT12: 0xff8, FAT16: 0xfff8, FAT32: 0x0fff_fff8 }[type];
    const found: number[] = [];
    for (let at = first; found.length < most; at = this.#next(at)) {
      if (at >= end && size === null) break;
      if (at < 2 || at >= clusters + 2) throw new FileSystemError(`has a ${what} whose chain of clusters is broken`);
      found.push(at);
      if (found.length > clusters) throw new FileSystemError(`has a ${what} whose chain of clusters is a loop`);
    }
    const bytes = new Uint8Array(size ?? found.length * clusterBytes);
    // Clusters in a row are read at once.
    for (let i = 0; i < found.length; ) {
      let run = 1;
      while (found[i + run] === (found[i] as number) + run) run++;
      const from = (dataStart + ((found[i] as number) - 2) * sectorsPerCluster) * sectorBytes;
      bytes.set(this.#part.read(from, Math.min(run * clusterBytes, bytes.length - i * clusterBytes)), i * clusterBytes);
      i += run;
    }
    return bytes;
  }

  #fixedRoot(): { readonly node: FileNode; readonly bytes: () => Uint8Array } {
    const { rootStart, rootSectors, sectorBytes } = this.#layout;
    return this.#directoryOf(0, () => this.#part.read(rootStart * sectorBytes, rootSectors * sectorBytes));
  }

  #directory(cluster: number): { readonly node: FileNode; readonly bytes: () => Uint8Array } {
    return this.#directoryOf(cluster, () => this.#chain(cluster, null, 'directory'));
  }

  #directoryOf(
    identity: number,
    bytes: () => Uint8Array,
  ): { readonly node: FileNode; readonly bytes: () => Uint8Array } {
    const node: FileNode = {
      kind: 'directory',
      size: 0,
      identity,
      entries: () => this.#entries(bytes()),
      contents: () => bytes(),
    };
    return { node, bytes };
  }

  *#labels(bytes: Uint8Array): Generator<string> {
    for (let at = 0; at < bytes.length && bytes[at] !== 0; at += 32) {
      const entry = bytes.subarray(at, at + 32);
      const attributes = entry[11] as number;
      if (entry[0] !== 0xe5 && (attributes & 0x3f) !== Attribute.longName && attributes & Attribute.volumeLabel)
        yield new TextDecoder('latin1').decode(entry.subarray(0, 11)).trimEnd();
    }
  }

  *#entries(bytes: Uint8Array): Generator<readonly [string, () => FileNode]> {
    let long = '';
    /** The number of the long name's next entry, and the checksum that all must have. */
    let expected = 0;
    let checksum = 0;
    for (let at = 0; at + 32 <= bytes.length && bytes[at] !== 0; at += 32) {
      const entry = bytes.subarray(at, at + 32);
      const attributes = entry[11] as number;
      if (entry[0] === 0xe5) {
        expected = -1;
      } else if ((attributes & 0x3f) === Attribute.longName) {
        const order = entry[0] as number;
        if (order & 0x40) [long, expected, checksum] = ['', order & 0x1f, entry[13] as number];
        if ((order & 0x1f) !== expected || expected < 1 || entry[13] !== checksum) {
          expected = -1;
          continue;
        }
        long = longNamePart(entry) + long;
        expected--;
      } else {
        const hasLong = long !== '' && expected === 0 && shortNameChecksum(entry.subarray(0, 11)) === checksum;
        const name = hasLong ? long : shortName(entry);
        [long, expected] = ['', -1];
        if (attributes & Attribute.volumeLabel || name === '.' || name === '..') continue;
        yield [name, () => this.#node(entry)];
      }
    }
  }

  #node(entry: Uint8Array): FileNode {
    const view = viewOf(entry);
    const high = this.#layout.type === 'FAT32' ? view.getUint16(20, true) : 0;
    const cluster = view.getUint16(26, true) + high * 2 ** 16;
    if ((entry[11] as number) & Attribute.directory) return this.#directory(cluster).node;
    const size = view.getUint32(28, true);
    return {
      kind: 'file',
      size,
      identity: cluster,
      entries: () => [],
      contents: () => (size === 0 ? new Uint8Array() : this.#chain(cluster, size, 'file')),
    };
  }
}
