/**
 * Xen's RTDS scheduler: each vCPU is a deferrable server with a budget in each period, and the earliest deadline of all
 * runs first. It follows the rules of docs/xen/rtds.md; the numbers in comments are theirs.
 */
import { assert } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { Errno } from '../../public/errno.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { microseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { firstCpu, hasCpu, maskOf } from '../cpu-mask.ts';
import type { Decision, ParameterValues, Scheduler, SchedulerCore, SchedulerKind, SoftTimer } from '../scheduler.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';
import { dumpCpu, dumpSettings } from './dump.ts';
import { areRtdsParameters, domainRanges, type RtdsParameters } from './parameters.ts';
import { pickCpu, tickle } from './placement.ts';
import {
  compareRank,
  insertByRank,
  newRtdsUnit,
  pay,
  RtdsState,
  type RtdsUnit,
  removeFrom,
  replenish,
} from './state.ts';

const microsecondsOf = (time: Nanoseconds): number => time / 1000;

export class RtdsScheduler implements Scheduler {
  readonly id = XEN_SCHEDULER.RTDS;
  readonly title = 'SMP RTDS Scheduler';
  readonly name = 'rtds';
  readonly parameters = {};
  private readonly core: SchedulerCore;
  /** Its queues and what it knows of units. */
  readonly state: RtdsState;
  /** Rule 3.3. */
  private readonly timer: SoftTimer;
  /** When the timer is due. */
  private due: Nanoseconds | null = null;

  constructor(core: SchedulerCore) {
    this.core = core;
    this.state = new RtdsState(core);
    this.timer = core.createTimer(0, () => this.replenish());
    core.printk('Initializing RTDS scheduler');
    core.printk('WARNING: This is experimental software in development.');
    core.printk('Use at your own risk.');
  }

  /** Rule 7.1: the same for all domains, whatever their vCPUs have. */
  domainParameters(): ParameterValues {
    return { period: domainRanges.period.standard, budget: domainRanges.budget.standard };
  }

  setDomainParameters(domain: SchedDomain, { period, budget }: ParameterValues): number {
    if (period === 0 || budget === 0) return -Errno.EINVAL;
    for (const svc of this.state.domain(domain)) {
      if (period !== undefined) svc.period = microseconds(period);
      if (budget !== undefined) svc.budget = microseconds(budget);
    }
    return 0;
  }

  unitParameters(unit: SchedUnit): RtdsParameters {
    const { period, budget, extratime } = this.state.unit(unit);
    return { period: microsecondsOf(period), budget: microsecondsOf(budget), extratime: Number(extratime) };
  }

  /** Rules 1.2, 1.4 and 7.2. */
  setUnitParameters(unit: SchedUnit, values: ParameterValues): number {
    const { period, budget, extratime } = { ...this.unitParameters(unit), ...values };
    if (!areRtdsParameters({ period, budget })) return -Errno.EINVAL;
    const svc = this.state.unit(unit);
    svc.period = microseconds(period);
    svc.budget = microseconds(budget);
    svc.extratime = extratime !== 0;
    return 0;
  }

  addCpu(cpu: number): void {
    if (this.core.online === maskOf(cpu)) this.timer.migrate(cpu);
  }

  removeCpu(cpu: number): void {
    this.state.tickled &= ~maskOf(cpu);
    if (this.core.online !== 0) this.timer.migrate(firstCpu(this.core.online));
  }

  insertDomain(domain: SchedDomain): void {
    this.state.domains.set(domain, []);
  }

  removeDomain(domain: SchedDomain): void {
    assert(this.state.domain(domain).length === 0, 'a domain that goes has no units left');
    this.state.domains.delete(domain);
  }

  /** Rule 3.1. */
  insert(unit: SchedUnit): void {
    const svc = newRtdsUnit(unit);
    this.state.units.set(unit, svc);
    this.state.domain(unit.domain).push(svc);
    unit.processor = this.pickCpu(unit);
    replenish(svc, this.core.now());
    if (!unit.runnable) return;
    this.expectReplenishment(svc);
    if (!unit.isRunning) this.state.enqueue(svc);
  }

