import { CommandLine } from '../../command-line.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { CreditScheduler } from '../credit/credit.ts';
import { SchedBench } from '../sched-testing.ts';
import { makeScheduler } from '../schedulers.ts';
import { Arinc653Scheduler } from './arinc653.ts';
import type { Table } from './table.ts';

export const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new Arinc653Scheduler(core));

/** A slot of a bench's domain: its number, how many µs, and which vCPU. */
export type TestSlot = readonly [domain: number, us: number, vcpu?: number];

/** The major frame in µs and the slots. */
export type TestTable = readonly [majorUs: number, slots: readonly TestSlot[]];

/** A table for domains of a bench; domain 99 is nobody. */
export const tableOf = (majorUs: number, slots: readonly TestSlot[]): Table => ({
  majorFrame: microseconds(majorUs),
  slots: slots.map(([domain, us, vcpu = 0]) => ({
    uuid: new Uint8Array(16).fill(domain),
    vcpu,
    runtime: microseconds(us),
  })),
});

/** A load that computes for `run` µs of each `every` µs. */
export const loadOf = (run: number, every: number): { run: Nanoseconds; block: Nanoseconds; byClock: boolean } => ({
  run: microseconds(run),
  block: microseconds(every - run),
  byClock: true,
});

/** Two pools of one pCPU each, with two domains that always compute. The first has the higher pCPU, as it had on the board. */
export function twoPools(tables: readonly TestTable[], phase: number) {
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
  return { bench, units };
}
