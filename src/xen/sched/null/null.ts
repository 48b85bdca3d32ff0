/**
 * Xen's null scheduler: a pCPU for each vCPU, for good. It follows the rules of docs/xen/null.md; the numbers in
 * comments are theirs.
 */
import { assert, defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { type CpuMask, cpusOf, cycleCpu, firstCpu, formatCpuList, hasCpu, maskOf } from '../cpu-mask.ts';
import type { Decision, Scheduler, SchedulerCore, SchedulerKind } from '../scheduler.ts';
import { PauseFlag, type SchedDomain, type SchedUnit } from '../unit.ts';

/** Rule 2.1. */
const isOnline = ({ pauseFlags }: SchedUnit): boolean => (pauseFlags & PauseFlag.down) === 0;

export class NullScheduler implements Scheduler {
  readonly id = XEN_SCHEDULER.NULL;
  readonly title = 'null Scheduler';
  readonly name = 'null';
  readonly parameters = {};
  private readonly core: SchedulerCore;
  /** Rule 1.1: by pCPU. */
  private readonly assigned = new Map<number, SchedUnit>();
  /** Rule 1.4. */
  private readonly waiting: SchedUnit[] = [];
  private readonly domains = new Map<SchedDomain, SchedUnit[]>();

  constructor(core: SchedulerCore) {
    this.core = core;
    core.printk('Initializing null scheduler');
    core.printk('WARNING: This is experimental software in development.');
    core.printk('Use at your own risk.');
  }

  domainParameters = () => ({});

  setDomainParameters(): number {
    return 0;
  }

  addCpu(): void {}

  removeCpu(cpu: number): void {
    assert(!this.assigned.has(cpu), 'a pCPU that leaves has no unit');
  }

  insertDomain(domain: SchedDomain): void {
    this.domains.set(domain, []);
  }

  removeDomain(domain: SchedDomain): void {
    assert(this.unitsOf(domain).length === 0, 'a domain that goes has no units left');
    this.domains.delete(domain);
  }

  /** Rule 2.5. */
  insert(unit: SchedUnit): void {
    this.unitsOf(unit.domain).push(unit);
    unit.processor = this.pickCpu(unit);
  }

  remove(unit: SchedUnit): void {
    this.release(unit);
    const units = this.unitsOf(unit.domain);
    units.splice(units.indexOf(unit), 1);
  }

  /** Rules 1.3 and 2.4. */
  sleep(unit: SchedUnit): void {
    if (!isOnline(unit)) this.release(unit);
    if (this.core.current(unit.processor) === unit) this.core.raiseSchedule(unit.processor);
  }

  /** Rules 1.2 and 2.2. */
  wake(unit: SchedUnit): void {
    const { processor } = unit;
    if (this.waiting.includes(unit)) return;
    if (this.assigned.get(processor) === unit) {
      if (this.core.current(processor) !== unit) this.core.raiseSchedule(processor);
      return;
    }
    const [preferred] = this.steps(unit);
    if (hasCpu(preferred & this.free, processor)) {
      this.assign(unit, processor);
      return;
    }
    this.waiting.push(unit);
    this.offer(unit);
  }

  /** It may have lost its pCPU and wait for another while it was still there. */
  contextSaved(unit: SchedUnit): void {
    if (this.waiting.includes(unit)) this.offer(unit);
  }

  /** Rule 1.3. */
  yield(): void {}

  /** Section 3: also assigns the unit to what it chooses, or has it wait. */
  pickCpu(unit: SchedUnit): number {
    const own = this.cpuOf(unit);
    if (!isOnline(unit)) return this.anywhere(unit);
    for (const cpus of this.steps(unit)) {
      if (own >= 0 && hasCpu(cpus, own)) return own;
      const free = cpus & this.free;
      if (free === 0) continue;
      const cpu = hasCpu(free, unit.processor) ? unit.processor : firstCpu(free);
      this.release(unit);
      this.assign(unit, cpu);
      return cpu;
    }
    if (own >= 0) this.release(unit);
    if (!this.waiting.includes(unit)) this.waiting.push(unit);
    return this.anywhere(unit);
  }

  affinityChanges(): void {}

  /** Rules 1.2 and 2.3. */
  schedule(cpu: number): Decision {
    if (!this.assigned.has(cpu)) this.takeWaiting(cpu);
    const unit = this.assigned.get(cpu);
    return { next: unit?.runnable ? unit : this.core.idle(cpu), slice: null };
  }

  fingerprint(hasher: Hasher): void {
    for (const [cpu, unit] of [...this.assigned].sort(([a], [b]) => a - b)) hasher.add(cpu, unit.toString());
    hasher.add(this.waiting.map(String));
    for (const [{ domainId }, units] of this.domains) hasher.add(domainId, units.map(String));
  }

  /** Section 5. */
  dumpSettings(): void {
    const { printk } = this.core;
    printk(`\tcpus_free = ${formatCpuList(this.free)}`);
    printk('Domain info:');
    let number = 0;
    for (const [{ domainId }, units] of this.domains) {
      printk(`\tDomain: ${domainId}`);
      for (const unit of units) printk(`\t${String(++number).padStart(3)}: ${this.describe(unit)}`);
    }
    printk(`Waitqueue: ${this.waiting.join(', ')}`);
  }

  dumpCpu(cpu: number): void {
    const { printk } = this.core;
    const unit = this.assigned.get(cpu);
    const alone = formatCpuList(maskOf(cpu));
    const name = String(cpu).padStart(2, '0');
    printk(`CPU[${name}] sibling={${alone}}, core={${alone}}${unit ? `, unit=${unit}` : ''}`);
    const current = this.core.current(cpu);
    if (!current.isIdle) printk(`\trun: ${this.describe(current)}`);
  }

  private describe(unit: SchedUnit): string {
    return `[${unit.domain.domainId}.${unit.id}] pcpu=${this.waiting.includes(unit) ? -1 : unit.processor}`;
  }

  private unitsOf(domain: SchedDomain): SchedUnit[] {
    return defined(this.domains.get(domain), 'a domain of this scheduler');
  }

  private get free(): CpuMask {
    let free = this.core.online;
    for (const cpu of this.assigned.keys()) free &= ~maskOf(cpu);
    return free;
  }

  /** The pCPU that a unit is assigned to; -1 if it is to none. */
  private cpuOf(unit: SchedUnit): number {
    for (const [cpu, assigned] of this.assigned) if (assigned === unit) return cpu;
    return -1;
  }

  private allowed({ hardAffinity }: SchedUnit): CpuMask {
    return hardAffinity & this.core.online;
  }

  /** Where a unit prefers to run, if it prefers anything, and then where it may. */
  private steps(unit: SchedUnit): readonly [CpuMask, ...CpuMask[]] {
    const allowed = this.allowed(unit);
    return unit.softAffinityEffective ? [allowed & unit.softAffinity, allowed] : [allowed];
  }

  /** A pCPU for a unit that gets none. */
  private anywhere(unit: SchedUnit): number {
    const allowed = this.allowed(unit) || this.core.online;
    return hasCpu(allowed, unit.processor) ? unit.processor : cycleCpu(unit.processor, allowed);
  }

  private assign(unit: SchedUnit, cpu: number): void {
    assert(!this.assigned.has(cpu) && this.cpuOf(unit) < 0, 'one to one');
    this.stopWaiting(unit);
    this.assigned.set(cpu, unit);
    this.core.raiseSchedule(cpu);
  }

  /** Rule 2.2: has the free pCPUs that a unit may use decide anew. */
  private offer(unit: SchedUnit): void {
    for (const cpu of cpusOf(this.allowed(unit) & this.free)) this.core.raiseSchedule(cpu);
  }

  private stopWaiting(unit: SchedUnit): void {
    const at = this.waiting.indexOf(unit);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  /** Rule 2.4: a unit no longer has a pCPU, nor waits for one. */
  private release(unit: SchedUnit): void {
    this.stopWaiting(unit);
    const cpu = this.cpuOf(unit);
    if (cpu < 0) return;
    this.assigned.delete(cpu);
    this.takeWaiting(cpu);
  }

  /** Rule 2.3. */
  private takeWaiting(cpu: number): void {
    if (!hasCpu(this.core.online, cpu)) return;
    // Who is still on another pCPU, having lost it, is offered this one later, by `contextSaved`.
    const waiting = this.waiting.filter(({ isRunning, hardAffinity }) => !isRunning && hasCpu(hardAffinity, cpu));
    const unit = waiting.find((one) => one.softAffinityEffective && hasCpu(one.softAffinity, cpu)) ?? waiting[0];
    if (!unit) return;
    unit.processor = cpu;
    this.assign(unit, cpu);
  }
}

/** The null scheduler as one of those that `sched=` may name. */
export const nullScheduler: SchedulerKind = {
  id: XEN_SCHEDULER.NULL,
  name: 'null',
  bootParameters: [],
  domainParameters: {},
  create: (core) => new NullScheduler(core),
};
