import { microseconds, type Nanoseconds } from '../../time/time.ts';
import { SchedBench } from '../sched-testing.ts';
import { Arinc653Scheduler } from './arinc653.ts';
import type { Table } from './table.ts';

export const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new Arinc653Scheduler(core));

/** A slot of a bench's domain: its number, how many µs, and which vCPU. */
export type TestSlot = readonly [domain: number, us: number, vcpu?: number];

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
