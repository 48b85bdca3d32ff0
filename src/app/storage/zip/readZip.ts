import { Inflate } from 'fflate';
import { crc32 } from '../../../base/crc32.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { ZipFile } from './writeZip.ts';

/** Why a zip is not read; `name` is the file in it. */
export type ZipFault =
  | { readonly kind: 'none' | 'damaged' | 'tooMany' | 'tooLarge' | 'unsupported' }
  | { readonly kind: 'encrypted' | 'link' | 'name' | 'twice' | 'elsewhere'; readonly name: string };

/** No more is unpacked: files, and bytes of all together. */
export const zipLimits = { files: 2000, bytes: 256 * 2 ** 20 } as const;

// PKWARE's APPNOTE.TXT, 4.3 and 4.4.
const signatures = { end: 0x0605_4b50, central: 0x0201_4b50, local: 0x0403_4b50 } as const;
const sizes = { end: 22, central: 46, local: 30 } as const;
const flags = { encrypted: 1 << 0 } as const;
const methods = { stored: 0, deflated: 8 } as const;
const unix = { host: 3, typeMask: 0o170_000, file: 0o100_000, folder: 0o040_000 } as const;
/** Bytes of compressed data that are unpacked before the page gets a turn. */
const portion = 65_536;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Offset of the entry's local header. */
  readonly header: number;
}

/**
 * Reads the files of a zip. Nothing in it is believed: more than it says is not unpacked, and what is unpacked has
 * its size and its checksum. Names are only decoded here.
 */
export async function readZip(zip: Uint8Array): Promise<Result<readonly ZipFile[], ZipFault>> {
  const listed = list(zip);
  if (!listed.ok) return listed;
  const files: ZipFile[] = [];
  // Where the data of two entries overlap, a small zip becomes a large one.
  let end = 0;
  for (const entry of listed.value.toSorted((a, b) => a.header - b.header)) {
    const data = dataOf(zip, entry, end);
    const bytes = data && (await unpack(data, entry));
    if (!bytes || crc32(bytes) !== entry.crc) return err({ kind: 'damaged' });
    end = data.byteOffset - zip.byteOffset + data.length;
    if (!entry.name.endsWith('/')) files.push({ name: entry.name, bytes });
  }
  return ok(files);
}

/** The entries of the central directory. */
function list(zip: Uint8Array): Result<readonly Entry[], ZipFault> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  const at = endOf(view);
  if (at === null) return err({ kind: 'none' });
  const count = view.getUint16(at + 10, true);
  let offset = view.getUint32(at + 16, true);
  if (view.getUint32(at + 4, true) !== 0 || count === 0xffff || offset === 0xffff_ffff)
    return err({ kind: 'unsupported' });
  if (count > zipLimits.files) return err({ kind: 'tooMany' });
  const entries: Entry[] = [];
  let total = 0;
  for (let n = 0; n < count; n++) {
    if (offset + sizes.central > at || view.getUint32(offset, true) !== signatures.central)
      return err({ kind: 'damaged' });
    const next = offset + sizes.central + view.getUint16(offset + 28, true);
    if (next > at) return err({ kind: 'damaged' });
    const name = decode(zip.subarray(offset + sizes.central, next));
    if (name === null) return err({ kind: 'name', name: '?' });
    const entry: Entry = {
      name,
      method: view.getUint16(offset + 10, true),
      crc: view.getUint32(offset + 16, true),
      packed: view.getUint32(offset + 20, true),
      size: view.getUint32(offset + 24, true),
      header: view.getUint32(offset + 42, true),
    };
    if (view.getUint16(offset + 8, true) & flags.encrypted) return err({ kind: 'encrypted', name });
    const type =
      view.getUint8(offset + 5) === unix.host ? (view.getUint32(offset + 38, true) >>> 16) & unix.typeMask : 0;
    if (type !== 0 && type !== unix.file && type !== unix.folder) return err({ kind: 'link', name });
    if (entry.method !== methods.stored && entry.method !== methods.deflated) return err({ kind: 'unsupported' });
    total += entry.size;
    if (total > zipLimits.bytes) return err({ kind: 'tooLarge' });
    entries.push(entry);
    offset = next + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
  }
  return ok(entries);
}

/** The offset of the end of the central directory, behind which there is only a comment; null if there is none. */
function endOf(view: DataView): number | null {
  const first = Math.max(0, view.byteLength - sizes.end - 0xffff);
  for (let at = view.byteLength - sizes.end; at >= first; at--)
    if (
      view.getUint32(at, true) === signatures.end &&
      at + sizes.end + view.getUint16(at + 20, true) === view.byteLength
    )
      return at;
  return null;
}

function decode(name: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return null;
  }
}

/** The packed data of an entry, which begin at `from` or behind; null if they do not lie there. */
function dataOf(zip: Uint8Array, { header, packed }: Entry, from: number): Uint8Array | null {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  if (header < from || header + sizes.local > zip.length) return null;
  if (view.getUint32(header, true) !== signatures.local) return null;
  const start = header + sizes.local + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  return start + packed <= zip.length ? zip.subarray(start, start + packed) : null;
}

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** The bytes of an entry; null if they are not as many as it says. */
async function unpack(data: Uint8Array, { method, size }: Entry): Promise<Uint8Array | null> {
  if (method === methods.stored) return data.length === size ? data.slice() : null;
  const bytes = new Uint8Array(size);
  let filled = 0;
  let isTooLong = false;
  const inflate = new Inflate((part) => {
    if (filled + part.length <= size) bytes.set(part, filled);
    else isTooLong = true;
    filled += part.length;
  });
  try {
    for (let at = 0; at === 0 || at < data.length; at += portion) {
      inflate.push(data.subarray(at, at + portion), at + portion >= data.length);
      if (isTooLong) return null;
      if (at % (16 * portion) === 15 * portion) await pause();
    }
  } catch {
    return null;
  }
  return filled === size ? bytes : null;
}
