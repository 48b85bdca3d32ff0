/** `xl cpupool-create` (tools/xl/xl_cpupool.c): a pool from a file, from `KEY=VALUE`s, or from both. */
import { parseConfig } from '../../config/language/parser.ts';
import { ConfigReader } from '../../config/language/reader.ts';
import { allPools, createPool, freeCpus, poolName, schedulerIds } from '../../libxl/cpupools.ts';
import { resolvePath } from '../../os/files.ts';
import { atOnce, Exit, type Parsed, type Xl, type XlCommand } from '../command.ts';
import { cpusIn } from './pools.ts';

const create = atOnce((xl, { options, operands }) => {
  const { libxl, context } = xl;
  const { text, file } = configOf(xl, options.get('f'), operands);
  const config = parseConfig(text, file ?? 'command line');
  if (config.failed) {
    for (const line of config.lines) if (!line.startsWith('Failed to parse config:')) context.err(`${line}\n`);
    context.err('Failed to parse config file: Invalid argument\n');
    return 1;
  }
  const reader = new ConfigReader(config, file ?? 'command line');
  const name = reader.string('name') ?? file?.split('/').pop();
  if (name === undefined) throw new Exit('Missing cpupool name!\n');
  if (allPools(libxl).some(({ id }) => poolName(libxl, id) === name))
    throw new Exit(`Pool name "${name}" already exists\n`);
  const scheduler = reader.string('sched') ?? libxl.xen.scheduling.policy.name;
  const id = schedulerIds.get(scheduler);
  if (id === undefined) throw new Exit('Unknown scheduler\n');
  const refuse = (message: string): never => {
    throw new Exit(`${message}\n`, file === null ? 6 : 1);
  };
  const cpus = cpusOf(xl, reader, refuse);
  for (const line of reader.lines) context.err(`${line}\n`);
  context.out(`Using config file "${file ?? 'command line'}"\n`);
  context.out(`cpupool name:   ${name}\nscheduler:      ${scheduler}\nnumber of cpus: ${cpus.length}\n`);
  if (options.has('n') || xl.dryRun) return 0;
  const error = createPool(libxl, name, id, cpus);
  if (error === null) return 0;
  context.err(`${error}\nerror on creating cpupool\n`);
  return 1;
});

/** The text of the config, and the file that it begins with, if any. */
function configOf(
  { libxl, context }: Xl,
  given: string | undefined,
  operands: Parsed['operands'],
): { readonly text: string; readonly file: string | null } {
  const file = given ?? operands.find((operand) => !operand.includes('=')) ?? null;
  const settings = operands.filter((operand) => operand.includes('='));
  if (file === null) return { text: ['', ...settings, ''].join('\n'), file };
  const read = libxl.files.readText(resolvePath(file, context.directory));
  if (!read.ok) throw new Exit(`Failed to read config file: ${file}: ${read.error}\n`);
  return { text: [read.value, ...settings, ''].join('\n'), file };
}

/** The CPUs that the config names, of those that are free. */
function cpusOf(xl: Xl, reader: ConfigReader, refuse: (message: string) => never): readonly number[] {
  const free = freeCpus(xl.libxl);
  const nodes = reader.list('nodes');
  if (nodes) {
    // All CPUs are of node 0.
    const cpus = nodes.items.some((item) => item.kind === 'atom' && Number(item.text) === 0) ? free : [];
    return cpus.length > 0 ? cpus : refuse('no free cpu found');
  }
  const given = reader.find('cpus')?.value;
  if (!given) return [];
  const cpus =
    given.kind === 'atom'
      ? cpusIn(xl, given.text, refuse)
      : given.items.flatMap((item) => (item.kind === 'atom' ? [Number.parseInt(item.text, 10) || 0] : []));
  const missing = cpus.find((cpu) => !free.includes(cpu));
  return missing === undefined ? cpus : refuse(`cpu ${missing} illegal or not free`);
}

export const cpupoolCreateCommand: XlCommand = {
  name: 'cpupool-create',
  summary: 'Create a new CPU pool',
  syntax: {
    global: 'fN',
    usage: '[options] [<ConfigFile>] [Variable=value ...]',
    options: [
      '-h, --help                   Print this help.',
      '-f FILE, --defconfig=FILE    Use the given configuration file.',
      '-n, --dryrun                 Dry run - prints the resulting configuration.',
      '                              (deprecated in favour of global -N option).',
      '',
      'See the xlcpupool.cfg(5) manpage for more information.',
    ],
    short: 'hf:n',
    long: { help: 'h', defconfig: 'f', dryrun: 'n' },
  },
  run: create,
};
