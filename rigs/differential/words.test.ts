import { expect, test } from 'vitest';
import { decoder } from '../../src/a64/decoder.ts';
import { table } from '../../src/a64/table/index.ts';
import { Random } from '../random.ts';
import { excluded } from './exclusions.ts';
import { branchOffset, type Surroundings, WordSource } from './words.ts';

const pc = 0x2000_0400;
const around: Surroundings = {
  literals: pc + 128,
  literalsSize: 64,
  mayBranchTo: (address, from) => address > from,
};
const source = new WordSource(table);

test('the same seed draws the same words', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => source.test(random, source.operation(random), { pc, around }, 4)).flat();
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('every row whose effect can be compared has operations, and a test of one holds it', () => {
  const random = new Random(1);
  const rows = new Set(source.operations.map(({ row }) => row));
  const missing = table.filter((row) => !rows.has(row)).map((row) => row.name);
  expect(missing).toEqual(['WFE', 'WFI']);
  const without = source.operations.filter((operation) => {
    const words = source.test(random, operation, { pc, around }, 4);
    return words.some(excluded) || !words.some((word) => decoder.decode(word)?.instruction === operation.row);
  });
  expect(without.map(({ row, bits }) => `${row.name} ${bits.toString(16)}`)).toEqual([]);
});

test('branches and literal loads stay where they are allowed', () => {
  const random = new Random(2);
  const outside: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    source.test(random, source.operation(random), { pc, around }, 4).forEach((word, n) => {
      const offset = branchOffset(word);
      const isLiteralLoad = (word & 0x3b000000) === 0x18000000;
      const literal = pc + 4 * n + ((word << 8) >> 13) * 4 - around.literals;
      if (
        (offset !== undefined && offset <= 0) ||
        (isLiteralLoad && (literal < 0 || literal + 16 > around.literalsSize))
      )
        outside.push(word.toString(16));
    });
  }
  expect(outside).toEqual([]);
});

test('noise holds words that are not allocated, and none that is excluded', () => {
  const random = new Random(3);
  const words = Array.from({ length: 2000 }, () => source.noise(random, pc, around));
  expect(words.filter(excluded)).toEqual([]);
  expect(words.filter((word) => decoder.decode(word) === undefined).length).toBeGreaterThan(200);
});
