import type { Nanoseconds } from '../time/time.ts';
import type { CpuMask } from './cpu-mask.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

/** One of Xen's software timers. */
export interface SoftTimer {
  set(at: Nanoseconds): void;
  stop(): void;
}

/** What lies below a scheduler. */
export interface SchedulerHost {
  /** pCPUs, all online. */
  readonly cpus: number;
  /** The pCPU that runs this code. */
  thisCpu(): number;
  /** The present as that pCPU sees it. */
  now(): Nanoseconds;
  /** Raises SCHEDULE_SOFTIRQ on a pCPU. */
  raiseSchedule(cpu: number): void;
  createTimer(cpu: number, callback: () => void): SoftTimer;
}

/** What a scheduler may ask of the code that all schedulers share. */
export interface SchedulerCore extends SchedulerHost {
  /** The unit that a pCPU runs. */
  current(cpu: number): SchedUnit;
  idle(cpu: number): SchedUnit;
  /** Keeps a unit from running, for the scheduler's own reasons; it need not have stopped yet. */
  pause(unit: SchedUnit): void;
  unpause(unit: SchedUnit): void;
  printk(line: string): void;
}

export interface Decision {
  readonly next: SchedUnit;
  /** How long it may run before the scheduler is asked again; null for as long as it likes. */
  readonly slice: Nanoseconds | null;
}

/** A domain's parameters under the credit scheduler: XEN_DOMCTL_SCHEDOP_*info (public/domctl.h). */
export interface CreditDomainParameters {
  /** 1 to 65535. */
  readonly weight: number;
  /** Percent of one pCPU, 0 for none. */
  readonly cap: number;
}

/** The credit scheduler's own: xen_sysctl_credit_schedule (public/sysctl.h). */
export interface CreditParameters {
  readonly tsliceMs: number;
  readonly ratelimitUs: number;
  readonly migrationDelayUs: number;
}

/** A scheduling policy: Xen's struct scheduler (xen/common/sched/private.h). */
export interface Scheduler {
  /** As the boot log has it, and as `sched=` and xl name it. */
  readonly name: string;
  readonly optName: string;
  insertDomain(domain: SchedDomain): void;
  removeDomain(domain: SchedDomain): void;
  insert(unit: SchedUnit): void;
  remove(unit: SchedUnit): void;
  sleep(unit: SchedUnit): void;
  wake(unit: SchedUnit): void;
  yield(unit: SchedUnit): void;
  /** A pCPU for a unit that is to move. */
  pickCpu(unit: SchedUnit): number;
  /** The hard affinity of a unit is about to change. */
  affinityChanges(unit: SchedUnit, hard: CpuMask): void;
  /** Decides what a pCPU runs after `current`. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision;
  /** What debug key `r` prints. */
  dumpSettings(): void;
  dumpCpu(cpu: number): void;
}
