/** Rule 2.5: two pools with this scheduler disturb each other, as they did under the real Xen. */
import { expect, test } from 'vitest';
import { CommandLine } from '../../command-line.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { microseconds, milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { CreditScheduler } from '../credit/credit.ts';
import { SchedBench } from '../sched-testing.ts';
import { makeScheduler } from '../schedulers.ts';
import { Arinc653Scheduler } from './arinc653.ts';
import { type TestSlot, tableOf } from './arinc653-testing.ts';

interface PoolScenario {
  readonly name: string;
  /** The tables of two pools of one pCPU: A and B are in the first, C and D in the second. */
  readonly tables: readonly [major: number, slots: readonly TestSlot[]][];
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
  const { bench, units } = benchOf(tables, phase);
  const used = (): number[] => units.map((unit) => unit.runstate(bench.now).times[0]);
  const before = used();
  bench.run(nanoseconds(bench.now + seconds(4)));
  const shares = used().map((time, i) => ((time - (before[i] as number)) / seconds(4)) * 100);
  for (const [i, share] of shares.entries()) expect(Math.abs(share - (real[i] as number))).toBeLessThan(0.5);
});

/** Two pools of one pCPU each, with two domains that always compute. The first has the higher pCPU, as it had on the board. */
function benchOf(tables: PoolScenario['tables'], phase: number) {
  const bench = new SchedBench(
    3,
    (core) => new CreditScheduler(core),
    (core, id) => makeScheduler(core, id, new CommandLine('')),
  );
  const { pools } = bench.scheduling;
  const policies = [0, 1].map((i) => {
    pools.create(XEN_SCHEDULER.ARINC653);
    bench.removeCpu(0, 2 - i);
    pools.addCpu(i + 1, 2 - i);
    const policy = pools.byId(i + 1)?.policy;
    if (!(policy instanceof Arinc653Scheduler)) throw new Error('not a pool of this scheduler');
    return policy;
  });
  const units = policies.flatMap((_, i) =>
    [2 * i + 1, 2 * i + 2].flatMap((id) => bench.domain(id, 1, { pool: i + 1 }).units),
  );
  bench.run(milliseconds(50));
  policies.forEach((policy, i) => {
    const [major, slots] = tables[i] ?? [0, []];
    policy.setTable(tableOf(major, slots));
    if (i === 0) bench.run(nanoseconds(milliseconds(150) + microseconds(phase)));
  });
  bench.scheduling.raiseSchedule(1);
  bench.run(seconds(1));
  return { bench, units };
}
