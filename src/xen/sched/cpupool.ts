/**
 * Pools of pCPUs: each has a scheduler, its pCPUs and domains of its own. The operations are those of XEN_SYSCTL_cpupool_op
 * (public/sysctl.h). The rules are those of docs/xen/cpupools.md. Results are 0 or a negated `Errno`.
 */
import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Errno } from '../public/errno.ts';
import type { SchedulerId } from '../public/hypercalls.ts';
import { allCpus, type CpuMask, countCpus, cpusOf, cycleCpu, firstCpu, hasCpu, maskOf } from './cpu-mask.ts';
import type { Scheduler, SchedulerCore } from './scheduler.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

export interface CpuPool<Policy extends Scheduler = Scheduler> {
  readonly id: number;
  readonly policy: Policy;
  /** Its pCPUs, without one that is leaving. */
  cpus: CpuMask;
  /** Its domains with their units, in the order in which they came. */
  readonly members: Map<SchedDomain, SchedUnit[]>;
}

/** What pools need from the code that all schedulers share. */
interface PoolHost extends Omit<SchedulerCore, 'online' | 'policies'> {
  /** Has a unit leave its pCPU for another one of its pool. */
  relocate(unit: SchedUnit): void;
  /** Sets the affinities of a unit, which does not move by that. */
  assignAffinity(unit: SchedUnit, hard: CpuMask, soft: CpuMask): void;
  /** A unit that does not run belongs to another pCPU from now on. */
  moved(unit: SchedUnit): void;
  /** Something has changed that a list of pools and domains shows. */
  changed(): void;
}

/** Makes a scheduler by its number; null if Xen was built without. */
export type MakeScheduler = (core: SchedulerCore, id: SchedulerId) => Scheduler | null;

export class CpuPools<Policy extends Scheduler> {
  /** By number. Pool-0 is there from the start. */
  readonly all: CpuPool[] = [];
  readonly defaultPool: CpuPool<Policy>;
  private readonly host: PoolHost;
  private readonly make: MakeScheduler;
  private readonly poolOf = new Map<SchedDomain, CpuPool>();
  /** By pCPU: the pool whose scheduler decides there; null if it is free. */
  private readonly _serving: (CpuPool | null)[];
  /** Rule 3.3: the pCPU that is leaving its pool. */
  private leaving = -1;

  constructor(host: PoolHost, policy: (core: SchedulerCore) => Policy, make: MakeScheduler) {
    this.host = host;
    this.make = make;
    this._serving = new Array(host.cpus).fill(null);
    let pool: CpuPool<Policy> | undefined;
    pool = { id: 0, policy: policy(this.core(() => pool?.cpus ?? 0)), cpus: 0, members: new Map() };
    this.defaultPool = pool;
    this.all.push(pool);
  }

  /** The pCPUs that are in no pool. */
  get free(): CpuMask {
    return this._serving.reduce((free, pool, cpu) => (pool === null ? free | maskOf(cpu) : free), 0);
  }

  byId(id: number): CpuPool | undefined {
    return this.all.find((pool) => pool.id === id);
  }

  of(domain: SchedDomain): CpuPool {
    return defined(this.poolOf.get(domain), 'the pool of a domain');
  }

  /** The pool whose scheduler decides on a pCPU; null if it is free. */
  serving(cpu: number): CpuPool | null {
    return this._serving[cpu] ?? null;
  }

  /** Rule 1.4: why a domain may not be created in a pool; null if it may. */
  refusal(id: number): Errno | null {
    const pool = this.byId(id);
    if (!pool) return Errno.ESRCH;
    return pool.cpus === 0 ? Errno.ENODEV : null;
  }

  insertDomain(domain: SchedDomain, id: number): void {
    const pool = defined(this.byId(id), 'a pool that exists');
    this.poolOf.set(domain, pool);
    pool.members.set(domain, []);
    pool.policy.insertDomain(domain);
  }

  removeDomain(domain: SchedDomain): void {
    const pool = this.of(domain);
    pool.policy.removeDomain(domain);
    pool.members.delete(domain);
    this.poolOf.delete(domain);
  }

  unitsOf(domain: SchedDomain): SchedUnit[] {
    return defined(this.of(domain).members.get(domain), 'a domain of its pool');
  }

  /** Rule 2.1: makes a pool without pCPUs, and returns its number. */
  create(schedulerId: SchedulerId): Result<number, Errno> {
    if (this.all.length >= 2 * this.host.cpus) return err(Errno.ENOSPC);
    const id = Math.max(...this.all.map((pool) => pool.id)) + 1;
    let pool: CpuPool | undefined;
    const core = this.core(() => pool?.cpus ?? 0);
    const policy = this.make(core, schedulerId);
    if (!policy) return err(Errno.ENOENT);
    pool = { id, policy, cpus: 0, members: new Map() };
    this.all.push(pool);
    this.host.changed();
    return ok(id);
  }

