/**
 * Git's objects (gitformat-loose(5), git-mktree(1), gitformat-signature(5)): blobs, trees and commits, each in a file
 * of its own.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { FileSystem } from '../os/files.ts';
import { idBytes, idText, sha1 } from './sha1.ts';
import { store, unpack } from './zlib.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export type ObjectKind = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly kind: ObjectKind;
  readonly bytes: Uint8Array;
}

/** A file or directory in a tree. */
export interface TreeEntry {
  /** `100644` for a file, `40000` for a directory. */
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

export const fileMode = '100644';
export const directoryMode = '40000';

/** Who did something, and when: seconds since 1970, and the zone as `+0000`. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly time: number;
  readonly zone: string;
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

const kinds: readonly string[] = ['blob', 'tree', 'commit', 'tag'] satisfies ObjectKind[];
const isKind = (text: string): text is ObjectKind => kinds.includes(text);

const header = (kind: ObjectKind, { length }: Uint8Array): Uint8Array => encoder.encode(`${kind} ${length}\0`);

/** The name of an object with these contents. */
export const idOf = (kind: ObjectKind, bytes: Uint8Array): string => sha1(header(kind, bytes), bytes);

/** Git sorts a directory as if its name ended with a slash. */
const sortKey = ({ mode, name }: TreeEntry): string => (mode === directoryMode ? `${name}/` : name);

export function treeBytes(entries: readonly TreeEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => compareBytes(encoder.encode(sortKey(a)), encoder.encode(sortKey(b))));
  return joined(sorted.flatMap(({ mode, name, id }) => [encoder.encode(`${mode} ${name}\0`), idBytes(id)]));
}

export function readTree(bytes: Uint8Array): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0 || end + 21 > bytes.length) break;
    const [mode = '', ...name] = decoder.decode(bytes.subarray(at, end)).split(' ');
    entries.push({ mode, name: name.join(' '), id: idText(bytes.subarray(end + 1, end + 21)) });
    at = end + 21;
  }
  return entries;
}

const signatureText = ({ name, email, time, zone }: Signature): string => `${name} <${email}> ${time} ${zone}`;

export const commitBytes = ({ tree, parents, author, committer, message }: Commit): Uint8Array =>
  encoder.encode(
    [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${signatureText(author)}`,
      `committer ${signatureText(committer)}`,
      '',
      message,
    ].join('\n'),
  );

const nobody: Signature = { name: '', email: '', time: 0, zone: '+0000' };

function readSignature(text: string): Signature {
  const [, name = '', email = '', time = '0', zone = '+0000'] = /^(.*?) ?<(.*)> (\d+) ([+-]\d{4})$/.exec(text) ?? [];
  return { name, email, time: Number(time), zone };
}

export function readCommit(bytes: Uint8Array): Commit {
  const text = decoder.decode(bytes);
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end < 0 ? text.length : end).split('\n');
  const all = (field: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${field} `) ? [line.slice(field.length + 1)] : []));
  const signature = (field: string): Signature => {
    const [line] = all(field);
    return line === undefined ? nobody : readSignature(line);
  };
  return {
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: signature('author'),
    committer: signature('committer'),
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

/** The objects in a repository. What has one name has one content, so writing one again changes nothing. */
export class Objects {
  private readonly files: FileSystem;
  private readonly directory: string;

  /** @param directory the repository's `objects` */
  constructor(files: FileSystem, directory: string) {
    this.files = files;
    this.directory = directory;
  }

  has(id: string): boolean {
    return this.files.exists(this.path(id));
  }

  /** An object; null if it is not there or damaged. */
  read(id: string): GitObject | null {
    const file = this.files.read(this.path(id));
    const unpacked = file.ok ? unpack(file.value) : file;
    if (!unpacked.ok) return null;
    const { bytes } = unpacked.value;
    const end = bytes.indexOf(0);
    const [kind = ''] = decoder.decode(bytes.subarray(0, Math.max(end, 0))).split(' ');
    return isKind(kind) ? { kind, bytes: bytes.subarray(end + 1) } : null;
  }

  /** The bytes of an object of this kind; null if there is none. */
  readAs(kind: ObjectKind, id: string): Uint8Array | null {
    const object = this.read(id);
    return object?.kind === kind ? object.bytes : null;
  }

  commit(id: string): Commit | null {
    const bytes = this.readAs('commit', id);
    return bytes && readCommit(bytes);
  }

  write(kind: ObjectKind, bytes: Uint8Array): string {
    const id = idOf(kind, bytes);
    const path = this.path(id);
    if (this.files.exists(path)) return id;
    this.files.makePath(path.slice(0, path.lastIndexOf('/')));
    this.files.write(path, store(joined([header(kind, bytes), bytes])));
    return id;
  }

  /** The one object whose name begins like this. */
  find(prefix: string): Result<string, 'none' | 'ambiguous'> {
    const listed = this.files.list(`${this.directory}/${prefix.slice(0, 2)}`);
    const found = listed.ok ? listed.value.filter(({ name }) => name.startsWith(prefix.slice(2))) : [];
    const [first] = found;
    if (!first) return err('none');
    return found.length > 1 ? err('ambiguous') : ok(`${prefix.slice(0, 2)}${first.name}`);
  }

  private path(id: string): string {
    return `${this.directory}/${id.slice(0, 2)}/${id.slice(2)}`;
  }
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
