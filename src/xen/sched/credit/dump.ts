/** What debug key `r` prints of the credit scheduler: docs/xen/credit.md, section 9. */
import { countCpus, formatCpuList, maskOf } from '../cpu-mask.ts';
import { creditsPerSlice } from './accounting.ts';
import { creditsPerMs, domainRanges, ticksPerSlice } from './parameters.ts';
import type { CreditState, CreditUnit } from './state.ts';

export function dumpSettings(state: CreditState): void {
  const { core, parameters } = state;
  const { tsliceMs, ratelimitUs, migrationDelayUs } = parameters;
  const rows: [string, number | string][] = [
    ['ncpus', countCpus(core.online)],
    ['master', state.master],
    ['credit', creditsPerSlice(state) * countCpus(core.online)],
    ['credit balance', state.balance],
    ['weight', state.weight],
    ['runq_sort', state.accountings],
    ['default-weight', domainRanges.weight.standard],
    ['tslice', `${tsliceMs}ms`],
    ['ratelimit', `${ratelimitUs}us`],
    ['credits per msec', creditsPerMs],
    ['ticks per tslice', ticksPerSlice(tsliceMs)],
    ['migration delay', `${migrationDelayUs}us`],
  ];
  core.printk('info:');
  for (const [name, value] of rows) core.printk(`\t${name.padEnd(18)} = ${value}`);
  core.printk(`idlers: ${state.idlers.toString(16)}`);
  core.printk('active units:');
  printUnits(
    state,
    state.active.flatMap(({ activeUnits }) => activeUnits),
  );
}

export function dumpCpu(state: CreditState, cpu: number): void {
  const { core } = state;
  const { runnable, sortedFor, runQueue } = state.pcpu(cpu);
  const number = String(cpu).padStart(2, '0');
  const alone = formatCpuList(maskOf(cpu));
  core.printk(`CPU[${number}] nr_run=${runnable}, sort=${sortedFor}, sibling={${alone}}, core={${alone}}`);
  const current = core.current(cpu);
  if (!current.isIdle) core.printk(`\trun: ${describe(state.unit(current))}`);
  printUnits(state, runQueue);
}

function printUnits({ core }: CreditState, units: readonly CreditUnit[]): void {
  units.forEach((svc, i) => {
    core.printk(`\t${String(i + 1).padStart(3)}: ${describe(svc)}`);
  });
}

const describe = ({ unit, domain, priority, flags, credit }: CreditUnit): string => {
  const own = domain ? ` credit=${credit} [w=${domain.weight},cap=${domain.cap}]` : '';
  return `[${unit.domain.domainId}.${unit.id}] pri=${priority} flags=${flags.toString(16)} cpu=${unit.processor}${own}`;
};
