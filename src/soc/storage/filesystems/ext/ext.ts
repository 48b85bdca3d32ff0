/** Reads ext2, ext3 and ext4 (Linux, Documentation/filesystems/ext4), as the disk has them: no journal is replayed. */
import { type DiskPart, FileSystemError, viewOf } from '../disk-part.ts';
import type { FileNode, FileSystemFormat } from '../file-tree.ts';
import { type Run, runByExtents, runByLists } from './blocks.ts';
import { readSuperblock, type Superblock } from './superblock.ts';

const rootInode = 2;
/** i_flags. */
const encryptedFlag = 0x800;
const extentsFlag = 0x8_0000;
const inlineFlag = 0x1000_0000;
const kinds: Readonly<Record<number, FileNode['kind']>> = { 4: 'directory', 8: 'file', 10: 'link' };
/** Larger files are not read: no kernel or RAM disk is. */
const mostBytes: Readonly<Record<FileNode['kind'], number>> = {
  file: 2 ** 30,
  directory: 2 ** 26,
  link: 4096,
  other: 0,
};
/** Blocks of metadata that are kept. */
const mostKept = 64;

/** The ext2, ext3 or ext4 file system in a part of a disk; null if there is none. */
export function readExt(part: DiskPart): FileSystemFormat | null {
  const superblock = readSuperblock(part);
  return superblock && new Ext(part, superblock).format();
}

interface Inode {
  readonly number: number;
  readonly kind: FileNode['kind'];
  readonly size: number;
  readonly bytes: Uint8Array;
}

class Ext {
  readonly #part: DiskPart;
  readonly #super: Superblock;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(part: DiskPart, superblock: Superblock) {
    this.#part = part;
    this.#super = superblock;
  }

  format(): FileSystemFormat {
    const { type, label, id, needsRecovery } = this.#super;
    const root = this.#node(rootInode);
    if (root.kind !== 'directory') throw new FileSystemError('has no root directory');
    return { type, label, id, needsRecovery, root, isSameName: (written, wanted) => written === wanted };
  }

  readonly #block = (block: number): Uint8Array => {
    const { blockSize, blocks } = this.#super;
    const kept = this.#kept.get(block);
    if (kept) return kept;
    if (block >= blocks) throw new FileSystemError(`refers to block ${block}, behind its end`);
    const bytes = this.#part.read(block * blockSize, blockSize);
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(block, bytes);
    return bytes;
  };

  #node(number: number): FileNode {
    const { inodes, inodesPerGroup, inodeSize, blockSize } = this.#super;
    if (number < 1 || number > inodes) throw new FileSystemError(`refers to inode ${number}, which it does not have`);
    const table = this.#super.inodeTable(Math.floor((number - 1) / inodesPerGroup));
    const bytes = this.#part.read(table * blockSize + ((number - 1) % inodesPerGroup) * inodeSize, 128);
    const view = viewOf(bytes);
    const kind = kinds[view.getUint16(0, true) >> 12] ?? 'other';
    const size = view.getUint32(4, true) + (kind === 'file' ? view.getUint32(108, true) * 2 ** 32 : 0);
    const inode = { number, kind, size, bytes };
    return {
      kind,
      size,
      identity: number,
      entries: () => this.#entries(this.#contents(inode)),
      contents: () => this.#contents(inode),
    };
  }

  #contents({ number, kind, size, bytes }: Inode): Uint8Array {
    const view = viewOf(bytes);
    const flags = view.getUint32(32, true);
    const root = bytes.subarray(40, 100);
    if (flags & encryptedFlag) throw new FileSystemError(`has an encrypted file (inode ${number})`);
    const attributeBlocks = view.getUint32(104, true) === 0 ? 0 : this.#super.blockSize / 512;
    const hasBlocks = view.getUint32(28, true) > attributeBlocks;
    if (flags & inlineFlag) throw new FileSystemError(`has a file with inline data, not read here (inode ${number})`);
    // A short link lies in the inode itself.
    if (kind === 'link' && !hasBlocks && size <= root.length) return root.slice(0, size);
    if (size > mostBytes[kind]) throw new FileSystemError(`has a ${kind} of ${size} bytes, too large to read`);
    return this.#blocks(root, size, (flags & extentsFlag) !== 0);
  }

  /** The bytes of a file; holes are zeros. */
  #blocks(root: Uint8Array, size: number, hasExtents: boolean): Uint8Array {
    const { blockSize, blocks } = this.#super;
    const bytes = new Uint8Array(size);
    const end = Math.ceil(size / blockSize);
    const runAt = (n: number): Run =>
      hasExtents ? runByExtents(root, n, this.#block) : runByLists(root, n, blockSize, this.#block);
    for (let n = 0; n < end; ) {
      const run = runAt(n);
      const { block } = run;
      let count = Math.min(run.count, end - n);
      // Lists name each block; those in a row are read at once.
      while (!hasExtents && block > 0 && n + count < end && runAt(n + count).block === block + count) count++;
      if (block > 0) {
        if (block + count > blocks) throw new FileSystemError(`refers to block ${block + count - 1}, behind its end`);
        const length = Math.min(count * blockSize, size - n * blockSize);
        bytes.set(this.#part.read(block * blockSize, length), n * blockSize);
      }
      n += count;
    }
    return bytes;
  }

  /** The names in a directory. The blocks of a hash tree's index look like unused entries, so they need no care. */
  *#entries(bytes: Uint8Array): Generator<readonly [string, () => FileNode]> {
    const { blockSize, hasFileType } = this.#super;
    const view = viewOf(bytes);
    const decoder = new TextDecoder();
    for (let at = 0; at + 8 <= bytes.length; ) {
      const inode = view.getUint32(at, true);
      const stored = view.getUint16(at + 4, true);
      const length = blockSize === 65536 && (stored === 65535 || stored === 0) ? 65536 : stored;
      const nameLength = hasFileType ? view.getUint8(at + 6) : view.getUint16(at + 6, true);
      const left = Math.min(blockSize - (at % blockSize), bytes.length - at);
      if (length < 8 || length % 4 !== 0 || length > left || (inode !== 0 && nameLength + 8 > length))
        throw new FileSystemError('has a damaged directory');
      const name = decoder.decode(bytes.subarray(at + 8, at + 8 + nameLength));
      if (inode !== 0 && name !== '.' && name !== '..' && name !== '') yield [name, () => this.#node(inode)];
      at += length;
    }
  }
}
