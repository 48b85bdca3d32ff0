/** Dom0's directory /srv, as its HTTP server serves it. */
import type { Content, Folder, FolderEntry, StoreError } from '../../soc/net/host/http/folder.ts';
import { type FileSystem, resolvePath } from '../os/files.ts';

const root = '/srv';
/** What guests may store in it, with all that is there. */
const capacity = 256 * 2 ** 20;

export class ServedFolder implements Folder {
  private readonly files: FileSystem;

  constructor(files: FileSystem) {
    this.files = files;
    files.makePath(root);
  }

  list(path: string): readonly FolderEntry[] | null {
    const listed = this.files.list(inRoot(path));
    return listed.ok ? listed.value : null;
  }

  read(path: string): Content | null {
    const file = inRoot(path);
    const size = this.files.size(file);
    if (!size.ok || this.files.isDirectory(file)) return null;
    const length = size.value;
    return {
      length,
      slice: (from, to) => {
        // A file that has become shorter meanwhile goes on with zeros: its length has been promised.
        const bytes = new Uint8Array(to - from);
        const read = this.files.readAt(file, from, to - from);
        if (read.ok) bytes.set(read.value);
        return bytes;
      },
    };
  }

  write(path: string, bytes: Uint8Array): StoreError | null {
    const file = inRoot(path);
    if (this.files.isDirectory(file)) return 'exists';
    if (!this.files.isDirectory(resolvePath('..', file))) return 'missing';
    let stored = bytes.length;
    for (const other of this.files.walk(root)) {
      const size = this.files.size(other);
      if (size.ok && other !== file) stored += size.value;
    }
    // The bytes are part of a larger buffer.
    return stored > capacity || !this.files.write(file, bytes.slice()).ok ? 'full' : null;
  }
}

/** Paths of HTTP are plain: they lead out of no directory. */
const inRoot = (path: string): string => resolvePath(`.${path}`, root);
