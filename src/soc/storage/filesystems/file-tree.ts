/** Paths in the file systems of disks: one walk for FAT and ext. */
import { FileSystemError } from './disk-part.ts';

/** A file, directory or link of a file system on a disk. */
export interface FileNode {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** In bytes; of a FAT directory 0. */
  readonly size: number;
  /** Equal for the same directory, so that a loop of damaged directories is noticed. */
  readonly identity: number;
  /** A directory's names without `.` and `..`, in the order on the disk. */
  entries(): Iterable<readonly [name: string, node: () => FileNode]>;
  /** The contents of a file, or where a link leads to. */
  contents(): Uint8Array;
}

/** What a file system's format gives. */
export interface FileSystemFormat {
  readonly type: FileSystemType;
  readonly label: string;
  /** A number or UUID as blkid writes it. */
  readonly id: string;
  /**
   * Whether it was not unmounted: ext's journal waits to be replayed, or FAT is marked. What is read is what is on the
   * disk, without the journal.
   */
  readonly needsRecovery: boolean;
  readonly root: FileNode;
  isSameName(written: string, wanted: string): boolean;
}

export type FileSystemType = 'FAT12' | 'FAT16' | 'FAT32' | 'ext2' | 'ext3' | 'ext4';

export interface ListedFile {
  readonly path: string;
  readonly kind: FileNode['kind'];
  readonly size: number;
}

/** Linux's limit for links in one path. */
const mostLinks = 40;
/** Deeper than any path that Linux takes: PATH_MAX is 4096. */
const mostDepth = 2048;
const decoder = new TextDecoder();

/**
 * The files of a file system on a disk. Paths begin with `/`; FAT does not distinguish cases. All methods throw
 * FileSystemError for what is missing or damaged.
 */
export class FileTree {
  readonly format: FileSystemFormat;

  constructor(format: FileSystemFormat) {
    this.format = format;
  }

  /** What a path leads to, through links; null if nothing is there. */
  kindOf(path: string): FileNode['kind'] | null {
    return this.#find(path)?.kind ?? null;
  }

  /** The contents of a file. */
  read(path: string): Uint8Array {
    const node = this.#find(path);
    if (!node) throw new FileSystemError(`has no file ${path}`);
    if (node.kind !== 'file') throw new FileSystemError(`has a ${node.kind} at ${path}, not a file`);
    return node.contents();
  }

  /** All files, directories and links, directories before what is in them. Links are not followed. */
  *walk(): Generator<ListedFile> {
    const seen = new Set<number>();
    const below = function* (directory: FileNode, path: string, depth: number): Generator<ListedFile> {
      if (seen.has(directory.identity)) throw new FileSystemError(`has a loop of directories at ${path}`);
      if (depth > mostDepth) throw new FileSystemError(`has directories nested too deep at ${path}`);
      seen.add(directory.identity);
      for (const [name, node] of directory.entries()) {
        const found = node();
        yield { path: `${path}/${name}`, kind: found.kind, size: found.size };
        if (found.kind === 'directory') yield* below(found, `${path}/${name}`, depth + 1);
      }
    };
    yield* below(this.format.root, '', 0);
  }

  #find(path: string): FileNode | null {
    const { root } = this.format;
    /** The directories from the root to where we are. */
    const above: FileNode[] = [root];
    const names = path.split('/').reverse();
    let links = 0;
    let at = root;
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '' || name === '.') continue;
      const directory = above.at(-1) ?? root;
      if (at !== directory) return null;
      if (name === '..') {
        if (above.length > 1) above.pop();
        at = above.at(-1) ?? root;
        continue;
      }
      const next = this.#child(directory, name);
      if (!next) return null;
      if (next.kind === 'link') {
        if (++links > mostLinks) throw new FileSystemError(`has too many links in ${path}`);
        const target = decoder.decode(next.contents());
        if (target.startsWith('/')) above.length = 1;
        at = above.at(-1) ?? root;
        names.push(...target.split('/').reverse());
        if (names.length > mostDepth) throw new FileSystemError(`has a link too long in ${path}`);
        continue;
      }
      at = next;
      if (next.kind === 'directory') above.push(next);
    }
    return at;
  }

  #child(directory: FileNode, wanted: string): FileNode | null {
    for (const [name, node] of directory.entries()) if (this.format.isSameName(name, wanted)) return node();
    return null;
  }
}
