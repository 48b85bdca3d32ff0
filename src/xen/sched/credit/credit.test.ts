import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandLine } from '../../command-line.ts';
import { Errno } from '../../public/errno.ts';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { allCpus, cpusOf, maskOf } from '../cpu-mask.ts';
import { SchedBench } from '../sched-testing.ts';
import type { SchedUnit } from '../unit.ts';
import { CreditScheduler } from './credit.ts';
import { creditParametersOf, defaultCreditParameters } from './parameters.ts';

const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new CreditScheduler(core));
const cpusIn = (count: number): number[] => [...cpusOf(allCpus(count))];

describe('credit scheduler', () => {
  test('shares one pCPU by weight', () => {
    const bench = benchOf(1);
    const domains = [256, 512, 1024].map((weight, i) => bench.domain(i + 1, 1, { parameters: { weight } }));
    bench.run(seconds(20));
    domains.forEach(({ units }, i) => {
      expect(Math.abs(bench.share(units) - (2 ** i * 100) / 7)).toBeLessThan(1);
    });
  });

  test('holds a domain to its cap although pCPUs idle', () => {
    const bench = benchOf(4);
    const { units } = bench.domain(1, 2, { parameters: { cap: 50 } });
    bench.run(seconds(20));
    expect(bench.share(units)).toBeGreaterThan(47);
    expect(bench.share(units)).toBeLessThan(53);
  });

  test('spreads busy units over all pCPUs', () => {
    const bench = benchOf(4);
    const domains = [1, 2, 3, 4].map((id) => bench.domain(id, 1));
    bench.run(seconds(2));
    for (const { units } of domains) expect(bench.share(units)).toBeGreaterThan(99);
  });

  test('a unit that wakes rarely goes before those that compute', () => {
    const bench = benchOf(1);
    bench.domain(1, 1);
    bench.domain(2, 1);
    const load = { run: microseconds(50), block: milliseconds(9) };
    const { units } = bench.domain(3, 1, { load });
    bench.run(seconds(20));
    const [running, runnable] = (units[0] as SchedUnit).runstate(seconds(20)).times;
    // It waits for the rate limit of what runs, at most 1 ms a time.
    expect(runnable / (running / load.run)).toBeLessThan(milliseconds(1));
  });

  test('a pinned unit stays where it is', () => {
    const bench = benchOf(4);
    const { units } = bench.domain(1, 1, { pin: maskOf(2) });
    bench.domain(2, 4);
    bench.run(seconds(1), () => {
      expect(units[0]?.processor).toBe(2);
    });
  });

  test('parameters out of range are refused', () => {
    const { policy } = benchOf(1).scheduling;
    for (const wrong of [{ tsliceMs: 0 }, { tsliceMs: 1001 }, { ratelimitUs: 99 }, { ratelimitUs: 30_001 }])
      expect(policy.setParameters({ ...defaultCreditParameters, ...wrong })).toBe(-Errno.EINVAL);
    expect(policy.setParameters({ tsliceMs: 10, ratelimitUs: 500, migrationDelayUs: 0 })).toBe(0);
  });

  test('the command line sets parameters, as far as they can be', () => {
    expect(creditParametersOf(new CommandLine('console=dtuart'))).toEqual(defaultCreditParameters);
    expect(
      creditParametersOf(new CommandLine('sched_credit_tslice_ms=5 sched_ratelimit_us=0 sched_credit_tslice_ms=7')),
    ).toEqual({
      tsliceMs: 7,
      ratelimitUs: 0,
      migrationDelayUs: 0,
    });
    expect(creditParametersOf(new CommandLine('sched_credit_tslice_ms=0 sched_ratelimit_us=x'))).toEqual(
      defaultCreditParameters,
    );
    expect(creditParametersOf(new CommandLine('sched_credit_tslice_ms=1 sched_ratelimit_us=5000')).ratelimitUs).toBe(
      1000,
    );
  });

  test('whatever the load, no pCPU idles while a unit that may run there waits', () => {
    const load = fc.record({
      run: fc.integer({ min: 10_000, max: 5_000_000 }).map(nanoseconds),
      block: fc.integer({ min: 10_000, max: 20_000_000 }).map(nanoseconds),
    });
    const domain = fc.record(
      {
        vcpus: fc.integer({ min: 1, max: 4 }),
        weight: fc.integer({ min: 1, max: 65535 }),
        pin: fc.integer({ min: 1, max: 15 }),
        load,
      },
      { requiredKeys: ['vcpus'] },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(domain, { minLength: 1, maxLength: 6 }), (cpus, specs) => {
        const bench = benchOf(cpus);
        const units = specs.flatMap(({ vcpus, weight, ...options }, i) => {
          const pin = (options.pin ?? 15) & allCpus(cpus);
          const parameters = weight === undefined ? {} : { weight };
          return bench.domain(i + 1, vcpus, { ...options, parameters, pin: pin === 0 ? allCpus(cpus) : pin }).units;
        });
        bench.run(milliseconds(300), () => {
          const idle = cpusIn(cpus).filter((cpu) => bench.scheduling.current(cpu).isIdle);
          for (const cpu of idle) {
            const waiting = units.filter((u) => u.runnable && !u.isRunning && u.processor === cpu);
            expect(waiting).toEqual([]);
          }
        });
        const total = units.reduce((sum, unit) => sum + bench.share([unit]), 0);
        expect(total).toBeLessThanOrEqual(cpus * 100 + 1e-6);
        for (const unit of units) {
          const { times } = unit.runstate(milliseconds(300));
          expect(times.reduce((a, b) => a + b, 0)).toBe(milliseconds(300));
          const byCpu = cpusIn(cpus).map((cpu) => unit.timeOn(cpu, milliseconds(300)));
          expect(byCpu.reduce((a, b) => a + b, 0)).toBe(times[0]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