  /** Rule 2.2. */
  destroy(id: number): number {
    const pool = this.byId(id);
    if (!pool) return -Errno.ENOENT;
    if (pool === this.defaultPool || pool.members.size > 0) return -Errno.EBUSY;
    for (const cpu of [...cpusOf(pool.cpus)]) {
      pool.cpus &= ~maskOf(cpu);
      this.finishRemoval(pool, cpu);
    }
    this.all.splice(this.all.indexOf(pool), 1);
    this.host.changed();
    return 0;
  }

  /** Rule 3.1. */
  addCpu(id: number, cpu: number): number {
    const pool = this.byId(id);
    if (!pool) return -Errno.ENOENT;
    if (cpu < 0 || cpu >= this.host.cpus) return -Errno.EINVAL;
    if (this.serving(cpu) !== null) return -Errno.ENODEV;
    this.join(pool, cpu);
    this.host.changed();
    this.host.raiseSchedule(cpu);
    return 0;
  }

  /** Gives a free pCPU to a pool. */
  join(pool: CpuPool, cpu: number): void {
    this._serving[cpu] = pool;
    pool.cpus |= maskOf(cpu);
    pool.policy.addCpu(cpu);
  }

  /**
   * Rules 3.2 to 3.4. -EAGAIN: the pCPU still runs a unit that is to leave it; the caller tries again. -EADDRINUSE is not
   * returned, since the model has no temporary pins.
   */
  removeCpu(id: number, cpu: number): number {
    const pool = this.byId(id);
    if (!pool) return -Errno.ENOENT;
    if (cpu < 0 || cpu >= this.host.cpus || (pool === this.defaultPool && cpu === 0)) return -Errno.EINVAL;
    if (this.leaving !== cpu) {
      if (this.leaving >= 0 || !hasCpu(pool.cpus, cpu)) return -Errno.EADDRNOTAVAIL;
      if (countCpus(pool.cpus) === 1 && pool.members.size > 0) return -Errno.EBUSY;
      pool.cpus &= ~maskOf(cpu);
      this.evict(pool, cpu);
      this.leaving = cpu;
    } else if (this.serving(cpu) !== pool) return -Errno.EADDRNOTAVAIL;
    if (!this.host.current(cpu).isIdle) return -Errno.EAGAIN;
    this.leaving = -1;
    this.finishRemoval(pool, cpu);
    return 0;
  }

  /** Rule 4.1. The caller has seen to it that no vCPU of the domain can run or is on a pCPU. */
  moveDomain(domain: SchedDomain, id: number): number {
    const to = this.byId(id);
    if (domain.domainId === 0) return -Errno.EPERM;
    if (!to || to.cpus === 0) return -Errno.ENOENT;
    const from = this.of(domain);
    if (from === to) return 0;
    const units = this.unitsOf(domain);
    for (const unit of units) from.policy.remove(unit);
    from.policy.removeDomain(domain);
    from.members.delete(domain);
    this.poolOf.set(domain, to);
    to.members.set(domain, units);
    to.policy.insertDomain(domain);
    const everywhere = allCpus(this.host.cpus);
    let before: SchedUnit | undefined;
    for (const unit of units) {
      this.host.assignAffinity(unit, everywhere, everywhere);
      unit.processor = this.firstCpuFor(domain, before);
      to.policy.insert(unit);
      this.host.moved(unit);
      before = unit;
    }
    this.host.changed();
    return 0;
  }

  /** The pCPU that a new unit begins on: after that of the unit `before` it, else the lowest of the pool. */
  firstCpuFor(domain: SchedDomain, before: SchedUnit | undefined): number {
    const { cpus } = this.of(domain);
    return before ? cycleCpu(before.processor, cpus) : firstCpu(cpus);
  }

  /** Adds what differs from a machine whose pCPUs and domains are all in Pool-0, and what the schedulers keep. */
  fingerprint(hasher: Hasher): void {
    for (const pool of this.all) {
      if (pool !== this.defaultPool)
        hasher.add(
          pool.id,
          pool.policy.id,
          pool.cpus,
          [...pool.members.keys()].map(({ domainId }) => domainId),
        );
      pool.policy.fingerprint(hasher);
    }
    if (this.free !== 0 || this.leaving >= 0) hasher.add('free', this.free, this.leaving);
  }

  /** Rule 3.3: the units of a pCPU that leaves go elsewhere. Whoever may run nowhere else then may run everywhere. */
  private evict(pool: CpuPool, cpu: number): void {
    const everywhere = allCpus(this.host.cpus);
    for (const unit of [...pool.members.values()].flat()) {
      if (pool.cpus !== 0 && (unit.hardAffinity & pool.cpus) === 0) {
        this.host.printk(`Breaking affinity for ${unit}`);
        this.host.assignAffinity(unit, everywhere, unit.softAffinity);
      }
      if (unit.processor === cpu) this.host.relocate(unit);
    }
  }

  private finishRemoval(pool: CpuPool, cpu: number): void {
    pool.policy.removeCpu(cpu);
    this._serving[cpu] = null;
    this.host.changed();
  }

  /** What the scheduler of a pool sees: `cpus` has its pCPUs. */
  private core(cpus: () => CpuMask): SchedulerCore {
    const { all } = this;
    return {
      ...this.host,
      get policies() {
        return all.map(({ policy }) => policy);
      },
      get online() {
        return cpus();
      },
    };
  }
}
