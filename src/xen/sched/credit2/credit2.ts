/**
 * Xen's credit2 scheduler: units share a run queue in the order of their credits, which they lose by running, the faster
 * the less weight they have. It follows the rules of docs/xen/credit2.md; the numbers in comments are theirs.
 */

import { assert } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { Errno } from '../../public/errno.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { type CpuMask, countCpus, firstCpu, maskOf } from '../cpu-mask.ts';
import type { Decision, Scheduler, SchedulerCore, SchedulerKind } from '../scheduler.ts';
import { PauseFlag, type SchedDomain, type SchedUnit } from '../unit.ts';
import { refillBudget, returnBudget, setCap } from './caps.ts';
import { updateMaxWeight } from './credits.ts';
import { decide } from './decision.ts';
import { dumpSettings } from './dump.ts';
import { assign, newLoad, unassign, updateLoad, wholeLoad } from './load.ts';
import {
  type Credit2DomainParameters,
  type Credit2Options,
  type Credit2Parameters,
  credit2BootParameters,
  credit2OptionsOf,
  defaultOptions,
  domainRanges,
  fullCredit,
  isRatelimit,
} from './parameters.ts';
import { dequeue, enqueue, isQueued, pickCpu, tickle } from './placement.ts';
import { Credit2State, type Credit2Unit, type RunQueue, UnitFlag } from './state.ts';

export class Credit2Scheduler implements Scheduler {
  readonly id = XEN_SCHEDULER.CREDIT2;
  readonly title = 'SMP Credit Scheduler rev2';
  readonly name = 'credit2';
  private readonly core: SchedulerCore;
  private readonly state: Credit2State;

  constructor(core: SchedulerCore, options: Credit2Options = defaultOptions) {
    this.core = core;
    this.state = new Credit2State(core, options);
    core.printk('Initializing Credit2 scheduler');
    core.printk(` load_precision_shift: ${options.loadPrecisionShift}`);
    core.printk(` load_window_shift: ${options.loadWindowShift}`);
    core.printk(` underload_balance_tolerance: ${options.balanceUnder}`);
    core.printk(` overload_balance_tolerance: ${options.balanceOver}`);
    core.printk(` runqueues arrangement: ${options.arrangement}`);
    core.printk(` cap enforcement granularity: ${options.capPeriod / 1e6}ms`);
    core.printk(`load tracking window length ${2 ** options.loadWindowShift} ns`);
  }

  get parameters(): { readonly ratelimitUs: number } {
    return { ratelimitUs: this.state.ratelimitUs };
  }

  /** Rule 9.1. */
  setParameters({ ratelimitUs }: Partial<Credit2Parameters>): number {
    if (ratelimitUs === undefined) return 0;
    if (!isRatelimit(ratelimitUs)) return -Errno.EINVAL;
    const wasLimited = this.state.ratelimitUs !== 0;
    this.state.ratelimitUs = ratelimitUs;
    const isLimited = ratelimitUs !== 0;
    if (isLimited !== wasLimited)
      this.core.printk(`${isLimited ? 'Enabling' : 'Disabling'} context switch rate limiting`);
    return 0;
  }

  domainParameters(domain: SchedDomain): Credit2DomainParameters {
    const { weight, cap } = this.state.domain(domain);
    return { weight, cap };
  }

  /** Rules 1.1 and 7.1. */
  setDomainParameters(domain: SchedDomain, { weight, cap }: Partial<Credit2DomainParameters>): number {
    const known = this.state.domain(domain);
    if (weight !== undefined && weight !== 0) {
      known.weight = weight;
      for (const { queue } of known.units) if (queue) updateMaxWeight(queue);
    }
    if (cap === undefined) return 0;
    if (cap > domainRanges.cap.max * known.units.length) return -Errno.EINVAL;
    setCap(this.state, known, cap);
    return 0;
  }

  insertDomain(domain: SchedDomain): void {
    this.state.domains.set(domain, {
      domain,
      units: [],
      weight: domainRanges.weight.standard,
      cap: domainRanges.cap.standard,
      budget: 0,
      nextRefill: nanoseconds(0),
      refillTimer: this.core.createTimer(firstCpu(this.core.online), () =>
        refillBudget(this.state, this.state.domain(domain)),
      ),
      parked: [],
    });
  }

  removeDomain(domain: SchedDomain): void {
    const known = this.state.domain(domain);
    assert(known.units.length === 0, 'a domain that goes has no units left');
    known.refillTimer.stop();
    this.state.domains.delete(domain);
  }

  /** Rule 8.1: a pCPU joins the queue that its kind shares, if there is room. */
  addCpu(cpu: number): void {
    const { queues, options } = this.state;
    const isShared = options.arrangement !== 'cpu' && options.arrangement !== 'core';
    const { cpus } = this.core;
    const room = Math.ceil(cpus / Math.ceil(cpus / options.maxCpusPerQueue));
    const found = isShared ? queues.find((queue) => countCpus(queue.cpus) < room) : undefined;
    const queue = found ?? this.newQueue();
    queue.cpus |= maskOf(cpu);
    queue.idle |= maskOf(cpu);
    this.core.printk(`Adding cpu ${cpu} to runqueue ${queue.id}`);
    if (!found) this.core.printk(' First cpu on runqueue, activating');
  }

