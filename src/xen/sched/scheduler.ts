import type { Hasher } from '../../base/hasher.ts';
import type { Probe } from '../../base/probe/probe.ts';
import type { CommandLine, Parameter } from '../command-line.ts';
import type { Nanoseconds } from '../time/time.ts';
import type { CpuMask } from './cpu-mask.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

/** One of Xen's software timers. */
export interface SoftTimer {
  set(at: Nanoseconds): void;
  stop(): void;
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

/** What the shared code (schedule.ts) offers to a scheduler. */
export interface SchedulerCore extends SchedulerHost {
  /** The unit that a pCPU runs. */
  current(cpu: number): SchedUnit;
  idle(cpu: number): SchedUnit;
  /** Keeps a unit from running, for a reason of the scheduler's own. It may run on until its pCPU decides anew. */
  pause(unit: SchedUnit): void;
  unpause(unit: SchedUnit): void;
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

/** Decides for all pCPUs which unit each runs. */
export interface Scheduler {
  /** As the boot log prints it. */
  readonly title: string;
  /** As `sched=` and xl name it. */
  readonly name: string;
  /** Its own parameters. */
  readonly parameters: ParameterValues;
  /** The parameters of a domain, by the names of `SchedulerKind.domainParameters`. */
  domainParameters(domain: SchedDomain): ParameterValues;
  /** Changes some of them. The caller has checked their ranges; unknown names are ignored. */
  setDomainParameters(domain: SchedDomain, values: ParameterValues): void;
  insertDomain(domain: SchedDomain): void;
  removeDomain(domain: SchedDomain): void;
  insert(unit: SchedUnit): void;
  remove(unit: SchedUnit): void;
  sleep(unit: SchedUnit): void;
  wake(unit: SchedUnit): void;
  yield(unit: SchedUnit): void;
  /** Chooses a pCPU for a unit that is to move. */
  pickCpu(unit: SchedUnit): number;
  /** The hard affinity of a unit is about to change. */
  affinityChanges(unit: SchedUnit, hard: CpuMask): void;
  /** Decides what a pCPU runs after `current`. */
  schedule(cpu: number, current: SchedUnit, now: Nanoseconds): Decision;
  /** Adds everything that decides how it goes on. */
  fingerprint(hasher: Hasher): void;
  /** What debug key `r` prints. */
  dumpSettings(): void;
  dumpCpu(cpu: number): void;
}

/** A scheduler that Xen may be booted with: a line of schedulers.ts. */
export interface SchedulerKind {
  readonly name: string;
  /** Parameters of Xen's command line that it reads. */
  readonly bootParameters: readonly Parameter<unknown>[];
  /** The parameters of a domain, in the order in which they are shown. */
  readonly domainParameters: Readonly<Record<string, ParameterRange>>;
  create(core: SchedulerCore, commandLine: CommandLine): Scheduler;
}