  remove(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    this.state.dequeue(svc);
    this.forgetReplenishment(svc);
    removeFrom(this.state.domain(unit.domain), svc);
    this.state.units.delete(unit);
  }

  /** Rule 3.6. */
  sleep(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (this.core.current(unit.processor) === unit) this.core.raiseSchedule(unit.processor);
    else if (!unit.isRunning) {
      this.state.dequeue(svc);
      this.forgetReplenishment(svc);
    }
  }

  /** Rule 3.6. */
  wake(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (this.core.current(unit.processor) === unit || this.state.isQueued(svc)) return;
    const now = this.core.now();
    if (now >= svc.deadline) {
      replenish(svc, now);
      svc.depleted = false;
    }
    // Rule 5.3: until its registers are saved it is on no queue; `contextSaved` puts it there.
    if (unit.isRunning) return;
    this.forgetReplenishment(svc);
    this.expectReplenishment(svc);
    this.state.enqueue(svc);
    tickle(this.state, svc);
  }

  /** Rule 5.3. */
  contextSaved(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (unit.runnable) {
      this.state.enqueue(svc);
      tickle(this.state, svc);
    } else this.forgetReplenishment(svc);
  }

  /** Rule 5.4. */
  yield(): void {}

  pickCpu(unit: SchedUnit): number {
    return pickCpu(this.state, unit);
  }

  affinityChanges(): void {}

  /** Section 5. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision {
    const state = this.state;
    state.tickled &= ~maskOf(cpu);
    const running = current.isIdle ? null : state.unit(current);
    if (running) pay(running, now);
    const head = state.runQueue.find(({ unit }) => hasCpu(unit.hardAffinity, cpu));
    const goesOn = running !== null && current.runnable && running.remaining > 0;
    const next = goesOn && (head === undefined || compareRank(running, head) < 0) ? running : head;
    if (next === undefined) return { next: this.core.idle(cpu), slice: null };
    if (next !== running) {
      state.dequeue(next);
      next.unit.processor = cpu;
    }
    next.paidUntil = now;
    return { next: next.unit, slice: next.remaining };
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.due);
    this.state.fingerprint(hasher);
  }

  dumpSettings(): void {
    dumpSettings(this.state);
  }

  dumpCpu(cpu: number): void {
    dumpCpu(this.state, cpu);
  }

  /** Rules 3.3 to 3.5. */
  private replenish(): void {
    const state = this.state;
    const { replenishments, runQueue } = state;
    const now = this.core.now();
    this.due = null;
    const replenished: RtdsUnit[] = [];
    for (;;) {
      const svc = replenishments[0];
      if (svc === undefined || svc.deadline > now) break;
      replenishments.shift();
      replenish(svc, now);
      replenished.unshift(svc);
      if (!state.isQueued(svc)) continue;
      state.dequeue(svc);
      state.enqueue(svc);
    }
    for (const svc of replenished) {
      const wasDepleted = svc.depleted;
      const head = runQueue[0];
      if (this.core.current(svc.unit.processor) === svc.unit) {
        if (head !== undefined && compareRank(svc, head) > 0) tickle(state, head);
      } else {
        svc.depleted = false;
        if (wasDepleted && state.isQueued(svc)) tickle(state, svc);
      }
      insertByRank(replenishments, svc);
    }
    this.arm();
  }

  private expectReplenishment(svc: RtdsUnit): void {
    insertByRank(this.state.replenishments, svc);
    this.arm();
  }

  private forgetReplenishment(svc: RtdsUnit): void {
    if (removeFrom(this.state.replenishments, svc)) this.arm();
  }

  /** Has the timer follow the head of the replenishment queue. */
  private arm(): void {
    const due = this.state.replenishments[0]?.deadline ?? null;
    if (due === this.due) return;
    this.due = due;
    if (due === null) this.timer.stop();
    else this.timer.set(nanoseconds(Math.max(due, 0)));
  }
}

/** RTDS as one of the schedulers that `sched=` may name. */
export const rtds: SchedulerKind = {
  id: XEN_SCHEDULER.RTDS,
  name: 'rtds',
  bootParameters: [],
  domainParameters: domainRanges,
  create: (core) => new RtdsScheduler(core),
};
