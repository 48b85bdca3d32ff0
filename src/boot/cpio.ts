/**
 * An archive in cpio's "newc" format, as the Linux kernel unpacks its initial RAM disk
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
import { concatenated } from '../base/bytes.ts';

export interface ArchiveFile {
  /** Without a slash at its beginning. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

const directory = 0o040755;
const regular = 0o100000;

const encoder = new TextEncoder();

function record(path: string, inode: number, mode: number, bytes: Uint8Array): Uint8Array[] {
  const name = encoder.encode(`${path}\0`);
  // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, c_maj, c_min, c_rmaj, c_rmin, c_namesize, c_chksum
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = encoder.encode(
    `070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('')}`,
  );
  return [header, name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

/** Zeros up to the next multiple of four. */
export const padding = (length: number): Uint8Array => new Uint8Array(-length & 3);

/** The pieces of an archive of files and of the directories above them, all owned by root and dated 1970. */
function recordsOf(files: readonly ArchiveFile[]): Uint8Array[] {
  const made = new Set<string>();
  const records: Uint8Array[] = [];
  let inode = 0;
  for (const { path, mode, bytes } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join('/');
      if (made.has(above)) continue;
      made.add(above);
      records.push(...record(above, ++inode, directory, new Uint8Array()));
    }
    records.push(...record(path, ++inode, regular | mode, bytes));
  }
  return [...records, ...record('TRAILER!!!', 0, 0, new Uint8Array())];
}

/** Makes an archive of files and of the directories above them. */
export const cpio = (files: readonly ArchiveFile[]): Uint8Array => concatenated(recordsOf(files));

/** A RAM disk: archives, each where the kernel looks for the next one, and files that are laid over them. */
export const ramdisk = (archives: readonly Uint8Array[], files: readonly ArchiveFile[]): Uint8Array =>
  concatenated([...archives.flatMap((bytes) => [bytes, padding(bytes.length)]), ...recordsOf(files)]);
