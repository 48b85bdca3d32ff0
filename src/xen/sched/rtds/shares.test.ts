import { describe, expect, test } from 'vitest';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { SchedBench } from '../sched-testing.ts';
import type { SchedUnit } from '../unit.ts';
import { RtdsScheduler } from './rtds.ts';
import { type RtdsLatencyScenario, rtdsLatencyScenarios, rtdsShareScenarios } from './scenarios.ts';

const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new RtdsScheduler(core));

type Domain = RtdsLatencyScenario['neighbours'][number];

function addDomain(bench: ReturnType<typeof benchOf>, id: number, domain: Domain): readonly SchedUnit[] {
  const { vcpus = 1, pin, run, every, ...unitParameters } = domain;
  const load = run !== undefined &&
    every !== undefined && { run: microseconds(run), block: microseconds(every - run), byClock: false };
  return bench.domain(id, vcpus, { unitParameters, ...(pin !== undefined && { pin }), ...(load && { load }) }).units;
}

test.each(rtdsShareScenarios)('$name', ({ pcpus, domains, shares, real, whoeverComesFirst }) => {
  const bench = benchOf(pcpus);
  const order = (all: readonly number[]): readonly number[] =>
    whoeverComesFirst ? [...all].sort((a, b) => a - b) : all;
  const units = domains.map((domain, i) => addDomain(bench, i + 1, domain));
  // The first period is still the one of rule 1.1.
  bench.run(milliseconds(100));
  const before = units.map((all) => bench.share(all) * 0.1);
  bench.run(seconds(10.1));
  const told = units.map((all, i) => (bench.share(all) * 10.1 - (before[i] as number)) / 10);
  order(told).forEach((share, i) => {
    expect(share).toBeCloseTo(order(shares)[i] as number, 0);
    if (real) expect(Math.abs(share - (order(real)[i] as number))).toBeLessThan(1);
  });
});

describe('release latency', () => {
  test.each(rtdsLatencyScenarios)('$name', ({ pcpus, task, neighbours, latency, response }) => {
    const bench = benchOf(pcpus);
    neighbours.forEach((neighbour, i) => {
      addDomain(bench, i + 2, neighbour);
    });
    const [unit] = addDomain(bench, 1, task);
    bench.run(seconds(5));
    const { latencies, responses } = bench.timing(unit as SchedUnit);
    // Without those of the first 100 ms.
    const settled = (all: readonly number[]): number => Math.max(...all.slice(Math.ceil(100_000 / task.every)));
    expect(settled(latencies)).toBeLessThanOrEqual(microseconds(latency));
    expect(settled(responses)).toBeLessThanOrEqual(microseconds(response));
    expect(nanoseconds(responses.length)).toBeGreaterThan(100);
  });
});
