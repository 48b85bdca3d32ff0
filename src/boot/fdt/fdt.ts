/**
 * Device trees: what the reader returns, editors change and the writer flattens (Devicetree Specification v0.4,
 * chapters 2 and 5).
 */
import { assert } from '../../base/assert.ts';

/** A range of memory that a kernel must leave alone. */
export interface MemoryReservation {
  readonly address: bigint;
  readonly size: bigint;
}

export interface DeviceTree {
  /** Physical id of the core that boots. */
  readonly bootCpu: number;
  readonly reservations: readonly MemoryReservation[];
  readonly root: FdtNode;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A node with its properties, in their order, and its children. */
export class FdtNode {
  /** With its unit address, as in `serial@ff000000`; empty for the root. */
  readonly name: string;
  /** Values as in memory: numbers are big-endian. */
  readonly properties = new Map<string, Uint8Array>();
  readonly children: FdtNode[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** The child with this name; a name without a unit address also finds the first child that has one. */
  child(name: string): FdtNode | undefined {
    return this.children.find((c) => c.name === name) ?? this.children.find((c) => c.name.startsWith(`${name}@`));
  }

  /** The child with this name; a new last child if there is none. */
  ensureChild(name: string): FdtNode {
    return this.child(name) ?? this.addChild(name);
  }

  /** Adds a child at the end. */
  addChild(name: string): FdtNode {
    const node = new FdtNode(name);
    this.children.push(node);
    return node;
  }

  /** A property that holds a string, or the first of its strings. */
  text(property: string): string | undefined {
    const value = this.properties.get(property);
    if (!value) return undefined;
    const end = value.indexOf(0);
    return decoder.decode(end < 0 ? value : value.subarray(0, end));
  }

  /** A property of 32-bit cells; undefined if it is missing or not a whole number of cells. */
  cells(property: string): number[] | undefined {
    const value = this.properties.get(property);
    if (!value || value.length % 4 !== 0) return undefined;
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return Array.from({ length: value.length / 4 }, (_, i) => view.getUint32(4 * i));
  }

  /** Sets a property to strings, each with its terminator. Returns the node. */
  setText(property: string, ...strings: string[]): this {
    this.properties.set(property, encoder.encode(strings.map((s) => `${s}\0`).join('')));
    return this;
  }

  /** Sets a property to 32-bit cells. Returns the node. */
  setCells(property: string, ...cells: number[]): this {
    const value = new Uint8Array(4 * cells.length);
    const view = new DataView(value.buffer);
    for (const [i, cell] of cells.entries()) view.setUint32(4 * i, cell);
    this.properties.set(property, value);
    return this;
  }

  /** Sets a property without a value. Returns the node. */
  setFlag(property: string): this {
    this.properties.set(property, new Uint8Array());
    return this;
  }
}

/** The cells of a number in a property such as `reg`, most significant first. */
export function toCells(value: bigint, count: number): number[] {
  assert(value >= 0n && value < 1n << BigInt(32 * count), `${value} does not fit in ${count} cells`);
  return Array.from({ length: count }, (_, i) => Number(BigInt.asUintN(32, value >> BigInt(32 * (count - 1 - i)))));
}

/** A copy of the node and its children. The values are shared, because nobody writes into a value. */
export function copyNode(node: FdtNode): FdtNode {
  const copy = new FdtNode(node.name);
  for (const [name, value] of node.properties) copy.properties.set(name, value);
  for (const child of node.children) copy.children.push(copyNode(child));
  return copy;
}
