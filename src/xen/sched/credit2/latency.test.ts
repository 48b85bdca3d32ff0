/** How long a unit waits that wakes beside others, by sections 3 and 6 of docs/xen/credit2.md. */
import { expect, test } from 'vitest';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds, seconds } from '../../time/time.ts';
import { maskOf } from '../cpu-mask.ts';
import { SchedBench } from '../sched-testing.ts';
import { Runstate, type SchedUnit } from '../unit.ts';
import { Credit2Scheduler } from './credit2.ts';
import { type Credit2Options, defaultOptions } from './parameters.ts';

interface Scenario {
  readonly name: string;
  /** The unit runs for 50 µs of each period. */
  readonly period: Nanoseconds;
  readonly pcpus?: number;
  readonly options?: Partial<Credit2Options>;
  /** The parameters of each neighbour, which always runs. */
  readonly hogs: readonly { readonly weight?: number; readonly cap?: number }[];
  /** Where they run, and the unit. */
  readonly pins?: { readonly hog: number; readonly unit: number };
  /** The longest wait is between these. */
  readonly longest: readonly [Nanoseconds, Nanoseconds];
}

const none = [nanoseconds(0), microseconds(1)] as const;
const run = microseconds(50);

const scenarios: readonly Scenario[] = [
  { name: 'alone, it never waits', period: milliseconds(1), hogs: [], longest: none },
  {
    name: 'with a pCPU of its own beside four hogs, it never waits',
    period: milliseconds(1),
    pcpus: 2,
    hogs: [{}, {}, {}, {}],
    pins: { hog: 0, unit: 1 },
    longest: none,
  },
  {
    name: 'without a rate limit it never waits for a hog',
    period: milliseconds(10),
    options: { ratelimitUs: 0 },
    hogs: [{}],
    longest: none,
  },
  {
    name: 'each 10 ms beside a hog, it waits for one that has just begun, for a turn at most',
    period: milliseconds(10),
    hogs: [{}],
    longest: [nanoseconds(0), milliseconds(10)],
  },
  {
    name: 'each millisecond beside a hog, it comes too soon: the hog has run for 950 µs, and goes on to its turn’s end',
    period: milliseconds(1),
    hogs: [{}],
    longest: [milliseconds(5), milliseconds(10.1)],
  },
  {
    name: 'beside heavy hogs it goes first all the same, once the one that runs has had its millisecond',
    period: milliseconds(20),
    hogs: [{ weight: 1024 }, { weight: 1024 }],
    longest: [nanoseconds(0), milliseconds(10)],
  },
  {
    name: 'beside a hog with a cap of half a pCPU, it waits for no more than what that may run',
    period: milliseconds(1),
    hogs: [{ cap: 50 }],
    longest: [milliseconds(1), milliseconds(6)],
  },
];

/** The longest time that a unit waited to run. */
function longestWait(bench: SchedBench<Credit2Scheduler>, unit: SchedUnit, until: Nanoseconds): number {
  let longest = 0;
  let since: number | null = null;
  bench.run(until, () => {
    if (unit.state === Runstate.runnable) since = unit.runstateEntryTime;
    else if (since !== null && unit.state === Runstate.running) {
      // The first turn follows its creation.
      if (since > 0) longest = Math.max(longest, unit.runstateEntryTime - since);
      since = null;
    }
  });
  return longest;
}

test.each(scenarios)('$name', ({ period, pcpus = 1, options, hogs, pins, longest: [least, most] }) => {
  const bench = new SchedBench(pcpus, (core) => new Credit2Scheduler(core, { ...defaultOptions, ...options }));
  const on = (cpu: number | undefined) => (cpu === undefined ? {} : { pin: maskOf(cpu) });
  for (const [i, parameters] of hogs.entries()) bench.domain(i + 2, 1, { parameters, ...on(pins?.hog) });
  const load = { run, block: nanoseconds(period - run) };
  const [unit] = bench.domain(1, 1, { load, ...on(pins?.unit) }).units;
  const longest = longestWait(bench, unit as SchedUnit, seconds(5));
  expect(longest).toBeGreaterThanOrEqual(least);
  expect(longest).toBeLessThanOrEqual(most);
});
