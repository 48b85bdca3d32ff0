/**
 * The credit scheduler: proportional shares by weight, limits by cap, a boost for what wakes, work stolen between pCPUs.
 * After Xen 4.17, xen/common/sched/credit.c; names and arithmetic are its own.
 */
import { assert, defined } from '../../../base/assert.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { allCpus, type CpuMask, countCpus, cpusOf, cycleCpu, formatCpuList, hasCpu, maskOf } from '../cpu-mask.ts';
import type {
  CreditDomainParameters,
  CreditParameters,
  Decision,
  Scheduler,
  SchedulerCore,
  SoftTimer,
} from '../scheduler.ts';
import { PauseFlag, type SchedDomain, type SchedUnit } from '../unit.ts';
import { creditAccounting } from './accounting.ts';
import { areCreditParameters, defaultCreditParameters, ratelimitUs } from './parameters.ts';
import {
  type CreditDomain,
  type CreditUnit,
  creditsPerMs,
  defaultWeight,
  Priority,
  tickPeriods,
  UnitFlag,
} from './state.ts';

/** No timer is set for less: CSCHED_MIN_TIMER, which is compared with nanoseconds as it stands. */
const minTimer = nanoseconds(ratelimitUs.min);

interface CreditPcpu {
  /** Runnable units by priority, without the one that runs; the idle unit is the last. */
  readonly runQueue: CreditUnit[];
  /** The epoch of accounting that the queue was last sorted for. */
  sortedFor: number;
  /** Runnable units, with the one that runs, without the idle unit. */
  runnable: number;
  readonly ticker: SoftTimer;
}

export class CreditScheduler implements Scheduler {
  readonly name = 'SMP Credit Scheduler';
  readonly optName = 'credit';
  readonly #core: SchedulerCore;
  readonly #online: CpuMask;
  readonly #pcpus: readonly CreditPcpu[];
  readonly #units = new Map<SchedUnit, CreditUnit>();
  readonly #domains = new Map<SchedDomain, CreditDomain>();
  readonly #master: SoftTimer;
  /** Domains with active units, the last that became active first. */
  readonly #active: CreditDomain[] = [];
  #idlers: CpuMask;
  /** By the pCPU that asked: whom it has tickled last. */
  readonly #lastTickled: number[];
  /** Where the last unit was stolen. */
  #balanceBias = 0;
  /** Counts accountings: queues follow. */
  #epoch = 0;
  #weight = 0;
  #balance = 0;
  #parameters = defaultCreditParameters;

