/** xl's other commands for pools of CPUs (tools/xl/xl_cpupool.c). */
import { cpusOf } from '../../../xen/sched/cpu-mask.ts';
import { addCpu, allPools, destroyPool, moveDomain, poolName, removeCpu, renamePool } from '../../libxl/cpupools.ts';
import { findDomain } from '../../libxl/names.ts';
import { atOnce, Exit, type XlCommand } from '../command.ts';
import { pad } from '../domains.ts';
import { cpusIn, poolOf } from './pools.ts';

const list = atOnce(({ libxl, context }, { options, operands: [wanted] }) => {
  const shown = allPools(libxl).filter(({ id }) => wanted === undefined || poolName(libxl, id) === wanted);
  if (shown.length === 0) throw new Exit(`Pool '${wanted}' does not exist\n`);
  const header = options.has('c') ? 'CPU list' : 'CPUs   Sched     Active   Domain count';
  context.out(`${'Name'.padEnd(19)}${header}\n`);
  for (const { id, policy, cpus, members } of shown) {
    const list = [...cpusOf(cpus)];
    const row = options.has('c')
      ? list.join(',')
      : `${pad(list.length, 3)} ${pad(policy.name, 9)}       y       ${pad(members.size, 4)}`;
    context.out(`${poolName(libxl, id).padEnd(19)}${row}\n`);
  }
  return 0;
});

const destroy = atOnce((xl, { operands: [name = ''] }) => {
  const { id } = poolOf(xl, name);
  if (!destroyPool(xl.libxl, id)) throw new Exit(`Can't destroy cpupool '${name}'\n`);
  return 0;
});

const rename = atOnce((xl, { operands: [name = '', next = ''] }) => {
  renamePool(xl.libxl, poolOf(xl, name).id, next);
  return 0;
});

const cpuAdd = atOnce((xl, { operands: [name = '', text = ''] }) => {
  const { libxl, context } = xl;
  const cpus = cpusIn(xl, text);
  const { id } = poolOf(xl, name);
  const errors = cpus.flatMap((cpu) => addCpu(libxl, id, cpu) ?? []);
  for (const line of errors) context.err(`${line}\n`);
  if (errors.length > 0) context.err(`some cpus may not have been added to ${name}\n`);
  return 0;
});

const cpuRemove: XlCommand['run'] = function* (xl, { operands: [name = '', text = ''] }) {
  const { libxl, context } = xl;
  const cpus = cpusIn(xl, text);
  const { id } = poolOf(xl, name);
  let hasFailed = false;
  for (const cpu of cpus) {
    const error = yield* removeCpu(libxl, id, cpu);
    if (error === null) continue;
    hasFailed = true;
    context.err(`${error}\n`);
  }
  if (hasFailed) {
    context.err(`Some cpus may have not or only partially been removed from '${name}'.\n`);
    context.err(`If a cpu can't be added to another cpupool, add it to '${name}' again and retry.\n`);
  }
  return 0;
};

const migrate: XlCommand['run'] = function* (xl, { operands: [qualifier = '', name = ''] }) {
  const { libxl, context } = xl;
  const domid = findDomain(libxl, qualifier);
  const domain = domid === null ? undefined : libxl.xen.domains.get(domid);
  if (!domain) throw new Exit(`unknown domain '${qualifier}'\n`);
  const error = yield* moveDomain(libxl, domain, poolOf(xl, name).id);
  if (error === null) return 0;
  context.err(`${error}\n`);
  return 1;
};

const numaSplit = atOnce((xl) => {
  if (allPools(xl.libxl).length > 1) throw new Exit('splitting not possible, already cpupools in use\n');
  // The machine has one node.
  renamePool(xl.libxl, 0, 'Pool-node0');
  return 0;
});

const cpuNumbers = '<CPU Pool> <CPU nr>|node:<node nr>';

export const cpupoolListCommand: XlCommand = {
  name: 'cpupool-list',
  summary: 'List CPU pools on host',
  syntax: {
    usage: '[-c|--cpus] [<CPU Pool>]',
    options: ['-c, --cpus                     Output list of CPUs used by a pool'],
    short: 'c',
    long: { cpus: 'c' },
  },
  run: list,
};

export const cpupoolDestroyCommand: XlCommand = {
  name: 'cpupool-destroy',
  summary: 'Deactivates a CPU pool',
  syntax: { global: 'f', usage: '<CPU Pool>', required: 1 },
  run: destroy,
};

export const cpupoolRenameCommand: XlCommand = {
  name: 'cpupool-rename',
  summary: 'Renames a CPU pool',
  syntax: { global: 'f', usage: '<CPU Pool> <new name>', required: 2 },
  run: rename,
};

export const cpupoolCpuAddCommand: XlCommand = {
  name: 'cpupool-cpu-add',
  summary: 'Adds a CPU to a CPU pool',
  syntax: { global: 'f', usage: cpuNumbers, required: 2 },
  run: cpuAdd,
};

export const cpupoolCpuRemoveCommand: XlCommand = {
  name: 'cpupool-cpu-remove',
  summary: 'Removes a CPU from a CPU pool',
  syntax: { global: 'f', usage: cpuNumbers, required: 2 },
  run: cpuRemove,
};

export const cpupoolMigrateCommand: XlCommand = {
  name: 'cpupool-migrate',
  summary: 'Moves a domain into a CPU pool',
  takesDomain: true,
  syntax: { global: 'f', usage: '<Domain> <CPU Pool>', required: 2 },
  run: migrate,
};

export const cpupoolNumaSplitCommand: XlCommand = {
  name: 'cpupool-numa-split',
  summary: 'Splits up the machine into one CPU pool per NUMA node',
  syntax: { global: 'f', usage: '' },
  run: numaSplit,
};
