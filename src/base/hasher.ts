/** What a fingerprint can be made of. */
export type Hashable =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Hashable[]
  | { readonly [key: string]: Hashable };

/**
 * Tags keep values of different types, and neighbours of different lengths, apart: 1 and '1', ['ab'] and ['a', 'b'].
 */
const tag = {
  nothing: 1,
  no: 2,
  yes: 3,
  integer: 4,
  double: 5,
  bigint: 6,
  text: 7,
  bytes: 8,
  list: 9,
  record: 10,
} as const;

/** The low half of the 64-bit FNV prime, 2^40 + 0x1b3; its high half is a shift by 8. */
const prime = 0x1b3;

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

/**
 * Fingerprints state: equal for equal values added in the same order, 64 bits. FNV-1a (Fowler, Noll, Vo), fed a 32-bit
 * word at a time and mixed once more at the end. It finds out whether two runs differ; it does not protect against
 * forgery.
 */
export class Hasher {
  private low = 0x8422_2325;
  private high = 0xcbf2_9ce4;

  /** Adds values, one after the other. Objects are added key by key, in the order of their keys. */
  add(...values: readonly Hashable[]): this {
    for (const value of values) this.addOne(value);
    return this;
  }

  /** The fingerprint so far, as 16 hexadecimal digits. Adding may go on. */
  digest(): string {
    let low = this.low;
    let high = this.high;
    for (let round = 0; round < 3; round++) {
      low = Math.imul(low ^ (high >>> 15), 0x85eb_ca6b);
      high = Math.imul(high ^ (low >>> 13), 0xc2b2_ae35);
    }
    return [high, low ^ (high >>> 16)].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private addOne(value: Hashable): void {
    if (value === null || value === undefined) this.word(tag.nothing);
    else if (typeof value === 'boolean') this.word(value ? tag.yes : tag.no);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'bigint') this.bigint(value);
    else if (typeof value === 'string') this.text(value);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (isList(value)) {
      this.begin(tag.list, value.length);
      for (const item of value) this.addOne(item);
    } else {
      const entries = Object.entries(value);
      this.begin(tag.record, entries.length);
      for (const [key, item] of entries) {
        this.text(key);
        this.addOne(item);
      }
    }
  }

  private number(value: number): void {
    if ((value | 0) === value) {
      this.begin(tag.integer, value);
      return;
    }
    double[0] = value;
    this.begin(tag.double, doubleWords[0] as number);
    this.word(doubleWords[1] as number);
  }

  private bigint(value: bigint): void {
    this.word(tag.bigint);
    this.text(value.toString(16));
  }

  private text(text: string): void {
    this.begin(tag.text, text.length);
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
  }

  private bytes(bytes: Uint8Array): void {
    this.begin(tag.bytes, bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = bytes.length & ~3;
    // As `word` does it; files are large.
    let [low, high] = [this.low, this.high];
    for (let i = 0; i < whole; i += 4) {
      low = (low ^ view.getUint32(i, true)) >>> 0;
      const product = low * prime;
      high = (Math.imul(high, prime) + (low << 8) + Math.floor(product / 2 ** 32)) >>> 0;
      low = product >>> 0;
    }
    [this.low, this.high] = [low, high];
    for (let i = whole; i < bytes.length; i++) this.word(bytes[i] as number);
  }

  private begin(kind: number, length: number): void {
    this.word(kind);
    this.word(length);
  }

  /** h = (h xor word) * prime, in halves: JavaScript multiplies 41 bits exactly. */
  private word(word: number): void {
    const low = (this.low ^ word) >>> 0;
    const product = low * prime;
    this.high = (Math.imul(this.high, prime) + (low << 8) + Math.floor(product / 2 ** 32)) >>> 0;
    this.low = product >>> 0;
  }
}

/** The bytes of a typed array, to be hashed. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** `Array.isArray` does not narrow read-only arrays. */
const isList = (value: readonly Hashable[] | { readonly [key: string]: Hashable }): value is readonly Hashable[] =>
  Array.isArray(value);
