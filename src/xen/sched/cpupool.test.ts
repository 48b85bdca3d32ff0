/** The rules of docs/xen/cpupools.md. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hasher } from '../../base/hasher.ts';
import { CommandLine } from '../command-line.ts';
import { Errno } from '../public/errno.ts';
import { XEN_SCHEDULER } from '../public/hypercalls.ts';
import { milliseconds, nanoseconds, seconds } from '../time/time.ts';
import { allCpus, cpusOf, hasCpu, maskOf } from './cpu-mask.ts';
import { CreditScheduler } from './credit/credit.ts';
import { SchedBench } from './sched-testing.ts';
import { makeScheduler, schedulers } from './schedulers.ts';

const none = new CommandLine('');
const benchOf = (cpus = 4) =>
  new SchedBench(
    cpus,
    (core) => new CreditScheduler(core),
    (core, id) => makeScheduler(core, id, none),
  );
const { CREDIT, CREDIT2 } = XEN_SCHEDULER;

/** A bench whose CPUs 2 and 3 are in a pool of their own, number 1. */
const halved = (scheduler = CREDIT2 as (typeof XEN_SCHEDULER)[keyof typeof XEN_SCHEDULER]) => {
  const bench = benchOf();
  const { pools } = bench.scheduling;
  for (const cpu of [2, 3]) expect(bench.removeCpu(0, cpu)).toBe(0);
  expect(pools.create(scheduler)).toEqual({ ok: true, value: 1 });
  for (const cpu of [2, 3]) expect(pools.addCpu(1, cpu)).toBe(0);
  return { bench, pools };
};

