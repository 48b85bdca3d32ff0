import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allCpus, cpusOf, maskOf } from '../cpu-mask.ts';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds, seconds } from '../time.ts';
import { CreditScheduler } from './credit.ts';
import { creditParametersOf, defaultCreditParameters } from './credit-parameters.ts';
import { Scheduling } from './schedule.ts';
import type { SoftTimer } from './scheduler.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

/** Work that a vCPU has: it runs for `run` and then blocks for `block`; without, it always runs. */
interface Load {
  readonly run: Nanoseconds;
  readonly block: Nanoseconds;
}

/** pCPUs that do nothing but run units, by events in virtual time. */
class Bench {
  readonly scheduling: Scheduling<CreditScheduler>;
  readonly printed: string[] = [];
  #now = nanoseconds(0);
  #cpu = 0;
  readonly #pending: boolean[];
  readonly #timers: { at: Nanoseconds | null; cpu: number; callback: () => void }[] = [];
  readonly #loads = new Map<SchedUnit, { load: Load; timer: SoftTimer; left: Nanoseconds; since: Nanoseconds }>();

  constructor(readonly cpus: number) {
    this.#pending = new Array(cpus).fill(false);
    this.scheduling = new Scheduling(
      {
        cpus,
        thisCpu: () => this.#cpu,
        now: () => this.#now,
        raiseSchedule: (cpu) => {
          this.#pending[cpu] = true;
        },
        createTimer: (cpu, callback) => {
          const timer: { at: Nanoseconds | null; cpu: number; callback: () => void } = { at: null, cpu, callback };
          this.#timers.push(timer);
          return {
            set: (at) => {
              timer.at = at;
            },
            stop: () => {
              timer.at = null;
            },
          };
        },
      },
      (core) => new CreditScheduler(core),
      (line) => this.printed.push(line),
    );
  }

  /** A domain whose vCPUs always run, or run and block in turn. */
  domain(id: number, vcpus: number, options: { weight?: number; cap?: number; pin?: number; load?: Load } = {}) {
    const domain: SchedDomain = { domainId: id, pauseCount: 0 };
    this.scheduling.policy.insertDomain(domain);
    this.scheduling.policy.setDomainParameters(domain, options);
    const units: SchedUnit[] = [];
    for (let i = 0; i < vcpus; i++) {
      const unit = this.scheduling.createUnit(domain, i, units[i - 1]);
      units.push(unit);
      if (options.pin !== undefined) this.scheduling.setAffinity(unit, options.pin, null);
      const { load } = options;
      if (load) {
        const state = { load, left: load.run, since: this.#now, timer: this.#blockTimer(unit) };
        this.#loads.set(unit, state);
      }
      this.scheduling.setDown(unit, false);
    }
    return { domain, units };
  }

  #blockTimer(unit: SchedUnit): SoftTimer {
    return this.scheduling.createTimer(unit.processor, () => this.scheduling.unblock(unit));
  }

