import { expect, test } from 'vitest';
import { table } from '../../src/a64/table/index.ts';
import { WordFuzz } from './words.ts';

test('100,000 random words at EL0, EL1 and EL2 do not break the simulator', { timeout: 300_000 }, () => {
  const fuzz = new WordFuzz(1);
  fuzz.run(100_000);
  const { coverage, counts } = fuzz;
  expect(coverage.count('level', 'EL0')).toBeGreaterThan(80);
  expect(coverage.count('level', 'EL1')).toBeGreaterThan(1000);
  expect(coverage.count('level', 'EL2')).toBeGreaterThan(1000);
  // The rows of the table in stepped runs alone.
  expect(coverage.names('instruction').length).toBeGreaterThan(0.4 * table.length);
  expect(Object.keys(counts.exceptions).length).toBeGreaterThan(8);
  expect(fuzz.translated).toBeGreaterThan(300);
});
