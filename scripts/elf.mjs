// Sections of an ELF file for AArch64 (System V ABI, chapter 4): what the scripts need to know of modules and programs.

/**
 * The bytes of a section; null if the file is no ELF file or has no such section.
 * @param {Buffer} file
 * @param {string} wanted
 */
export function section(file, wanted) {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return null;
  const at = Number(file.readBigUInt64LE(0x28)); // e_shoff
  const [size, count, names] = [file.readUInt16LE(0x3a), file.readUInt16LE(0x3c), file.readUInt16LE(0x3e)];
  /** @param {number} index */
  const read = (index) => {
    const header = at + index * size;
    const offset = Number(file.readBigUInt64LE(header + 0x18));
    return {
      name: file.readUInt32LE(header),
      bytes: file.subarray(offset, offset + Number(file.readBigUInt64LE(header + 0x20))),
    };
  };
  const texts = read(names).bytes;
  for (let index = 0; index < count; index++) {
    const { name, bytes } = read(index);
    if (texts.subarray(name, texts.indexOf(0, name)).toString() === wanted) return bytes;
  }
  return null;
}

/**
 * The shared libraries that a program or library needs, by their sonames; none if it is no ELF file.
 * @param {Buffer} file
 */
export function neededBy(file) {
  const dynamic = section(file, '.dynamic');
  const strings = section(file, '.dynstr');
  if (!dynamic || !strings) return [];
  const needed = [];
  for (let at = 0; at + 16 <= dynamic.length; at += 16) {
    if (dynamic.readBigUInt64LE(at) !== 1n) continue; // DT_NEEDED
    const name = Number(dynamic.readBigUInt64LE(at + 8));
    needed.push(strings.subarray(name, strings.indexOf(0, name)).toString());
  }
  return needed;
}