  constructor(core: SchedulerCore, parameters = defaultCreditParameters) {
    this.#core = core;
    this.#parameters = parameters;
    this.#online = allCpus(core.cpus);
    this.#idlers = this.#online;
    this.#lastTickled = new Array(core.cpus).fill(0);
    const now = core.now();
    this.#master = core.createTimer(0, () => this.#account());
    this.#master.set(nanoseconds(now + this.#tslice));
    this.#pcpus = Array.from({ length: core.cpus }, (_, cpu) => {
      const ticker = core.createTimer(cpu, () => this.#tick(cpu));
      ticker.set(nanoseconds(now + this.#tickPeriod));
      return { runQueue: [], sortedFor: 0, runnable: 0, ticker };
    });
    for (let cpu = 0; cpu < core.cpus; cpu++) this.#units.set(core.idle(cpu), newUnit(core.idle(cpu), undefined));
  }

  get parameters(): CreditParameters {
    return this.#parameters;
  }

  /** XEN_SYSCTL_SCHEDOP_putinfo. The error stands for -EINVAL. */
  setParameters(parameters: CreditParameters): Result<null, 'EINVAL'> {
    const { ratelimitUs: ratelimit } = parameters;
    if (!areCreditParameters(parameters)) return err('EINVAL');
    const before = this.#parameters.ratelimitUs;
    this.#parameters = parameters;
    if (before === 0 && ratelimit !== 0) this.#core.printk('Enabling context switch rate limiting');
    if (before !== 0 && ratelimit === 0) this.#core.printk('Disabling context switch rate limiting');
    return ok(null);
  }

  domainParameters(domain: SchedDomain): CreditDomainParameters {
    const { weight, cap } = this.#domain(domain);
    return { weight, cap };
  }

  /** XEN_DOMCTL_SCHEDOP_putinfo. */
  setDomainParameters(domain: SchedDomain, { weight, cap }: Partial<CreditDomainParameters>): void {
    const state = this.#domain(domain);
    if (weight !== undefined && weight !== 0) {
      this.#weight += (weight - state.weight) * state.activeUnits.length;
      state.weight = weight;
    }
    if (cap !== undefined) state.cap = cap;
  }

  insertDomain(domain: SchedDomain): void {
    this.#domains.set(domain, { domain, activeUnits: [], weight: defaultWeight, cap: 0 });
  }

  removeDomain(domain: SchedDomain): void {
    assert(this.#domain(domain).activeUnits.length === 0, 'a domain that goes has no units left');
    this.#domains.delete(domain);
  }

  insert(unit: SchedUnit): void {
    const svc = newUnit(unit, this.#domain(unit.domain));
    this.#units.set(unit, svc);
    this.affinityChanges(unit, unit.hardAffinity);
    unit.processor = this.pickCpu(unit);
    if (unit.runnable && !unit.isRunning) this.#enqueue(svc);
  }

  remove(unit: SchedUnit): void {
    const svc = this.#unit(unit);
    assert(!this.#isQueued(svc), 'a unit that goes is on no queue');
    if (svc.flags & UnitFlag.parked) {
      svc.flags &= ~UnitFlag.parked;
      unit.pauseCount--;
    }
    if (svc.domain?.activeUnits.includes(svc)) this.#deactivate(svc);
    this.#units.delete(unit);
  }

  sleep(unit: SchedUnit): void {
    if (this.#core.current(unit.processor) === unit) this.#core.raiseSchedule(unit.processor);
    else if (this.#isQueued(this.#unit(unit))) this.#dequeue(this.#unit(unit));
  }

  wake(unit: SchedUnit): void {
    const svc = this.#unit(unit);
    if (this.#core.current(unit.processor) === unit || this.#isQueued(svc)) return;
    // No boost for what only moves or has been let go by its cap: neither waited for an event.
    const migrating = (svc.flags & UnitFlag.migrating) !== 0;
    svc.flags &= ~UnitFlag.migrating;
    if (!migrating && svc.priority === Priority.under && (svc.flags & UnitFlag.parked) === 0) {
      svc.priority = Priority.boost;
    }
    this.#enqueue(svc);
    this.#tickle(svc);
  }

  yield(unit: SchedUnit): void {
    this.#unit(unit).flags |= UnitFlag.yield;
  }

  affinityChanges(unit: SchedUnit, hard: CpuMask): void {
    const svc = this.#units.get(unit);
    if (!svc) return;
    if (countCpus(hard) === 1) svc.flags |= UnitFlag.pinned;
    else svc.flags &= ~UnitFlag.pinned;
  }

  pickCpu(unit: SchedUnit): number {
    this.#unit(unit).flags |= UnitFlag.migrating;
    return this.#pick(unit);
  }

  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision {
    const pcpu = this.#pcpu(cpu);
    const svc = this.#unit(current);
    const runtime = Math.max(0, now - current.stateEntryTime);
    if (current.isIdle) svc.priority = Priority.idle;
    else {
      this.#burn(svc, now);
      svc.startTime = nanoseconds(svc.startTime - now);
      svc.lastSchedTime = now;
    }
    const ratelimit = microseconds(this.#parameters.ratelimitUs);
    const yields = (svc.flags & UnitFlag.yield) !== 0;
    if (!yields && ratelimit !== 0 && current.runnable && !current.isIdle && runtime < ratelimit) {
      svc.startTime = nanoseconds(svc.startTime + now);
      return { next: current, slice: runtime < minTimer ? minTimer : nanoseconds(ratelimit - runtime) };
    }
    if (current.runnable) this.#insertByPriority(svc);
    else pcpu.runnable--;
    svc.flags &= ~UnitFlag.yield;

    let next: CreditUnit;
    do {
      next = defined(pcpu.runQueue[0], 'the idle unit');
      if (next.priority > Priority.over) pcpu.runQueue.shift();
      else next = this.#balanceLoad(cpu, next);
    } while (!next.unit.runnable);

    const idles = next.priority === Priority.idle;
    this.#idlers = idles ? this.#idlers | maskOf(cpu) : this.#idlers & ~maskOf(cpu);
    if (!idles) next.startTime = nanoseconds(next.startTime + now);
    // An idle pCPU has no ticks; afterwards they lie on the same grid as all others'.
    if (!current.isIdle && idles) pcpu.ticker.stop();
    if (current.isIdle && !idles) pcpu.ticker.set(nanoseconds(now + this.#tickPeriod - (now % this.#tickPeriod)));
    return { next: next.unit, slice: idles ? null : this.#tslice };
  }

  // Times and credits

  get #tslice(): Nanoseconds {
    return milliseconds(this.#parameters.tsliceMs);
  }

  get #tickPeriod(): Nanoseconds {
    const { tsliceMs: tslice } = this.#parameters;
    return microseconds(Math.floor((tslice * 1000) / tickPeriods(tslice)));
  }

  get #creditsPerTslice(): number {
    return creditsPerMs * this.#parameters.tsliceMs;
  }

  /** Takes credits for what the running unit has run since it was last looked at. */
  #burn(svc: CreditUnit, now: Nanoseconds): void {
    const delta = now - svc.startTime;
    if (delta <= 0) return;
    const value = delta * creditsPerMs + svc.residual;
    const perMs = milliseconds(1);
    const credits = Math.floor(value / perMs);
    svc.residual = value % perMs;
    svc.credit -= credits;
    svc.startTime = nanoseconds(svc.startTime + Math.floor((credits * perMs) / creditsPerMs));
  }

  /** The tick of a pCPU that does not idle. */
  #tick(cpu: number): void {
    const unit = this.#core.current(cpu);
    if (!unit.isIdle) this.#accountRunning(cpu, this.#unit(unit));
    this.#sortQueue(cpu);
    this.#pcpu(cpu).ticker.set(nanoseconds(this.#core.now() + this.#tickPeriod));
  }

  #accountRunning(cpu: number, svc: CreditUnit): void {
    // What a tick finds running uses the CPU in earnest: the boost ends.
    if (svc.priority === Priority.boost) svc.priority = Priority.under;
    this.#burn(svc, this.#core.now());
    const domain = defined(svc.domain, 'domain of a unit that is not idle');
    if (!domain.activeUnits.includes(svc)) {
      domain.activeUnits.unshift(svc);
      this.#weight += domain.weight;
      if (!this.#active.includes(domain)) this.#active.unshift(domain);
    } else if (this.#pick(svc.unit) !== cpu) {
      svc.unit.pauseFlags |= PauseFlag.migrating;
      this.#core.raiseSchedule(cpu);
    }
  }

  #deactivate(svc: CreditUnit): void {
    const domain = defined(svc.domain, 'domain of an active unit');
    domain.activeUnits.splice(domain.activeUnits.indexOf(svc), 1);
    this.#weight -= domain.weight;
    if (domain.activeUnits.length === 0) this.#active.splice(this.#active.indexOf(domain), 1);
  }

  /** The master's accounting, once a time slice: hands out credits by weight and cap. */
  #account(): void {
    const balance = creditAccounting(this.#active, {
      weightTotal: this.#weight,
      creditTotal: this.#creditsPerTslice * this.#core.cpus,
      creditsPerTslice: this.#creditsPerTslice,
      balance: this.#balance,
      park: (svc) => this.#core.pause(svc.unit),
      unpark: (svc) => this.#core.unpause(svc.unit),
      deactivate: (svc) => this.#deactivate(svc),
    });
    if (balance === null) this.#balance = 0;
    else {
      this.#balance = balance;
      this.#epoch++;
    }
    this.#master.set(nanoseconds(this.#core.now() + this.#tslice));
  }

  /** Moves those that became UNDER before those that became OVER, once for each accounting. */
  #sortQueue(cpu: number): void {
    const pcpu = this.#pcpu(cpu);
    if (pcpu.sortedFor === this.#epoch) return;
    pcpu.sortedFor = this.#epoch;
    const under = pcpu.runQueue.filter((svc) => svc.priority >= Priority.under);
    const rest = pcpu.runQueue.filter((svc) => svc.priority < Priority.under);
    pcpu.runQueue.splice(0, pcpu.runQueue.length, ...under, ...rest);
  }

  // Run queues

  #isQueued(svc: CreditUnit): boolean {
    return this.#pcpu(svc.unit.processor).runQueue.includes(svc);
  }

  #enqueue(svc: CreditUnit): void {
    this.#insertByPriority(svc);
    this.#pcpu(svc.unit.processor).runnable++;
  }

  #dequeue(svc: CreditUnit): void {
    const pcpu = this.#pcpu(svc.unit.processor);
    pcpu.runQueue.splice(pcpu.runQueue.indexOf(svc), 1);
    pcpu.runnable--;
  }

  /** Behind all of its own priority or higher; one that yields goes behind one of lower priority besides. */
  #insertByPriority(svc: CreditUnit): void {
    const { runQueue } = this.#pcpu(svc.unit.processor);
    let at = runQueue.findIndex((other) => svc.priority > other.priority);
    if (at < 0) at = runQueue.length;
    const other = runQueue[at];
    if ((svc.flags & UnitFlag.yield) !== 0 && other && other.priority > Priority.idle) at++;
    runQueue.splice(at, 0, svc);
  }

