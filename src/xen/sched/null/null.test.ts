/** The rules of docs/xen/null.md, one by one. */
import { describe, expect, test } from 'vitest';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { type CpuMask, maskOf } from '../cpu-mask.ts';
import { SchedBench } from '../sched-testing.ts';
import type { SchedUnit } from '../unit.ts';
import { NullScheduler } from './null.ts';

const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new NullScheduler(core));
const firstOf = ({ units }: { readonly units: readonly SchedUnit[] }): SchedUnit => units[0] as SchedUnit;

/** A domain whose vCPU computes for `run` µs of each `every` µs; without, always. */
interface NullDomain {
  readonly vcpus?: number;
  readonly pin?: CpuMask;
  readonly run?: number;
  readonly every?: number;
}

const loadOf = ({ run, every }: NullDomain) =>
  run === undefined || every === undefined
    ? {}
    : { load: { run: microseconds(run), block: microseconds(every - run), byClock: true } };

interface ShareScenario {
  readonly name: string;
  readonly pcpus: number;
  readonly domains: readonly NullDomain[];
  /** CPU time in percent of one pCPU. */
  readonly shares: readonly number[];
  /** The same under Xen 4.17.5, built with this scheduler switched on, on this project's board for 1 s. */
  readonly real?: readonly number[];
}

const tenth = { run: 700, every: 7_000 };
const shares: readonly ShareScenario[] = [
  { name: 'one alone', pcpus: 3, domains: [{}], shares: [100], real: [100] },
  { name: 'as many as pCPUs', pcpus: 3, domains: [{}, {}, {}], shares: [100, 100, 100], real: [100, 100, 100] },
  {
    name: 'one more than pCPUs: it gets nothing',
    pcpus: 3,
    domains: [{}, {}, {}, {}],
    shares: [100, 100, 100, 0],
    real: [100, 100, 100, 0],
  },
  {
    name: 'one that seldom runs keeps its pCPU from another',
    pcpus: 3,
    domains: [tenth, {}, {}, {}],
    shares: [10, 100, 100, 0],
    real: [10, 100, 100, 0],
  },
  { name: 'two vCPUs and one', pcpus: 3, domains: [{ vcpus: 2 }, {}], shares: [200, 100], real: [200, 100] },
  {
    name: 'pinned where it is free',
    pcpus: 2,
    domains: [{ pin: maskOf(1) }, {}],
    shares: [100, 100],
    real: [100, 100],
  },
  {
    name: 'two pinned to one pCPU',
    pcpus: 2,
    domains: [{ pin: maskOf(1) }, { pin: maskOf(1) }, {}],
    shares: [100, 0, 100],
    real: [100, 0, 100],
  },
  {
    name: 'one that may go elsewhere makes no room',
    pcpus: 2,
    domains: [{}, { pin: maskOf(0) | maskOf(1) }, { pin: maskOf(0) }],
    shares: [100, 100, 0],
    real: [100, 100, 0],
  },
  {
    name: 'loads of their own',
    pcpus: 2,
    domains: [
      { run: 3_000, every: 10_000 },
      { run: 4_900, every: 7_000 },
    ],
    shares: [30, 70],
    real: [29.9, 70],
  },
  { name: 'four vCPUs on two pCPUs', pcpus: 2, domains: [{ vcpus: 4 }], shares: [200], real: [200] },
  { name: 'four vCPUs and one', pcpus: 4, domains: [{ vcpus: 4 }, {}], shares: [400, 0] },
];

describe('shares', () => {
  test.each(shares)('$name', ({ pcpus, domains, shares: expected, real }) => {
    const bench = benchOf(pcpus);
    const units = domains.map((domain, i) => {
      const { vcpus = 1, pin } = domain;
      return bench.domain(i + 1, vcpus, { ...(pin !== undefined && { pin }), ...loadOf(domain) }).units;
    });
    bench.run(seconds(5));
    units.forEach((all, i) => {
      expect(bench.share(all)).toBeCloseTo(expected[i] as number, 0);
      if (real) expect(Math.abs(bench.share(all) - (real[i] as number))).toBeLessThan(0.5);
    });
  });
});

/** A task of 100 µs each millisecond, with its neighbours: it begins when it should, except where it has no pCPU. */
const latencies: readonly [name: string, pcpus: number, neighbours: readonly NullDomain[]][] = [
  ['alone', 1, []],
  ['beside one that computes', 2, [{}]],
  ['beside three that compute', 4, [{}, {}, {}]],
  ['beside two that want its pCPU', 1, [{ pin: maskOf(0) }, {}]],
  ['beside many that seldom run', 4, [1, 2, 3, 4, 5].map((n) => ({ run: 50 * n, every: 1_000 * n }))],
];

describe('release latency', () => {
  test.each(latencies)('%s: none', (_, pcpus, neighbours) => {
    const bench = benchOf(pcpus);
    const task = firstOf(bench.domain(1, 1, { pin: maskOf(0), ...loadOf({ run: 100, every: 1_000 }) }));
    neighbours.forEach(({ pin, ...load }, i) => {
      bench.domain(i + 2, 1, { ...(pin !== undefined && { pin }), ...loadOf(load) });
    });
    bench.run(seconds(1));
    expect(bench.timing(task).latencies.length).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...bench.timing(task).latencies)).toBe(0);
  });
});

