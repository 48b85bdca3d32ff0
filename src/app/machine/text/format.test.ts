import { expect, test } from 'vitest';
import { formatFigure, formatSeconds, formatShare, formatVirtualTime, hex64 } from './format.ts';

test.each([
  [0, '00:00:00.000 000'],
  [999, '00:00:00.000 000'],
  [1_234_567, '00:00:00.001 234'],
  [83_456_789_000, '00:01:23.456 789'],
  [360_000e9, '100:00:00.000 000'],
])('virtual time of %d ns', (ns, expected) => {
  expect(formatVirtualTime(ns)).toBe(expected);
});

test.each([
  [0, '0.00'],
  [0.00237, '0.0024'],
  [0.824, '0.82'],
  [12.34, '12.3'],
  [511.7, '512'],
])('figure %d', (value, expected) => {
  expect(formatFigure(value)).toBe(expected);
});

test.each([
  [0, '0 %'],
  [0.02, '<1 %'],
  [99.6, '100 %'],
])('share %d', (value, expected) => {
  expect(formatShare(value)).toBe(expected);
});

test('seconds of a boot', () => {
  expect(formatSeconds(1_025_499_999)).toBe('1.025 s');
});

test('registers have 16 digits', () => {
  expect(hex64(0x80000n)).toBe('0000000000080000');
});
