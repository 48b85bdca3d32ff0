import { describe, expect, test } from 'vitest';
import type { VcpuInfo } from '../../session/api/hypervisor.ts';
import { formatMicroseconds, nextStep, readStat } from './latency.ts';

test('the answer to stat is read out of what a console shows', () => {
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

describe('the next step', () => {
  const placed = (id: number, name: string, ...hardAffinity: readonly number[]) => {
    const vcpu: VcpuInfo = { id: 0, pcpu: 0, state: 'running', time: 0, hardAffinity, softAffinity: [0, 1, 2, 3] };
    return { id, name, vcpus: [vcpu] };
  };
  const dom0 = placed(0, 'Domain-0', 0, 1, 2, 3);

  test('is that the noisy neighbour leaves', () => {
    const anywhere = placed(4, 'mine', 0, 1, 2, 3);
    const domains = [dom0, placed(1, 'rtos-a', 1), placed(2, 'rtos-b', 1), placed(3, 'noisy', 1), anywhere];
    expect(nextStep('rtos-a', domains, 4)).toBe('xl vcpu-pin noisy 0 3');
  });

  test('is then that the domain goes where it is alone', () => {
    const domains = [dom0, placed(1, 'rtos-a', 1), placed(2, 'rtos-b', 1), placed(3, 'noisy', 3)];
    expect(nextStep('rtos-a', domains, 4)).toBe('xl vcpu-pin rtos-a 0 2');
  });

  test('is none where it is alone, is not there, or no core is left', () => {
    expect(nextStep('rtos-a', [dom0, placed(1, 'rtos-a', 2), placed(3, 'noisy', 3)], 4)).toBeNull();
    expect(nextStep('rtos-a', [dom0], 4)).toBeNull();
    expect(nextStep('rtos-a', [dom0, placed(1, 'rtos-a', 1), placed(3, 'noisy', 1, 2, 3)], 4)).toBeNull();
  });
});