test('1.3: a unit that yields runs on', () => {
  const bench = benchOf(1);
  const unit = firstOf(bench.domain(1, 1));
  bench.domain(2, 1);
  bench.run(milliseconds(1));
  bench.scheduling.yield(unit);
  bench.run(milliseconds(2));
  expect(bench.scheduling.current(0)).toBe(unit);
});

test('2.1, 2.2, 2.4: a vCPU that goes offline leaves its pCPU to one that waits, and waits itself when it comes back', () => {
  const bench = benchOf(2);
  const [first, second] = bench.domain(1, 2).units as [SchedUnit, SchedUnit];
  const third = firstOf(bench.domain(2, 1));
  bench.run(milliseconds(10));
  expect(bench.share([third])).toBe(0);
  const { processor } = second;
  bench.scheduling.setDown(second, true);
  bench.run(milliseconds(20));
  expect(bench.scheduling.current(processor)).toBe(third);
  bench.scheduling.setDown(second, false);
  bench.run(milliseconds(30));
  expect(second.runnable && !second.isRunning).toBe(true);
  bench.scheduling.setDown(first, true);
  bench.run(milliseconds(40));
  expect(bench.scheduling.current(first.processor)).toBe(second);
});

test('2.2: it gets its last pCPU again if that is still free', () => {
  const bench = benchOf(4);
  const [, , third] = bench.domain(1, 3).units as [SchedUnit, SchedUnit, SchedUnit];
  bench.run(milliseconds(1));
  const { processor } = third;
  bench.scheduling.setDown(third, true);
  bench.run(milliseconds(2));
  bench.scheduling.setDown(third, false);
  bench.run(milliseconds(3));
  expect(bench.scheduling.current(processor)).toBe(third);
});

test('2.3: of those that wait, one that prefers the pCPU goes before one that came earlier', () => {
  const bench = benchOf(2);
  const units = bench.domain(1, 2).units as [SchedUnit, SchedUnit];
  const early = firstOf(bench.domain(2, 1));
  const fond = firstOf(bench.domain(3, 1));
  bench.scheduling.setAffinity(fond, null, maskOf(1));
  bench.run(milliseconds(1));
  bench.scheduling.setDown(units[1], true);
  bench.run(milliseconds(2));
  expect(bench.scheduling.current(units[1].processor)).toBe(units[1].processor === 1 ? fond : early);
});

describe('3: a change of affinity', () => {
  test('keeps a pCPU that is still allowed', () => {
    const bench = benchOf(4);
    const unit = firstOf(bench.domain(1, 1));
    bench.run(milliseconds(1));
    bench.scheduling.setAffinity(unit, maskOf(0) | maskOf(3), null);
    bench.run(milliseconds(2));
    expect(bench.scheduling.current(0)).toBe(unit);
  });

  test('moves it to a free one that it prefers', () => {
    const bench = benchOf(4);
    const unit = firstOf(bench.domain(1, 1));
    bench.run(milliseconds(1));
    bench.scheduling.setAffinity(unit, null, maskOf(2));
    bench.run(milliseconds(2));
    expect(bench.scheduling.current(2)).toBe(unit);
  });

  test('to a pCPU that is taken leaves it waiting until that is free', () => {
    const bench = benchOf(2);
    const [one, other] = [1, 2].map((id) => firstOf(bench.domain(id, 1))) as [SchedUnit, SchedUnit];
    bench.run(milliseconds(10));
    bench.scheduling.setAffinity(other, maskOf(one.processor), null);
    bench.run(milliseconds(20));
    expect(other.runstate(milliseconds(20)).times.slice(0, 2)).toEqual([milliseconds(10), milliseconds(10)]);
    bench.scheduling.setDown(one, true);
    bench.run(milliseconds(30));
    expect(bench.scheduling.current(one.processor)).toBe(other);
  });

  test('frees its pCPU for one that waits', () => {
    const bench = benchOf(2);
    const units = [1, 2, 3].map((id) => firstOf(bench.domain(id, 1))) as [SchedUnit, SchedUnit, SchedUnit];
    bench.run(milliseconds(1));
    bench.scheduling.setAffinity(units[1], maskOf(units[0].processor), null);
    bench.run(milliseconds(2));
    expect([0, 1].map((cpu) => bench.scheduling.current(cpu))).toContain(units[2]);
  });
});

test('5: debug key r', () => {
  const bench = benchOf(2);
  bench.domain(1, 2);
  bench.domain(2, 2);
  bench.run(nanoseconds(1));
  bench.printed.length = 0;
  bench.scheduling.policy.dumpSettings();
  bench.scheduling.policy.dumpCpu(1);
  expect(bench.printed).toEqual([
    '\tcpus_free = ',
    'Domain info:',
    '\tDomain: 1',
    '\t  1: [1.0] pcpu=0',
    '\t  2: [1.1] pcpu=1',
    '\tDomain: 2',
    '\t  3: [2.0] pcpu=-1',
    '\t  4: [2.1] pcpu=-1',
    'Waitqueue: d2v0, d2v1',
    'CPU[01] sibling={1}, core={1}, unit=d1v1',
    '\trun: [1.1] pcpu=1',
  ]);
});
