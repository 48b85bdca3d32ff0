import { assert } from '../../base/assert.ts';
import type { Value } from '../syntax/expression.ts';

const nop = [0x1f, 0x20, 0x03, 0xd5];

/** A constant that a load reads from the literal pool after the code. */
interface Literal {
  readonly size: number;
  /** Equal literals have equal keys. */
  readonly key: string;
  /** The symbol of its place in the pool. */
  readonly symbol: string;
  readonly value: Value;
}

/** Largest image that is made, in bytes. */
export const largestImage = 64 * 1024 * 1024;

/** A part of the image: bytes from an address on, and literals that are not placed yet. */
export class Section {
  #bytes = new Uint8Array(256);
  #length = 0;
  #literals: Literal[] = [];
  #pools = 0;
  /** Largest alignment asked for, in bytes. */
  alignment = 1;

  constructor(
    readonly name: string,
    /** Address of the first byte, as far as it is known. */
    readonly base: bigint,
    readonly isCode: boolean,
  ) {}

  get length(): number {
    return this.#length;
  }

  get here(): bigint {
    return this.base + BigInt(this.#length);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room for bytes to be written; false if the image would be too large. */
  reserve(count: number): Uint8Array | undefined {
    const end = this.#length + count;
    if (end > largestImage) return undefined;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.bytes());
      this.#bytes = larger;
    }
    const room = this.#bytes.subarray(this.#length, end);
    this.#length = end;
    return room;
  }

  /** The low bytes of a number, least significant first. */
  number(value: bigint, size: number): boolean {
    const room = this.reserve(size);
    if (!room) return false;
    for (let i = 0; i < size; i++) room[i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return true;
  }

  /**
   * Aligns to a multiple of `to`. Without a fill value, code is filled with zeros up to a multiple of 4, then with
   * NOPs. Does nothing if that takes more than `most` bytes.
   */
  align(to: number, fill: number | undefined, most = Number.POSITIVE_INFINITY): boolean {
    assert(to > 0 && (to & (to - 1)) === 0, `${to} is a power of two`);
    this.alignment = Math.max(this.alignment, to);
    const count = Number(BigInt.asUintN(32, -this.here)) & (to - 1);
    if (count > most) return true;
    const zeros = Number(BigInt.asUintN(32, -this.here)) & 3;
    const room = this.reserve(count);
    if (!room) return false;
    if (fill !== undefined) room.fill(fill);
    else if (this.isCode) for (let i = zeros; i < count; i++) room[i] = nop[(i - zeros) & 3] ?? 0;
    return true;
  }

  /** The symbol of a literal of the next pool. */
  literal(size: number, key: string, value: Value): string {
    const known = this.#literals.find((literal) => literal.size === size && literal.key === key);
    if (known) return known.symbol;
    const symbol = `literal ${this.#pools}.${this.#literals.length} of ${this.name}`;
    this.#literals.push({ size, key, symbol, value });
    return symbol;
  }

  /** Places the literals, small ones first as GNU as does, and calls `place` for each. */
  dumpLiterals(place: (symbol: string) => void): boolean {
    for (const size of [4, 8, 16]) {
      const pool = this.#literals.filter((literal) => literal.size === size);
      if (pool.length > 0 && !this.align(size, 0)) return false;
      for (const literal of pool) {
        place(literal.symbol);
        if (!this.number(literal.value.value, size)) return false;
      }
    }
    this.#literals = [];
    this.#pools++;
    return true;
  }
}
