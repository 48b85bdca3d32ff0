import { crc32 } from './crc32.ts';
import { err, ok, type Result } from './result.ts';

/** Whether a file starts as gzip files do. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;

/** A reason why the bytes are no gzip file; `gunzip` turns it into its error. */
class Damaged extends Error {}

/**
 * Unpacks the first member of a gzip file (RFC 1952). It is synchronous and the same in every host, unlike the hosts'
 * own decompressors. The error completes a sentence that starts with the file's name.
 */
export const gunzip = (bytes: Uint8Array): Result<Uint8Array> => judged(() => unpack(bytes));

/** Unpacks deflated data (RFC 1951) that begins at an offset; `end` is where it ends. */
export const inflate = (bytes: Uint8Array, at: number): Result<{ readonly bytes: Uint8Array; readonly end: number }> =>
  judged(() => {
    const inflater = new Inflater(bytes, at);
    return { bytes: inflater.run(), end: inflater.end };
  });

function judged<T>(read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Damaged) return err(error.message);
    throw error;
  }
}

const cutShort = (): Damaged => new Damaged('is cut short: it ends inside its gzip data');

function unpack(bytes: Uint8Array): Uint8Array {
  if (!isGzip(bytes) || bytes[2] !== 8) throw new Damaged('is no gzip file');
  const flags = bytes[3] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 10;
  const need = (count: number) => {
    if (at + count > bytes.length) throw cutShort();
  };
  const skipText = () => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw cutShort();
    at = end + 1;
  };
  if (flags & FEXTRA) {
    need(2);
    at += 2 + view.getUint16(at, true);
  }
  if (flags & FNAME) skipText();
  if (flags & FCOMMENT) skipText();
  if (flags & FHCRC) at += 2;
  const inflater = new Inflater(bytes, at);
  const data = inflater.run();
  at = inflater.end;
  need(8);
  if (view.getUint32(at, true) !== crc32(data) || view.getUint32(at + 4, true) !== data.length % 2 ** 32)
    throw new Damaged('is damaged: its gzip checksum is wrong');
  return data;
}

/**
 * A Huffman code as a table (RFC 1951, 3.2.2), indexed by the next 15 bits of the stream: the symbol in bits 15:4 and
 * its length in 3:0. Zero where no code starts with these bits.
 */
type Code = Uint16Array;
const longest = 15;

function makeCode(lengths: ArrayLike<number>): Code {
  const counts = new Uint16Array(longest + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol] as number]!++;
  counts[0] = 0;
  const next = new Uint16Array(longest + 2);
  let left = 1;
  for (let length = 1; length <= longest; length++) {
    left = 2 * left - (counts[length] as number);
    if (left < 0) throw new Damaged('is damaged: it has a Huffman code with too many words');
    next[length + 1] = ((next[length] as number) + (counts[length] as number)) << 1;
  }
  const table = new Uint16Array(1 << longest);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    const word = reversed(next[length]!++, length);
    for (let i = word; i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
  }
  return table;
}

/** Huffman codes are stored with their first bit highest, everything else with it lowest (3.1.1). */
function reversed(word: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((word >>> i) & 1) << (length - 1 - i);
  return result;
}

/** The order in which a block gives the lengths of its code for lengths (3.2.7). */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** What the symbols for lengths and distances stand for, and how many bits follow (3.2.5). */
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBits = Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const distanceBase = distanceBits.map((bits, symbol) => (symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << bits) + 1));

const fixedLengths = (): Code =>
  makeCode(Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)));
const fixedDistances = (): Code => makeCode(new Uint8Array(30).fill(5));

/** Unpacks one stream of deflated data (RFC 1951). */
class Inflater {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Bits read from the stream and not yet used, the next lowest. */
  #bits = 0;
  #bitCount = 0;
  #out: Uint8Array;
  #length = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#out = new Uint8Array(4 * bytes.length + 1024);
  }

  /** Where the stream ended: after its last byte. */
  get end(): number {
    return this.#at - (this.#bitCount >> 3);
  }

  run(): Uint8Array {
    for (let last = false; !last; ) {
      last = this.#take(1) === 1;
      const kind = this.#take(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) this.#compressed(fixedLengths(), fixedDistances());
      else if (kind === 2) this.#compressed(...this.#codes());
      else throw new Damaged('is damaged: it has a block of no known kind');
    }
    return this.#out.subarray(0, this.#length);
  }

  #stored(): void {
    this.#take(this.#bitCount & 7);
    const length = this.#take(16);
    if (this.#take(16) !== (~length & 0xffff)) throw new Damaged('is damaged: the length of a stored block is wrong');
    this.#at = this.end;
    this.#bits = 0;
    this.#bitCount = 0;
    if (this.#at + length > this.#bytes.length) throw cutShort();
    this.#room(length);
    this.#out.set(this.#bytes.subarray(this.#at, this.#at + length), this.#length);
    this.#at += length;
    this.#length += length;
  }

  #codes(): [lengths: Code, distances: Code] {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const count = this.#take(4) + 4;
    const ofLengths = new Uint8Array(19);
    for (let i = 0; i < count; i++) ofLengths[lengthOrder[i] as number] = this.#take(3);
    const code = makeCode(ofLengths);
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      const value = symbol === 16 ? lengths[i - 1] : 0;
      const repeats = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (value === undefined || i + repeats > lengths.length)
        throw new Damaged('is damaged: it repeats the length of a code wrongly');
      lengths.fill(value, i, i + repeats);
      i += repeats;
    }
    return [makeCode(lengths.subarray(0, literals)), makeCode(lengths.subarray(literals))];
  }

  #compressed(lengths: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(lengths);
      if (symbol < 256) {
        if (this.#length === this.#out.length) this.#room(1);
        this.#out[this.#length++] = symbol;
        continue;
      }
      if (symbol === 256) return;
      const base = lengthBase[symbol - 257];
      if (base === undefined) throw new Damaged('is damaged: it has a length that does not exist');
      const length = base + this.#take(lengthBits[symbol - 257] as number);
      const far = this.#symbol(distances);
      const distance = (distanceBase[far] ?? Number.POSITIVE_INFINITY) + this.#take(distanceBits[far] ?? 0);
      if (distance > this.#length) throw new Damaged('is damaged: it repeats what lies before its beginning');
      this.#room(length);
      const out = this.#out;
      let to = this.#length;
      // The copied bytes may include some that this copy has just written.
      for (let from = to - distance; from < this.#length - distance + length; ) out[to++] = out[from++] as number;
      this.#length = to;
    }
  }

  #symbol(code: Code): number {
    // The last code of the stream may be shorter than 15 bits with nothing behind it.
    while (this.#bitCount < longest && this.#at < this.#bytes.length) this.#refill();
    const entry = code[this.#bits & 0x7fff] as number;
    const length = entry & 15;
    if (length === 0) throw this.#bitCount < longest ? cutShort() : new Damaged('is damaged: it has an unknown code');
    if (length > this.#bitCount) throw cutShort();
    this.#bits >>>= length;
    this.#bitCount -= length;
    return entry >>> 4;
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      if (this.#at >= this.#bytes.length) throw cutShort();
      this.#refill();
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #refill(): void {
    this.#bits |= (this.#bytes[this.#at++] as number) << this.#bitCount;
    this.#bitCount += 8;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#out.length) return;
    const larger = new Uint8Array(2 * (this.#length + count));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }
}
