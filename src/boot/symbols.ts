import { isElf } from './elf.ts';

/** The symbol nearest to an address, and the address's distance from it. */
export interface SymbolPlace {
  readonly name: string;
  readonly address: bigint;
  readonly offset: number;
}

const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
const SHF_ALLOC = 2n;
const SHN_LORESERVE = 0xff00;
const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const headerSize = 64;
const sectionHeaderSize = 64;
const symbolSize = 24;
/** Longer names are cut: a damaged file must not have a name of a page. */
const longestName = 1024;

interface Section {
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

interface Entry {
  readonly address: bigint;
  /** End of its section; an address beyond is not near the symbol. */
  readonly end: bigint;
  /** Offset of its name in the string table. */
  readonly name: number;
  /** Of two symbols at one address, the one with the higher rank is shown. */
  readonly rank: number;
}

/**
 * The symbols of an ELF64 file's .symtab that name places in memory, at the addresses that the file is linked for
 * (System V ABI, chapter 4; ELF for the Arm 64-bit Architecture, 5.5). They are only a help: a file that has none, or
 * whose tables are damaged, has no symbols here.
 */
export class SymbolTable {
  readonly #entries: readonly Entry[];
  readonly #names: Uint8Array;
  /** The linker's identification of the build (NT_GNU_BUILD_ID); null if the file has none. */
  readonly buildId: Uint8Array | null;

  /** Reads a kernel file; one that is no ELF file has no symbols. */
  constructor(file: Uint8Array) {
    const sections = readSections(file);
    const table = sections.find((section) => section.type === SHT_SYMTAB);
    const strings = table && sections[table.link];
    this.#names = strings ? bytesOf(file, strings) : new Uint8Array();
    this.buildId = buildIdOf(file, sections);
    this.#entries = table ? readEntries(bytesOf(file, table), sections, this.#names) : [];
  }

  /** The address of a symbol; null if there is none of that name. */
  addressOf(name: string): bigint | null {
    return this.#entries.find((entry) => nameAt(this.#names, entry.name) === name)?.address ?? null;
  }

  /** The last symbol at or below an address, if both lie in one section. */
  near(address: bigint): SymbolPlace | null {
    const entries = this.#entries;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] as Entry).address <= address) low = middle + 1;
      else high = middle;
    }
    const found = entries[low - 1];
    if (!found || address >= found.end) return null;
    return { name: nameAt(this.#names, found.name), address: found.address, offset: Number(address - found.address) };
  }
}

function readSections(file: Uint8Array): Section[] {
  if (!isElf(file) || file.length < headerSize) return [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const entrySize = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  if (entrySize < sectionHeaderSize || table + count * entrySize > file.length) return [];
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * entrySize;
    return {
      type: view.getUint32(at + 4, true),
      flags: view.getBigUint64(at + 8, true),
      address: view.getBigUint64(at + 16, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
    };
  });
}

/** A note of the type 3 by GNU: lengths of name and contents, type, name, contents (ELF gABI, chapter 5). */
function buildIdOf(file: Uint8Array, sections: readonly Section[]): Uint8Array | null {
  for (const section of sections) {
    const note = section.type === SHT_NOTE ? bytesOf(file, section) : new Uint8Array();
    if (note.length < 16) continue;
    const view = new DataView(note.buffer, note.byteOffset, note.byteLength);
    if (view.getUint32(0, true) === 4 && view.getUint32(8, true) === 3 && view.getUint32(12, true) === 0x55_4e47)
      return note.slice(16, 16 + view.getUint32(4, true));
  }
  return null;
}

/** A section's bytes, or none if it does not lie in the file. */
const bytesOf = (file: Uint8Array, { offset, size }: Section): Uint8Array =>
  offset + size <= file.length ? file.subarray(offset, offset + size) : new Uint8Array();

/** Sorted by address, one symbol for each. */
function readEntries(table: Uint8Array, sections: readonly Section[], names: Uint8Array): Entry[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at + symbolSize <= table.length; at += symbolSize) {
    const name = view.getUint32(at, true);
    const info = view.getUint8(at + 4);
    const index = view.getUint16(at + 6, true);
    const address = view.getBigUint64(at + 8, true);
    const type = info & 15;
    const section = index < SHN_LORESERVE ? sections[index] : undefined;
    if (!section || (section.flags & SHF_ALLOC) === 0n) continue;
    if (type !== STT_NOTYPE && type !== STT_OBJECT && type !== STT_FUNC) continue;
    const end = section.address + BigInt(section.size);
    if (address < section.address || address >= end || isUnnamed(names, name)) continue;
    // Functions and objects go before labels, and global symbols before local ones.
    entries.push({ address, end, name, rank: (type === STT_NOTYPE ? 0 : 2) + (info >> 4 === 0 ? 0 : 1) });
  }
  entries.sort((a, b) => (a.address === b.address ? b.rank - a.rank : a.address < b.address ? -1 : 1));
  return entries.filter((entry, i) => entry.address !== entries[i - 1]?.address);
}

/** A symbol without a name, or a mapping symbol: `$x` and `$d` mark code and data. */
const isUnnamed = (names: Uint8Array, start: number): boolean =>
  start >= names.length || names[start] === 0 || names[start] === 0x24;

function nameAt(names: Uint8Array, start: number): string {
  let end = start;
  while (end < names.length && end - start < longestName && names[end] !== 0) end++;
  return String.fromCharCode(...names.subarray(start, end));
}
