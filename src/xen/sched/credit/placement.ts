/** Which pCPU a unit goes to, and which pCPUs are told of it: docs/xen/credit.md, section 6. */
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { packVcpu } from '../../../base/probe/probe.ts';
import { type CpuMask, cycleCpu, hasCpu, maskOf } from '../cpu-mask.ts';
import type { SchedUnit } from '../unit.ts';
import { type CreditState, type CreditUnit, Priority, UnitFlag } from './state.ts';

/** Rule 6.1: what a search looks at first, and then. */
export const affinities = ['soft', 'hard'] as const;
export type Affinity = (typeof affinities)[number];

/** Rule 6.1: the pCPUs on which a unit may run, or prefers to; null if it has no preference. */
export function cpusFor(state: CreditState, unit: SchedUnit, affinity: Affinity): CpuMask | null {
  if (affinity === 'hard') return unit.hardAffinity;
  const prefers = unit.softAffinityEffective && (state.online & ~unit.softAffinity) !== 0;
  return prefers ? unit.hardAffinity & unit.softAffinity : null;
}

/**
 * Rules 6.2 and 6.3: the best pCPU for a unit. Xen prefers idle cores to idle threads; the cores of a Cortex-A53
 * cluster are alike and have no threads, so any idle one will do.
 */
export function pickCpu(state: CreditState, unit: SchedUnit): number {
  const own = unit.processor;
  // A pCPU whose queue is empty is as good as idle for the unit that runs on it.
  const first = state.pcpu(own).runQueue[0];
  const ownIdles = !first || first.unit.isIdle;
  let cpu = own;
  for (const affinity of affinities) {
    const cpus = cpusFor(state, unit, affinity);
    const allowed = (cpus ?? 0) & state.online;
    if (affinity === 'soft' && allowed === 0) continue;
    cpu = hasCpu(allowed, own) ? own : cycleCpu(own, allowed);
    const idlers = cpu === own && ownIdles ? state.idlers | maskOf(own) : state.idlers;
    const suitable = idlers & allowed;
    if (!hasCpu(suitable, cpu) && suitable !== 0) cpu = cycleCpu(cpu, suitable);
    if (hasCpu(idlers, cpu)) break;
  }
  return cpu;
}

/** Rule 6.4: has a pCPU decide again, after a unit was put on a queue. */
export function tickle(state: CreditState, svc: CreditUnit): void {
  const cpu = cpuToTickle(state, svc);
  if (cpu === null) return;
  state.idlers &= ~maskOf(cpu);
  state.core.probe.emitFor(packVcpu(svc.unit.domain.domainId, svc.unit.id), ProbeKind.tickle, cpu);
  state.core.raiseSchedule(cpu);
}

function cpuToTickle(state: CreditState, svc: CreditUnit): number | null {
  const own = svc.unit.processor;
  const current = state.current(own);
  if (current.priority === Priority.idle) return own;
  const idle = state.idlers & state.online;
  if ((svc.flags & UnitFlag.pinned) !== 0 && hasCpu(idle, own)) return own;
  for (const affinity of affinities) {
    const suitable = (cpusFor(state, svc.unit, affinity) ?? 0) & idle;
    if (suitable !== 0) return nextIdler(state, suitable);
  }
  return svc.priority > current.priority ? own : null;
}

/** Rule 6.5: idle pCPUs are tickled in turn. */
function nextIdler({ core, lastTickled }: CreditState, suitable: CpuMask): number {
  const asking = core.thisCpu();
  const cpu = cycleCpu(lastTickled[asking] as number, suitable);
  lastTickled[asking] = cpu;
  return cpu;
}
