/** Stealing work from busier pCPUs: docs/xen/credit.md, section 7. */
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { packVcpu } from '../../../base/probe/probe.ts';
import { microseconds } from '../../time/time.ts';
import { cycleCpu, hasCpu, maskOf } from '../cpu-mask.ts';
import { type Affinity, affinities, cpusFor } from './placement.ts';
import { dequeue } from './queue.ts';
import type { CreditState, CreditUnit, Priority } from './state.ts';

/** A unit of a higher priority from the queue of another pCPU, which is `cpu`'s from now on; null if there is none. */
export function steal(state: CreditState, cpu: number, priority: Priority): CreditUnit | null {
  if (!hasCpu(state.online, cpu)) return null;
  for (const affinity of affinities) {
    // Rule 7.3.
    const peers = state.online & ~state.idlers & ~maskOf(cpu);
    const first = cycleCpu(state.lastPeer, peers);
    if (first < 0) continue;
    let peer = first;
    do {
      const stolen = stealFrom(state, peer, { cpu, priority, affinity });
      if (stolen) {
        state.lastPeer = peer;
        return stolen;
      }
      peer = cycleCpu(peer, peers);
    } while (peer !== first);
  }
  return null;
}

/** The probe's flag for a migration to a pCPU that had nothing better to run. */
const stolenFlag = 1 << 8;

interface Thief {
  readonly cpu: number;
  /** What the thief would run otherwise. */
  readonly priority: Priority;
  readonly affinity: Affinity;
}

/** Rules 7.2 and 7.4. */
function stealFrom(state: CreditState, peer: number, { cpu, priority, affinity }: Thief): CreditUnit | null {
  const { runnable, runQueue } = state.pcpu(peer);
  if (runnable <= 1 || state.core.current(peer).isIdle) return null;
  for (const svc of runQueue) {
    if (svc.priority <= priority) break;
    const { unit } = svc;
    const cpus = cpusFor(state, unit, affinity);
    if (unit.isRunning || cpus === null || !hasCpu(cpus, cpu) || isCacheHot(state, svc)) continue;
    dequeue(state, svc);
    state.core.probe.emitFor(packVcpu(unit.domain.domainId, unit.id), ProbeKind.migrate, peer, cpu | stolenFlag);
    unit.processor = cpu;
    state.pcpu(cpu).runnable++;
    return svc;
  }
  return null;
}

/** Rule 7.5. */
function isCacheHot({ core, parameters }: CreditState, svc: CreditUnit): boolean {
  const delay = microseconds(parameters.migrationDelayUs);
  return delay !== 0 && core.now() - svc.lastDecision < delay;
}
