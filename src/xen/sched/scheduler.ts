import type { Hasher } from '../../base/hasher.ts';
import type { Probe } from '../../base/probe/probe.ts';
import type { CommandLine, Parameter } from '../command-line.ts';
import type { SchedulerId } from '../public/hypercalls.ts';
import type { Nanoseconds } from '../time/time.ts';
import type { CpuMask } from './cpu-mask.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

/** One of Xen's software timers. */
export interface SoftTimer {
  set(at: Nanoseconds): void;
  stop(): void;
  /** Has another pCPU serve it, at the time that is set. */
  migrate(cpu: number): void;
}

/** What scheduling needs from the rest of Xen. */
export interface SchedulerHost {
  /** The number of pCPUs, which are all online. */
  readonly cpus: number;
  readonly probe: Probe;
  /** The pCPU that runs this code. */
  thisCpu(): number;
  /** The time on that pCPU. */
  now(): Nanoseconds;
  /** Has a pCPU decide anew what it runs. */
  raiseSchedule(cpu: number): void;
  createTimer(cpu: number, callback: () => void): SoftTimer;
}

/** What the shared code (schedule.ts) offers to the scheduler of a pool. */
export interface SchedulerCore extends SchedulerHost {
  /** The pCPUs of the scheduler's pool. A unit may run on those of them that its hard affinity has too. */
  readonly online: CpuMask;
  /** The schedulers of all pools that there are. */
  readonly policies: readonly Scheduler[];
  /** The unit that a pCPU runs. */
  current(cpu: number): SchedUnit;
  idle(cpu: number): SchedUnit;
  /** Keeps a unit from running, for a reason of the scheduler's own. It may run on until its pCPU decides anew. */
  pause(unit: SchedUnit): void;
  unpause(unit: SchedUnit): void;
  /** Something no longer keeps a unit from running: a flag of the scheduler's own. Something else still may. */
  wake(unit: SchedUnit): void;
  printk(line: string): void;
}

export interface Decision {
  readonly next: SchedUnit;
  /** How long it may run before the scheduler is asked again; null for no limit. */
  readonly slice: Nanoseconds | null;
}

/** The values that a parameter may have, and the one that it has at first. */
export interface ParameterRange {
  readonly min: number;
  readonly max: number;
  readonly standard: number;
}

/** Values of parameters by their names. */
export type ParameterValues = Readonly<Record<string, number>>;

/**
 * Decides for the pCPUs of one pool which unit each runs. How it arranges its run queues is its own affair. All its state is
 * plain data and in the fingerprint; its timers are made with `core.createTimer`.
 *
 * Results of calls that may fail are 0 or a negated `Errno`.
 */
export interface Scheduler {
  /** XEN_SCHEDULER_*. */
  readonly id: SchedulerId;
  /** As the boot log prints it. */
  readonly title: string;
  /** As `sched=` and xl name it. */
  readonly name: string;
  /** Set if a unit may run where its hard affinity does not allow it. */
  readonly ignoresAffinity?: true;
  /** Its own parameters (XEN_SYSCTL_SCHEDOP_getinfo). */
  readonly parameters: ParameterValues;
  /** Changes its own parameters, those that are given (XEN_SYSCTL_SCHEDOP_putinfo). */
  setParameters?(values: ParameterValues): number;
  /** The parameters of a domain, by the names of `SchedulerKind.domainParameters`. */
  domainParameters(domain: SchedDomain): ParameterValues;
  /** Changes those that are given; unknown names are ignored (XEN_DOMCTL_SCHEDOP_putinfo). */
  setDomainParameters(domain: SchedDomain, values: ParameterValues): number;
  /** The parameters of one vCPU, if the scheduler has such (XEN_DOMCTL_SCHEDOP_getvcpuinfo, putvcpuinfo). */
  unitParameters?(unit: SchedUnit): ParameterValues;
  setUnitParameters?(unit: SchedUnit, values: ParameterValues): number;
  /** A pCPU has joined the pool. It idles. */
  addCpu(cpu: number): void;
  /** A pCPU has left the pool. It idles, and no unit has it as its `processor`. */
  removeCpu(cpu: number): void;
  insertDomain(domain: SchedDomain): void;
  removeDomain(domain: SchedDomain): void;
  insert(unit: SchedUnit): void;
  remove(unit: SchedUnit): void;
  /** The unit may no longer run, whether it runs, waits or has not been woken yet. */
  sleep(unit: SchedUnit): void;
  /** The unit may run: it has been woken, or another wake-up comes while it waits or runs. */
  wake(unit: SchedUnit): void;
  yield(unit: SchedUnit): void;
  /** Chooses a pCPU for a unit that is to move. */
  pickCpu(unit: SchedUnit): number;
  /** Sets the pCPU of a unit that does not run, after `pickCpu`. Without this, the shared code sets `unit.processor`. */
  migrate?(unit: SchedUnit, cpu: number): void;
  /** The registers of a unit that has left its pCPU are saved: from now on others may take it. */
  contextSaved?(unit: SchedUnit): void;
  /** The hard affinity of a unit is about to change. */
  affinityChanges(unit: SchedUnit, hard: CpuMask): void;
  /** Decides what a pCPU runs after `current`. Whatever it names must not run elsewhere. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision;
  /** Adds everything that decides how it goes on. */
  fingerprint(hasher: Hasher): void;
  /** What debug key `r` prints. */
  dumpSettings(): void;
  dumpCpu(cpu: number): void;
}

/** A scheduler that Xen may be booted with, or that a pool may have: a line of schedulers.ts. */
export interface SchedulerKind {
  /** XEN_SCHEDULER_*. */
  readonly id: SchedulerId;
  readonly name: string;
  /** Parameters of Xen's command line that it reads. */
  readonly bootParameters: readonly Parameter<unknown>[];
  /** The parameters of a domain, in the order in which they are shown. */
  readonly domainParameters: Readonly<Record<string, ParameterRange>>;
  /** Makes one for a pool that has no pCPUs yet. What it prints by `core.printk` follows `Using scheduler` in the boot log. */
  create(core: SchedulerCore, commandLine: CommandLine): Scheduler;
}
