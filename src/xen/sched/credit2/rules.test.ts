/** The rules of docs/xen/credit2.md, by what debug key `r` shows of units. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hasher } from '../../../base/hasher.ts';
import { CommandLine } from '../../command-line.ts';
import { Errno } from '../../public/errno.ts';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { allCpus, cpusOf, maskOf } from '../cpu-mask.ts';
import { SchedBench } from '../sched-testing.ts';
import type { SchedUnit } from '../unit.ts';
import { Credit2Scheduler } from './credit2.ts';
import { type Credit2Options, credit2OptionsOf, defaultOptions } from './parameters.ts';

const benchOf = (cpus: number, options: Partial<Credit2Options> = {}) =>
  new SchedBench(cpus, (core) => new Credit2Scheduler(core, { ...defaultOptions, ...options }));
type Bench = ReturnType<typeof benchOf>;

/** What key `r` shows of a unit. */
function shown({ printed, scheduling }: Bench, { domain, id }: SchedUnit): { credit: number; flags: number } {
  printed.length = 0;
  scheduling.policy.dumpSettings();
  const line = printed.find((text) => text.includes(`[${domain.domainId}.${id}]`)) ?? '';
  const [, flags = '', credit] = /flags=(\S+) .*credit=(\S+)/.exec(line) ?? [];
  return { credit: Number(credit), flags: Number.parseInt(flags, 16) };
}

const firstOf = ({ units }: { readonly units: readonly SchedUnit[] }): SchedUnit => units[0] as SchedUnit;
const hog = (bench: Bench, id: number, parameters = {}) => bench.domain(id, 1, { parameters });
/** How long a unit has waited for each time that it ran. */
const waits = (unit: SchedUnit, run: number, now: number): number => {
  const [running, runnable] = unit.runstate(nanoseconds(now)).times;
  return runnable / (running / run);
};

test('1.3 to 1.5: credits are lost by running, the faster the less weight, and are never below -10 ms', () => {
  const bench = benchOf(1);
  const heavy = firstOf(hog(bench, 1, { weight: 512 }));
  const light = firstOf(hog(bench, 2, { weight: 256 }));
  const credits: number[] = [];
  bench.run(seconds(1), () => {
    credits.push(...[heavy, light].map((unit) => shown(bench, unit).credit));
  });
  expect(Math.max(...credits)).toBeLessThanOrEqual(milliseconds(10.5));
  expect(Math.min(...credits)).toBeGreaterThanOrEqual(-milliseconds(10));
  expect(bench.share([heavy]) / bench.share([light])).toBeCloseTo(2, 1);
});

test('5.2: a reset is for all units, and none has more than 10.5 ms after it', () => {
  const bench = benchOf(1);
  const sleeper = firstOf(bench.domain(2, 1, { load: { run: milliseconds(1), block: seconds(10) } }));
  hog(bench, 1);
  bench.run(milliseconds(500));
  expect(shown(bench, sleeper).credit).toBe(milliseconds(10.5));
});

describe('3: who is told of a unit that wakes', () => {
  const load = { run: microseconds(50), block: milliseconds(9) };

  test('3.5: it interrupts a unit with less credit once this has run for the rate limit', () => {
    const bench = benchOf(1);
    hog(bench, 1);
    const { units } = bench.domain(2, 1, { load });
    bench.run(seconds(5));
    expect(waits(firstOf({ units }), load.run, seconds(5))).toBeLessThan(microseconds(5));
  });

  test('without a rate limit, at once', () => {
    const bench = benchOf(1, { ratelimitUs: 0 });
    hog(bench, 1);
    hog(bench, 2);
    const { units } = bench.domain(3, 1, { load });
    bench.run(seconds(5));
    expect(waits(firstOf({ units }), load.run, seconds(5))).toBeLessThan(microseconds(5));
  });

  test('3.3: an idle pCPU takes it, and nobody is interrupted', () => {
    const bench = benchOf(2);
    const busy = firstOf(bench.domain(1, 1, { pin: maskOf(0) }));
    const { units } = bench.domain(2, 1, { load });
    bench.run(seconds(1));
    expect(bench.share([busy])).toBe(100);
    expect(waits(firstOf({ units }), load.run, seconds(1))).toBe(0);
  });

  test('3.2: pinned to an idle pCPU, it has flag 20 and runs there', () => {
    const bench = benchOf(4);
    const unit = firstOf(bench.domain(1, 1, { pin: maskOf(2), load }));
    bench.run(seconds(1), () => {
      expect(unit.processor).toBe(2);
    });
    expect(shown(bench, unit).flags & 0x20).toBe(0x20);
  });
});

