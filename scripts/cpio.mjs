// An archive in cpio's "newc" format, as the Linux kernel unpacks its initial RAM disk
// (Documentation/driver-api/early-userspace/buffer-format.rst).

const types = { directory: 0o040000, file: 0o100000, link: 0o120000 };

/**
 * An entry at a path: a directory, a file with its bytes, or a symbolic link with its target.
 * @typedef {{ path: string, mode?: number } & ({ type: 'directory' } | { type: 'file', bytes: Uint8Array } | { type: 'link', target: string })} Entry
 */

/** @param {Entry} entry */
function contents(entry) {
  if (entry.type === 'file') return entry.bytes;
  return entry.type === 'link' ? Buffer.from(entry.target) : new Uint8Array();
}

/** @param {number} length */
const padding = (length) => Buffer.alloc(-length & 3);

/**
 * @param {string} path
 * @param {number} inode
 * @param {number} mode
 * @param {Uint8Array} bytes
 */
function record(path, inode, mode, bytes) {
  const name = Buffer.from(`${path}\0`);
  // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, c_maj, c_min, c_rmaj, c_rmin, c_namesize, c_chksum
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.concat([
    Buffer.from(`070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('')}`),
    name,
  ]);
  return [header, padding(header.length), bytes, padding(bytes.length)];
}

/**
 * Makes an archive of entries. All are owned by root and dated 1970, so that equal entries give equal bytes.
 * @param {readonly Entry[]} entries a directory comes before what is in it
 * @returns {Buffer}
 */
export function cpio(entries) {
  const records = entries.flatMap((entry, i) => {
    const mode = entry.mode ?? (entry.type === 'file' ? 0o644 : entry.type === 'link' ? 0o777 : 0o755);
    return record(entry.path, i + 1, types[entry.type] | mode, contents(entry));
  });
  return Buffer.concat([...records, ...record('TRAILER!!!', 0, 0, new Uint8Array())]);
}
