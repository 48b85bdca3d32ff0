/** xl's commands that only show: list, vcpu-list, info, uptime, dmesg and their like. */
import { capabilities, changeset, compileInfo, version, versionText } from '../../xen/version.ts';
import { domainJson, printJson } from '../libxl/config-json.ts';
import { domidOf, nameOf } from '../libxl/names.ts';
import { atOnce, Exit, type Xl, type XlCommand } from './command.ts';
import { allDomains, domainOf, listLine, nameOfDomain, pad, vcpuLine } from './domains.ts';

const list = atOnce((xl, { options, operands }) => {
  const { out } = xl.context;
  const [qualifier] = operands;
  const domains = qualifier === undefined ? allDomains(xl) : [domainOf(xl, qualifier)];
  if (options.has('l')) {
    out(`${printJson(domains.map((domain) => domainJson(xl.libxl, domain)))}\n\n`);
    return 0;
  }
  const verbose = options.has('v');
  const context = options.has('Z') && !verbose;
  let header = 'Name                                        ID   Mem VCPUs\tState\tTime(s)';
  if (verbose) header += '   UUID                            Reason-Code\tSecurity Label';
  if (context) header += '   Security Label';
  if (options.has('c')) header += '         Cpupool';
  if (options.has('n')) header += ' NODE Affinity';
  out(`${header}\n`);
  for (const domain of domains) {
    let line = listLine(xl, domain);
    if (verbose) {
      const uuid = xl.libxl.records.get(domain.domainId)?.uuid ?? '00000000-0000-0000-0000-000000000000';
      line += ` ${uuid} ${domain.isShutDown ? pad(domain.shutdownReason.toString(16), 8) : pad('-', 8)}`;
    }
    if (verbose || context) line += ` ${pad('-', 16)}`;
    if (options.has('c')) line += pad('Pool-0', 16);
    if (options.has('n')) line += ' all';
    out(`${line}\n`);
  }
  return 0;
});

const vcpuList = atOnce((xl, { operands }) => {
  const { out } = xl.context;
  out('Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)\n');
  const show = (domain: ReturnType<typeof domainOf>): void => {
    for (const { unit } of domain.vcpus) out(`${vcpuLine(xl, domain, unit)}\n`);
  };
  if (operands.length === 0) for (const domain of allDomains(xl)) show(domain);
  else for (const qualifier of operands) show(domainOf(xl, qualifier));
  return 0;
});

const domid = atOnce((xl, { operands: [name = ''] }) => {
  const found = domidOf(xl.libxl, name);
  if (found === null) throw new Exit(`Can't get domid of domain name '${name}', maybe this domain does not exist.\n`);
  xl.context.out(`${found}\n`);
  return 0;
});

const domname = atOnce((xl, { operands: [number = ''] }) => {
  if (!/^\d+$/.test(number)) throw new Exit(`Invalid domain id.\n\n`);
  const name = nameOf(xl.libxl, Number(number));
  if (name === null)
    throw new Exit(`Can't get domain name of domain id '${number}', maybe this domain does not exist.\n`);
  xl.context.out(`${name}\n`);
  return 0;
});

const vmList = atOnce((xl) => {
  const { out } = xl.context;
  out('UUID                                  ID    name\n');
  for (const domain of allDomains(xl)) {
    const uuid = xl.libxl.records.get(domain.domainId)?.uuid ?? '00000000-0000-0000-0000-000000000000';
    out(`${uuid}  ${String(domain.domainId).padEnd(4)} ${nameOfDomain(xl, domain).padEnd(30)}\n`);
  }
  return 0;
});

const info = atOnce((xl, { options }) => {
  const { xen } = xl.libxl;
  const { cpus } = xen.machine;
  const total = Math.round((xen.heap.frames * 4) / 1024);
  const free = Math.floor((xen.heap.freePages * 4) / 1024);
  const topology = [
    'cpu_topology           :',
    'cpu:    core    socket     node',
    ...Array.from({ length: cpus }, (_, cpu) => `  ${cpu}:       0        0        0`),
    'device topology        :',
    'device           node',
    'No device topology data available',
    'numa_info              :',
    'node:    memsize    memfree    distances',
    `   0: ${pad(total, 9)} ${pad(free, 10)}      20`,
  ];
  const field = (name: string, value: string | number): string => `${name.padEnd(23)}: ${value}`;
  const zeros = new Array(8).fill('00000000').join(':');
  const lines = [
    field('host', 'el2lab'),
    field('release', 'model'),
    field('version', "Domain-0's control shell, a model"),
    field('machine', 'aarch64'),
    field('nr_cpus', cpus),
    field('max_cpu_id', cpus - 1),
    field('nr_nodes', 1),
    field('cores_per_socket', 1),
    field('threads_per_core', 1),
    field('cpu_mhz', (xen.machine.counterHz / 1e6).toFixed(3)),
    field('hw_caps', zeros),
    field('virt_caps', 'hvm hap vpmu gnttab-v1'),
    field('total_memory', total),
    field('free_memory', free),
    field('sharing_freed_memory', 0),
    field('sharing_used_memory', 0),
    field('outstanding_claims', 0),
    field('free_cpus', 0),
    ...(options.has('n') ? topology : []),
    field('xen_major', version.major),
    field('xen_minor', version.minor),
    field('xen_extra', version.extra),
    field('xen_version', versionText),
    field('xen_caps', capabilities),
    field('xen_scheduler', xen.scheduling.policy.name),
    field('xen_pagesize', 4096),
    field('platform_params', 'virt_start=0x200000'),
    field('xen_changeset', changeset),
    field('xen_commandline', xen.commandLine.text),
    field('cc_compiler', compileInfo.compiler),
    field('cc_compile_by', compileInfo.by),
    field('cc_compile_domain', compileInfo.domain),
    field('cc_compile_date', compileInfo.date),
    field('xend_config_format', 4),
  ];
  xl.context.out(`${lines.join('\n')}\n`);
  return 0;
});

