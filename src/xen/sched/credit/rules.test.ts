/** The rules of docs/xen/credit.md, one by one, by what debug key `r` shows of units. */
import { expect, test } from 'vitest';
import { Errno } from '../../public/errno.ts';
import { microseconds, milliseconds, seconds } from '../../time/time.ts';
import { SchedBench } from '../sched-testing.ts';
import type { SchedUnit } from '../unit.ts';
import { CreditScheduler } from './credit.ts';
import { defaultCreditParameters } from './parameters.ts';

const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new CreditScheduler(core));
type Bench = ReturnType<typeof benchOf>;

interface Shown {
  readonly priority: number;
  readonly flags: number;
  readonly credit: number;
}

/** A unit that runs on a pCPU or waits for it; null if it does neither. */
function shown({ printed, scheduling }: Bench, unit: SchedUnit): Shown | null {
  printed.length = 0;
  scheduling.policy.dumpCpu(unit.processor);
  const line = printed.find((text) => text.includes(`[${unit.domain.domainId}.${unit.id}]`));
  const [, priority, flags = '', credit] = /pri=(\S+) flags=(\S+) .*credit=(\S+)/.exec(line ?? '') ?? [];
  return line === undefined
    ? null
    : { priority: Number(priority), flags: Number.parseInt(flags, 16), credit: Number(credit) };
}

const firstOf = ({ units }: { readonly units: readonly SchedUnit[] }): SchedUnit => units[0] as SchedUnit;

test('1.1, 1.3, 1.5: a tick charges 10 credits a millisecond, and the priority waits for the accounting', () => {
  const bench = benchOf(1);
  const unit = firstOf(bench.domain(1, 1));
  bench.run(milliseconds(9));
  expect(shown(bench, unit)?.credit).toBe(0);
  bench.run(milliseconds(20));
  expect(shown(bench, unit)).toMatchObject({ credit: -200, priority: -1 });
});

test('2.2, 4.8: two that are busy take turns, with credits from −300 to 300', () => {
  const bench = benchOf(1);
  const units = [bench.domain(1, 1), bench.domain(2, 1)].map(firstOf);
  const credits = new Set<number>();
  const running = new Set<SchedUnit>();
  bench.run(seconds(2), () => {
    running.add(bench.scheduling.current(0));
    for (const unit of units) credits.add(shown(bench, unit)?.credit ?? 0);
  });
  expect([...running].filter(({ isIdle }) => !isIdle)).toHaveLength(2);
  expect(Math.min(...credits)).toBeGreaterThanOrEqual(-300);
  expect(Math.max(...credits)).toBeLessThanOrEqual(300);
});

test('2.3, 2.4: a unit that wakes has BOOST until a tick finds it running', () => {
  const bench = benchOf(1);
  const busy = firstOf(bench.domain(1, 1));
  const sleeper = firstOf(bench.domain(2, 1, { load: { run: microseconds(300), block: milliseconds(7) } }));
  const priorities = new Set<number>();
  bench.run(seconds(1), () => {
    priorities.add(shown(bench, sleeper)?.priority ?? -64);
    expect(shown(bench, busy)?.priority).not.toBe(0);
  });
  expect(priorities.has(0)).toBe(true);
});

test('2.3, 4.10: a unit over its cap is parked, and is not boosted when it is let go', () => {
  const bench = benchOf(1);
  const unit = firstOf(bench.domain(1, 1, { parameters: { cap: 20 } }));
  let stoodStill = false;
  bench.run(seconds(1), () => {
    stoodStill ||= !unit.runnable;
    expect(shown(bench, unit)?.priority).not.toBe(0);
  });
  expect(stoodStill).toBe(true);
  expect(bench.share([unit])).toBeLessThan(25);
});

test('3.2: a unit that no tick finds running is not active', () => {
  const bench = benchOf(1);
  bench.domain(1, 1, { load: { run: microseconds(100), block: milliseconds(4.9), byClock: true } });
  bench.run(milliseconds(995));
  bench.printed.length = 0;
  bench.scheduling.policy.dumpSettings();
  expect(bench.printed.at(-1)).toBe('active units:');
});

test('4.5: the weight of a domain counts once for each of its active units', () => {
  const bench = benchOf(1);
  const two = bench.domain(1, 2);
  bench.domain(2, 1);
  bench.run(seconds(10));
  expect(bench.share(two.units)).toBeCloseTo(200 / 3, -1);
});

test('5.2, 5.4: the rate limit keeps a unit running, unless it yields', () => {
  const bench = benchOf(1);
  const units = [bench.domain(1, 1), bench.domain(2, 1)].map(firstOf);
  bench.run(microseconds(200));
  const current = bench.scheduling.current(0);
  bench.scheduling.raiseSchedule(0);
  bench.run(microseconds(300));
  expect(bench.scheduling.current(0)).toBe(current);
  bench.scheduling.yield(current);
  bench.run(microseconds(400));
  expect(units).toContain(bench.scheduling.current(0));
  expect(bench.scheduling.current(0)).not.toBe(current);
});

test('6.4: of several idle pCPUs, each wake-up takes the next', () => {
  const bench = benchOf(4);
  const units = [1, 2, 3, 4].map((id) => firstOf(bench.domain(id, 1)));
  bench.run(milliseconds(100));
  expect(new Set(units.map(({ processor }) => processor)).size).toBe(4);
});

test('8.2: parameters change together or not at all, and Xen says when rate limiting ends or begins', () => {
  const { printed, scheduling } = benchOf(1);
  const { policy } = scheduling;
  expect(policy.setParameters({ ...defaultCreditParameters, tsliceMs: 5, ratelimitUs: 5001 })).toBe(-Errno.EINVAL);
  expect(policy.parameters).toEqual(defaultCreditParameters);
  policy.setParameters({ ...defaultCreditParameters, ratelimitUs: 0 });
  policy.setParameters(defaultCreditParameters);
  expect(printed).toEqual(['Disabling context switch rate limiting', 'Enabling context switch rate limiting']);
});
