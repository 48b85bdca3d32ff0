/**
 * Xen's credit scheduler: proportional shares by weight, limits by cap, a boost for units that wake, and work that
 * is stolen between pCPUs. It follows the rules of docs/xen/credit.md; the numbers in comments are theirs.
 */

import { assert, defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { Errno } from '../../public/errno.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { type CpuMask, countCpus, firstCpu, maskOf } from '../cpu-mask.ts';
import type { Decision, Scheduler, SchedulerCore, SchedulerKind, SoftTimer } from '../scheduler.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';
import { account } from './accounting.ts';
import { steal } from './balance.ts';
import { charge, chargeAtTick, deactivate } from './charge.ts';
import { dumpCpu, dumpSettings } from './dump.ts';
import {
  areCreditParameters,
  type CreditDomainParameters,
  type CreditParameters,
  creditBootParameters,
  creditParametersOf,
  domainRanges,
  ticksPerSlice,
} from './parameters.ts';
import { pickCpu, tickle } from './placement.ts';
import { dequeue, enqueue, insertByPriority, isQueued, sortQueue } from './queue.ts';
import { type CreditDomain, CreditState, type CreditUnit, Priority, UnitFlag } from './state.ts';

/** Rule 5.2: a unit that has run for less than this goes on for this long. */
const shortestRun = nanoseconds(100);

export class CreditScheduler implements Scheduler {
  readonly id = XEN_SCHEDULER.CREDIT;
  readonly title = 'SMP Credit Scheduler';
  readonly name = 'credit';
  private readonly core: SchedulerCore;
  private readonly state: CreditState;
  /** Rule 4.1. */
  private accountingTimer: SoftTimer | undefined;

  constructor(core: SchedulerCore, parameters?: CreditParameters) {
    this.core = core;
    this.state = new CreditState(core, parameters);
  }

  /** The first pCPU of the pool does the accounting. */
  addCpu(cpu: number): void {
    const core = this.core;
    const state = this.state;
    const now = core.now();
    if (state.pcpus.size === 0) {
      state.master = cpu;
      this.accountingTimer ??= core.createTimer(cpu, () => this.account());
      this.accountingTimer.migrate(cpu);
      this.accountingTimer.set(nanoseconds(now + this.slice));
    }
    const ticker = core.createTimer(cpu, () => this.tick(cpu));
    ticker.set(nanoseconds(now + this.tickPeriod));
    state.pcpus.set(cpu, { runQueue: [], sortedFor: 0, runnable: 0, ticker });
    state.idlers |= maskOf(cpu);
    const idle = core.idle(cpu);
    state.units.set(idle, newUnit(idle, undefined));
  }

  removeCpu(cpu: number): void {
    const state = this.state;
    state.pcpu(cpu).ticker.stop();
    state.pcpus.delete(cpu);
    state.units.delete(this.core.idle(cpu));
    state.idlers &= ~maskOf(cpu);
    if (state.pcpus.size === 0) this.accountingTimer?.stop();
    else if (state.master === cpu) {
      state.master = firstCpu(state.online);
      this.accountingTimer?.migrate(state.master);
    }
  }

  get parameters(): CreditParameters {
    return this.state.parameters;
  }

  /** Rule 8.2. */
  setParameters(values: Partial<CreditParameters>): number {
    const parameters = { ...this.parameters, ...values };
    if (!areCreditParameters(parameters)) return -Errno.EINVAL;
    const wasLimited = this.parameters.ratelimitUs !== 0;
    const isLimited = parameters.ratelimitUs !== 0;
    this.state.parameters = parameters;
    if (isLimited !== wasLimited)
      this.core.printk(`${isLimited ? 'Enabling' : 'Disabling'} context switch rate limiting`);
    return 0;
  }

  domainParameters(domain: SchedDomain): CreditDomainParameters {
    const { weight, cap } = this.state.domain(domain);
    return { weight, cap };
  }

  /** Rule 8.4. */
  setDomainParameters(domain: SchedDomain, { weight, cap }: Partial<CreditDomainParameters>): number {
    const known = this.state.domain(domain);
    if (weight !== undefined && weight !== 0) {
      this.state.weight += (weight - known.weight) * known.activeUnits.length;
      known.weight = weight;
    }
    if (cap !== undefined) known.cap = cap;
    return 0;
  }

  insertDomain(domain: SchedDomain): void {
    const weight = domainRanges.weight.standard;
    this.state.domains.set(domain, { domain, activeUnits: [], weight, cap: domainRanges.cap.standard });
  }

  removeDomain(domain: SchedDomain): void {
    assert(this.state.domain(domain).activeUnits.length === 0, 'a domain that goes has no units left');
    this.state.domains.delete(domain);
  }

  insert(unit: SchedUnit): void {
    const svc = newUnit(unit, this.state.domain(unit.domain));
    this.state.units.set(unit, svc);
    this.affinityChanges(unit, unit.hardAffinity);
    unit.processor = this.pickCpu(unit);
    if (unit.runnable && !unit.isRunning) enqueue(this.state, svc);
  }

  remove(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    assert(!isQueued(this.state, svc), 'a unit that goes is on no queue');
    if (svc.flags & UnitFlag.parked) {
      svc.flags &= ~UnitFlag.parked;
      unit.pauseCount--;
    }
    if (svc.domain?.activeUnits.includes(svc)) deactivate(this.state, svc);
    this.state.units.delete(unit);
  }

  /** Rule 2.5. */
  sleep(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (this.core.current(unit.processor) === unit) this.core.raiseSchedule(unit.processor);
    else if (isQueued(this.state, svc)) dequeue(this.state, svc);
  }

  /** Rule 2.3. */
  wake(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (this.core.current(unit.processor) === unit || isQueued(this.state, svc)) return;
    const hasWaited = (svc.flags & (UnitFlag.migrating | UnitFlag.parked)) === 0;
    svc.flags &= ~UnitFlag.migrating;
    if (hasWaited && svc.priority === Priority.under) this.state.setPriority(svc, Priority.boost);
    enqueue(this.state, svc);
    tickle(this.state, svc);
  }

  yield(unit: SchedUnit): void {
    this.state.unit(unit).flags |= UnitFlag.yield;
  }

  affinityChanges(unit: SchedUnit, hard: CpuMask): void {
    const svc = this.state.units.get(unit);
    if (!svc) return;
    if (countCpus(hard) === 1) svc.flags |= UnitFlag.pinned;
    else svc.flags &= ~UnitFlag.pinned;
  }

  pickCpu(unit: SchedUnit): number {
    this.state.unit(unit).flags |= UnitFlag.migrating;
    return pickCpu(this.state, unit);
  }

  /** Section 5. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision {
    const svc = this.state.unit(current);
    if (current.isIdle) svc.priority = Priority.idle;
    else {
      charge(this.state, svc, now);
      svc.lastDecision = now;
      const rest = this.restOfRatelimit(svc, now);
      if (rest !== null) return { next: current, slice: rest };
      svc.uncharged = now - svc.chargedUntil;
    }
    if (current.runnable) insertByPriority(this.state, svc);
    else this.state.pcpu(cpu).runnable--;
    svc.flags &= ~UnitFlag.yield;
    const next = this.takeNext(cpu);
    const { isIdle } = next.unit;
    if (isIdle !== current.isIdle) this.startOrStopTicks(cpu, isIdle, now);
    if (isIdle) {
      this.state.idlers |= maskOf(cpu);
      return { next: next.unit, slice: null };
    }
    this.state.idlers &= ~maskOf(cpu);
    next.chargedUntil = nanoseconds(now - next.uncharged);
    return { next: next.unit, slice: this.slice };
  }

  fingerprint(hasher: Hasher): void {
    this.state.fingerprint(hasher);
  }

  dumpSettings(): void {
    dumpSettings(this.state);
  }

  dumpCpu(cpu: number): void {
    dumpCpu(this.state, cpu);
  }

  /** Rule 5.2: how long the running unit goes on because it has only begun; null if others may have the pCPU. */
  private restOfRatelimit({ unit, flags }: CreditUnit, now: Nanoseconds): Nanoseconds | null {
    const limit = microseconds(this.parameters.ratelimitUs);
    const ran = Math.max(0, now - unit.stateEntryTime);
    if (limit === 0 || ran >= limit || !unit.runnable || (flags & UnitFlag.yield) !== 0) return null;
    return ran < shortestRun ? shortestRun : nanoseconds(limit - ran);
  }

  /** Rules 5.5 and 5.6: takes the next unit off a queue. */
  private takeNext(cpu: number): CreditUnit {
    const { runQueue } = this.state.pcpu(cpu);
    for (;;) {
      const head = defined(runQueue[0], 'the idle unit');
      const next = head.priority > Priority.over ? head : (steal(this.state, cpu, head.priority) ?? head);
      if (next === head) runQueue.shift();
      if (next.unit.runnable) return next;
    }
  }

  /** Rule 3.4: an idle pCPU has no ticks. Afterwards they are multiples of the tick period again. */
  private startOrStopTicks(cpu: number, isIdle: boolean, now: Nanoseconds): void {
    const { ticker } = this.state.pcpu(cpu);
    const period = this.tickPeriod;
    if (isIdle) ticker.stop();
    else ticker.set(nanoseconds(now + period - (now % period)));
  }

  /** Section 3. */
  private tick(cpu: number): void {
    const current = this.state.current(cpu);
    if (!current.unit.isIdle) chargeAtTick(this.state, cpu, current);
    sortQueue(this.state, cpu);
    this.state.pcpu(cpu).ticker.set(nanoseconds(this.core.now() + this.tickPeriod));
  }

  /** Rule 4.1. */
  private account(): void {
    account(this.state);
    this.accountingTimer?.set(nanoseconds(this.core.now() + this.slice));
  }

  private get slice(): Nanoseconds {
    return milliseconds(this.parameters.tsliceMs);
  }

  private get tickPeriod(): Nanoseconds {
    const { tsliceMs } = this.parameters;
    return microseconds(Math.floor((tsliceMs * 1000) / ticksPerSlice(tsliceMs)));
  }
}

/** The credit scheduler as one of those that `sched=` may name. */
export const credit: SchedulerKind = {
  id: XEN_SCHEDULER.CREDIT,
  name: 'credit',
  bootParameters: creditBootParameters,
  domainParameters: domainRanges,
  create: (core, commandLine) => new CreditScheduler(core, creditParametersOf(commandLine)),
};

const newUnit = (unit: SchedUnit, domain: CreditDomain | undefined): CreditUnit => ({
  unit,
  domain,
  priority: unit.isIdle ? Priority.idle : Priority.under,
  flags: 0,
  credit: 0,
  remainder: 0,
  chargedUntil: nanoseconds(0),
  uncharged: 0,
  lastDecision: nanoseconds(0),
});
