/** What debug key `r` prints of the credit2 scheduler: docs/xen/credit2.md, section 10. */
import { countCpus, cpusOf, formatCpuList, maskOf } from '../cpu-mask.ts';
import { quota } from './caps.ts';
import { followQueue, updateLoad, wholeLoad } from './load.ts';
import { domainRanges } from './parameters.ts';
import type { Credit2State, Credit2Unit, RunQueue } from './state.ts';

export function dumpSettings(state: Credit2State): void {
  const { core, queues } = state;
  const print = core.printk;
  print(`Active queues: ${queues.length}`);
  print(`\t${'default-weight'.padEnd(18)} = ${domainRanges.weight.standard}`);
  for (const queue of queues) printQueue(state, queue);
  print('Domain info:');
  let count = 0;
  for (const { domain, weight, cap, units } of state.domains.values()) {
    print(`\tDomain: ${domain.domainId} w ${weight} c ${cap} v ${units.length}`);
    for (const svc of units) print(`\t${String(++count).padStart(3)}: ${describe(state, svc)}`);
  }
  for (const queue of queues) {
    print(`Runqueue ${queue.id}:`);
    for (const cpu of cpusOf(queue.cpus)) {
      const alone = formatCpuList(maskOf(cpu));
      print(`CPU[${String(cpu).padStart(2, '0')}] runq=${queue.id}, sibling={${alone}}, core={${alone}}`);
      const running = state.current(cpu);
      if (running) print(`\trun: ${describe(state, running)}`);
    }
    print('RUNQ:');
    for (const [i, svc] of queue.waiting.entries()) print(`\t${String(i).padStart(3)}: ${describe(state, svc)}`);
  }
}

function printQueue(state: Credit2State, queue: RunQueue): void {
  const { core, options } = state;
  followQueue(state, queue, core.now());
  const rows: [string, number | string][] = [
    ['ncpus', countCpus(queue.cpus)],
    ['cpus', formatCpuList(queue.cpus)],
    ['max_weight', queue.maxWeight],
    ['pick_bias', queue.pickBias],
    ['instload', queue.runnable],
    ['aveload', withPercent(options, queue.load.average)],
  ];
  core.printk(`Runqueue ${queue.id}:`);
  for (const [name, value] of rows) core.printk(`\t${name.padEnd(18)} = ${value}`);
  core.printk(`\tidlers: ${queue.idle.toString(16)}`);
  core.printk(`\ttickled: ${queue.tickled.toString(16)}`);
  core.printk(`\tfully idle cores: ${(queue.idle & ~queue.tickled).toString(16)}`);
}

const withPercent = (options: Credit2State['options'], load: number): string =>
  `${load} (~${Math.floor((load * 100) / wholeLoad(options))}%)`;

function describe(state: Credit2State, svc: Credit2Unit): string {
  const { unit, domain, flags, credit, budget } = svc;
  updateLoad(state, svc, 0, state.core.now());
  const limit = domain.cap === 0 ? '' : ` budget=${budget}(${quota(state.options, domain)})`;
  const own = `[${unit.domain.domainId}.${unit.id}] flags=${flags.toString(16)} cpu=${unit.processor} credit=${credit}`;
  return `${own} [w=${domain.weight}]${limit} load=${withPercent(state.options, svc.load.average)}`;
}
