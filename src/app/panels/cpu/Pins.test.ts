import { expect, test } from 'vitest';
import type { Utilisation } from '../../../session/api/hypervisor.ts';
import { compare, pinned } from './Pins.tsx';

const second = (busy: readonly (readonly [name: string, pcpu: number, ns: number])[]): Utilisation => ({
  from: 0,
  step: 1e9,
  buckets: 1,
  covered: Float64Array.of(1e9),
  series: busy.map(([name, pcpu, ns], domain) => ({
    pcpu,
    kind: 'vcpu',
    domain,
    vcpu: 0,
    name,
    colour: domain,
    busy: Float64Array.of(ns),
  })),
});

test('two moments are compared lane by lane, and who used nothing is left out', () => {
  const before = second([
    ['rtos-a', 1, 250e6],
    ['noisy', 1, 750e6],
    ['idler', 0, 0],
  ]);
  const after = second([
    ['rtos-a', 2, 250e6],
    ['noisy', 1, 1e9],
  ]);
  const pins = pinned(pinned([], 1e9, before), 2e9, after);
  expect(pins.map(({ letter, time }) => [letter, time])).toEqual([
    ['A', 1e9],
    ['B', 2e9],
  ]);
  expect(compare(pins, 'pcpu', 4)).toEqual([
    { lane: 'pCPU1', domain: 'rtos-a', shares: [25, 0] },
    { lane: 'pCPU1', domain: 'noisy', shares: [75, 100] },
    { lane: 'pCPU2', domain: 'rtos-a', shares: [0, 25] },
  ]);
});

test('a third pin takes the place of the second', () => {
  const usage = second([]);
  const pins = [1, 2, 3].reduce((last, time) => pinned(last, time, usage), pinned([], 0, usage).slice(1));
  expect(pins.map(({ letter, time }) => [letter, time])).toEqual([
    ['A', 1],
    ['B', 3],
  ]);
});