test('4.8: who yields lets others run, whatever its credits, and loses none', () => {
  const bench = benchOf(1);
  const first = firstOf(hog(bench, 1));
  hog(bench, 2);
  bench.run(milliseconds(1));
  const running = bench.scheduling.current(0);
  bench.scheduling.yield(running);
  bench.run(milliseconds(1.1));
  expect(bench.scheduling.current(0)).not.toBe(running);
  expect(shown(bench, first).flags & 0x10).toBe(0);
});

describe('6: how long a unit may run', () => {
  const turns = (bench: Bench, until: number): number[] => {
    const lengths: number[] = [];
    let since = 0;
    let before = bench.scheduling.current(0);
    bench.run(nanoseconds(until), () => {
      const now = bench.scheduling.current(0);
      if (now === before) return;
      lengths.push(bench.scheduling.now() - since);
      since = bench.scheduling.now();
      before = now;
    });
    return lengths.slice(1);
  };

  test('at least the rate limit, at most 10 ms', () => {
    const bench = benchOf(1);
    for (const [i, weight] of [256, 512, 1024].entries()) hog(bench, i + 1, { weight });
    const lengths = turns(bench, seconds(2));
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(milliseconds(1));
    expect(lengths.length).toBeGreaterThan(100);
  });

  test('at least 500 µs where there is no limit', () => {
    const bench = benchOf(1, { ratelimitUs: 0 });
    hog(bench, 1);
    hog(bench, 2);
    expect(Math.min(...turns(bench, seconds(1)))).toBeGreaterThanOrEqual(microseconds(500));
  });
});

describe('7: caps', () => {
  test('a domain gets its part of each 10 ms, although pCPUs idle', () => {
    const bench = benchOf(4);
    const unit = firstOf(hog(bench, 1, { cap: 40 }));
    for (let period = 1; period <= 20; period++) {
      bench.run(milliseconds(10 * period));
      expect(bench.share([unit]) * period).toBeCloseTo(40 * period, 3);
    }
  });

  test('two vCPUs share it, and a weight beside it does not matter', () => {
    const bench = benchOf(4);
    const { units } = bench.domain(1, 2, { parameters: { cap: 50, weight: 1024 } });
    hog(bench, 2);
    bench.run(seconds(2));
    expect(bench.share(units)).toBeCloseTo(50, 0);
  });

  test('7.3: what is too much by a long turn is paid back', () => {
    const bench = benchOf(1);
    const unit = firstOf(hog(bench, 1, { cap: 3 }));
    hog(bench, 2);
    bench.run(seconds(10));
    expect(bench.share([unit])).toBeGreaterThan(2.8);
    expect(bench.share([unit])).toBeLessThan(3.2);
  });

  test('0 lets it go; more than 100 for a vCPU is refused after the weight took', () => {
    const bench = benchOf(1);
    const { domain, units } = hog(bench, 1, { cap: 10 });
    bench.run(seconds(1));
    bench.scheduling.setDomainParameters(domain, { cap: 0 });
    bench.run(seconds(2));
    expect(bench.share(units)).toBeCloseTo(55, 0);
    expect(bench.scheduling.setDomainParameters(domain, { weight: 300, cap: 101 })).toBe(-Errno.EINVAL);
    expect(bench.scheduling.policy.domainParameters(domain)).toEqual({ weight: 300, cap: 0 });
    expect(bench.scheduling.setDomainParameters(domain, { weight: 0 })).toBe(0);
    expect(bench.scheduling.policy.domainParameters(domain)).toEqual({ weight: 300, cap: 0 });
  });
});