  /** Has pCPUs look at their queues, after a unit was put on one. */
  #tickle(svc: CreditUnit): void {
    const { unit } = svc;
    const cpu = unit.processor;
    const current = this.#unit(this.#core.current(cpu));
    const idle = this.#idlers & this.#online;
    let mask = 0;
    if ((svc.flags & UnitFlag.pinned) !== 0 && hasCpu(idle, cpu)) mask = maskOf(cpu);
    else if (current.priority === Priority.idle || (idle === 0 && svc.priority > current.priority)) mask = maskOf(cpu);
    else if (idle !== 0) mask = this.#idlersFor(svc, current, idle);
    this.#idlers &= ~mask;
    for (const target of cpusOf(mask)) this.#core.raiseSchedule(target);
  }

  /** Where units idle: one of those that suit the new unit, else its own pCPU, whose unit may go to one of them. */
  #idlersFor(svc: CreditUnit, current: CreditUnit, idle: CpuMask): CpuMask {
    const { unit } = svc;
    for (const soft of [true, false]) {
      if (soft && !this.#hasSoftAffinity(unit)) continue;
      const suitable = affinityFor(unit, soft) & idle;
      if (suitable === 0 && soft) continue;
      if (suitable !== 0) {
        const asking = this.#core.thisCpu();
        const target = cycleCpu(this.#lastTickled[asking] as number, suitable);
        this.#lastTickled[asking] = target;
        return maskOf(target);
      }
      if (svc.priority > current.priority) {
        if ((unit.hardAffinity & idle) !== 0) current.unit.pauseFlags |= PauseFlag.migrating;
        return maskOf(unit.processor);
      }
    }
    return 0;
  }

  // Placement

  #hasSoftAffinity(unit: SchedUnit): boolean {
    return unit.softAffinityEffective && (this.#online & ~unit.softAffinity) !== 0;
  }

  /**
   * The best pCPU for a unit: the one it is on, if that suits and idles but for it, else an idle one. The cores of a
   * Cortex-A53 cluster are alike and have no threads, so Xen's comparison of siblings has nothing to compare.
   */
  #pick(unit: SchedUnit): number {
    let cpu = unit.processor;
    for (const soft of [true, false]) {
      const allowed = affinityFor(unit, soft) & this.#online;
      if (soft && (!this.#hasSoftAffinity(unit) || allowed === 0)) continue;
      cpu = hasCpu(allowed, unit.processor) ? unit.processor : cycleCpu(unit.processor, allowed);
      let idlers = this.#idlers;
      if (unit.processor === cpu && this.#queueIsIdle(cpu)) idlers |= maskOf(cpu);
      const suitable = idlers & allowed;
      if (!hasCpu(suitable, cpu) && suitable !== 0) cpu = cycleCpu(cpu, suitable);
      if (hasCpu(idlers, cpu)) break;
    }
    return cpu;
  }

  #queueIsIdle(cpu: number): boolean {
    const first = this.#pcpu(cpu).runQueue[0];
    return !first || first.unit.isIdle;
  }

  /** Something more urgent from another pCPU's queue, else `best`; taken off its queue. */
  #balanceLoad(cpu: number, best: CreditUnit): CreditUnit {
    for (const soft of [true, false]) {
      const workers = this.#online & ~this.#idlers & ~maskOf(cpu);
      const first = cycleCpu(this.#balanceBias, workers);
      if (first < 0) continue;
      let peer = first;
      do {
        const stolen = this.#pcpu(peer).runnable > 1 ? this.#steal(peer, cpu, best.priority, soft) : undefined;
        if (stolen) {
          this.#balanceBias = peer;
          return stolen;
        }
        peer = cycleCpu(peer, workers);
      } while (peer !== first);
    }
    const { runQueue } = this.#pcpu(cpu);
    runQueue.splice(runQueue.indexOf(best), 1);
    return best;
  }

  #steal(peer: number, cpu: number, priority: Priority, soft: boolean): CreditUnit | undefined {
    if (this.#core.current(peer).isIdle) return undefined;
    for (const svc of this.#pcpu(peer).runQueue) {
      if (svc.priority <= priority) break;
      const { unit } = svc;
      if (unit.isRunning || (soft && !this.#hasSoftAffinity(unit))) continue;
      if (!hasCpu(affinityFor(unit, soft), cpu) || this.#isCacheHot(svc)) continue;
      this.#dequeue(svc);
      unit.processor = cpu;
      this.#pcpu(cpu).runnable++;
      return svc;
    }
    return undefined;
  }

  #isCacheHot(svc: CreditUnit): boolean {
    const delay = microseconds(this.#parameters.migrationDelayUs);
    return delay !== 0 && this.#core.now() - svc.lastSchedTime < delay;
  }

  // Debug key r

  dumpSettings(): void {
    const { printk } = this.#core;
    const { tsliceMs: tslice, ratelimitUs: ratelimit, migrationDelayUs } = this.#parameters;
    const rows: [string, number | string][] = [
      ['ncpus', this.#core.cpus],
      ['master', 0],
      ['credit', this.#creditsPerTslice * this.#core.cpus],
      ['credit balance', this.#balance],
      ['weight', this.#weight],
      ['runq_sort', this.#epoch],
      ['default-weight', defaultWeight],
      ['tslice', `${tslice}ms`],
      ['ratelimit', `${ratelimit}us`],
      ['credits per msec', creditsPerMs],
      ['ticks per tslice', tickPeriods(tslice)],
      ['migration delay', `${migrationDelayUs}us`],
    ];
    printk('info:');
    for (const [name, value] of rows) printk(`\t${name.padEnd(18)} = ${value}`);
    printk(`idlers: ${this.#idlers.toString(16)}`);
    printk('active units:');
    let count = 0;
    for (const { activeUnits } of this.#active)
      for (const svc of activeUnits) printk(`\t${String(++count).padStart(3)}: ${describe(svc)}`);
  }

  dumpCpu(cpu: number): void {
    const { printk } = this.#core;
    const { runnable, sortedFor, runQueue } = this.#pcpu(cpu);
    const number = String(cpu).padStart(2, '0');
    const alone = formatCpuList(maskOf(cpu));
    printk(`CPU[${number}] nr_run=${runnable}, sort=${sortedFor}, sibling={${alone}}, core={${alone}}`);
    const current = this.#core.current(cpu);
    if (!current.isIdle) printk(`\trun: ${describe(this.#unit(current))}`);
    runQueue.forEach((svc, i) => {
      printk(`\t${String(i + 1).padStart(3)}: ${describe(svc)}`);
    });
  }

  #unit(unit: SchedUnit): CreditUnit {
    return defined(this.#units.get(unit), 'a unit of this scheduler');
  }

  #domain(domain: SchedDomain): CreditDomain {
    return defined(this.#domains.get(domain), 'a domain of this scheduler');
  }

  #pcpu(cpu: number): CreditPcpu {
    return defined(this.#pcpus[cpu], 'a pCPU that is there');
  }
}

const newUnit = (unit: SchedUnit, domain: CreditDomain | undefined): CreditUnit => ({
  unit,
  domain,
  priority: unit.isIdle ? Priority.idle : Priority.under,
  flags: 0,
  credit: 0,
  residual: 0,
  startTime: nanoseconds(0),
  lastSchedTime: nanoseconds(0),
});

/** Where a unit may run, first among the pCPUs that it prefers. */
const affinityFor = ({ hardAffinity, softAffinity }: SchedUnit, soft: boolean): CpuMask =>
  soft && (hardAffinity & softAffinity) !== 0 ? hardAffinity & softAffinity : hardAffinity;

const describe = ({ unit, domain, priority, flags, credit }: CreditUnit): string => {
  const own = domain ? ` credit=${credit} [w=${domain.weight},cap=${domain.cap}]` : '';
  return `[${unit.domain.domainId}.${unit.id}] pri=${priority} flags=${flags.toString(16)} cpu=${unit.processor}${own}`;
};