  removeCpu(cpu: number): void {
    const { queues } = this.state;
    const queue = this.state.queueOf(cpu);
    this.core.printk(`Removing cpu ${cpu} from runqueue ${queue.id}`);
    for (const mask of ['cpus', 'idle', 'tickled'] as const) queue[mask] &= ~maskOf(cpu);
    if (queue.cpus !== 0) return;
    this.core.printk(' No cpus left on runqueue, disabling');
    queues.splice(queues.indexOf(queue), 1);
  }

  private newQueue(): RunQueue {
    const { queues } = this.state;
    let id = 0;
    while (queues.some((queue) => queue.id === id)) id++;
    const queue: RunQueue = {
      id,
      cpus: 0,
      idle: 0,
      tickled: 0,
      waiting: [],
      units: [],
      maxWeight: 1,
      runnable: 0,
      load: newLoad(0),
      expected: newLoad(0),
      pickBias: 0,
    };
    queues.push(queue);
    return queue;
  }

  insert(unit: SchedUnit): void {
    const domain = this.state.domain(unit.domain);
    const svc: Credit2Unit = {
      unit,
      domain,
      queue: null,
      flags: 0,
      credit: fullCredit,
      residual: 0,
      chargedUntil: nanoseconds(0),
      load: { average: wholeLoad(this.state.options) / 2, updated: this.core.now() },
      budget: 0,
      tickledCpu: -1,
      moveTo: null,
    };
    this.state.units.set(unit, svc);
    domain.units.push(svc);
    this.affinityChanges(unit, unit.hardAffinity);
    unit.processor = pickCpu(this.state, svc);
    assign(svc, this.state.queueOf(unit.processor));
  }

  remove(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    assert(!isQueued(svc), 'a unit that goes is on no queue');
    const { units, parked } = svc.domain;
    if ((unit.pauseFlags & PauseFlag.parked) !== 0) {
      unit.pauseFlags &= ~PauseFlag.parked;
      parked.splice(parked.indexOf(svc), 1);
    }
    unassign(svc);
    units.splice(units.indexOf(svc), 1);
    this.state.units.delete(unit);
  }

  /** Rule 2.3. */
  sleep(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    svc.flags &= ~UnitFlag.delayedAdd;
    if (this.core.current(unit.processor) === unit) {
      if (svc.queue) svc.queue.tickled |= maskOf(unit.processor);
      this.core.raiseSchedule(unit.processor);
    } else if (isQueued(svc)) {
      updateLoad(this.state, svc, -1, this.core.now());
      dequeue(svc);
    }
  }

  /** Rule 2.3. */
  wake(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    if (this.core.current(unit.processor) === unit || isQueued(svc)) return;
    if ((svc.flags & UnitFlag.scheduled) !== 0) {
      svc.flags |= UnitFlag.delayedAdd;
      return;
    }
    const now = this.core.now();
    updateLoad(this.state, svc, 1, now);
    this.queue(svc, now);
  }

  private queue(svc: Credit2Unit, now: Nanoseconds): void {
    if (svc.queue) enqueue(svc, svc.queue);
    tickle(this.state, svc, now);
  }

  /** Rule 4.8. */
  yield(unit: SchedUnit): void {
    this.state.unit(unit).flags |= UnitFlag.yields;
  }

  affinityChanges(unit: SchedUnit, hard: CpuMask): void {
    const svc = this.state.units.get(unit);
    if (!svc) return;
    if (countCpus(hard) === 1) svc.flags |= UnitFlag.pinned;
    else svc.flags &= ~UnitFlag.pinned;
  }

  pickCpu(unit: SchedUnit): number {
    return pickCpu(this.state, this.state.unit(unit));
  }

  migrate(unit: SchedUnit, cpu: number): void {
    const svc = this.state.unit(unit);
    const queue = this.state.queueOf(cpu);
    unit.processor = cpu;
    if (queue === svc.queue) return;
    unassign(svc);
    assign(svc, queue);
  }

  /** Rules 2.4 and 7.6. */
  contextSaved(unit: SchedUnit): void {
    const svc = this.state.unit(unit);
    const now = this.core.now();
    const goesBack = (svc.flags & UnitFlag.delayedAdd) !== 0 && unit.runnable;
    svc.flags &= ~(UnitFlag.scheduled | UnitFlag.delayedAdd);
    if (goesBack) this.queue(svc, now);
    else updateLoad(this.state, svc, -1, now);
    returnBudget(this.state, svc);
  }

  /** Section 4. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision {
    const { next, slice } = decide(this.state, cpu, current.isIdle ? null : this.state.unit(current), now);
    return { next: next?.unit ?? this.core.idle(cpu), slice };
  }

  fingerprint(hasher: Hasher): void {
    this.state.fingerprint(hasher);
  }

  dumpSettings(): void {
    dumpSettings(this.state);
  }

  /** Section 10: the settings tell of the pCPUs too. */
  dumpCpu(): void {}
}

/** The credit2 scheduler as one of those that `sched=` may name. */
export const credit2: SchedulerKind = {
  id: XEN_SCHEDULER.CREDIT2,
  name: 'credit2',
  bootParameters: credit2BootParameters,
  domainParameters: domainRanges,
  create: (core, commandLine) => new Credit2Scheduler(core, credit2OptionsOf(commandLine)),
};
