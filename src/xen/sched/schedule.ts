/**
 * What all schedulers share: waking, sleeping, blocking, polling, moving between pCPUs, and switching from one unit to
 * the next. The rules are those of docs/xen/scheduling.md.
 */
import { assert, defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { type Probe, packVcpu } from '../../base/probe/probe.ts';
import { Errno } from '../public/errno.ts';
import type { Nanoseconds } from '../time/time.ts';
import { nanoseconds } from '../time/time.ts';
import { allCpus, type CpuMask, cpusOf, hasCpu, maskOf } from './cpu-mask.ts';
import { CpuPools, type MakeScheduler } from './cpupool.ts';
import type { ParameterValues, Scheduler, SchedulerCore, SchedulerHost, SoftTimer } from './scheduler.ts';
import { idleDomainId, PauseFlag, Runstate, type SchedDomain, SchedUnit } from './unit.ts';

/** What a pCPU runs. */
interface Resource {
  current: SchedUnit;
  readonly idle: SchedUnit;
  /** The unit that has just left the pCPU, until its context is saved. */
  previous: SchedUnit | undefined;
  /** Ends the time that the scheduler has given to the unit. */
  readonly timer: SoftTimer;
}

/** What schedulers say while Xen boots: when one is made, which Xen does twice, and when pCPUs join Pool-0. */
interface BootLines {
  readonly made: string[];
  readonly joined: string[];
}

interface SchedulingHost extends SchedulerHost {
  /** A unit that does not run will run on another pCPU: `unit.processor`. */
  moved(unit: SchedUnit): void;
}

const idleDomain: SchedDomain = { domainId: idleDomainId, uuid: new Uint8Array(16), pauseCount: 0 };

export class Scheduling<Policy extends Scheduler = Scheduler> implements SchedulerHost {
  readonly cpus: number;
  readonly probe: Probe;
  /** At first, Pool-0 has all pCPUs. */
  readonly pools: CpuPools<Policy>;
  readonly bootLines: BootLines = { made: [], joined: [] };
  private readonly host: SchedulingHost;
  private readonly resources: readonly Resource[];
  private readonly pollTimers = new Map<SchedUnit, SoftTimer>();
  /** Counts changes of affinities and of the domains' parameters. */
  changes = 0;

  constructor(
    host: SchedulingHost,
    policy: (core: SchedulerCore) => Policy,
    readonly printk: (line: string) => void,
    makeScheduler: MakeScheduler = () => null,
  ) {
    this.host = host;
    this.cpus = host.cpus;
    this.probe = host.probe;
    this.resources = Array.from({ length: host.cpus }, (_, cpu) => {
      const idle = new SchedUnit(idleDomain, cpu, true);
      idle.processor = cpu;
      idle.hardAffinity = maskOf(cpu);
      idle.softAffinity = allCpus(host.cpus);
      idle.stateEntryTime = host.now();
      idle.runstateEntryTime = host.now();
      return { current: idle, idle, previous: undefined, timer: host.createTimer(cpu, () => host.raiseSchedule(cpu)) };
    });
    const { made, joined } = this.bootLines;
    let heard: string[] | null = made;
    this.pools = new CpuPools(
      {
        cpus: host.cpus,
        probe: host.probe,
        thisCpu: () => host.thisCpu(),
        now: () => host.now(),
        raiseSchedule: (cpu) => host.raiseSchedule(cpu),
        createTimer: (cpu, callback) => host.createTimer(cpu, callback),
        current: (cpu) => this.current(cpu),
        idle: (cpu) => this.idle(cpu),
        pause: (unit) => this.pause(unit),
        unpause: (unit) => this.unpause(unit),
        wake: (unit) => this.wake(unit),
        printk: (line) => {
          if (heard) heard.push(line);
          else printk(line);
        },
        relocate: (unit) => this.relocate(unit),
        assignAffinity: (unit, hard, soft) => this._setAffinity(unit, hard, soft),
        moved: (unit) => host.moved(unit),
        changed: () => {
          this.changes++;
        },
      },
      policy,
      makeScheduler,
    );
    heard = joined;
    for (const cpu of cpusOf(allCpus(host.cpus))) this.pools.join(this.pools.defaultPool, cpu);
    heard = null;
  }

  /** The scheduler of Pool-0, with which Xen was booted. */
  get policy(): Policy {
    return this.pools.defaultPool.policy;
  }

  /** The scheduler of a domain's pool. */
  policyOf(domain: SchedDomain): Scheduler {
    return this.pools.of(domain).policy;
  }

  /** Gives a new domain to a pool, which has a pCPU. */
  insertDomain(domain: SchedDomain, pool = 0): void {
    this.pools.insertDomain(domain, pool);
  }

  /** Forgets a domain that has no units left. */
  removeDomain(domain: SchedDomain): void {
    this.pools.removeDomain(domain);
  }

  thisCpu(): number {
    return this.host.thisCpu();
  }

  now(): Nanoseconds {
    return this.host.now();
  }

  raiseSchedule(cpu: number): void {
    this.host.raiseSchedule(cpu);
  }

  createTimer(cpu: number, callback: () => void): SoftTimer {
    return this.host.createTimer(cpu, callback);
  }

  current(cpu: number): SchedUnit {
    return this.resource(cpu).current;
  }

  idle(cpu: number): SchedUnit {
    return this.resource(cpu).idle;
  }

  /**
   * Makes the unit of a new vCPU, which is down until the guest or the toolstack brings it up. It begins on the pCPU of
   * its pool after that of the vCPU `before` it; the first vCPU of a domain begins on the lowest.
   */
  createUnit(domain: SchedDomain, id: number, before: SchedUnit | undefined): SchedUnit {
    const unit = new SchedUnit(domain, id);
    const all = allCpus(this.cpus);
    unit.processor = this.pools.firstCpuFor(domain, before);
    unit.runstateEntryTime = this.now();
    unit.stateEntryTime = this.now();
    this._setAffinity(unit, all, all);
    this.pools.unitsOf(domain).push(unit);
    this.policyOf(domain).insert(unit);
    return unit;
  }

  /** Forgets the unit of a vCPU that will never run again and has left its pCPU. */
  destroyUnit(unit: SchedUnit): void {
    assert(!unit.isRunning && !unit.runnable, 'what goes does not run');
    this.endPoll(unit);
    this.pollTimers.delete(unit);
    const units = this.pools.unitsOf(unit.domain);
    units.splice(units.indexOf(unit), 1);
    this.policyOf(unit.domain).remove(unit);
  }

  /** Something keeps the unit from running now. If it runs, it leaves its pCPU at the next decision. */
  sleep(unit: SchedUnit): void {
    if (unit.runnable) return;
    if (unit.state <= Runstate.runnable) this.emit(ProbeKind.sleep, unit, unit.processor);
    if (unit.state === Runstate.runnable) unit.changeRunstate(Runstate.offline, this.now());
    this.policyOf(unit.domain).sleep(unit);
  }

  /** Something no longer keeps the unit from running. Something else still may. */
  wake(unit: SchedUnit): void {
    if (unit.runnable) {
      if (unit.state >= Runstate.blocked) {
        unit.changeRunstate(Runstate.runnable, this.now());
        this.emit(ProbeKind.wake, unit, unit.processor);
      }
      this.policyOf(unit.domain).wake(unit);
    } else if ((unit.pauseFlags & PauseFlag.blocked) === 0 && unit.state === Runstate.blocked) {
      unit.changeRunstate(Runstate.offline, this.now());
    }
  }

  pause(unit: SchedUnit): void {
    unit.pauseCount++;
    this.sleep(unit);
  }

  unpause(unit: SchedUnit): void {
    assert(unit.pauseCount > 0, 'only what is paused goes on');
    if (--unit.pauseCount === 0) this.wake(unit);
  }

  /** Brings a vCPU up, or takes it down. */
  setDown(unit: SchedUnit, down: boolean): void {
    if (down) {
      unit.pauseFlags |= PauseFlag.down;
      this.sleep(unit);
    } else {
      unit.pauseFlags &= ~PauseFlag.down;
      this.wake(unit);
    }
  }

  /** The running unit waits for an event, unless one is pending already (rule 2.1). */
  block(unit: SchedUnit, eventPending: boolean): void {
    if (eventPending) return;
    unit.pauseFlags |= PauseFlag.blocked;
    this.emit(ProbeKind.block, unit, unit.processor);
    this.raiseSchedule(unit.processor);
  }

  /** An event has come (rule 2.4). */
  unblock(unit: SchedUnit): void {
    if ((unit.pauseFlags & PauseFlag.blocked) === 0) return;
    unit.pauseFlags &= ~PauseFlag.blocked;
    this.endPoll(unit);
    this.wake(unit);
  }

  /**
   * Rule 2.3: the running unit waits until an event channel is pending: `port`, or one of several for -1. It waits until
   * `timeout` at most; null is no limit. The caller has seen that none is pending.
   */
  poll(unit: SchedUnit, port: number, timeout: Nanoseconds | null): void {
    unit.pauseFlags |= PauseFlag.blocked;
    this.emit(ProbeKind.block, unit, unit.processor);
    unit.polling = true;
    unit.pollPort = port;
    if (timeout !== null) {
      let timer = this.pollTimers.get(unit);
      if (!timer) {
        timer = this.createTimer(unit.processor, () => {
          if (unit.polling) this.unblock(unit);
        });
        this.pollTimers.set(unit, timer);
      }
      timer.set(timeout);
    }
    this.raiseSchedule(unit.processor);
  }

  private endPoll(unit: SchedUnit): void {
    if (!unit.polling) return;
    unit.polling = false;
    unit.pollPort = 0;
    this.pollTimers.get(unit)?.stop();
  }

  /** The running unit lets others run first (rule 2.2). */
  yield(unit: SchedUnit): void {
    this.policyOf(unit.domain).yield(unit);
    this.emit(ProbeKind.yield, unit, unit.processor);
    this.raiseSchedule(unit.processor);
  }

  /** See `Scheduler.setDomainParameters`. */
  setDomainParameters(domain: SchedDomain, values: ParameterValues): number {
    this.changes++;
    return this.policyOf(domain).setDomainParameters(domain, values);
  }

  /** See `Scheduler.setUnitParameters`. */
  setUnitParameters(unit: SchedUnit, values: ParameterValues): number {
    this.changes++;
    return this.policyOf(unit.domain).setUnitParameters?.(unit, values) ?? -Errno.EINVAL;
  }

  /**
   * Section 4: changes where a unit may run, and prefers to. False if no pCPU of `hard` is in its pool; then nothing has
   * changed.
   */
  setAffinity(unit: SchedUnit, hard: CpuMask | null, soft: CpuMask | null): boolean {
    if (hard !== null && (hard & this.pools.of(unit.domain).cpus) === 0) return false;
    this.changes++;
    this._setAffinity(unit, hard, soft);
    this.relocate(unit);
    return true;
  }

  /** Rule 4.3: takes a unit off its pCPU, and lets the scheduler choose one anew. */
  private relocate(unit: SchedUnit): void {
    unit.pauseFlags |= PauseFlag.migrating;
    this.sleep(unit);
    this.finishMigration(unit);
  }

  private _setAffinity(unit: SchedUnit, hard: CpuMask | null, soft: CpuMask | null): void {
    if (hard !== null) {
      this.policyOf(unit.domain).affinityChanges(unit, hard);
      unit.hardAffinity = hard;
    }
    if (soft !== null) unit.softAffinity = soft;
    unit.softAffinityEffective =
      (unit.hardAffinity & ~unit.softAffinity) !== 0 && (unit.hardAffinity & unit.softAffinity) !== 0;
  }

  /** Rule 3.4: moves a unit that is to move, unless it still runs; then `contextSaved` moves it. */
  private finishMigration(unit: SchedUnit): void {
    if (unit.isRunning || (unit.pauseFlags & PauseFlag.migrating) === 0) return;
    const policy = this.policyOf(unit.domain);
    const cpu = policy.pickCpu(unit);
    unit.pauseFlags &= ~PauseFlag.migrating;
    if (cpu !== unit.processor) {
      this.emit(ProbeKind.migrate, unit, unit.processor, cpu);
      if (policy.migrate) policy.migrate(unit, cpu);
      else unit.processor = cpu;
      this.host.moved(unit);
    }
    this.wake(unit);
  }

  /**
   * A pCPU decides what it runs next (section 3). If that is another unit, the caller saves the context of the previous one,
   * and then calls `contextSaved`.
   */
  schedule(cpu: number): SchedUnit {
    const resource = this.resource(cpu);
    const previous = resource.current;
    assert(!resource.previous, 'the context of what ran before is saved');
    resource.timer.stop();
    const now = this.now();
    const policy = this.pools.serving(cpu)?.policy;
    const { next, slice } = policy?.schedule(cpu, previous, now) ?? { next: resource.idle, slice: null };
    if (slice !== null) resource.timer.set(nanoseconds(now + slice));
    if (next !== previous) {
      assert(
        !next.isRunning && (policy?.ignoresAffinity || hasCpu(next.hardAffinity, cpu)),
        'what runs next may run here',
      );
      resource.current = next;
      resource.previous = previous;
      next.isRunning = true;
      next.stateEntryTime = now;
      previous.changeRunstate(
        (previous.pauseFlags & PauseFlag.blocked) !== 0
          ? Runstate.blocked
          : previous.runnable
            ? Runstate.runnable
            : Runstate.offline,
        now,
      );
      if (this.probe.isRecording) this.emitSwitch(previous, next, now);
    }
    next.changeRunstate(Runstate.running, now);
    return next;
  }

  /** Rule 3.3: the context of the previous unit is saved, so it may run elsewhere. */
  contextSaved(cpu: number): void {
    const resource = this.resource(cpu);
    const unit = resource.previous;
    if (!unit) return;
    resource.previous = undefined;
    unit.isRunning = false;
    unit.stateEntryTime = this.now();
    if (unit.isIdle) return;
    this.policyOf(unit.domain).contextSaved?.(unit);
    this.finishMigration(unit);
  }

  /** Adds who runs where, and what the policy keeps. Units belong to their vCPUs. */
  fingerprint(hasher: Hasher): void {
    for (const { current, idle, previous } of this.resources) {
      hasher.add(current.toString(), previous?.toString());
      idle.fingerprint(hasher);
    }
    this.pools.fingerprint(hasher);
  }

  private emitSwitch(previous: SchedUnit, next: SchedUnit, now: Nanoseconds): void {
    const waited = next.state === Runstate.runnable ? Math.max(0, Math.floor(now - next.runstateEntryTime)) : 0;
    const before = packVcpu(previous.domain.domainId, previous.id);
    const low = previous.state | ((waited % 2 ** 24) << 8);
    this.probe.emitFor(
      packVcpu(next.domain.domainId, next.id),
      ProbeKind.switch,
      before,
      low,
      Math.floor(waited / 2 ** 24),
    );
  }

  private emit(kind: number, unit: SchedUnit, a: number, low = 0): void {
    if (this.probe.isRecording) this.probe.emitFor(packVcpu(unit.domain.domainId, unit.id), kind, a, low);
  }

  private resource(cpu: number): Resource {
    return defined(this.resources[cpu], 'a pCPU that is there');
  }
}
