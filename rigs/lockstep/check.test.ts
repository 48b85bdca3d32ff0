import { expect, test } from 'vitest';
import { Check } from './check.ts';

test('translated code does what the interpreter does in random programs', { timeout: 600_000 }, () => {
  const check = new Check(1);
  for (let index = 0; index < 600; index++) expect(check.run(index)).toBeUndefined();
  const { regions, instructions, evictions } = check.stats;
  expect(regions).toBeGreaterThan(1000);
  expect(instructions).toBeGreaterThan(10_000);
  expect(evictions).toBeGreaterThan(100);
});
