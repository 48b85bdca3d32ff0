// What is kept of an ELF file with symbols: its sections' headers, the build ID, and the table of symbols. The code is
// in the program that it belongs to.

const headerSize = 64;
const entrySize = 64;
const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;
const kept = new Set([SHT_SYMTAB, SHT_STRTAB, SHT_NOTE]);

/**
 * @param {Uint8Array} file an ELF64 file, little-endian
 * @returns {Uint8Array} the same without code, data and program headers (System V ABI, chapter 4)
 */
export function symbolsOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  // A copy of their own: slice of a Buffer is none.
  const headers = new Uint8Array(file.subarray(table, table + count * entrySize));
  const header = new DataView(headers.buffer);
  /** @type {Uint8Array[]} */
  const parts = [];
  let at = headerSize;
  for (let i = 0; i < count; i++) {
    const entry = i * entrySize;
    const type = header.getUint32(entry + 4, true);
    if (type === SHT_PROGBITS) header.setUint32(entry + 4, SHT_NOBITS, true);
    if (!kept.has(type)) continue;
    const offset = Number(header.getBigUint64(entry + 24, true));
    const size = Number(header.getBigUint64(entry + 32, true));
    parts.push(file.subarray(offset, offset + size), new Uint8Array(-size & 7));
    header.setBigUint64(entry + 24, BigInt(at), true);
    at += size + (-size & 7);
  }
  const start = new Uint8Array(file.subarray(0, headerSize));
  const fields = new DataView(start.buffer);
  fields.setBigUint64(32, 0n, true); // e_phoff
  fields.setBigUint64(40, BigInt(at), true); // e_shoff
  fields.setUint16(56, 0, true); // e_phnum
  return Buffer.concat([start, ...parts, headers]);
}
