/** Dom0's files: a tree in memory. */
import type { Hasher } from '../../base/hasher.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** Errors in the words of the C library. */
export type FileError =
  | 'No such file or directory'
  | 'Not a directory'
  | 'Is a directory'
  | 'File exists'
  | 'Directory not empty'
  | 'Invalid argument';

export type FileResult<T> = Result<T, FileError>;

type Entry = Directory | Uint8Array;
class Directory {
  readonly entries = new Map<string, Entry>();
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Makes a path absolute and removes `.`, `..`, and double and trailing slashes. */
export function resolvePath(path: string, directory = '/'): string {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** All paths are absolute, as `resolvePath` makes them. */
export class FileSystem {
  readonly #root = new Directory();
  /** Called with the path of each file or directory that is created, changed or removed. */
  onChange: (path: string) => void = () => {};

  read(path: string): FileResult<Uint8Array> {
    const entry = this.#find(path);
    if (!entry.ok) return entry;
    return entry.value instanceof Directory ? err('Is a directory') : ok(entry.value);
  }

  readText(path: string): FileResult<string> {
    const bytes = this.read(path);
    return bytes.ok ? ok(decoder.decode(bytes.value)) : bytes;
  }

  /** Creates or replaces a file in an existing directory. Keeps the bytes without copying them. */
  write(path: string, contents: Uint8Array | string): FileResult<null> {
    const parent = this.#parent(path);
    if (!parent.ok) return parent;
    const name = baseName(path);
    if (parent.value.entries.get(name) instanceof Directory || name === '') return err('Is a directory');
    parent.value.entries.set(name, typeof contents === 'string' ? encoder.encode(contents) : contents);
    this.onChange(path);
    return ok(null);
  }

  mkdir(path: string): FileResult<null> {
    const parent = this.#parent(path);
    if (!parent.ok) return parent;
    const name = baseName(path);
    if (name === '' || parent.value.entries.has(name)) return err('File exists');
    parent.value.entries.set(name, new Directory());
    this.onChange(path);
    return ok(null);
  }

  /** Creates a directory and its missing parents. */
  makePath(path: string): FileResult<null> {
    let at = '';
    for (const name of path.split('/').slice(1)) {
      at += `/${name}`;
      const made = this.isDirectory(at) ? ok(null) : this.mkdir(at);
      if (!made.ok) return made;
    }
    return ok(null);
  }

  list(path: string): FileResult<DirectoryEntry[]> {
    const directory = this.#find(path);
    if (!directory.ok) return directory;
    if (!(directory.value instanceof Directory)) return err('Not a directory');
    const entries = [...directory.value.entries].map(([name, entry]) => ({
      name,
      isDirectory: entry instanceof Directory,
      size: entry instanceof Directory ? 0 : entry.length,
    }));
    return ok(entries.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  isDirectory(path: string): boolean {
    const entry = this.#find(path);
    return entry.ok && entry.value instanceof Directory;
  }

  exists(path: string): boolean {
    return this.#find(path).ok;
  }

  /** Removes a file or an empty directory. */
  remove(path: string): FileResult<null> {
    const entry = this.#find(path);
    if (!entry.ok) return entry;
    if (path === '/') return err('Invalid argument');
    if (entry.value instanceof Directory && entry.value.entries.size > 0) return err('Directory not empty');
    return this.#detach(path);
  }

  /** Moves a file or directory; a file with the new name is replaced. */
  rename(from: string, to: string): FileResult<null> {
    const entry = this.#find(from);
    if (!entry.ok) return entry;
    if (from === to) return ok(null);
    if (to === '/' || to.startsWith(`${from}/`)) return err('Invalid argument');
    const parent = this.#parent(to);
    if (!parent.ok) return parent;
    const other = parent.value.entries.get(baseName(to));
    if (other instanceof Directory) return err(entry.value instanceof Directory ? 'File exists' : 'Is a directory');
    this.#detach(from);
    parent.value.entries.set(baseName(to), entry.value);
    this.onChange(to);
    return ok(null);
  }

  /** Paths of all files below a directory, in order. */
  *walk(directory: string): Generator<string> {
    const listed = this.list(directory);
    if (!listed.ok) return;
    for (const { name, isDirectory } of listed.value) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      if (isDirectory) yield* this.walk(path);
      else yield path;
    }
  }

  /** Adds all names and contents. The order of creation does not count, because every listing is sorted. */
  fingerprint(hasher: Hasher): void {
    const add = ({ entries }: Directory): void => {
      hasher.add(entries.size);
      for (const [name, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
        hasher.add(name);
        if (entry instanceof Directory) add(entry);
        else hasher.add(entry);
      }
    };
    add(this.#root);
  }

  #find(path: string): FileResult<Entry> {
    let entry: Entry | undefined = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      if (!(entry instanceof Directory)) return err('Not a directory');
      entry = entry.entries.get(name);
      if (!entry) return err('No such file or directory');
    }
    return ok(entry);
  }

  #parent(path: string): FileResult<Directory> {
    const parent = this.#find(path.slice(0, path.lastIndexOf('/')));
    if (!parent.ok) return parent;
    return parent.value instanceof Directory ? ok(parent.value) : err('Not a directory');
  }

  #detach(path: string): FileResult<null> {
    const parent = this.#parent(path);
    if (!parent.ok) return parent;
    parent.value.entries.delete(baseName(path));
    this.onChange(path);
    return ok(null);
  }
}
