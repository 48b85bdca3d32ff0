/**
 * A test of instructions and its result, as bytes. The recorder (rigs/recorder/recorder.c) reads and writes the same
 * layout, little-endian.
 */

/** Offsets in a record. Fields are 8 bytes unless said otherwise. */
export const Record = {
  /** Address of the first word; in a result, of the instruction that is next or that raised the signal. */
  pc: 0,
  /** Address of the memory that belongs to the test. */
  memoryAddress: 8,
  /** In a result: the address that the signal names. */
  fault: 16,
  /** Number of words (4 bytes). */
  count: 24,
  /** In a result: 0 when the words ran through, else a Signal (4 bytes). */
  signal: 28,
  words: 32,
  x: 48,
  sp: 296,
  /** 4 bytes each. */
  nzcv: 304,
  fpcr: 308,
  fpsr: 312,
  v: 320,
  memory: 832,
  size: 1344,
} as const;

export const wordsMax = 4;
export const memorySize = 512;

/** How a test ends, in the numbers of Linux's signals. */
export const Signal = { none: 0, illegal: 4, trap: 5, bus: 7, alarm: 14, segmentation: 11 } as const;

/** Where things lie in the recorder's address space, and in the simulated one. */
export const Place = {
  /** Two pages; nothing is mapped beside them. A test's memory lies across their border, or ends where they end. */
  data: 0x1000_0000,
  dataSize: 0x2000,
  memories: [0x1000_0f00, 0x1000_1e00],
  /** Each test of a batch has a window of its own, with its words near the start; the rest is zero. */
  code: 0x2000_0000,
  codeWindow: 0x1_0000,
  codeWindows: 1024,
  /** The words start below this offset from their window. */
  wordsBelow: 0x1000,
  /** Literals for PC-relative loads, from the first word. */
  literals: 128,
  literalsSize: 64,
} as const;

/** Byte `i` of the literals. */
export const literal = (i: number): number => (i * 37 + 11) & 0xff;

const textOf = (low: number, high: number): string =>
  `0x${((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0')}`;

/** A view of one record among many. */
export class RecordView {
  #base = 0;
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;

  /** @param bytes whole records, aligned to 4 bytes in their buffer. */
  constructor(readonly bytes: Uint8Array) {
    this.u8 = bytes;
    this.u32 = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  }

  /** Number of records. */
  get length(): number {
    return Math.floor(this.u8.length / Record.size);
  }

  /** Moves to a record. */
  at(index: number): this {
    this.#base = index * Record.size;
    return this;
  }

  /** Byte offset of a field. */
  offset(field: number): number {
    return this.#base + field;
  }

  word(field: number): number {
    return this.u32[(this.#base + field) >>> 2] as number;
  }

  setWord(field: number, value: number): void {
    this.u32[(this.#base + field) >>> 2] = value;
  }

  setLong(field: number, low: number, high: number): void {
    this.setWord(field, low);
    this.setWord(field + 4, high);
  }

  long(field: number): bigint {
    return (BigInt(this.word(field + 4)) << 32n) | BigInt(this.word(field));
  }

  /** A 64-bit field in hexadecimal. */
  text(field: number): string {
    return textOf(this.word(field), this.word(field + 4));
  }

  /** The instruction words. */
  words(): number[] {
    return Array.from({ length: this.word(Record.count) }, (_, i) => this.word(Record.words + 4 * i));
  }
}
