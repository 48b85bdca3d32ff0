/** What debug key `r` prints of RTDS: docs/xen/rtds.md, section 8. */
import { formatCpuList } from '../cpu-mask.ts';
import type { RtdsState, RtdsUnit } from './state.ts';

export function dumpSettings(state: RtdsState): void {
  const { core, domains, runQueue, depletedQueue, replenishments } = state;
  const list = (title: string, units: readonly RtdsUnit[]): void => {
    core.printk(title);
    for (const svc of units) printUnit(state, svc);
  };
  list('Global RunQueue info:', runQueue);
  list('Global DepletedQueue info:', depletedQueue);
  list('Global Replenishment Events info:', replenishments);
  core.printk('Domain info:');
  for (const [{ domainId }, units] of domains) list(`\tdomain: ${domainId}`, units);
}

export function dumpCpu(state: RtdsState, cpu: number): void {
  state.core.printk(`CPU[${String(cpu).padStart(2, '0')}]`);
  const current = state.core.current(cpu);
  if (!current.isIdle) printUnit(state, state.unit(current));
}

/** Bits of a unit's flags, as they are printed. */
const flagsOf = ({ unit, depleted, extratime }: RtdsUnit): number =>
  (unit.isRunning ? 1 << 1 : 0) | (depleted ? 1 << 3 : 0) | (extratime ? 1 << 4 : 0);

function printUnit(state: RtdsState, svc: RtdsUnit): void {
  const { unit, period, budget, remaining, deadline, paidUntil, level, extratime } = svc;
  const { core } = state;
  const name = `[${String(unit.domain.domainId).padStart(5)}.${String(unit.id).padEnd(2)}]`;
  const affinity = formatCpuList(unit.hardAffinity & core.online);
  core.printk(
    `${name} cpu ${unit.processor}, (${period}, ${budget}), cur_b=${remaining} cur_d=${deadline} last_start=${paidUntil}`,
  );
  core.printk(` \t\t priority_level=${level} has_extratime=${Number(extratime)}`);
  core.printk(
    ` \t\t onQ=${Number(state.isQueued(svc))} runnable=${Number(unit.runnable)} flags=${flagsOf(svc).toString(16)} effective hard_affinity=${affinity}`,
  );
}
