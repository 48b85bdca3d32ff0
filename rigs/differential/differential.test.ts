import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { table } from '../../src/a64/table/index.ts';
import { Differential, replay } from './differential.ts';

// Made by `npm run differential -- --count 100000 --seed 1 --record rigs/differential/vectors.br`.
const vectors = brotliDecompressSync(readFileSync(new URL('./vectors.br', import.meta.url)));

test('100,000 recorded tests of all instructions except those that wait give what QEMU gave', {
  timeout: 300_000,
}, () => {
  const { count, rows, differences } = replay(vectors);
  expect(count).toBe(100_000);
  expect(differences.slice(0, 5).map(({ text }) => text)).toEqual([]);
  expect(table.filter((row) => !rows.has(row)).map(({ name }) => name)).toEqual(['WFE', 'WFI']);
});

test('a result that is not the recorded one is found and reported', () => {
  const differential = new Differential(1, { only: 'ADD/SUB (shifted register)' });
  const tests = differential.tests(0, 1);
  const results = new Uint8Array(tests);
  const [difference] = differential.check(0, tests, results);
  expect(difference?.instructions).toEqual(expect.arrayContaining(['ADD/SUB (shifted register)']));
  expect(difference?.text).toMatch(/^test 0 of seed 1, at 0x[0-9a-f]+, FPCR .*\n(.*\n)* {4}next pc: /);
});
