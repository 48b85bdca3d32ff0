import { describe, expect, test } from 'vitest';
import { microseconds, nanoseconds, seconds } from '../../time/time.ts';
import type { SchedUnit } from '../unit.ts';
import { benchOf, loadOf, type TestSlot, tableOf } from './arinc653-testing.ts';

interface ShareScenario {
  readonly name: string;
  /** The major frame in µs. */
  readonly major: number;
  readonly slots: readonly TestSlot[];
  /** The domains 1, 2 …: null always computes; otherwise for so many µs of each so many. */
  readonly domains: readonly (readonly [run: number, every: number] | null)[];
  /** Where not each has one. */
  readonly vcpus?: readonly number[];
  /** CPU time in percent of the pCPU. */
  readonly shares: readonly number[];
  /** The same under Xen 4.17.5, built with this scheduler switched on, on this project's board for 2 s. */
  readonly real?: readonly number[];
}

const scenarios: readonly ShareScenario[] = [
  {
    name: 'one slot that is the whole frame',
    major: 10_000,
    slots: [[1, 10_000]],
    domains: [null],
    shares: [100],
    real: [100.0],
  },
  {
    name: 'two slots, and an idle rest',
    major: 10_000,
    slots: [
      [1, 4_000],
      [2, 3_000],
    ],
    domains: [null, null],
    shares: [40, 30],
    real: [40.0, 30.0],
  },
  {
    name: 'two slots of one domain in a frame',
    major: 10_000,
    slots: [
      [1, 2_000],
      [2, 4_000],
      [1, 2_000],
    ],
    domains: [null, null],
    shares: [40, 40],
    real: [40.0, 40.1],
  },
  {
    name: 'who is not in the table never runs',
    major: 5_000,
    slots: [[1, 1_000]],
    domains: [null, null],
    shares: [20, 0],
    real: [20.0, 0.0],
  },
  {
    name: 'who blocks leaves its slot to nobody',
    major: 10_000,
    slots: [
      [1, 5_000],
      [2, 5_000],
    ],
    domains: [[1_000, 10_000], null],
    shares: [10, 50],
    real: [10.0, 50.0],
  },
  {
    name: 'a slot of nobody is idle',
    major: 10_000,
    slots: [
      [1, 3_000],
      [99, 4_000],
      [2, 3_000],
    ],
    domains: [null, null],
    shares: [30, 30],
    real: [30.0, 30.0],
  },
  {
    name: 'a quarter in a long frame',
    major: 200_000,
    slots: [
      [1, 50_000],
      [2, 150_000],
    ],
    domains: [null, null],
    shares: [25, 75],
    real: [25.1, 74.9],
  },
  {
    name: 'very short slots',
    major: 500,
    slots: [
      [1, 100],
      [2, 200],
      [1, 100],
    ],
    domains: [null, null],
    shares: [40, 40],
    real: [40.1, 39.9],
  },
  {
    name: 'who computes for half of the time, with its slot at the wrong half: nothing is left of it',
    major: 10_000,
    slots: [
      [2, 6_000],
      [1, 4_000],
    ],
    domains: [[5_000, 10_000], null],
    shares: [0, 60],
  },
  {
    name: 'two vCPUs with slots of their own',
    major: 10_000,
    slots: [
      [1, 3_000, 0],
      [1, 4_000, 1],
      [2, 3_000],
    ],
    domains: [null, null],
    vcpus: [2, 1],
    shares: [70, 30],
    real: [70.0, 30.0],
  },
  {
    name: 'who computes for 30 % of each 7 ms has half of that in half of the time',
    major: 10_000,
    slots: [
      [1, 5_000],
      [2, 5_000],
    ],
    domains: [[2_100, 7_000], null],
    shares: [15, 50],
    real: [15.0, 50.0],
  },
  {
    name: 'four partitions',
    major: 20_000,
    slots: [
      [1, 5_000],
      [2, 1_000],
      [3, 8_000],
      [4, 6_000],
    ],
    domains: [null, null, null, null],
    shares: [25, 5, 40, 30],
  },
  {
    name: 'a gap between two slots',
    major: 10_000,
    slots: [
      [1, 1_000],
      [99, 5_000],
      [2, 2_000],
    ],
    domains: [null, null],
    shares: [10, 20],
    real: [10.0, 20.0],
  },
  {
    name: 'sixty-four slots',
    major: 64_000,
    slots: Array.from({ length: 64 }, (_, i): TestSlot => [1 + (i % 4), 1_000]),
    domains: [null, null, null, null],
    shares: [25, 25, 25, 25],
  },
];

