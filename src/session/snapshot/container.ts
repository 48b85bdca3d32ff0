/**
 * Snapshots as files: a magic number, the version of the format and a table of the lengths of parts, then the parts, each
 * packed with gzip: the JSON of a `Packed`, and its bytes by 4 MiB. docs/snapshots.md describes them.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Packed } from './pack.ts';
import { through, throughTo } from './streams.ts';

/** `EL2SNAP` and an end of line that shows whether a transfer has changed it. */
const magic = Uint8Array.of(0x45, 0x4c, 0x32, 0x53, 0x4e, 0x41, 0x50, 0x0a);
/** Changes when files of an earlier version can no longer be read. */
const snapshotVersion = 1;
const headLength = magic.length + 8;
const partLength = 4 * 2 ** 20;
/** JSON may be longer than other parts. */
const maxJson = 256 * 2 ** 20;
/** Deflate packs 258 bytes into two bits at best. */
const maxRatio = 1032;
/** All of a machine's memory, its card and its images: no file says more. */
const maxBytes = 2 ** 32;

/** The pieces of a packed snapshot's file, in their order. */
export async function packedToFile({ json, bytes }: Packed): Promise<Uint8Array[]> {
  const parts = [new TextEncoder().encode(json)];
  for (let at = 0; at < bytes.length; at += partLength) parts.push(bytes.slice(at, at + partLength));
  const packed = await Promise.all(parts.map((part) => through(new CompressionStream('gzip'), part, maxBytes)));
  const head = new DataView(new ArrayBuffer(headLength + 8 * parts.length));
  new Uint8Array(head.buffer).set(magic);
  head.setUint32(magic.length, snapshotVersion);
  head.setUint32(magic.length + 4, parts.length);
  for (const [i, part] of packed.entries()) {
    head.setUint32(headLength + 8 * i, part.length);
    head.setUint32(headLength + 8 * i + 4, parts[i]?.length ?? 0);
  }
  return [new Uint8Array(head.buffer), ...packed];
}

/** The packed snapshot in a file. The error is a clause that follows the file's name. */
export async function packedFromFile(file: Uint8Array): Promise<Result<Packed>> {
  if (file.length < magic.length || magic.some((byte, i) => file[i] !== byte)) return err('is no snapshot of EL2 Lab');
  if (file.length < headLength) return truncated;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const version = view.getUint32(magic.length);
  if (version !== snapshotVersion)
    return err(`is a snapshot of version ${version}; this EL2 Lab reads version ${snapshotVersion}`);
  const count = view.getUint32(magic.length + 4);
  let at = headLength + 8 * count;
  if (count === 0 || at > file.length) return truncated;
  let length = 0;
  const parts: { readonly packed: Uint8Array; readonly at: number; readonly length: number }[] = [];
  for (let i = 0; i < count; i++) {
    const packed = view.getUint32(headLength + 8 * i);
    const whole = view.getUint32(headLength + 8 * i + 4);
    if (whole > Math.min(i === 0 ? maxJson : partLength, packed * maxRatio)) return damaged;
    parts.push({ packed: file.subarray(at, at + packed), at: length, length: whole });
    at += packed;
    length += i === 0 ? 0 : whole;
  }
  if (at > file.length) return truncated;
  if (at < file.length || length > maxBytes) return damaged;
  try {
    const json = new Uint8Array(parts[0]?.length ?? 0);
    const bytes = new Uint8Array(length);
    await Promise.all(
      parts.map(({ packed, at, length: size }, i) => {
        const place = i === 0 ? json : bytes.subarray(at, at + size);
        return throughTo(new DecompressionStream('gzip'), packed, place);
      }),
    );
    return ok({ json: new TextDecoder('utf-8', { fatal: true }).decode(json), bytes });
  } catch (error) {
    // What the streams and the decoder throw for data that is none.
    if (error instanceof Error) return damaged;
    throw error;
  }
}

const truncated = err('is a snapshot whose end is missing');
const damaged = err('is a damaged snapshot: its contents are not what was written');
