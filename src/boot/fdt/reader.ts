import { err, ok, type Result } from '../../base/result.ts';
import { type DeviceTree, FdtNode, type MemoryReservation } from './fdt.ts';
import { align4, FDT_COMPATIBLE_VERSION, FDT_MAGIC, FDT_VERSION, Header, headerSize, Token } from './format.ts';

/** Whether a file starts like a flattened device tree. */
export const isFdt = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === FDT_MAGIC;

/** Why the bytes are not a device tree; `readFdt` returns it as its error. */
class Malformed extends Error {}

/**
 * Reads a flattened device tree (Devicetree Specification v0.4, chapter 5), versions 16 and 17. Property values are
 * views of `bytes`. The error is the rest of a sentence that starts with the file's name.
 */
export function readFdt(bytes: Uint8Array): Result<DeviceTree> {
  try {
    return ok(new Reader(bytes).read());
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
}

/** The depth to which Linux reads a tree (drivers/of/fdt.c, FDT_MAX_DEPTH). */
const maxDepth = 64;

const hex = (n: number): string => `0x${n.toString(16)}`;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    if (!isFdt(bytes)) throw new Malformed('is not a device tree blob');
    if (bytes.length < headerSize)
      throw new Malformed(`ends inside its device tree header, after ${bytes.length} bytes`);
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(Header.totalsize);
    if (size > bytes.length)
      throw new Malformed(`is cut short: it has ${bytes.length} bytes of a device tree of ${size}`);
    this.#bytes = bytes.subarray(0, size);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, size);
  }

  read(): DeviceTree {
    if (this.#bytes.length < headerSize) throw new Malformed('gives a size smaller than its device tree header');
    const version = this.#word(Header.version);
    const oldest = this.#word(Header.last_comp_version);
    if (version < FDT_COMPATIBLE_VERSION || oldest > FDT_VERSION)
      throw new Malformed(`is a device tree of version ${version}; versions 16 and 17 are understood`);
    return {
      bootCpu: this.#word(Header.boot_cpuid_phys),
      reservations: this.#reservations(),
      root: this.#structure(version),
    };
  }

  #word(offset: number): number {
    return this.#view.getUint32(offset);
  }

  #reservations(): MemoryReservation[] {
    const reservations: MemoryReservation[] = [];
    for (let at = this.#word(Header.off_mem_rsvmap); ; at += 16) {
      if (at + 16 > this.#bytes.length) throw new Malformed('has a memory reservation block without an end');
      const address = this.#view.getBigUint64(at);
      const size = this.#view.getBigUint64(at + 8);
      if (address === 0n && size === 0n) return reservations;
      reservations.push({ address, size });
    }
  }

  #structure(version: number): FdtNode {
    const start = this.#word(Header.off_dt_struct);
    // Before version 17 the header does not give the block's size: it ends with the file.
    const end = version < 17 ? this.#bytes.length : start + this.#word(Header.size_dt_struct);
    if (start % 4 !== 0 || end > this.#bytes.length)
      throw new Malformed('has its device tree structure outside itself');
    const open: FdtNode[] = [];
    let root: FdtNode | undefined;
    let at = start;
    for (;;) {
      if (at + 4 > end) throw new Malformed('has a device tree structure without an end');
      const token = this.#word(at);
      at += 4;
      const node = open.at(-1);
      switch (token) {
        case Token.nop:
          continue;
        case Token.beginNode: {
          const name = this.#text(at, end, 'a node name');
          at = align4(at + name.length + 1);
          if (node?.children.some((child) => child.name === name))
            throw new Malformed(`has two nodes '${name}' in one node of its device tree`);
          if (!node && root) throw new Malformed('has a device tree with two roots');
          if (open.length === maxDepth)
            throw new Malformed(`has nodes in more than ${maxDepth} levels in its device tree`);
          const child = node ? node.addChild(name) : new FdtNode(name);
          root ??= child;
          open.push(child);
          continue;
        }
        case Token.endNode:
          if (!open.pop()) throw new Malformed('ends more nodes than its device tree has');
          continue;
        case Token.prop: {
          if (!node) throw new Malformed('has a property outside all nodes of its device tree');
          if (at + 8 > end) throw new Malformed('has a device tree structure without an end');
          const length = this.#word(at);
          const name = this.#propertyName(this.#word(at + 4));
          at += 8;
          if (at + length > end) throw new Malformed(`has a property '${name}' that does not end in its device tree`);
          if (node.properties.has(name))
            throw new Malformed(`has two properties '${name}' in one node of its device tree`);
          node.properties.set(name, this.#bytes.subarray(at, at + length));
          at = align4(at + length);
          continue;
        }
        case Token.end:
          if (open.length > 0) throw new Malformed('has a device tree whose nodes do not all end');
          if (!root) throw new Malformed('has a device tree without a root');
          return root;
        default:
          throw new Malformed(`has an unknown device tree token ${hex(token)} at offset ${hex(at - 4)}`);
      }
    }
  }

  #propertyName(offset: number): string {
    const start = this.#word(Header.off_dt_strings) + offset;
    return this.#text(start, this.#bytes.length, 'a property name');
  }

  /** A string with its end before `end`. Names are printable ASCII (2.2.1 and 2.2.4 allow less). */
  #text(start: number, end: number, what: string): string {
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte === 0) return text;
      if (byte <= 0x20 || byte >= 0x7f)
        throw new Malformed(`has ${what} with the byte ${hex(byte)} in its device tree`);
      text += String.fromCharCode(byte);
    }
    throw new Malformed(`has ${what} without an end in its device tree`);
  }
}