test.each(scenarios)('$name', ({ major, slots, domains, vcpus = [], shares, real }) => {
  const bench = benchOf(1);
  const units = domains.map(
    (load, i) => bench.domain(i + 1, vcpus[i] ?? 1, load ? { load: loadOf(...load) } : {}).units,
  );
  expect(bench.scheduling.policy.setTable(tableOf(major, slots))).toBe(0);
  bench.run(seconds(4));
  units.forEach((all, i) => {
    expect(bench.share(all)).toBeCloseTo(shares[i] as number, 0);
    if (real) expect(Math.abs(bench.share(all) - (real[i] as number))).toBeLessThan(0.5);
  });
});

interface LatencyScenario {
  readonly name: string;
  readonly major: number;
  readonly slots: readonly TestSlot[];
  /** Domain 1 wants to run for `run` µs at these times after the frame's start, once in each frame. */
  readonly at: number;
  readonly run: number;
  /** Time in µs until it begins, and until it is done. */
  readonly latency: number;
  readonly response: number;
}

const beside: readonly TestSlot[] = [
  [1, 4_000],
  [2, 6_000],
];

const latencies: readonly LatencyScenario[] = [
  { name: 'at the start of its slot', major: 10_000, slots: beside, at: 0, run: 100, latency: 0, response: 100 },
  { name: 'within its slot', major: 10_000, slots: beside, at: 3_000, run: 500, latency: 0, response: 500 },
  { name: 'just after its slot', major: 10_000, slots: beside, at: 4_000, run: 100, latency: 6_000, response: 6_100 },
  {
    name: 'at the end of its slot: the rest follows in the next frame',
    major: 10_000,
    slots: beside,
    at: 3_800,
    run: 500,
    latency: 0,
    response: 6_500,
  },
  {
    name: 'with two slots in a frame, it waits for the nearer one',
    major: 10_000,
    slots: [
      [1, 1_000],
      [2, 4_000],
      [1, 1_000],
      [2, 4_000],
    ],
    at: 1_500,
    run: 200,
    latency: 3_500,
    response: 3_700,
  },
  {
    name: 'in the idle rest of the frame',
    major: 10_000,
    slots: [
      [1, 2_000],
      [2, 2_000],
    ],
    at: 7_000,
    run: 100,
    latency: 3_000,
    response: 3_100,
  },
];

describe('release latency', () => {
  test.each(latencies)('$name', ({ major, slots, at, run, latency, response }) => {
    for (const neighbour of [null, loadOf(700, 1_900)]) {
      const bench = benchOf(1);
      // Domain 2 computes, or comes and goes: it makes no difference.
      bench.domain(2, 1, neighbour ? { load: neighbour } : {});
      bench.scheduling.policy.setTable(tableOf(major, slots));
      bench.run(microseconds(at));
      const [unit] = bench.domain(1, 1, { load: { run: microseconds(run), block: microseconds(major - run) } }).units;
      bench.run(nanoseconds(microseconds(at) + microseconds(major)));
      const { latencies, responses } = bench.timing(unit as SchedUnit);
      expect(latencies[0]).toBe(microseconds(latency));
      expect(responses[0]).toBe(microseconds(response));
    }
  });
});
