import type { Role, UserRole } from './guests.ts';

const has = (bytes: Uint8Array, offset: number, text: string): boolean =>
  [...text].every((char, i) => bytes[offset + i] === char.charCodeAt(0));

/** Bytes at the start of a file that are examined. */
const head = 512;

/**
 * The role of a file, by its first bytes: a flattened device tree (Devicetree Specification, 5.2), a cpio archive
 * (the kernel's buffer-format.rst), or else a kernel; the loader refuses a file that is none. A gzip file is unpacked
 * first. Files of other compressors are initial RAM disks, since kernels are compressed with gzip only. The image of a
 * card has the signature of an MBR in its first sector.
 */
export async function roleOf(file: Blob): Promise<UserRole> {
  const start = await bytesAt(file);
  if (has(start, 510, '\x55\xaa') && !has(start, 56, 'ARM\x64')) return 'card';
  if (isGzip(start)) return roleOfPlain(await unpackedStart(file)) ?? 'kernel';
  const packed = ['\xfd7zXZ', '\x28\xb5\x2f\xfd', '\x02\x21\x4c\x18', '\x5d\x00\x00'].some((magic) =>
    has(start, 0, magic),
  );
  return packed ? 'initrd' : (roleOfPlain(start) ?? 'kernel');
}

const bytesAt = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.slice(0, head).arrayBuffer());
const isGzip = (start: Uint8Array): boolean => has(start, 0, '\x1f\x8b');

/** The first bytes of a file, unpacked if it is a gzip file. */
export async function startOf(file: Blob): Promise<Uint8Array> {
  const start = await bytesAt(file);
  return isGzip(start) ? unpackedStart(file) : start;
}

function roleOfPlain(start: Uint8Array): Role | null {
  if (has(start, 0, '\xd0\x0d\xfe\xed')) return 'deviceTree';
  return has(start, 0, '070701') || has(start, 0, '070702') ? 'initrd' : null;
}

async function unpackedStart(file: Blob): Promise<Uint8Array> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    const { value } = await reader.read();
    return value ?? new Uint8Array();
  } catch {
    // The file is damaged, and the loader will say so.
    return new Uint8Array();
  } finally {
    await reader.cancel().catch(() => {});
  }
}
