/** Which pCPU a unit of RTDS is for: docs/xen/rtds.md, section 6. */
import { type CpuMask, countCpus, cycleCpu, hasCpu, maskOf } from '../cpu-mask.ts';
import type { SchedUnit } from '../unit.ts';
import { compareRank, type RtdsState, type RtdsUnit } from './state.ts';

/** Rule 6.3. */
export function pickCpu({ core }: RtdsState, { processor, hardAffinity }: SchedUnit): number {
  const allowed = hardAffinity & core.online;
  return startOf(allowed === 0 ? core.online : allowed, processor);
}

/** Rule 6.1: has a pCPU decide anew that should rather run this unit. */
export function tickle(state: RtdsState, svc: RtdsUnit): void {
  const { core } = state;
  const allowed = svc.unit.hardAffinity & core.online & ~state.tickled;
  if (allowed === 0) return;
  let lowest: { readonly cpu: number; readonly svc: RtdsUnit } | null = null;
  let cpu = startOf(allowed, svc.unit.processor);
  for (let count = countCpus(allowed); count > 0; count--) {
    const current = core.current(cpu);
    if (current.isIdle) {
      raise(state, cpu);
      return;
    }
    const running = state.unit(current);
    if (lowest === null || compareRank(running, lowest.svc) > 0) lowest = { cpu, svc: running };
    cpu = cycleCpu(cpu, allowed);
  }
  if (lowest !== null && compareRank(svc, lowest.svc) < 0) raise(state, lowest.cpu);
}

function raise(state: RtdsState, cpu: number): void {
  state.tickled |= maskOf(cpu);
  state.core.raiseSchedule(cpu);
}

const startOf = (allowed: CpuMask, cpu: number): number => (hasCpu(allowed, cpu) ? cpu : cycleCpu(cpu, allowed));
