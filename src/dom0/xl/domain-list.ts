import type { Domain } from '../../xen/domain/domain.ts';
import { XEN_SCHEDULER } from '../../xen/public/hypercalls.ts';
import { domainJson, printJson } from '../libxl/config-json.ts';
import { poolName } from '../libxl/cpupools.ts';
import { domidOf, nameOf } from '../libxl/names.ts';
import { unknownScheduler } from '../libxl/schedulers/index.ts';
import { atOnce, Exit, type Xl, type XlCommand } from './command.ts';
import { allDomains, domainOf, listLine, memoryOf, nameOfDomain, pad, vcpuLine } from './domains.ts';

/** Why libxl cannot tell a domain's config; null if it can. */
function untold({ libxl }: Xl, domain: Domain): string | null {
  const { domainId: domid } = domain;
  const where = (line: number, place: string): string =>
    `libxl: error: libxl_domain.c:${line}:retrieve_domain_configuration_${place}: Domain ${domid}:Fail to get`;
  if ((libxl.records.get(domid)?.stage ?? 'complete') !== 'complete')
    return `${where(2335, 'lock_acquired')} domain configuration`;
  if (libxl.xen.scheduling.policyOf(domain).id === XEN_SCHEDULER.ARINC653)
    return `${unknownScheduler(domid)}\n${where(2542, 'end')} scheduler parameters`;
  return null;
}

const list = atOnce((xl, { options, operands }) => {
  const { out } = xl.context;
  const [qualifier] = operands;
  const domains = qualifier === undefined ? allDomains(xl) : [domainOf(xl, qualifier)];
  if (options.has('l')) {
    const told = domains.filter((domain) => {
      const why = untold(xl, domain);
      if (why !== null) xl.context.err(`${why}\n`);
      return why === null;
    });
    out(`${printJson(told.map((domain) => domainJson(xl.libxl, domain)))}\n\n`);
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
    if (options.has('c')) line += pad(poolName(xl.libxl, xl.libxl.xen.scheduling.pools.of(domain).id), 16);
    if (options.has('n')) line += ' all';
    out(`${line}\n`);
  }
  return 0;
});

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

const vcpuList = atOnce((xl, { operands }) => {
  const { out } = xl.context;
  out('Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)\n');
  const show = (domain: ReturnType<typeof domainOf>): void => {
    if (xl.libxl.records.get(domain.domainId)?.stage === 'made') return;
    for (const { unit } of domain.vcpus) out(`${vcpuLine(xl, domain, unit)}\n`);
  };
  if (operands.length === 0) for (const domain of allDomains(xl)) show(domain);
  else for (const qualifier of operands) show(domainOf(xl, qualifier));
  return 0;
});

export const vcpuListCommand: XlCommand = {
  name: 'vcpu-list',
  summary: 'List the VCPUs for all/some domains',
  takesDomain: true,
  syntax: {
    usage: '[Domain, ...]',
  },
  run: vcpuList,
};

const domid = atOnce((xl, { operands: [name = ''] }) => {
  const found = domidOf(xl.libxl, name);
  if (found === null) throw new Exit(`Can't get domid of domain name '${name}', maybe this domain does not exist.\n`);
  xl.context.out(`${found}\n`);
  return 0;
});

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

const domname = atOnce((xl, { operands: [number = ''] }) => {
  if (!/^\d+$/.test(number)) throw new Exit(`Invalid domain id.\n\n`);
  const name = nameOf(xl.libxl, Number(number));
  if (name === null)
    throw new Exit(`Can't get domain name of domain id '${number}', maybe this domain does not exist.\n`);
  xl.context.out(`${name}\n`);
  return 0;
});

export const domnameCommand: XlCommand = {
  name: 'domname',
  summary: 'Convert a domain id to domain name',
  syntax: {
    usage: '<DomainId>',
    required: 1,
  },
  run: domname,
};

const vmList = atOnce((xl) => {
  const { out } = xl.context;
  out('UUID                                  ID    name\n');
  for (const domain of allDomains(xl)) {
    const uuid = xl.libxl.records.get(domain.domainId)?.uuid ?? '00000000-0000-0000-0000-000000000000';
    out(`${uuid}  ${String(domain.domainId).padEnd(4)} ${nameOfDomain(xl, domain).padEnd(30)}\n`);
  }
  return 0;
});

export const vmListCommand: XlCommand = {
  name: 'vm-list',
  summary: 'List guest domains, excluding dom0, stubdoms, etc.',
  syntax: { usage: '' },
  run: vmList,
};

/** uptime_to_string: a time in seconds as text. */
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

/** Memory that domains share with each other: Xen for Arm has no such sharing. */
const sharing = atOnce((xl, { operands: [qualifier] }) => {
  const { out } = xl.context;
  const domains = qualifier === undefined ? allDomains(xl) : [domainOf(xl, qualifier)];
  out('Name                                        ID   Mem Shared\n');
  for (const domain of domains)
    out(
      `${nameOfDomain(xl, domain).padEnd(40)} ${pad(domain.domainId, 5)} ${pad(memoryOf(domain), 5)}  ${pad(0, 5)}\n`,
    );
  return 0;
});

export const sharingCommand: XlCommand = {
  name: 'sharing',
  summary: 'Get information about page sharing',
  takesDomain: true,
  syntax: { usage: '[Domain]' },
  run: sharing,
};

/** Memory that is reserved for domains that are being made. Nothing else runs while Dom0's libxl makes one. */
const claims = atOnce((xl) => {
  const { out } = xl.context;
  out('Name                                        ID   Mem VCPUs\tState\tTime(s)  Claimed\n');
  for (const domain of allDomains(xl)) out(`${listLine(xl, domain)} ${pad(0, 5)}\n`);
  return 0;
});

export const claimsCommand: XlCommand = {
  name: 'claims',
  summary: 'List outstanding claim information about all domains',
  syntax: { usage: '', options: [''] },
  run: claims,
};
