import { expect, test } from 'vitest';
import { XEN_SCHEDULER } from '../public/hypercalls.ts';
import { microseconds, milliseconds, seconds } from '../time/time.ts';
import { allCpus, cpusOf, cycleCpu, hasCpu } from './cpu-mask.ts';
import { SchedBench } from './sched-testing.ts';
import type { Decision, Scheduler, SchedulerCore } from './scheduler.ts';
import type { SchedUnit } from './unit.ts';

/** The least that a scheduler can be: one queue for all pCPUs, whose units take turns of 10 ms. */
class RoundRobin implements Scheduler {
  readonly id = XEN_SCHEDULER.NULL;
  readonly title = 'Round robin';
  readonly name = 'rr';
  readonly parameters = {};
  readonly #core: SchedulerCore;
  readonly #queue: SchedUnit[] = [];

  constructor(core: SchedulerCore) {
    this.#core = core;
  }

  domainParameters = () => ({});
  setDomainParameters = () => 0;
  addCpu(): void {}
  removeCpu(): void {}
  insertDomain(): void {}
  removeDomain(): void {}
  yield(): void {}
  affinityChanges(): void {}
  fingerprint(): void {}
  dumpSettings(): void {}
  dumpCpu(): void {}

  insert(unit: SchedUnit): void {
    if (unit.runnable) this.#queue.push(unit);
  }

  remove(unit: SchedUnit): void {
    const at = this.#queue.indexOf(unit);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  sleep(unit: SchedUnit): void {
    if (this.#core.current(unit.processor) === unit) this.#core.raiseSchedule(unit.processor);
    else this.remove(unit);
  }

  wake(unit: SchedUnit): void {
    if (this.#core.current(unit.processor) === unit || this.#queue.includes(unit)) return;
    this.#queue.push(unit);
    const idle = [...cpusOf(unit.hardAffinity & allCpus(this.#core.cpus))].find(
      (cpu) => this.#core.current(cpu).isIdle,
    );
    if (idle !== undefined) this.#core.raiseSchedule(idle);
  }

  pickCpu({ processor, hardAffinity }: SchedUnit): number {
    return hasCpu(hardAffinity, processor) ? processor : cycleCpu(processor, hardAffinity);
  }

  schedule(cpu: number, current: SchedUnit): Decision {
    if (!current.isIdle && current.runnable) this.#queue.push(current);
    const at = this.#queue.findIndex((unit) => hasCpu(unit.hardAffinity, cpu) && (!unit.isRunning || unit === current));
    const [next] = at < 0 ? [this.#core.idle(cpu)] : this.#queue.splice(at, 1);
    if (!next || next.isIdle) return { next: this.#core.idle(cpu), slice: null };
    next.processor = cpu;
    return { next, slice: milliseconds(10) };
  }
}

const benchOf = (cpus: number) => new SchedBench(cpus, (core) => new RoundRobin(core));

test('another scheduler runs in the place of credit: equal turns for all', () => {
  const bench = benchOf(1);
  const domains = [1, 2, 3].map((id) => bench.domain(id, 1));
  bench.run(seconds(3));
  for (const { units } of domains) expect(bench.share(units)).toBeCloseTo(100 / 3, 0);
});

test('it decides for each pCPU, and a unit that wakes runs again', () => {
  const bench = benchOf(2);
  const busy = bench.domain(1, 1, { pin: 0b01 });
  const sleeper = bench.domain(2, 1, { pin: 0b10, load: { run: microseconds(500), block: milliseconds(1) } });
  bench.run(seconds(1));
  expect(bench.share(busy.units)).toBeGreaterThan(99);
  expect(bench.share(sleeper.units)).toBeCloseTo(100 / 3, 0);
});
