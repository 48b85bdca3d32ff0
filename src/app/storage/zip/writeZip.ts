import { Zip, ZipDeflate } from 'fflate';

/** A file in a zip. */
export interface ZipFile {
  /** The way to it, with `/` between the names and none at the beginning. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** So many bytes are compressed before the page gets a turn. */
const portion = 2 ** 20;
/** A regular file, `rw-r--r--`. */
const mode = 0o100_644;

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** Packs files into a zip, in portions, so that the page goes on meanwhile. */
export async function writeZip(files: readonly ZipFile[]): Promise<Blob> {
  const parts: BlobPart[] = [];
  let fault: unknown = null;
  const zip = new Zip((error, part) => {
    fault ??= error;
    if (part) parts.push(part as BlobPart);
  });
  for (const { name, bytes } of files) {
    const entry = new ZipDeflate(name, { level: 6 });
    entry.os = 3;
    entry.attrs = mode << 16;
    zip.add(entry);
    for (let at = 0; at < bytes.length; at += portion) {
      entry.push(bytes.subarray(at, at + portion));
      if (bytes.length > portion) await pause();
    }
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  if (fault) throw fault;
  return new Blob(parts, { type: 'application/zip' });
}
