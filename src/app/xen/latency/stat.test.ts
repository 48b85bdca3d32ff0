import { expect, test } from 'vitest';
import { formatMicroseconds, readStat } from './stat.ts';

test('the answer to stat is found in a console’s output', () => {
  const shown =
    'rtos> stat\r\ncontrol: 2034 releases, 12 missed; latency p50 4.1 us, p99 38.0 us, p99.9 41.2 us, max 30212.7 us\r\nheartbeat: 2 s; load 20 %\r\n';
  expect(readStat(shown)).toEqual({ releases: 2034, missed: 12, p50: 4.1, p99: 38, p999: 41.2, max: 30212.7 });
  expect(readStat(shown.slice(0, 60))).toBeNull();
});

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
