/** What the credit scheduler keeps of pCPUs, units and domains. The rules are those of docs/xen/credit.md. */

import { defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { packVcpu } from '../../../base/probe/probe.ts';
import type { Nanoseconds } from '../../time/time.ts';
import type { CpuMask } from '../cpu-mask.ts';
import type { SchedulerCore, SoftTimer } from '../scheduler.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';
import { defaultCreditParameters } from './parameters.ts';

/** Rule 2.1. A higher number goes first. */
export const Priority = { boost: 0, under: -1, over: -2, idle: -64 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/** Bits of a unit's flags, as debug key `r` prints them. */
export const UnitFlag = {
  /** Rule 4.10: kept from running by its cap. */
  parked: 1 << 0,
  /** Rule 5.4: lets others go first at the next decision. */
  yield: 1 << 1,
  /** Rule 2.3: is being moved, so its next wake-up earns no boost. */
  migrating: 1 << 2,
  /** Rule 6.4: may run on one pCPU only. */
  pinned: 1 << 4,
} as const;

export interface CreditUnit {
  readonly unit: SchedUnit;
  /** Undefined for idle units. */
  readonly domain: CreditDomain | undefined;
  priority: Priority;
  flags: number;
  credit: number;
  /** Rule 1.4: what the last charge left over, in nanoseconds times credits per millisecond. */
  remainder: number;
  /** Rule 1.3: the time up to which the running unit has been charged. */
  chargedUntil: Nanoseconds;
  /** Rule 1.4: nanoseconds that a unit had run without being charged when it left its pCPU. */
  uncharged: number;
  /** Rule 7.5: when it was last charged at a decision. */
  lastDecision: Nanoseconds;
}

export interface CreditDomain {
  readonly domain: SchedDomain;
  /** Rule 3.2: the units that earn credits; the last that became active is the first. */
  readonly activeUnits: CreditUnit[];
  weight: number;
  /** In percent of one pCPU; 0 for none. */
  cap: number;
}

export interface CreditPcpu {
  /** Rule 2.2: the units that wait, by priority, without the one that runs. The idle unit is the last. */
  readonly runQueue: CreditUnit[];
  /** Rule 2.6: the accounting that the queue was last sorted after. */
  sortedFor: number;
  /** Runnable units, with the one that runs, without the idle unit. */
  runnable: number;
  readonly ticker: SoftTimer;
}

/** The state that the groups of rules share. */
export class CreditState {
  /** By pCPU of the pool. */
  readonly pcpus = new Map<number, CreditPcpu>();
  readonly units = new Map<SchedUnit, CreditUnit>();
  readonly domains = new Map<SchedDomain, CreditDomain>();
  /** Rule 4.3: domains with active units, in the order in which accounting serves them. */
  readonly active: CreditDomain[] = [];
  /** Rule 4.1: the pCPU whose timer does the accounting. */
  master = 0;
  /** Weight of all active units together. */
  weight = 0;
  /** Rule 4.9: sum of all credits after the last accounting. */
  balance = 0;
  /** Number of accountings so far. */
  accountings = 0;
  /** pCPUs that idle and have not been tickled. */
  idlers: CpuMask = 0;
  /** Rule 6.5: by the pCPU that tickled, the pCPU that it tickled last. */
  readonly lastTickled: number[];
  /** Rule 7.3: the pCPU from which a unit was stolen last. */
  lastPeer = 0;

  constructor(
    readonly core: SchedulerCore,
    public parameters = defaultCreditParameters,
  ) {
    this.lastTickled = new Array(core.cpus).fill(0);
  }

  /** The pCPUs of the pool. */
  get online(): CpuMask {
    return this.core.online;
  }

  unit(unit: SchedUnit): CreditUnit {
    return defined(this.units.get(unit), 'a unit of this scheduler');
  }

  domain(domain: SchedDomain): CreditDomain {
    return defined(this.domains.get(domain), 'a domain of this scheduler');
  }

  pcpu(cpu: number): CreditPcpu {
    return defined(this.pcpus.get(cpu), 'a pCPU of the pool');
  }

  fingerprint(hasher: Hasher): void {
    const names = (units: readonly CreditUnit[]): string[] => units.map(({ unit }) => unit.toString());
    const { tsliceMs, ratelimitUs, migrationDelayUs } = this.parameters;
    hasher.add(tsliceMs, ratelimitUs, migrationDelayUs, this.weight, this.balance, this.accountings, this.idlers);
    hasher.add(this.lastTickled, this.lastPeer);
    for (const { runQueue, sortedFor, runnable } of this.pcpus.values())
      hasher.add(names(runQueue), sortedFor, runnable);
    for (const svc of this.units.values()) {
      hasher.add(svc.unit.toString(), svc.priority, svc.flags, svc.credit, svc.remainder);
      hasher.add(svc.chargedUntil, svc.uncharged, svc.lastDecision);
    }
    for (const { domain, weight, cap, activeUnits } of this.domains.values())
      hasher.add(domain.domainId, weight, cap, names(activeUnits));
    hasher.add(this.active.map(({ domain }) => domain.domainId));
  }

  setPriority(svc: CreditUnit, priority: Priority): void {
    if (priority === svc.priority) return;
    const { probe } = this.core;
    const { domain, id } = svc.unit;
    if (probe.isRecording) probe.emitFor(packVcpu(domain.domainId, id), ProbeKind.priority, priority, svc.priority);
    svc.priority = priority;
  }

  /** A unit had so many credits before. */
  creditChanged({ unit, credit }: CreditUnit, before: number): void {
    const { probe } = this.core;
    if (!probe.isRecording || credit === before) return;
    probe.emitFor(packVcpu(unit.domain.domainId, unit.id), ProbeKind.credit, credit, credit - before);
  }

  /** The unit that a pCPU runs. */
  current(cpu: number): CreditUnit {
    return this.unit(this.core.current(cpu));
  }
}
