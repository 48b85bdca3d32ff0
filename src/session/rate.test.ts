import { expect, test } from 'vitest';
import { RecentRates } from './rate.ts';

test('rates are those of the last half second to second', () => {
  const rates = new RecentRates<'n'>();
  expect(rates.at(0, { n: 5 })('n')).toBe(0);
  expect(rates.at(100, { n: 205 })('n')).toBe(2);
  for (let wall = 500; wall <= 3000; wall += 100) rates.at(wall, { n: 1005 });
  expect(rates.at(3100, { n: 1005 })('n')).toBe(0);
  rates.restart();
  expect(rates.at(3200, { n: 2000 })('n')).toBe(0);
  expect(rates.at(3300, { n: 2300 })('n')).toBe(3);
});
