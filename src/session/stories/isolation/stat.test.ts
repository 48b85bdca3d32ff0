import { expect, test } from 'vitest';
import { readStat } from './stat.ts';

test('the answer to stat is found in a console’s output', () => {
  const shown =
    'rtos> stat\r\ncontrol: 2034 releases, 12 missed; latency p50 4.1 us, p99 38.0 us, p99.9 41.2 us, max 30212.7 us\r\nalive: 2 s; load 20 %\r\n';
  expect(readStat(shown)).toEqual({ releases: 2034, missed: 12, p50: 4.1, p99: 38, p999: 41.2, max: 30212.7 });
  expect(readStat(shown.slice(0, 60))).toBeNull();
});
