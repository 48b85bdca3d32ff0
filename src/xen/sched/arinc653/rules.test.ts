/** The rules of docs/xen/arinc653.md, one by one. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../../public/errno.ts';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { maskOf } from '../cpu-mask.ts';
import type { SchedUnit } from '../unit.ts';
import { benchOf, loadOf, type TestSlot, tableOf } from './arinc653-testing.ts';

const firstOf = ({ units }: { readonly units: readonly SchedUnit[] }): SchedUnit => units[0] as SchedUnit;

test.each([
  ['a major frame of 0', 0, [[1, 1]]],
  ['no slot', 10_000, []],
  ['65 slots', 100_000, Array.from({ length: 65 }, (): TestSlot => [1, 1])],
  ['a slot of no time', 10_000, [[1, 0]]],
  [
    'more than the frame',
    10_000,
    [
      [1, 6_000],
      [2, 4_001],
    ],
  ],
] as const)('1.2: %s is refused, and the old table stays', (_, major, slots) => {
  const { policy } = benchOf(1).scheduling;
  const old = tableOf(10_000, [[1, 5_000]]);
  expect(policy.setTable(old)).toBe(0);
  expect(policy.setTable(tableOf(major, slots))).toBe(-Errno.EINVAL);
  expect(policy.table).toBe(old);
});

test('1.3: a domain finds its slot when it is made, and its slot is idle when it is gone', () => {
  const bench = benchOf(1);
  bench.scheduling.policy.setTable(
    tableOf(10_000, [
      [1, 5_000],
      [2, 5_000],
    ]),
  );
  const other = firstOf(bench.domain(2, 1));
  bench.run(milliseconds(20));
  const unit = firstOf(bench.domain(1, 1));
  bench.run(milliseconds(120));
  expect(unit.runstate(milliseconds(120)).times[0]).toBe(milliseconds(50));
  bench.scheduling.setDown(unit, true);
  bench.run(milliseconds(121));
  bench.scheduling.destroyUnit(unit);
  bench.run(milliseconds(220));
  expect(other.runstate(milliseconds(220)).times[0]).toBe(milliseconds(110));
});

describe('1.4: without a table', () => {
  test('Domain-0 runs, and nobody else', () => {
    const bench = benchOf(1);
    const { policy } = bench.scheduling;
    const dom0 = bench.domain(0, 2);
    const other = firstOf(bench.domain(1, 1));
    expect(policy.table).toMatchObject({ majorFrame: milliseconds(20), slots: [{ vcpu: 0 }, { vcpu: 1 }] });
    bench.run(seconds(1));
    expect(bench.share(dom0.units)).toBeCloseTo(100, 0);
    expect(bench.share([other])).toBe(0);
  });

  test('1.5: nor does Domain-0 once there is one that leaves it out', () => {
    const bench = benchOf(1);
    const dom0 = bench.domain(0, 1);
    bench.run(milliseconds(15));
    bench.scheduling.policy.setTable(tableOf(10_000, [[1, 5_000]]));
    bench.run(seconds(1));
    expect(dom0.units[0]?.runstate(seconds(1)).times[0]).toBe(milliseconds(20));
  });
});

test('2.3: a unit that wakes within its slot runs for the rest of it', () => {
  const bench = benchOf(1);
  bench.scheduling.policy.setTable(tableOf(10_000, [[1, 4_000]]));
  bench.scheduling.raiseSchedule(0);
  bench.run(milliseconds(3));
  const unit = firstOf(bench.domain(1, 1));
  bench.run(milliseconds(10));
  expect(unit.runstate(milliseconds(10)).times[0]).toBe(milliseconds(1));
});

test('2.5: two vCPUs on two pCPUs follow the same slots', () => {
  const bench = benchOf(2);
  const [first, second] = bench.domain(1, 2).units as [SchedUnit, SchedUnit];
  bench.scheduling.policy.setTable(
    tableOf(10_000, [
      [1, 5_000, 0],
      [1, 5_000, 1],
    ]),
  );
  expect([first.processor, second.processor]).toEqual([0, 1]);
  let together = false;
  bench.run(seconds(1), () => {
    together ||= first.isRunning && second.isRunning;
  });
  expect(together).toBe(false);
  expect(bench.share([first])).toBeCloseTo(50, 0);
  expect(bench.share([second])).toBeCloseTo(50, 0);
});

test('2.7: a new table waits until the slot that is running is over', () => {
  const bench = benchOf(1);
  const [first, second] = [1, 2].map((id) => firstOf(bench.domain(id, 1))) as [SchedUnit, SchedUnit];
  const { policy } = bench.scheduling;
  policy.setTable(tableOf(10_000, [[1, 8_000]]));
  bench.scheduling.raiseSchedule(0);
  bench.run(milliseconds(2));
  policy.setTable(tableOf(10_000, [[2, 3_000]]));
  bench.run(milliseconds(7.9));
  expect(bench.scheduling.current(0)).toBe(first);
  bench.run(milliseconds(8.1));
  expect(bench.scheduling.current(0)).toBe(second);
});

test('2.8: a unit that yields runs on', () => {
  const bench = benchOf(1);
  const unit = firstOf(bench.domain(1, 1));
  bench.scheduling.policy.setTable(
    tableOf(10_000, [
      [1, 8_000],
      [2, 2_000],
    ]),
  );
  bench.run(milliseconds(31));
  bench.scheduling.yield(unit);
  bench.run(milliseconds(32));
  expect(bench.scheduling.current(0)).toBe(unit);
});

test('3.1, 3.2: units stay where they are, on the lowest pCPU, whatever their affinity', () => {
  const bench = benchOf(4);
  const units = [1, 2].map((id) => firstOf(bench.domain(id, 1))) as [SchedUnit, SchedUnit];
  bench.scheduling.policy.setTable(
    tableOf(10_000, [
      [1, 4_000],
      [2, 4_000],
    ]),
  );
  bench.scheduling.setAffinity(units[1], maskOf(3), null);
  bench.run(seconds(1));
  expect(units.map(({ processor }) => processor)).toEqual([0, 0]);
  expect(bench.share([units[1]])).toBeCloseTo(40, 0);
});

test('a load that sleeps is found asleep or awake when its slot begins', () => {
  const bench = benchOf(1);
  const unit = firstOf(bench.domain(1, 1, { load: loadOf(1_000, 3_000) }));
  bench.scheduling.policy.setTable(tableOf(10_000, [[1, 4_000]]));
  bench.run(nanoseconds(microseconds(3_900)));
  expect(unit.runstate(microseconds(3_900)).times[0]).toBe(microseconds(1_900));
});