/** uptime_to_string. */
function uptimeText(total: number, short: boolean): string {
  const days = Math.floor(total / 86400);
  const hours = Math.floor(total / 3600) % 24;
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${pad(hours, 2)}:${two(Math.floor(total / 60) % 60)}${short ? '' : `:${two(total % 60)}`}`;
  return days > 0 ? `${days} day${days > 1 ? 's' : ''}, ${time}` : time;
}

const uptime = atOnce((xl, { options, operands }) => {
  const { out } = xl.context;
  const short = options.has('s');
  const now = Math.floor(xl.libxl.now() / 1e9);
  const domains = operands.length > 0 ? operands.map((q) => domainOf(xl, q)) : allDomains(xl);
  if (!short) out('Name                                ID Uptime\n');
  const clock = new Date(now * 1000).toISOString().slice(11, 19);
  for (const domain of domains) {
    const start = Math.floor((xl.libxl.records.get(domain.domainId)?.startTime ?? 0) / 1e9);
    const name = nameOfDomain(xl, domain);
    const text = uptimeText(now - start, short);
    out(
      short
        ? ` ${clock} up ${text}, ${name} (${domain.domainId})\n`
        : `${name.padEnd(33)} ${pad(domain.domainId, 4)} ${text}\n`,
    );
  }
  return 0;
});

const dmesg = atOnce((xl, { options }) => {
  const { log } = xl.libxl.xen;
  xl.context.out(log.ring);
  if (options.has('c')) log.clear();
  return 0;
});

const debugKeys = atOnce((xl, { operands: [keys = ''] }) => {
  for (const key of keys) showDebugKey(xl, key);
  return 0;
});

/** Debug key r: the run queues. Xen has others, which say nothing here. */
function showDebugKey({ libxl: { xen } }: Xl, key: string): void {
  const { scheduling, log, machine } = xen;
  if (key !== 'r') {
    log.printk(`'${key}' pressed -> no handler in this model`);
    return;
  }
  const { policy } = scheduling;
  const all = Array.from({ length: machine.cpus }, (_, cpu) => cpu);
  log.printk('sched_smt_power_savings: disabled');
  log.printk(`NOW=${machine.now()}`);
  log.printk(`Online Cpus: 0-${machine.cpus - 1}`);
  log.printk('Cpupool 0:');
  log.printk(`Cpus: 0-${machine.cpus - 1}`);
  log.printk('Scheduling granularity: cpu, 1 CPU per sched-resource');
  log.printk(`Scheduler: ${policy.title} (${policy.name})`);
  policy.dumpSettings();
  log.printk('CPUs info:');
  for (const cpu of all) {
    const current = scheduling.current(cpu);
    log.printk(`CPU[${String(cpu).padStart(2, '0')}] current=${current}, curr=${current}, prev=NULL`);
    policy.dumpCpu(cpu);
  }
}

export const listCommand: XlCommand = {
  name: 'list',
  summary: 'List information about all/some domains',
  takesDomain: true,
  syntax: {
    usage: '[options] [Domain]\n',
    options: [
      '-l, --long              Output all VM details',
      '-v, --verbose           Prints out UUIDs and security context',
      '-Z, --context           Prints out security context',
      '-c, --cpupool           Prints the cpupool the domain is in',
      '-n, --numa              Prints out NUMA node affinity',
    ],
    short: 'lvhZcn',
    long: { long: 'l', verbose: 'v', context: 'Z', cpupool: 'c', numa: 'n' },
  },
  run: list,
};

export const vcpuListCommand: XlCommand = {
  name: 'vcpu-list',
  summary: 'List the VCPUs for all/some domains',
  takesDomain: true,
  syntax: {
    usage: '[Domain, ...]',
  },
  run: vcpuList,
};

export const domidCommand: XlCommand = {
  name: 'domid',
  summary: 'Convert a domain name to domain id',
  takesDomain: true,
  syntax: {
    usage: '<DomainName>',
    required: 1,
  },
  run: domid,
};

export const domnameCommand: XlCommand = {
  name: 'domname',
  summary: 'Convert a domain id to domain name',
  syntax: {
    usage: '<DomainId>',
    required: 1,
  },
  run: domname,
};

export const vmListCommand: XlCommand = {
  name: 'vm-list',
  summary: 'List guest domains, excluding dom0, stubdoms, etc.',
  syntax: null,
  run: vmList,
};

export const infoCommand: XlCommand = {
  name: 'info',
  summary: 'Get information about Xen host',
  syntax: {
    usage: '-n, --numa         List host NUMA topology information',
    short: 'n',
    long: { numa: 'n' },
  },
  run: info,
};

export const uptimeCommand: XlCommand = {
  name: 'uptime',
  summary: 'Print uptime for all/some domains',
  takesDomain: true,
  syntax: {
    usage: '[-s] [Domain]',
    short: 's',
  },
  run: uptime,
};

export const dmesgCommand: XlCommand = {
  name: 'dmesg',
  summary: 'Read and/or clear dmesg buffer',
  syntax: {
    usage: '[-c]',
    options: ['  -c                        Clear dmesg buffer as well as printing it'],
    short: 'c',
    long: { clear: 'c' },
  },
  run: dmesg,
};

export const debugKeysCommand: XlCommand = {
  name: 'debug-keys',
  summary: 'Send debug keys to Xen',
  syntax: null,
  run: debugKeys,
};
