/** What the rules of docs/xen/null.md promise, for random vCPUs, loads, pins and hot-plugs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microseconds, nanoseconds } from '../../time/time.ts';
import { allCpus, cpusOf, hasCpu } from '../cpu-mask.ts';
import { SchedBench } from '../sched-testing.ts';
import { PauseFlag, Runstate, type SchedUnit } from '../unit.ts';
import { NullScheduler } from './null.ts';

const cpus = 3;

const domains = fc.array(
  fc.record({
    vcpus: fc.integer({ min: 1, max: 3 }),
    pin: fc.integer({ min: 1, max: allCpus(cpus) }),
    load: fc.option(
      fc.record({
        run: fc.integer({ min: 1, max: 900 }).map(microseconds),
        block: fc.integer({ min: 1, max: 900 }).map(microseconds),
      }),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

/** What is done to a vCPU: it goes or comes, or may run elsewhere. */
const changes = fc.array(
  fc.record({
    which: fc.nat(),
    what: fc.constantFrom('hotplug', 'hard', 'soft', 'yield'),
    mask: fc.integer({ min: 1, max: allCpus(cpus) }),
    gap: fc.integer({ min: 1, max: 2_000 }).map(microseconds),
  }),
  { maxLength: 25 },
);

const isOnline = (unit: SchedUnit): boolean => (unit.pauseFlags & PauseFlag.down) === 0;

test('1.1 to 1.3, 2.4, 3: one to one, no preemption, and no pCPU stays free that one may use that waits', () => {
  fc.assert(
    fc.property(domains, changes, (all, steps) => {
      const bench = new SchedBench(cpus, (core) => new NullScheduler(core));
      const { scheduling } = bench;
      const units = all.flatMap(
        ({ load, ...one }, i) => bench.domain(i + 1, one.vcpus, { pin: one.pin, ...(load && { load }) }).units,
      );
      const ranOn = new Map<number, SchedUnit>();
      const check = (): void => {
        const waiting = units.filter((unit) => unit.state === Runstate.runnable);
        for (const cpu of cpusOf(allCpus(cpus))) {
          const current = scheduling.current(cpu);
          const before = ranOn.get(cpu);
          if (current.isIdle) continue;
          // Whoever ran here before may only have made way by going.
          if (before !== undefined && before !== current)
            expect(isOnline(before) && hasCpu(before.hardAffinity, cpu) && before.processor === cpu).toBe(false);
          expect(hasCpu(current.hardAffinity, cpu)).toBe(true);
          ranOn.set(cpu, current);
        }
        const taken = units.filter((unit) => isOnline(unit) && !waiting.includes(unit));
        const free = allCpus(cpus) & ~taken.reduce((mask, { processor }) => mask | (1 << processor), 0);
        for (const { hardAffinity } of waiting) expect(hardAffinity & free).toBe(0);
      };
      let now = nanoseconds(0);
      for (const { which, what, mask, gap } of steps) {
        now = nanoseconds(now + gap);
        bench.run(now, check);
        const unit = units[which % units.length] as SchedUnit;
        if (what === 'hotplug') scheduling.setDown(unit, isOnline(unit));
        else if (what === 'hard') scheduling.setAffinity(unit, mask, null);
        else if (what === 'soft') scheduling.setAffinity(unit, null, mask);
        else if (unit.isRunning) scheduling.yield(unit);
      }
      bench.run(nanoseconds(now + microseconds(5_000)), check);
    }),
    { numRuns: 25 },
  );
});
