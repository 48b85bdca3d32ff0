/** What the rules of docs/xen/arinc653.md promise, for random tables and loads. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microseconds, milliseconds } from '../../time/time.ts';
import { benchOf, loadOf, type TestSlot, tableOf } from './arinc653-testing.ts';

const tables = fc
  .record({
    slots: fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 50 }).map((n) => n * 100),
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    ),
    rest: fc.integer({ min: 0, max: 30 }).map((n) => n * 100),
  })
  .map(({ slots, rest }): { slots: readonly TestSlot[]; major: number } => ({
    slots,
    major: slots.reduce((sum, [, us]) => sum + us, rest),
  }));

/** What each of the domains 1 to 4 does; null always computes. */
const loads = fc.tuple(
  ...[1, 2, 3, 4].map(() =>
    fc.option(
      fc
        .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
        .map(([run, block]) => loadOf(100 * run, 100 * (run + block))),
    ),
  ),
);

/** Who the slot of a time belongs to; null for the idle rest. */
function ownerAt({ slots, major }: { slots: readonly TestSlot[]; major: number }, us: number): number | null {
  let end = 0;
  for (const [domain, length] of slots) {
    end += length;
    if (us % major < end) return domain;
  }
  return null;
}

test('2.1, 2.2: at every time, the vCPU of the slot runs or nobody, and it runs if it can, whatever the load', () => {
  fc.assert(
    fc.property(tables, loads, (table, all) => {
      const bench = benchOf(1);
      bench.scheduling.policy.setTable(tableOf(table.major, table.slots));
      all.forEach((load, i) => {
        bench.domain(i + 1, 1, load ? { load } : {});
      });
      // Between two multiples of 100 µs nothing changes.
      for (let us = 50; us < 60_000; us += 100) {
        bench.run(microseconds(us));
        const current = bench.scheduling.current(0);
        const owner = ownerAt(table, us);
        if (!current.isIdle) expect(current.domain.domainId).toBe(owner);
        else if (owner !== null && all[owner - 1] === null) expect.fail(`idle at ${us} µs in the slot of ${owner}`);
      }
    }),
    { numRuns: 25 },
  );
});

test('2.4: what a vCPU that computes gets in each frame is the same, to the nanosecond, whatever the others do', () => {
  fc.assert(
    fc.property(tables, loads, (table, [, ...others]) => {
      const bench = benchOf(1);
      bench.scheduling.policy.setTable(tableOf(table.major, table.slots));
      const unit = bench.domain(1, 1).units[0];
      others.forEach((load, i) => {
        bench.domain(i + 2, 1, load ? { load } : {});
      });
      const due = microseconds(table.slots.reduce((sum, [domain, us]) => (domain === 1 ? sum + us : sum), 0));
      for (let frame = 1; microseconds(frame * table.major) < milliseconds(60); frame++) {
        const now = microseconds(frame * table.major);
        bench.run(now);
        expect(unit?.runstate(now).times[0]).toBe(frame * due);
      }
    }),
    { numRuns: 40 },
  );
});
