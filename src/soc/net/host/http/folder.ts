/** What the HTTP server serves. Paths are absolute and plain: `/`, `/pictures/board.png`. */
import type { Hasher } from '../../../../base/hasher.ts';

/** Bytes that need not be in memory. */
export interface Content {
  readonly length: number;
  slice(from: number, to: number): Uint8Array;
}

export interface FolderEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
}

/** Why a file was not stored. */
export type StoreError = 'full' | 'exists' | 'missing';

export interface Folder {
  /** What is in a directory; null if it is none. */
  list(path: string): readonly FolderEntry[] | null;
  read(path: string): Content | null;
  /** Makes or replaces a file in a directory that is there; `exists` if there is a directory of this name. */
  write(path: string, bytes: Uint8Array): StoreError | null;
  /** Adds the files, where nobody else does. */
  fingerprint?(hasher: Hasher): void;
  /** Its files, where nobody else keeps them. */
  saveState?(): FolderState;
  loadState?(state: FolderState): void;
}

export type FolderState = readonly (readonly [path: string, bytes: Uint8Array])[];

/** Files without directories, in memory. */
export class MemoryFolder implements Folder {
  private readonly files = new Map<string, Uint8Array>();
  private readonly capacity: number;

  /** @param capacity bytes of all files */
  constructor(files: Readonly<Record<string, Uint8Array>>, capacity: number) {
    this.capacity = capacity;
    for (const [name, bytes] of Object.entries(files)) this.files.set(`/${name}`, bytes);
  }

  list(path: string): readonly FolderEntry[] | null {
    if (path !== '/') return null;
    const entries = [...this.files].map(([name, { length }]) => ({
      name: name.slice(1),
      isDirectory: false,
      size: length,
    }));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  read(path: string): Content | null {
    const bytes = this.files.get(path);
    return bytes ? contentOf(bytes) : null;
  }

  write(path: string, bytes: Uint8Array): StoreError | null {
    if (path === '/') return 'exists';
    if (path.lastIndexOf('/') > 0) return 'missing';
    const others = [...this.files].reduce((sum, [name, { length }]) => sum + (name === path ? 0 : length), 0);
    if (others + bytes.length > this.capacity) return 'full';
    this.files.set(path, bytes);
    return null;
  }

  saveState(): FolderState {
    return [...this.files];
  }

  loadState(state: FolderState): void {
    this.files.clear();
    for (const [path, bytes] of state) this.files.set(path, bytes);
  }

  fingerprint(hasher: Hasher): void {
    for (const [name, bytes] of this.files) hasher.add(name, bytes);
  }
}

export const contentOf = (bytes: Uint8Array): Content => ({
  length: bytes.length,
  slice: (from, to) => bytes.subarray(from, to),
});
