/** What the credit2 scheduler keeps of run queues, units and domains. The rules are those of docs/xen/credit2.md. */

import { defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { packVcpu } from '../../../base/probe/probe.ts';
import type { Nanoseconds } from '../../time/time.ts';
import type { CpuMask } from '../cpu-mask.ts';
import type { SchedulerCore, SoftTimer } from '../scheduler.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';
import type { Credit2Options } from './parameters.ts';

/** Bits of a unit's flags, as debug key `r` prints them. */
export const UnitFlag = {
  /** It is on a pCPU, or its registers are not saved yet. */
  scheduled: 1 << 1,
  /** Rule 2.4: joins its queue when its registers are saved. */
  delayedAdd: 1 << 2,
  /** Rule 8.6: moves to another queue when its registers are saved. */
  moves: 1 << 3,
  /** Rule 4.8. */
  yields: 1 << 4,
  /** Rule 3.2: may run on one pCPU only. */
  pinned: 1 << 5,
} as const;

/** Rule 8.3: an average of what is runnable, in fractions of a pCPU, as of a time. */
export interface Load {
  average: number;
  updated: Nanoseconds;
}

export interface Credit2Unit {
  readonly unit: SchedUnit;
  readonly domain: Credit2Domain;
  /** Rule 2.1: the run queue that it is assigned to, whether it can run or not. */
  queue: RunQueue | null;
  flags: number;
  /** Rule 1.3, in nanoseconds. */
  credit: number;
  /** Rule 1.5: what the last charge left over, in nanoseconds times weight. */
  residual: number;
  /** The time up to which it has been charged while it runs. */
  chargedUntil: Nanoseconds;
  readonly load: Load;
  /** Rule 7.4: the part of its domain's budget that it holds. */
  budget: number;
  /** Rule 3.6: the pCPU that has been told to take it; -1 for none. */
  tickledCpu: number;
  /** Rule 8.6: the queue that it is to move to. */
  moveTo: RunQueue | null;
}

export interface Credit2Domain {
  readonly domain: SchedDomain;
  readonly units: Credit2Unit[];
  weight: number;
  /** Rule 7.1: in percent of one pCPU; 0 for none. */
  cap: number;
  /** Rule 7.2: what is left until the next refill, without what its units hold. It may be negative. */
  budget: number;
  nextRefill: Nanoseconds;
  readonly refillTimer: SoftTimer;
  /** Rule 7.5: the units that wait for budget. */
  readonly parked: Credit2Unit[];
}

/** Rule 2.1. */
export interface RunQueue {
  readonly id: number;
  /** The pCPUs that share it. */
  cpus: CpuMask;
  /** Those that idle, and those that have been told to decide and have not done so. */
  idle: CpuMask;
  tickled: CpuMask;
  /** Rule 2.2: the units that wait, by falling credit. */
  readonly waiting: Credit2Unit[];
  /** All that are assigned to it. */
  readonly units: Credit2Unit[];
  /** Rule 1.2: the largest weight of those. */
  maxWeight: number;
  /** Rule 8.3: how many units run or wait now, and the average of that. */
  runnable: number;
  readonly load: Load;
  /** Rule 8.4: the same average, which follows units at once that are assigned or leave. */
  readonly expected: Load;
  /** Rule 8.2: the pCPU that was picked last. */
  pickBias: number;
}

/** The state that the groups of rules share. */
export class Credit2State {
  readonly queues: RunQueue[] = [];
  readonly units = new Map<SchedUnit, Credit2Unit>();
  readonly domains = new Map<SchedDomain, Credit2Domain>();
  /** Rule 9.1. */
  ratelimitUs: number;

  constructor(
    readonly core: SchedulerCore,
    readonly options: Credit2Options,
  ) {
    this.ratelimitUs = options.ratelimitUs;
  }

  unit(unit: SchedUnit): Credit2Unit {
    return defined(this.units.get(unit), 'a unit of this scheduler');
  }

  domain(domain: SchedDomain): Credit2Domain {
    return defined(this.domains.get(domain), 'a domain of this scheduler');
  }

  /** The queue of a pCPU. */
  queueOf(cpu: number): RunQueue {
    return defined(
      this.queues.find(({ cpus }) => ((cpus >>> cpu) & 1) !== 0),
      'the run queue of a pCPU of the pool',
    );
  }

  fingerprint(hasher: Hasher): void {
    const names = (units: readonly Credit2Unit[]): string[] => units.map(({ unit }) => unit.toString());
    hasher.add(this.ratelimitUs);
    for (const queue of this.queues) {
      hasher.add(queue.id, queue.cpus, queue.idle, queue.tickled, names(queue.waiting), names(queue.units));
      hasher.add(queue.maxWeight, queue.runnable, queue.pickBias);
      for (const { average, updated } of [queue.load, queue.expected]) hasher.add(average, updated);
    }
    for (const svc of this.units.values()) {
      hasher.add(svc.unit.toString(), svc.queue?.id, svc.flags, svc.credit, svc.residual, svc.chargedUntil);
      hasher.add(svc.load.average, svc.load.updated, svc.budget, svc.tickledCpu, svc.moveTo?.id);
    }
    for (const { domain, weight, cap, budget, nextRefill, parked, units } of this.domains.values())
      hasher.add(domain.domainId, weight, cap, budget, nextRefill, names(parked), names(units));
  }

  /** A unit had so many credits before. */
  creditChanged({ unit, credit }: Credit2Unit, before: number): void {
    const { probe } = this.core;
    if (!probe.isRecording || credit === before) return;
    probe.emitFor(packVcpu(unit.domain.domainId, unit.id), ProbeKind.credit, credit, credit - before);
  }

  /** The unit that a pCPU runs; null for the idle unit. */
  current(cpu: number): Credit2Unit | null {
    const unit = this.core.current(cpu);
    return unit.isIdle ? null : this.unit(unit);
  }
}
