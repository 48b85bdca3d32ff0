/** Rule 2.5: two pools with this scheduler disturb each other, as they did under the real Xen. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { type TestSlot, type TestTable, twoPools } from './arinc653-testing.ts';

interface PoolScenario {
  readonly name: string;
  /** The tables of two pools of one pCPU: A and B are in the first, C and D in the second. */
  readonly tables: readonly TestTable[];
  /** By how many µs the second pool decides later than the first. */
  readonly phase: number;
  /** CPU time of each domain in percent of a pCPU under Xen 4.17.5 with this scheduler switched on, on this project's board. */
  readonly real: readonly number[];
}

const [a, b, c, d] = [1, 2, 3, 4];
const scenarios: readonly PoolScenario[] = [
  {
    name: 'frames of 10 and 30 ms',
    tables: [
      [
        10_000,
        [
          [a, 4_000],
          [b, 3_000],
        ],
      ],
      [30_000, [[c, 15_000]]],
    ],
    phase: 8_700,
    real: [26.7, 63.4, 49.8, 0],
  },
  {
    name: 'frames of 10 and 7 ms',
    tables: [
      [
        10_000,
        [
          [a, 5_000],
          [b, 5_000],
        ],
      ],
      [
        7_000,
        [
          [c, 3_000],
          [d, 4_000],
        ],
      ],
    ],
    phase: 5_800,
    real: [65.3, 34.7, 47.8, 52.2],
  },
];

test.each(scenarios)('$name', ({ tables, phase, real }) => {
  const { bench, units } = twoPools(tables, phase);
  bench.run(seconds(1));
  const used = (): number[] => units.map((unit) => unit.runstate(bench.now).times[0]);
  const before = used();
  bench.run(nanoseconds(bench.now + seconds(4)));
  const shares = used().map((time, i) => ((time - (before[i] as number)) / seconds(4)) * 100);
  for (const [i, share] of shares.entries()) expect(Math.abs(share - (real[i] as number))).toBeLessThan(0.5);
});

const tables = fc
  .array(fc.record({ us: fc.integer({ min: 1, max: 40 }).map((n) => n * 100), who: fc.constantFrom(0, 1, 98) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((slots): [sum: number, slots: typeof slots] => [slots.reduce((sum, { us }) => sum + us, 0), slots]);
const rest = fc.integer({ min: 0, max: 20 }).map((n) => n * 100);
const phases = fc.integer({ min: 0, max: 9_999 });

test('2.2, 2.5: whatever their tables and phase, each pool runs its own units that are in its table, and nobody else', () => {
  fc.assert(
    fc.property(tables, tables, rest, phases, (first, second, more, phase) => {
      const all = [first, second].map(
        ([sum, slots], pool): TestTable => [
          sum + more,
          slots.map(({ who, us }): TestSlot => [who === 98 ? 99 : 2 * pool + who + 1, us]),
        ],
      );
      const { bench } = twoPools(all, phase);
      const check = (): void => {
        for (const [pool, [, slots]] of all.entries()) {
          const current = bench.scheduling.current(2 - pool);
          if (!current.isIdle) expect(slots.map(([domain]) => domain)).toContain(current.domain.domainId);
        }
      };
      // The old slots end first.
      bench.run(nanoseconds(bench.now + milliseconds(20)));
      bench.run(nanoseconds(bench.now + milliseconds(80)), check);
    }),
    { numRuns: 40 },
  );
});
