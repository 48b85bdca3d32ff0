/**
 * Git's bundles (gitformat-bundle(5), version 2): references, and a pack (gitformat-pack(5)) with the objects behind them,
 * in one file, from which `git clone` makes a repository.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { type GitObject, joined, type ObjectKind, type Objects, readCommit, readTree } from './objects.ts';
import type { Repository } from './repository.ts';
import { idBytes, idText, sha1 } from './sha1.ts';
import { store, unpack } from './zlib.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const signature = '# v2 git bundle\n';

const packKinds: readonly (ObjectKind | null)[] = [null, 'commit', 'tree', 'blob', 'tag'];
const Delta = { byOffset: 6, byName: 7 } as const;

/** Every object behind these commits, once. */
export function reachable(repository: Repository, from: Iterable<string>): Map<string, GitObject> {
  const { objects } = repository;
  const found = new Map<string, GitObject>();
  const waiting = [...from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    const object = objects.read(id);
    if (!object) continue;
    found.set(id, object);
    if (object.kind === 'commit') {
      const { tree, parents } = readCommit(object.bytes);
      waiting.push(tree, ...parents);
    } else if (object.kind === 'tree') waiting.push(...readTree(object.bytes).map((entry) => entry.id));
  }
  return found;
}

/** The kind and length of an object in a pack. */
function packHeader(kind: ObjectKind, length: number): Uint8Array {
  const bytes: number[] = [];
  let byte = (packKinds.indexOf(kind) << 4) | (length & 15);
  for (let rest = Math.floor(length / 16); ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 0 ? byte | 0x80 : byte);
    if (rest === 0) return Uint8Array.from(bytes);
    byte = rest & 127;
  }
}

function packOf(found: ReadonlyMap<string, GitObject>): Uint8Array {
  const header = new Uint8Array(12);
  header.set(encoder.encode('PACK'));
  const view = new DataView(header.buffer);
  view.setUint32(4, 2);
  view.setUint32(8, found.size);
  const entries = [...found.values()].flatMap(({ kind, bytes }) => [packHeader(kind, bytes.length), store(bytes)]);
  const contents = joined([header, ...entries]);
  return joined([contents, idBytes(sha1(contents))]);
}

/** A bundle of these references, with their whole history. */
export function bundleOf(repository: Repository, refs: ReadonlyMap<string, string>): Uint8Array {
  const lines = [...refs].map(([name, id]) => `${id} ${name}\n`).join('');
  return joined([encoder.encode(`${signature}${lines}\n`), packOf(reachable(repository, refs.values()))]);
}

export interface Bundle {
  readonly refs: ReadonlyMap<string, string>;
  /** Commits that a repository must have already. */
  readonly prerequisites: readonly string[];
  readonly pack: Uint8Array;
}

export function readBundle(bytes: Uint8Array): Result<Bundle> {
  const text = decoder.decode(bytes.subarray(0, 65536));
  const end = text.indexOf('\n\n');
  if (!text.startsWith(signature) || end < 0) return err('is no bundle of Git');
  const refs = new Map<string, string>();
  const prerequisites: string[] = [];
  for (const line of text.slice(signature.length, end).split('\n')) {
    const [id = '', ...name] = line.split(' ');
    if (id.startsWith('-')) prerequisites.push(id.slice(1));
    else refs.set(name.join(' '), id);
  }
  return ok({ refs, prerequisites, pack: bytes.subarray(encoder.encode(text.slice(0, end + 2)).length) });
}

/** Puts every object of a pack among a repository's objects. */
export function unpackInto(objects: Objects, pack: Uint8Array): Result<null> {
  const damaged = (why: string): Result<never> => err(`is damaged: ${why}`);
  if (pack.length < 32 || decoder.decode(pack.subarray(0, 4)) !== 'PACK') return damaged('it has no pack');
  const contents = pack.subarray(0, -20);
  if (sha1(contents) !== idText(pack.subarray(-20))) return damaged('its checksum is wrong');
  const count = new DataView(pack.buffer, pack.byteOffset).getUint32(8);
  const byOffset = new Map<number, GitObject>();
  let at = 12;
  for (let i = 0; i < count; i++) {
    const start = at;
    let byte = contents[at++] ?? 0;
    const type = (byte >> 4) & 7;
    while (byte & 0x80) byte = contents[at++] ?? 0;
    let base: GitObject | null | undefined;
    if (type === Delta.byName) {
      base = objects.read(idText(contents.subarray(at, at + 20)));
      at += 20;
    } else if (type === Delta.byOffset) {
      // gitformat-pack(5), offset encoding: each further byte adds one more than the bits say.
      byte = contents[at++] ?? 0;
      let back = byte & 127;
      while (byte & 0x80) {
        byte = contents[at++] ?? 0;
        back = (back + 1) * 128 + (byte & 127);
      }
      base = byOffset.get(start - back);
    }
    const unpacked = unpack(contents, at);
    if (!unpacked.ok) return unpacked;
    at = unpacked.value.end;
    const kind = packKinds[type] ?? base?.kind;
    const bytes =
      kind && packKinds[type] ? unpacked.value.bytes : base ? applyDelta(base.bytes, unpacked.value.bytes) : null;
    if (!kind || !bytes) return damaged('an object is based on one that is not there');
    byOffset.set(start, { kind, bytes });
    objects.write(kind, bytes);
  }
  return ok(null);
}

/** Makes an object out of another one and of what differs (gitformat-pack(5), deltified representation). */
function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array | null {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++] ?? 0;
      value += (byte & 127) * scale;
      if ((byte & 0x80) === 0 || scale > 2 ** 42) return value;
    }
  };
  if (number() !== base.length) return null;
  const size = number();
  const parts: Uint8Array[] = [];
  while (at < delta.length) {
    const code = delta[at++] as number;
    if ((code & 0x80) === 0) {
      parts.push(delta.subarray(at, at + code));
      at += code;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let i = 0; i < 4; i++) if (code & (1 << i)) offset += (delta[at++] ?? 0) * 2 ** (8 * i);
    for (let i = 0; i < 3; i++) if (code & (16 << i)) length += (delta[at++] ?? 0) * 2 ** (8 * i);
    parts.push(base.subarray(offset, offset + (length || 0x1_0000)));
  }
  const whole = joined(parts);
  return whole.length === size ? whole : null;
}