describe('8: run queues', () => {
  test('8.1: the options say which pCPUs share one', () => {
    const queues = (options: Partial<Credit2Options>): string[] => {
      const { printed, scheduling } = benchOf(4, options);
      scheduling.policy.dumpSettings();
      return printed.filter((line) => line.startsWith('\tcpus')).map((line) => line.slice(22));
    };
    expect(queues({})).toEqual(['0-3']);
    expect(queues({ arrangement: 'core' })).toEqual(['0', '1', '2', '3']);
    expect(queues({ maxCpusPerQueue: 3 })).toEqual(['0-1', '2-3']);
  });

  test('8.5: queues of one pCPU each share the load evenly', () => {
    const bench = benchOf(4, { arrangement: 'cpu' });
    const domains = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => hog(bench, id));
    bench.run(seconds(10));
    for (const { units } of domains) expect(Math.abs(bench.share(units) - 50)).toBeLessThan(2);
  });
});

test('9.1: the rate limit is 0 or from 100 to 500000', () => {
  const { policy, bootLines } = benchOf(1).scheduling;
  for (const wrong of [1, 99, 500_001]) expect(policy.setParameters({ ratelimitUs: wrong })).toBe(-Errno.EINVAL);
  for (const right of [0, 100, 500_000]) expect(policy.setParameters({ ratelimitUs: right })).toBe(0);
  expect(bootLines.made[0]).toBe('Initializing Credit2 scheduler');
  expect(bootLines.joined).toEqual(['Adding cpu 0 to runqueue 0', ' First cpu on runqueue, activating']);
});

test('9.2: the command line sets options, as far as they can be', () => {
  expect(credit2OptionsOf(new CommandLine('sched=credit2'))).toEqual(defaultOptions);
  expect(
    credit2OptionsOf(new CommandLine('sched_ratelimit_us=99 credit2_runqueue=core credit2_cap_period_ms=20')),
  ).toEqual({ ...defaultOptions, arrangement: 'core', capPeriod: milliseconds(20) });
});

test('whatever the load, no pCPU idles while a unit waits that may run there, and caps hold', () => {
  const time = (min: number, max: number) => fc.integer({ min, max }).map(nanoseconds);
  const load = fc.record({ run: time(10_000, 5_000_000), block: time(10_000, 20_000_000) });
  const domain = fc.record(
    {
      vcpus: fc.integer({ min: 1, max: 4 }),
      weight: fc.integer({ min: 1, max: 65_535 }),
      cap: fc.integer({ min: 10, max: 100 }),
      pin: fc.integer({ min: 1, max: 15 }),
      load,
    },
    { requiredKeys: ['vcpus'] },
  );
  const ms = 300;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(domain, { minLength: 1, maxLength: 6 }), (cpus, specs) => {
      const run = () => {
        const bench = benchOf(cpus);
        const domains = specs.map(({ vcpus, weight, cap, ...options }, i) => {
          const pin = (options.pin ?? 15) & allCpus(cpus);
          const parameters = { ...(weight !== undefined && { weight }), ...(cap !== undefined && { cap }) };
          return { cap, ...bench.domain(i + 1, vcpus, { ...options, parameters, pin: pin || allCpus(cpus) }) };
        });
        const units = domains.flatMap((each) => each.units);
        bench.run(milliseconds(ms), () => {
          for (const cpu of cpusOf(allCpus(cpus))) {
            if (!bench.scheduling.current(cpu).isIdle) continue;
            const waiting = units.filter(
              (u) => u.runnable && !u.isRunning && (u.hardAffinity & maskOf(cpu)) !== 0 && u.processor === cpu,
            );
            expect(waiting).toEqual([]);
          }
        });
        const hasher = new Hasher();
        bench.scheduling.fingerprint(hasher);
        return { bench, domains, units, digest: hasher.digest() };
      };
      const { bench, domains, units, digest } = run();
      expect(units.reduce((sum, unit) => sum + bench.share([unit]), 0)).toBeLessThanOrEqual(cpus * 100 + 1e-6);
      // Rule 7.3: at most a turn of 1 ms for each vCPU beyond the cap.
      for (const each of domains)
        if (each.cap !== undefined)
          expect(bench.share(each.units)).toBeLessThan(each.cap + (100 * (10 + each.units.length)) / ms);
      for (const unit of units)
        expect(unit.runstate(milliseconds(ms)).times.reduce((a, b) => a + b, 0)).toBe(milliseconds(ms));
      expect(run().digest).toBe(digest);
    }),
    { numRuns: 30 },
  );
});
