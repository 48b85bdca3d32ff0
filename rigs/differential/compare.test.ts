import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import { Record, RecordView, Signal } from './record.ts';
import { StateSource } from './state.ts';
import { TestCore } from './test-core.ts';
import { VectorReader, VectorWriter } from './vectors.ts';

const view = (): RecordView => new RecordView(new Uint8Array(Record.size));
const states = new StateSource(1);
const testCore = new TestCore();

/** A test of those words, and what the core makes of it. */
function run(index: number, ...words: number[]): { before: RecordView; after: RecordView } {
  const before = view();
  const after = view();
  states.fill(before, index, words);
  testCore.run(before, after);
  return { before, after };
}

test('the core executes what a test says', () => {
  const { before, after } = run(1, 0x8b020020); // add x0, x1, x2
  expect(after.long(Record.x)).toBe(BigInt.asUintN(64, before.long(Record.x + 8) + before.long(Record.x + 16)));
  expect(after.word(Record.signal)).toBe(Signal.none);
  expect(after.long(Record.pc)).toBe(before.long(Record.pc) + 4n);
});

test('exceptions become signals', () => {
  expect(run(2, 0).after.word(Record.signal)).toBe(Signal.illegal); // udf #0
  expect(run(3, 0xd4200000).after.word(Record.signal)).toBe(Signal.trap); // brk #0
  const far = run(4, 0xf9400020); // ldr x0, [x1]
  expect([Signal.none, Signal.segmentation]).toContain(far.after.word(Record.signal));
});

test('a branch ends a test at its target', () => {
  const { before, after } = run(5, 0x14000400); // b .+0x1000
  expect(after.long(Record.pc)).toBe(before.long(Record.pc) + 0x1000n);
});

test('every bit of a result that is known is compared', () => {
  const { before, after } = run(6, 0x8b020020);
  expect(compare(before, after, after)).toEqual([]);
  // NZCV, FPCR and FPSR have bits that are not compared.
  const known = (at: number): boolean => at < Record.nzcv || at >= Record.v;
  fc.assert(
    fc.property(fc.nat(Record.size - Record.x - 1), fc.nat(7), (byte, bit) => {
      const at = Record.x + byte;
      fc.pre(known(at));
      const other = view();
      other.u8.set(after.u8);
      other.u8[at] = (other.u8[at] as number) ^ (1 << bit);
      expect(compare(before, after, other)).toHaveLength(1);
    }),
  );
});

test('what a faulting store has written is not compared, the registers are', () => {
  const before = view();
  const expected = view();
  states.fill(before, 7, [0xf9000020]); // str x0, [x1]
  before.setLong(Record.x + 8, 0, 0);
  testCore.run(before, expected);
  expect(expected.word(Record.signal)).toBe(Signal.segmentation);
  const actual = view();
  actual.u8.set(expected.u8);
  actual.setWord(Record.memory + 8, ~actual.word(Record.memory + 8));
  expect(compare(before, expected, actual)).toEqual([]);
  actual.setWord(Record.x + 8, 1);
  expect(compare(before, expected, actual)).toHaveLength(1);
});

test('vectors give back the tests and results that were put into them', () => {
  const words = [[0x8b020020], [0x0], [0xa9000440, 0x9b027c20], [0x14000400], [0xf9400020], [0x3a0203e0]];
  const writer = new VectorWriter(1);
  const runs = words.map((w, index) => run(index, ...w));
  for (const { before, after } of runs) writer.add(before, after);
  const reader = new VectorReader(writer.bytes());
  expect(reader.count).toBe(words.length);
  for (const { before, after } of runs) {
    const test = view();
    const expected = view();
    reader.next(test, expected);
    expect(test.u8).toEqual(before.u8);
    expect(expected.u8).toEqual(after.u8);
  }
});

test('vectors of other tests than those that the seed makes now are refused', () => {
  const { before, after } = run(0, 0x8b020020);
  before.setWord(Record.x, ~before.word(Record.x));
  const writer = new VectorWriter(1);
  writer.add(before, after);
  expect(() => new VectorReader(writer.bytes()).next(view(), view())).toThrow('not those that were recorded');
});
