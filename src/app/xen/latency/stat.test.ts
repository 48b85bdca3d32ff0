import { expect, test } from 'vitest';
import { formatMicroseconds } from './stat.ts';

test.each([
  [0, '0.0 µs'],
  [4.14, '4.1 µs'],
  [38, '38 µs'],
  [999, '999 µs'],
  [30_212.7, '30.2 ms'],
  [120_000, '120 ms'],
  [1_250_000, '1.3 s'],
])('%d µs is %s', (us, text) => {
  expect(formatMicroseconds(us)).toBe(text);
});
