/**
 * A compact file of recorded results. Tests follow from the seed and their words, so only the words and the changes of
 * the result are stored: a header of 4 words, then columns, each after its length in bytes. The file is compressed.
 */
import { assert, defined } from '../../src/base/assert.ts';
import { memorySize, Record, type RecordView } from './record.ts';
import { StateSource } from './state.ts';

const magic = 0x56343641;
const headerSize = 16;

/** What a result changed, besides words of masks of X and V registers. */
const Change = { pc: 1, fault: 2, nzcv: 4, fpcr: 8, fpsr: 16, memory: 32, x: 64, v: 128 } as const;

/** Bytes that grow at their end. */
class Column {
  #bytes = new Uint8Array(1024);
  length = 0;

  put(bytes: Uint8Array): void {
    while (this.length + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The low bytes of a number. */
  number(value: number, size: number): void {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = value >>> (8 * i);
    this.put(bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Reads what Column wrote. */
class ColumnReader {
  #at = 0;
  constructor(readonly column: Uint8Array) {}

  take(size: number): Uint8Array {
    assert(this.#at + size <= this.column.length, 'the vectors are complete');
    this.#at += size;
    return this.column.subarray(this.#at - size, this.#at);
  }

  number(size: number): number {
    return this.take(size).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

const columnNames = ['heads', 'words', 'changes', 'masks', 'values'] as const;
type Columns<C> = { readonly [N in (typeof columnNames)[number]]: C };

/** A checksum of the bytes of tests. */
const checksum = (hash: number, test: RecordView): number => {
  let h = hash;
  const from = test.offset(0) >>> 2;
  for (let i = from; i < from + Record.size / 4; i++) h = Math.imul(h ^ (test.u32[i] as number), 0x01000193);
  return h >>> 0;
};

/** Where the words of a test end. */
const end = (test: RecordView): number => test.word(Record.pc) + 4 * test.word(Record.count);

/** Collects results. */
export class VectorWriter {
  readonly #columns: Columns<Column> = {
    heads: new Column(),
    words: new Column(),
    changes: new Column(),
    masks: new Column(),
    values: new Column(),
  };
  #count = 0;
  #checksum = 0;

  constructor(readonly seed: number) {}

  /** Adds the next test and its result. */
  add(test: RecordView, result: RecordView): void {
    const { heads, words, changes, masks, values } = this.#columns;
    this.#count++;
    this.#checksum = checksum(this.#checksum, test);
    heads.number(test.word(Record.count) | (result.word(Record.signal) << 3), 1);
    for (const word of test.words()) words.number(word, 4);

    let change = 0;
    const put = (bit: number, field: number, size: number): void => {
      change |= bit;
      values.put(result.u8.subarray(result.offset(field), result.offset(field) + size));
    };
    const putChanged = (bit: number, field: number, size: number): void => {
      if (test.word(field) !== result.word(field)) put(bit, field, size);
    };
    if (result.long(Record.pc) !== BigInt(end(test))) put(Change.pc, Record.pc, 8);
    if (result.long(Record.fault) !== 0n) put(Change.fault, Record.fault, 8);
    putChanged(Change.nzcv, Record.nzcv, 4);
    putChanged(Change.fpcr, Record.fpcr, 4);
    putChanged(Change.fpsr, Record.fpsr, 4);
    for (const [bit, first, size] of [
      [Change.x, Record.x, 8],
      [Change.v, Record.v, 16],
    ] as const) {
      let mask = 0;
      for (let n = 0; n < 32; n++) {
        if (changed(test, result, first + size * n, size)) {
          mask |= 1 << n;
          put(bit, first + size * n, size);
        }
      }
      if (mask !== 0) masks.number(mask, 4);
    }
    let from = 0;
    let to = memorySize;
    while (from < to && !changed(test, result, Record.memory + from, 4)) from += 4;
    while (from < to && !changed(test, result, Record.memory + to - 4, 4)) to -= 4;
    if (from < to) {
      values.number(from / 4, 1);
      values.number((to - from) / 4, 1);
      put(Change.memory, Record.memory + from, to - from);
    }
    changes.number(change, 1);
  }

  /** The file, not yet compressed. */
  bytes(): Uint8Array {
    const file = new Column();
    for (const word of [magic, this.seed, this.#count, this.#checksum]) file.number(word, 4);
    for (const name of columnNames) {
      file.number(this.#columns[name].length, 4);
      file.put(this.#columns[name].bytes);
    }
    return file.bytes;
  }
}

function changed(a: RecordView, b: RecordView, field: number, size: number): boolean {
  for (let at = field; at < field + size; at += 4) if (a.word(at) !== b.word(at)) return true;
  return false;
}

/** Makes tests and their results again from what VectorWriter wrote. */
export class VectorReader {
  readonly seed: number;
  readonly count: number;
  readonly #columns: Columns<ColumnReader>;
  readonly #states: StateSource;
  readonly #checksum: number;
  #index = 0;
  #sum = 0;

  constructor(bytes: Uint8Array) {
    const header = new ColumnReader(bytes.subarray(0, headerSize));
    assert(header.number(4) === magic, 'this is a file of recorded vectors');
    this.seed = header.number(4);
    this.count = header.number(4);
    this.#checksum = header.number(4);
    let at = headerSize;
    const columns = new Map<string, ColumnReader>();
    for (const name of columnNames) {
      const length = new ColumnReader(bytes.subarray(at, at + 4)).number(4);
      columns.set(name, new ColumnReader(bytes.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    const column = (name: string): ColumnReader => defined(columns.get(name), name);
    this.#columns = {
      heads: column('heads'),
      words: column('words'),
      changes: column('changes'),
      masks: column('masks'),
      values: column('values'),
    };
    this.#states = new StateSource(this.seed);
  }

  /**
   * Puts the next test and the result that was recorded for it where the two views stand. After the last one, asserts
   * that the tests are the recorded ones: they are not if the code that makes states has changed.
   */
  next(test: RecordView, result: RecordView): void {
    const { heads, words, changes, masks, values } = this.#columns;
    const head = heads.number(1);
    this.#states.fill(
      test,
      this.#index++,
      Array.from({ length: head & 7 }, () => words.number(4)),
    );
    this.#sum = checksum(this.#sum, test);
    result.u8.set(test.u8.subarray(test.offset(0), test.offset(0) + Record.size), result.offset(0));
    result.setLong(Record.pc, end(test), 0);
    result.setWord(Record.signal, head >>> 3);

    const change = changes.number(1);
    const take = (bit: number, field: number, size: number): void => {
      if (change & bit) result.u8.set(values.take(size), result.offset(field));
    };
    take(Change.pc, Record.pc, 8);
    take(Change.fault, Record.fault, 8);
    take(Change.nzcv, Record.nzcv, 4);
    take(Change.fpcr, Record.fpcr, 4);
    take(Change.fpsr, Record.fpsr, 4);
    for (const [bit, first, size] of [
      [Change.x, Record.x, 8],
      [Change.v, Record.v, 16],
    ] as const) {
      const mask = change & bit ? masks.number(4) : 0;
      for (let n = 0; n < 32; n++) if ((mask >>> n) & 1) take(bit, first + size * n, size);
    }
    if (change & Change.memory) {
      const from = 4 * values.number(1);
      take(Change.memory, Record.memory + from, 4 * values.number(1));
    }
    if (this.#index === this.count)
      assert(
        this.#sum === this.#checksum,
        'the tests are not those that were recorded: npm run differential -- --record',
      );
  }
}
