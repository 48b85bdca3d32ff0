import type { DeviceTree, FdtNode } from './fdt.ts';
import { align4, FDT_COMPATIBLE_VERSION, FDT_MAGIC, FDT_VERSION, Header, headerSize, Token } from './format.ts';

/** Writes a device tree in its flattened form, version 17 (Devicetree Specification v0.4, chapter 5). */
export function writeFdt(tree: DeviceTree): Uint8Array {
  const strings = new Strings();
  const structure = new Bytes();
  writeNode(tree.root, structure, strings);
  structure.word(Token.end);

  const reservations = new Bytes();
  for (const { address, size } of [...tree.reservations, { address: 0n, size: 0n }]) {
    reservations.double(address);
    reservations.double(size);
  }

  // The reservation block needs an 8-byte boundary, and the header ends on one (5.6).
  const parts = [reservations.finish(), structure.finish(), strings.bytes.finish()] as const;
  const offsets = parts.map((_, i) => headerSize + parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));
  const total = headerSize + parts.reduce((sum, part) => sum + part.length, 0);
  const blob = new Uint8Array(total);
  parts.forEach((part, i) => {
    blob.set(part, offsets[i]);
  });
  const view = new DataView(blob.buffer);
  view.setUint32(Header.magic, FDT_MAGIC);
  view.setUint32(Header.totalsize, total);
  view.setUint32(Header.off_mem_rsvmap, offsets[0] as number);
  view.setUint32(Header.off_dt_struct, offsets[1] as number);
  view.setUint32(Header.off_dt_strings, offsets[2] as number);
  view.setUint32(Header.version, FDT_VERSION);
  view.setUint32(Header.last_comp_version, FDT_COMPATIBLE_VERSION);
  view.setUint32(Header.boot_cpuid_phys, tree.bootCpu);
  view.setUint32(Header.size_dt_strings, parts[2].length);
  view.setUint32(Header.size_dt_struct, parts[1].length);
  return blob;
}

/** A node's properties come before its children (5.4.2). */
function writeNode(node: FdtNode, structure: Bytes, strings: Strings): void {
  structure.word(Token.beginNode);
  structure.text(node.name);
  structure.pad();
  for (const [name, value] of node.properties) {
    structure.word(Token.prop);
    structure.word(value.length);
    structure.word(strings.offset(name));
    structure.append(value);
    structure.pad();
  }
  for (const child of node.children) writeNode(child, structure, strings);
  structure.word(Token.endNode);
}

/** The strings block: each property name once. */
class Strings {
  readonly bytes = new Bytes();
  readonly #offsets = new Map<string, number>();

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.#offsets.set(name, offset);
    this.bytes.text(name);
    return offset;
  }
}

/** Bytes written one after the other. */
class Bytes {
  #bytes = new Uint8Array(4096);
  length = 0;

  append(bytes: Uint8Array): void {
    const end = this.length + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.length);
    this.length = end;
  }

  word(value: number): void {
    this.append(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  double(value: bigint): void {
    this.word(Number(value >> 32n));
    this.word(Number(BigInt.asUintN(32, value)));
  }

  text(text: string): void {
    this.append(Uint8Array.from(`${text}\0`, (c) => c.charCodeAt(0)));
  }

  pad(): void {
    this.append(new Uint8Array(align4(this.length) - this.length));
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}
