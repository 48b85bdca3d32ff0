/** Git's index (gitformat-index(5), version 2): the files that the next commit has. */
import { compareBytes, joined } from './objects.ts';
import { idBytes, idText, sha1 } from './sha1.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const entrySize = 62;

/** Blobs by their paths in the working tree. */
export type Staged = ReadonlyMap<string, string>;

/** Dom0's files have no times and no owners: the fields of stat(2) are zero, so that Git looks into the files. */
export function indexBytes(staged: Staged): Uint8Array {
  const sorted = [...staged].map(([path, id]) => ({ name: encoder.encode(path), id }));
  sorted.sort((a, b) => compareBytes(a.name, b.name));
  const header = new Uint8Array(12);
  header.set(encoder.encode('DIRC'));
  const view = new DataView(header.buffer);
  view.setUint32(4, 2);
  view.setUint32(8, sorted.length);
  const entries = sorted.map(({ name, id }) => {
    // At least one zero ends the name, and the length is a multiple of eight.
    const entry = new Uint8Array((entrySize + name.length + 8) & ~7);
    const fields = new DataView(entry.buffer);
    fields.setUint32(24, 0o100644);
    entry.set(idBytes(id), 40);
    fields.setUint16(60, Math.min(name.length, 0xfff));
    entry.set(name, entrySize);
    return entry;
  });
  const contents = joined([header, ...entries]);
  return joined([contents, idBytes(sha1(contents))]);
}

/** Reads an index; one that is damaged or of another version is empty. */
export function readIndex(bytes: Uint8Array): Map<string, string> {
  const staged = new Map<string, string>();
  if (bytes.length < 32 || decoder.decode(bytes.subarray(0, 4)) !== 'DIRC') return staged;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) return staged;
  const count = view.getUint32(8);
  for (let i = 0, at = 12; i < count && at + entrySize < bytes.length; i++) {
    // Version 3 has a second field of flags where the first one says so.
    const isExtended = version === 3 && (view.getUint16(at + 60) & 0x4000) !== 0;
    const begin = at + entrySize + (isExtended ? 2 : 0);
    const end = bytes.indexOf(0, begin);
    if (end < 0) break;
    staged.set(decoder.decode(bytes.subarray(begin, end)), idText(bytes.subarray(at + 40, at + 60)));
    at += (end - at + 8) & ~7;
  }
  return staged;
}