describe('2: pools', () => {
  test('get the number behind the highest, up to twice as many as there are pCPUs', () => {
    const { pools } = benchOf(2).scheduling;
    const create = () => pools.create(CREDIT2);
    expect([create(), create()]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(pools.destroy(1)).toBe(0);
    expect(create()).toMatchObject({ value: 3 });
    expect(create()).toMatchObject({ value: 4 });
    expect(create()).toEqual({ ok: false, error: Errno.ENOSPC });
    expect(pools.destroy(9)).toBe(-Errno.ENOENT);
    expect(pools.destroy(0)).toBe(-Errno.EBUSY);
  });

  test('a pool of a scheduler that is not built in is ENOENT', () => {
    const { pools } = new SchedBench(1, (core) => new CreditScheduler(core)).scheduling;
    expect(pools.create(CREDIT)).toEqual({ ok: false, error: Errno.ENOENT });
  });

  test('one with domains stays; its pCPUs are free when it goes', () => {
    const { bench, pools } = halved();
    const moved = bench.domain(1, 1);
    expect(bench.moveDomain(moved, 1)).toBe(0);
    expect(pools.destroy(1)).toBe(-Errno.EBUSY);
    expect(bench.moveDomain(moved, 0)).toBe(0);
    expect(pools.destroy(1)).toBe(0);
    expect(pools.free).toBe(0b1100);
  });
});

describe('3: pCPUs', () => {
  test('what may not leave or join, with its error', () => {
    const { bench, pools } = halved();
    bench.domain(1, 1, { pool: 1 });
    expect(pools.removeCpu(0, 0)).toBe(-Errno.EINVAL);
    expect(pools.removeCpu(1, 7)).toBe(-Errno.EINVAL);
    expect(pools.removeCpu(1, 1)).toBe(-Errno.EADDRNOTAVAIL);
    expect(pools.removeCpu(5, 1)).toBe(-Errno.ENOENT);
    expect(bench.removeCpu(1, 2)).toBe(0);
    expect(bench.removeCpu(1, 3)).toBe(-Errno.EBUSY);
    expect(pools.addCpu(1, 1)).toBe(-Errno.ENODEV);
    expect(pools.addCpu(1, 4)).toBe(-Errno.EINVAL);
    expect(pools.addCpu(5, 2)).toBe(-Errno.ENOENT);
  });

  test.each(schedulers)('$name: one that is added is used at once', ({ id, name }) => {
    if (name === 'arinc653') return;
    const { bench, pools } = halved(id);
    expect(bench.removeCpu(1, 3)).toBe(0);
    const units = [1, 2].flatMap((domain) => bench.domain(domain, 1, { pool: 1 }).units);
    bench.run(milliseconds(100));
    expect(pools.addCpu(1, 3)).toBe(0);
    bench.run(milliseconds(1100));
    const running = [2, 3].map((cpu) => bench.scheduling.current(cpu));
    expect(new Set(running)).toEqual(new Set(units));
  });

  test('who may run nowhere else then may run everywhere', () => {
    const { bench } = halved();
    const [unit] = bench.domain(1, 1, { pool: 1, pin: maskOf(3) }).units;
    bench.run(milliseconds(10));
    expect(unit?.processor).toBe(3);
    expect(bench.removeCpu(1, 3)).toBe(0);
    bench.run(milliseconds(20));
    expect(bench.printed).toContain('Breaking affinity for d1v0');
    expect(unit).toMatchObject({ processor: 2, hardAffinity: 0b1111 });
    expect(bench.scheduling.current(2)).toBe(unit);
  });
});

describe('4: domains', () => {
  test('of two pools never meet, and a move forgets affinity and parameters', () => {
    const { bench } = halved();
    const hog = bench.domain(1, 2, { parameters: { weight: 512 }, pin: maskOf(1) });
    const other = bench.domain(2, 2);
    bench.run(seconds(1));
    expect(bench.moveDomain(hog, 1)).toBe(0);
    for (const unit of hog.units) expect(unit.hardAffinity).toBe(0b1111);
    bench.run(seconds(2), () => {
      for (const unit of hog.units) expect(unit.processor).toBeGreaterThan(1);
      for (const unit of other.units) expect(unit.processor).toBeLessThan(2);
    });
    expect(bench.share(other.units)).toBeGreaterThan(145);
    expect(bench.moveDomain(hog, 0)).toBe(0);
    expect(bench.scheduling.policy.domainParameters(hog.domain)).toEqual({ weight: 256, cap: 0 });
  });

  test('which may not move or be created', () => {
    const { bench, pools } = halved();
    const dom0 = bench.domain(0, 1);
    const guest = bench.domain(1, 1);
    expect(bench.moveDomain(dom0, 1)).toBe(-Errno.EPERM);
    expect(bench.moveDomain(guest, 4)).toBe(-Errno.ENOENT);
    pools.create(CREDIT);
    expect(bench.moveDomain(guest, 2)).toBe(-Errno.ENOENT);
    expect([pools.refusal(2), pools.refusal(7), pools.refusal(1)]).toEqual([Errno.ENODEV, Errno.ESRCH, null]);
  });
});

test('whatever is done to pools, a unit runs only in its pool, on one pCPU, and every pCPU is in one pool or free', () => {
  const cpu = fc.integer({ min: 0, max: 3 });
  const pool = fc.integer({ min: 0, max: 3 });
  const step = fc.oneof(
    fc.record({ op: fc.constant('create' as const), kind: fc.constantFrom(...schedulers) }),
    fc.record({ op: fc.constant('destroy' as const), pool }),
    fc.record({ op: fc.constantFrom('add' as const, 'remove' as const), pool, cpu }),
    fc.record({ op: fc.constant('move' as const), pool, domain: fc.integer({ min: 0, max: 3 }) }),
    fc.record({
      op: fc.constant('pin' as const),
      domain: fc.integer({ min: 0, max: 3 }),
      mask: fc.integer({ min: 1, max: 15 }),
    }),
    fc.record({
      op: fc.constant('cap' as const),
      domain: fc.integer({ min: 0, max: 3 }),
      cap: fc.integer({ min: 0, max: 100 }),
    }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  const go = (steps: readonly Step[]) => {
    const bench = benchOf();
    const { scheduling } = bench;
    const { pools } = scheduling;
    const load = { run: milliseconds(2), block: milliseconds(3) };
    const domains = [
      bench.domain(0, 1, { load }),
      bench.domain(1, 2),
      bench.domain(2, 1, { load }),
      bench.domain(3, 1),
    ];
    let now = 0;
    for (const each of steps) {
      switch (each.op) {
        case 'create':
          pools.create(each.kind.id);
          break;
        case 'destroy':
          pools.destroy(each.pool);
          break;
        case 'add':
          pools.addCpu(each.pool, each.cpu);
          break;
        case 'remove':
          bench.removeCpu(each.pool, each.cpu);
          break;
        case 'move':
          bench.moveDomain(domains[each.domain] as (typeof domains)[0], each.pool);
          break;
        case 'pin':
          for (const unit of domains[each.domain]?.units ?? []) scheduling.setAffinity(unit, each.mask, null);
          break;
        case 'cap':
          scheduling.setDomainParameters((domains[each.domain] as (typeof domains)[0]).domain, { cap: each.cap });
      }
      now += 7;
      bench.run(milliseconds(now), () => {
        for (let at = 0; at < 4; at++) {
          const unit = scheduling.current(at);
          if (unit.isIdle) continue;
          expect(pools.of(unit.domain)).toBe(pools.serving(at));
          expect(unit.processor).toBe(at);
          expect(hasCpu(unit.hardAffinity, at)).toBe(true);
        }
      });
      const inPools = pools.all.reduce((sum, { cpus }) => sum + cpus, 0);
      expect(inPools + pools.free).toBe(allCpus(4));
      for (const { domain, units } of domains)
        for (const unit of units) {
          expect([...cpusOf(pools.of(domain).cpus)]).toContain(unit.processor);
          expect(unit.runstate(nanoseconds(milliseconds(now))).times.reduce((a, b) => a + b, 0)).toBe(
            milliseconds(now),
          );
        }
    }
    const hasher = new Hasher();
    scheduling.fingerprint(hasher);
    return hasher.digest();
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      expect(go(steps)).toBe(go(steps));
    }),
    { numRuns: 60 },
  );
});