  run(until: Nanoseconds, check: () => void = () => {}): void {
    for (;;) {
      for (let cpu = 0; cpu < this.cpus; cpu++) {
        this.#cpu = cpu;
        while (this.#pending[cpu]) {
          this.#pending[cpu] = false;
          this.#switch(cpu);
        }
      }
      if (this.#pending.includes(true)) continue;
      check();
      const due = this.#timers.reduce((first, t) => Math.min(first, t.at ?? first), Number.POSITIVE_INFINITY);
      const ends = cpusIn(this.cpus).map((cpu) => this.#endOf(this.scheduling.current(cpu)));
      const next = Math.min(due, ...ends);
      if (next > until) {
        this.#now = until;
        return;
      }
      this.#now = nanoseconds(Math.max(next, this.#now));
      ends.forEach((end, cpu) => {
        if (end <= this.#now) this.#finish(cpu);
      });
      for (const timer of this.#timers) {
        if (timer.at === null || timer.at > this.#now) continue;
        timer.at = null;
        this.#cpu = timer.cpu;
        timer.callback();
      }
    }
  }

  /** When the work of what runs is done. */
  #endOf(unit: SchedUnit): number {
    const state = this.#loads.get(unit);
    return state ? state.since + state.left : Number.POSITIVE_INFINITY;
  }

  #finish(cpu: number): void {
    this.#cpu = cpu;
    const unit = this.scheduling.current(cpu);
    const state = this.#loads.get(unit);
    if (!state) return;
    state.left = state.load.run;
    state.since = this.#now;
    state.timer.set(nanoseconds(this.#now + state.load.block));
    this.scheduling.block(unit, false);
    this.#switch(cpu);
  }

  #switch(cpu: number): void {
    const before = this.scheduling.current(cpu);
    const next = this.scheduling.schedule(cpu);
    if (next !== before) {
      const left = this.#loads.get(before);
      if (left && before.pauseFlags === 0) left.left = nanoseconds(Math.max(1, left.left - (this.#now - left.since)));
      const entering = this.#loads.get(next);
      if (entering) entering.since = this.#now;
    }
    this.scheduling.contextSaved(cpu);
  }

  /** CPU time of units, in percent of one pCPU, since time 0. */
  share(units: readonly SchedUnit[]): number {
    const total = units.reduce((sum, unit) => sum + unit.runstate(this.#now).times[0], 0);
    return (total / this.#now) * 100;
  }
}

const cpusIn = (count: number): number[] => [...cpusOf(allCpus(count))];

describe('credit scheduler', () => {
  test('shares one pCPU by weight', () => {
    const bench = new Bench(1);
    const domains = [256, 512, 1024].map((weight, i) => bench.domain(i + 1, 1, { weight }));
    bench.run(seconds(20));
    domains.forEach(({ units }, i) => {
      expect(Math.abs(bench.share(units) - (2 ** i * 100) / 7)).toBeLessThan(1);
    });
  });

  test('holds a domain to its cap although pCPUs idle', () => {
    const bench = new Bench(4);
    const { units } = bench.domain(1, 2, { cap: 50 });
    bench.run(seconds(20));
    expect(bench.share(units)).toBeGreaterThan(47);
    expect(bench.share(units)).toBeLessThan(53);
  });

  test('spreads busy units over all pCPUs', () => {
    const bench = new Bench(4);
    const domains = [1, 2, 3, 4].map((id) => bench.domain(id, 1));
    bench.run(seconds(2));
    for (const { units } of domains) expect(bench.share(units)).toBeGreaterThan(99);
  });

  test('a unit that wakes rarely goes before those that compute', () => {
    const bench = new Bench(1);
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
    const bench = new Bench(4);
    const { units } = bench.domain(1, 1, { pin: maskOf(2) });
    bench.domain(2, 4);
    bench.run(seconds(1), () => {
      expect(units[0]?.processor).toBe(2);
    });
  });

  test('parameters out of range are refused', () => {
    const { policy } = new Bench(1).scheduling;
    for (const wrong of [{ tsliceMs: 0 }, { tsliceMs: 1001 }, { ratelimitUs: 99 }, { ratelimitUs: 30_001 }])
      expect(policy.setParameters({ ...defaultCreditParameters, ...wrong }).ok).toBe(false);
    expect(policy.setParameters({ tsliceMs: 10, ratelimitUs: 500, migrationDelayUs: 0 }).ok).toBe(true);
  });

  test('the command line sets parameters, as far as they can be', () => {
    expect(creditParametersOf('console=dtuart')).toEqual(defaultCreditParameters);
    expect(creditParametersOf('sched_credit_tslice_ms=5 sched_ratelimit_us=0 sched_credit_tslice_ms=7')).toEqual({
      tsliceMs: 7,
      ratelimitUs: 0,
      migrationDelayUs: 0,
    });
    expect(creditParametersOf('sched_credit_tslice_ms=0 sched_ratelimit_us=x')).toEqual(defaultCreditParameters);
    expect(creditParametersOf('sched_credit_tslice_ms=1 sched_ratelimit_us=5000').ratelimitUs).toBe(1000);
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
        const bench = new Bench(cpus);
        const units = specs.flatMap(({ vcpus, ...options }, i) => {
          const pin = (options.pin ?? 15) & allCpus(cpus);
          return bench.domain(i + 1, vcpus, { ...options, pin: pin === 0 ? allCpus(cpus) : pin }).units;
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
