import { expect, test } from 'vitest';
import { RecentRates } from './rate.ts';

test('rates are those of the last half second to second', () => {
  const rates = new RecentRates();
  expect(rates.at(0, [5])).toEqual([0]);
  expect(rates.at(100, [205])).toEqual([2]);
  for (let wall = 500; wall <= 3000; wall += 100) rates.at(wall, [1005]);
  expect(rates.at(3100, [1005])).toEqual([0]);
  rates.restart();
  expect(rates.at(3200, [2000])).toEqual([0]);
  expect(rates.at(3300, [2300])).toEqual([3]);
});
