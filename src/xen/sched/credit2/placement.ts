/** Where units wait, and which pCPU is told of them: docs/xen/credit2.md, sections 2, 3 and 8. */
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { packVcpu } from '../../../base/probe/probe.ts';
import { microseconds, type Nanoseconds } from '../../time/time.ts';
import { type CpuMask, cpusOf, cycleCpu, hasCpu, maskOf } from '../cpu-mask.ts';
import type { SchedUnit } from '../unit.ts';
import { burn } from './credits.ts';
import { followQueue } from './load.ts';
import { fullCredit, idleCredit, tickleTolerance } from './parameters.ts';
import { type Credit2State, type Credit2Unit, type RunQueue, UnitFlag } from './state.ts';

/** Rule 2.2: before the first that has less credit. */
export function enqueue(svc: Credit2Unit, queue: RunQueue): void {
  const at = queue.waiting.findIndex(({ credit }) => credit < svc.credit);
  queue.waiting.splice(at < 0 ? queue.waiting.length : at, 0, svc);
}

export const isQueued = (svc: Credit2Unit): boolean => svc.queue?.waiting.includes(svc) ?? false;

export function dequeue(svc: Credit2Unit): void {
  svc.queue?.waiting.splice(svc.queue.waiting.indexOf(svc), 1);
}

/** Rule 3.1: where a unit prefers to run; null if it has no preference that counts. */
export function preferred({ core }: Credit2State, unit: SchedUnit): CpuMask | null {
  const prefers = unit.softAffinityEffective && (core.online & ~unit.softAffinity) !== 0;
  return prefers ? unit.hardAffinity & unit.softAffinity & core.online : null;
}

/** Where a unit may run. A pCPU that is leaving the pool is not there any more. */
export const allowed = ({ core }: Credit2State, unit: SchedUnit): CpuMask => unit.hardAffinity & core.online;

/** Has a pCPU decide anew, for a unit that it is to look at. */
function tell(state: Credit2State, queue: RunQueue, cpu: number, svc: Credit2Unit): void {
  queue.tickled |= maskOf(cpu);
  svc.tickledCpu = cpu;
  state.core.probe.emitFor(packVcpu(svc.unit.domain.domainId, svc.unit.id), ProbeKind.tickle, cpu);
  state.core.raiseSchedule(cpu);
}

/** Section 3: finds a pCPU for a unit that has joined its queue. If there is none, it waits for a decision. */
export function tickle(state: Credit2State, svc: Credit2Unit, now: Nanoseconds): void {
  const { queue, unit, flags } = svc;
  if (!queue) return;
  const own = unit.processor;
  const free = queue.idle & ~queue.tickled;
  // Rule 3.2.
  if ((flags & UnitFlag.pinned) !== 0 && hasCpu(free, own)) {
    tell(state, queue, own, svc);
    return;
  }
  // Rule 3.3.
  for (const wanted of [preferred(state, unit), allowed(state, unit)]) {
    const suitable = (wanted ?? 0) & queue.cpus & free;
    if (suitable === 0) continue;
    tell(state, queue, hasCpu(suitable, own) ? own : cycleCpu(own, suitable), svc);
    return;
  }
  const victim = busyCpuFor(state, svc, queue, now);
  if (victim >= 0) tell(state, queue, victim, svc);
}

/** Rules 3.4 and 3.5: the pCPU whose unit a waking one replaces; -1 if there is none. */
function busyCpuFor(state: Credit2State, svc: Credit2Unit, queue: RunQueue, now: Nanoseconds): number {
  const { unit } = svc;
  const busy = allowed(state, unit) & queue.cpus & ~queue.idle & ~queue.tickled;
  const own = unit.processor;
  if (hasCpu(busy, own) && hasCpu(unit.softAffinity, own) && score(state, svc, own, now) > 0) return own;
  let best = -1;
  let most = 0;
  for (const cpu of cpusOf(busy)) {
    const value = score(state, svc, cpu, now);
    if (value <= most) continue;
    most = value;
    best = cpu;
  }
  return best;
}

/** Rule 3.5: how much a waking unit deserves a busy pCPU more than what runs there. */
function score(state: Credit2State, svc: Credit2Unit, cpu: number, now: Nanoseconds): number {
  const { options, ratelimitUs } = state;
  const running = state.current(cpu);
  if (running) {
    burn(state, running, now);
    if (now - running.unit.stateEntryTime <= microseconds(ratelimitUs) - tickleTolerance && ratelimitUs !== 0)
      return -1;
  }
  let value = svc.credit - (running?.credit ?? idleCredit);
  if (cpu !== svc.unit.processor) value -= options.migrateResist;
  if (value <= 0) return value;
  if (hasCpu(svc.unit.softAffinity, cpu)) value += fullCredit;
  if (running && !hasCpu(running.unit.softAffinity, cpu)) value += fullCredit;
  return value;
}

/** Rules 8.2 and 8.4: the least loaded queue that suits, and the next pCPU there. */
export function pickCpu(state: Credit2State, svc: Credit2Unit): number {
  const { unit } = svc;
  const now = state.core.now();
  if ((svc.flags & UnitFlag.moves) !== 0) {
    const { moveTo } = svc;
    svc.flags &= ~UnitFlag.moves;
    svc.moveTo = null;
    const cpus = moveTo ? moveTo.cpus & allowed(state, unit) : 0;
    if (moveTo && cpus !== 0) return nextCpu(moveTo, cpus);
  }
  for (const wanted of [preferred(state, unit), allowed(state, unit)]) {
    let best: RunQueue | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const queue of state.queues) {
      if (((wanted ?? 0) & queue.cpus) === 0) continue;
      followQueue(state, queue, now);
      const own = queue === svc.queue ? svc.load.average : 0;
      const load = Math.max(queue.expected.average - own, 0);
      if (load >= least) continue;
      least = load;
      best = queue;
    }
    if (best) return nextCpu(best, (wanted ?? 0) & best.cpus);
  }
  return unit.processor;
}

function nextCpu(queue: RunQueue, cpus: CpuMask): number {
  queue.pickBias = cycleCpu(queue.pickBias, cpus);
  return queue.pickBias;
}
