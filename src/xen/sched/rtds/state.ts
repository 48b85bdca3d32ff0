/** What RTDS keeps of units and domains, and its three queues. The rules are those of docs/xen/rtds.md. */
import { defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { type Nanoseconds, nanoseconds } from '../../time/time.ts';
import type { CpuMask } from '../cpu-mask.ts';
import type { SchedulerCore } from '../scheduler.ts';
import type { SchedDomain, SchedUnit } from '../unit.ts';
import { standardBudget, standardPeriod } from './parameters.ts';

export interface RtdsUnit {
  readonly unit: SchedUnit;
  period: Nanoseconds;
  budget: Nanoseconds;
  extratime: boolean;
  /** Rule 1.3. */
  remaining: Nanoseconds;
  deadline: Nanoseconds;
  level: number;
  /** Rule 4.3: has spent its budget and was not replenished since. */
  depleted: boolean;
  /** The time up to which the running unit has paid. */
  paidUntil: Nanoseconds;
}

export const newRtdsUnit = (unit: SchedUnit): RtdsUnit => ({
  unit,
  period: standardPeriod,
  budget: standardBudget,
  extratime: true,
  remaining: nanoseconds(0),
  deadline: nanoseconds(0),
  level: 0,
  depleted: false,
  paidUntil: nanoseconds(0),
});

/** Rule 2.1: negative if `a` ranks above `b`, positive if below, 0 if they are equals. */
export const compareRank = (a: RtdsUnit, b: RtdsUnit): number => a.level - b.level || a.deadline - b.deadline;

/** Rule 2.2: puts a unit behind its equals. True if it is the first now. */
export function insertByRank(queue: RtdsUnit[], svc: RtdsUnit): boolean {
  const at = queue.findIndex((other) => compareRank(svc, other) < 0);
  queue.splice(at < 0 ? queue.length : at, 0, svc);
  return queue[0] === svc;
}

/** Whether it was there. */
export function removeFrom(queue: RtdsUnit[], svc: RtdsUnit): boolean {
  const at = queue.indexOf(svc);
  if (at >= 0) queue.splice(at, 1);
  return at >= 0;
}

/** Rule 3.2. Time before now belongs to the period that is over. */
export function replenish(svc: RtdsUnit, now: Nanoseconds): void {
  const periods = Math.max(1, Math.floor((now - svc.deadline) / svc.period) + 1);
  svc.deadline = nanoseconds(svc.deadline + periods * svc.period);
  svc.remaining = svc.budget;
  svc.level = 0;
  svc.paidUntil = now;
}

/** Rules 4.1 to 4.4: a unit pays for having run until now. */
export function pay(svc: RtdsUnit, now: Nanoseconds): void {
  svc.remaining = nanoseconds(svc.remaining - Math.max(0, now - svc.paidUntil));
  svc.paidUntil = now;
  if (svc.remaining > 0) return;
  if (svc.extratime) {
    svc.level++;
    svc.remaining = svc.budget;
  } else {
    svc.remaining = nanoseconds(0);
    svc.depleted = true;
  }
}

/** The state that the groups of rules share. */
export class RtdsState {
  readonly units = new Map<SchedUnit, RtdsUnit>();
  readonly domains = new Map<SchedDomain, RtdsUnit[]>();
  /** Rule 2.2. */
  readonly runQueue: RtdsUnit[] = [];
  readonly depletedQueue: RtdsUnit[] = [];
  /** Rule 3.3. */
  readonly replenishments: RtdsUnit[] = [];
  /** Rule 6.1: pCPUs that were tickled and have not decided since. */
  tickled: CpuMask = 0;

  constructor(readonly core: SchedulerCore) {}

  unit(unit: SchedUnit): RtdsUnit {
    return defined(this.units.get(unit), 'a unit of this scheduler');
  }

  domain(domain: SchedDomain): RtdsUnit[] {
    return defined(this.domains.get(domain), 'a domain of this scheduler');
  }

  isQueued(svc: RtdsUnit): boolean {
    return this.runQueue.includes(svc) || this.depletedQueue.includes(svc);
  }

  enqueue(svc: RtdsUnit): void {
    if (svc.remaining > 0) insertByRank(this.runQueue, svc);
    else this.depletedQueue.unshift(svc);
  }

  dequeue(svc: RtdsUnit): void {
    if (!removeFrom(this.runQueue, svc)) removeFrom(this.depletedQueue, svc);
  }

  fingerprint(hasher: Hasher): void {
    for (const queue of [this.runQueue, this.depletedQueue, this.replenishments])
      hasher.add(queue.map(({ unit }) => unit.toString()));
    hasher.add(this.tickled);
    for (const [{ domainId }, units] of this.domains) {
      hasher.add(domainId, units.length);
      for (const svc of units) {
        hasher.add(svc.unit.toString(), svc.period, svc.budget, svc.extratime);
        hasher.add(svc.remaining, svc.deadline, svc.level, svc.depleted, svc.paidUntil);
      }
    }
  }
}
