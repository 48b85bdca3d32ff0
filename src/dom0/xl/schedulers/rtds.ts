/** `xl sched-rtds` (tools/xl/xl_sched.c). */
import type { Domain } from '../../../xen/domain/domain.ts';
import { XEN_SCHEDULER } from '../../../xen/public/hypercalls.ts';
import type { ParameterValues } from '../../../xen/sched/scheduler.ts';
import { allPools, poolName } from '../../libxl/cpupools.ts';
import { refusesRtds } from '../../libxl/schedulers/rtds.ts';
import { atOnce, Exit, type Xl, type XlCommand } from '../command.ts';
import { allDomains, domainOf, nameOfDomain, pad } from '../domains.ts';
import { type DomainOutput, headerOf, number, poolOption, rowOf, showDomain } from './output.ts';

const parameterColumns = '   Period    Budget  Extratime';
const yesOrNo = (extratime = 1): string => (extratime !== 0 ? 'yes' : 'no');

/** A domain as a whole: always the parameters that a vCPU has at first. */
const output: DomainOutput = {
  id: XEN_SCHEDULER.RTDS,
  name: 'rtds',
  header: `  ID ${parameterColumns}`,
  domain: ({ domainId }, { period = 0, budget = 0 }) =>
    `${pad(domainId, 4)} ${pad(period, 9)} ${pad(budget, 9)} ${pad(yesOrNo(), 10)}`,
};

const vcpuHeader = `${'Name'.padEnd(33)}   ID VCPU ${parameterColumns}\n`;

/** sched_vcpu_output: the row of a vCPU. */
function vcpuRow(xl: Xl, domain: Domain, id: number): string {
  const { scheduling } = xl.libxl.xen;
  const { unit } = domain.vcpu(id);
  const { period = 0, budget = 0, extratime } = scheduling.policyOf(domain).unitParameters?.(unit) ?? {};
  const values = `${pad(period, 9)} ${pad(budget, 9)} ${pad(yesOrNo(extratime), 10)}`;
  return `${nameOfDomain(xl, domain).padEnd(33)} ${pad(domain.domainId, 4)} ${pad(id, 4)} ${values}\n`;
}

const isThere = ({ vcpus }: Domain, id: number): boolean => id >= 0 && id < vcpus.length;

const libxlError = (line: number, name: string, domid: number, text: string): string =>
  `libxl: error: libxl_sched.c:${line}:${name}: Domain ${domid}:${text}\n`;

/** Throws Exit if the domain has another scheduler. */
function checkScheduler(xl: Xl, domain: Domain, what: 'get' | 'set', all: boolean): void {
  if (xl.libxl.xen.scheduling.policyOf(domain).id === XEN_SCHEDULER.RTDS) return;
  const line = { get: all ? 964 : 931, set: all ? 861 : 826 }[what];
  const name = `libxl_vcpu_sched_params_${what}${all ? '_all' : ''}`;
  const text = `per-VCPU parameter ${what}ting not supported for this scheduler`;
  throw new Exit(`${libxlError(line, name, domain.domainId, text)}${name} failed.\n`);
}

function showVcpus(xl: Xl, domain: Domain, ids: readonly number[] | 'all'): number {
  const { out } = xl.context;
  out(vcpuHeader);
  checkScheduler(xl, domain, 'get', ids === 'all');
  const shown = ids === 'all' ? domain.vcpus.map(({ id }) => id) : ids;
  if (!shown.every((id) => isThere(domain, id))) {
    const range = `valid values are within range from 0 to ${domain.vcpus.length - 1}`;
    const text = `VCPU index is out of range, ${range}`;
    throw new Exit(
      `${libxlError(524, 'sched_rtds_vcpu_get', domain.domainId, text)}libxl_vcpu_sched_params_get failed.\n`,
    );
  }
  for (const id of shown) out(vcpuRow(xl, domain, id));
  return 0;
}

/** The pools with RTDS, each with its domains, or with all their vCPUs. */
function showPools(xl: Xl, only: number | null, eachVcpu: boolean): number {
  const { out } = xl.context;
  for (const { id, policy, members } of allPools(xl.libxl)) {
    if (policy.id !== XEN_SCHEDULER.RTDS || (only !== null && id !== only)) continue;
    out(`Cpupool ${poolName(xl.libxl, id)}: sched=RTDS\n`);
    out(eachVcpu ? vcpuHeader : headerOf(output));
    for (const domain of allDomains(xl).filter((each) => members.has(each))) {
      if (eachVcpu) for (const vcpu of domain.vcpus) out(vcpuRow(xl, domain, vcpu.id));
      else out(rowOf(xl, output, domain));
    }
  }
  return 0;
}

/** libxl_vcpu_sched_params_set, and _set_all with one set of values. What is right before the first error is set. */
function setVcpus(xl: Xl, domain: Domain, ids: readonly number[] | 'all', values: readonly ParameterValues[]): number {
  checkScheduler(xl, domain, 'set', ids === 'all');
  const { scheduling } = xl.libxl.xen;
  const all = ids === 'all' ? '_all' : '';
  const fail = (text: string): never => {
    throw new Exit(`${text}libxl_vcpu_sched_params_set${all} failed.\n`);
  };
  const { domainId, vcpus } = domain;
  const chosen = (ids === 'all' ? vcpus.map(({ id }) => id) : ids).map((id, i) => ({
    id,
    value: values[ids === 'all' ? 0 : i] ?? {},
  }));
  for (const { id, value } of chosen) {
    if (!isThere(domain, id)) {
      const text = `Invalid VCPU ${id}: valid range is [0, ${vcpus.length - 1}]`;
      fail(libxlError(627, 'sched_rtds_vcpu_set', domainId, text));
    }
    const refusal = refusesRtds(value.period ?? 0, value.budget ?? 0);
    if (refusal !== null) fail(`${refusal}\n`);
  }
  for (const { id, value } of chosen)
    if (scheduling.setUnitParameters(domain.vcpu(id).unit, value) !== 0) {
      const text = 'Setting vcpu sched rtds: Invalid argument';
      fail(libxlError(all ? 705 : 653, `sched_rtds_vcpu_set${all}`, domainId, text));
    }
  return 0;
}

/** What --cpupool stands for: no letter, since -c takes no argument in xl 4.17, and so cannot name a pool. */
const poolLetter = '\x01';

const schedRtds = atOnce((xl, { given }) => {
  const argumentsOf = (letter: string): string[] =>
    given.filter((option) => option.letter === letter).map(({ argument }) => argument ?? '');
  // strtol into an int.
  const numbersOf = (letter: string): number[] => argumentsOf(letter).map((text) => number(text) | 0);
  const extratimes = argumentsOf('e');
  if (extratimes.some((text) => text !== '0' && text !== '1')) throw new Exit('Invalid extratime.\n');
  const [periods, budgets] = [numbersOf('p'), numbersOf('b')];
  const qualifier = argumentsOf('d').at(-1);
  const vcpus = argumentsOf('v');
  const all = vcpus.includes('all');
  const ids = vcpus.filter((text) => text !== 'all').map(number);
  const sets = periods.length + budgets.length + extratimes.length > 0;
  const pool = argumentsOf(poolLetter).at(-1);
  if (pool !== undefined && (qualifier !== undefined || vcpus.length > 0 || sets))
    throw new Exit('Specifying a cpupool is not allowed with other options.\n');
  if (qualifier === undefined && (ids.length > 0 || sets)) throw new Exit('Missing parameters.\n');
  if (qualifier !== undefined && vcpus.length === 0 && sets) throw new Exit('Must specify VCPU.\n');
  if (all && ids.length > 0) throw new Exit('Incorrect VCPU IDs.\n');
  const count = all ? 1 : ids.length;
  if (sets && [periods, budgets, extratimes].some(({ length }) => length !== count))
    throw new Exit('Incorrect number of period, budget and extratime\n');
  if (qualifier === undefined) return showPools(xl, pool === undefined ? null : poolOption(xl, pool), all);
  const domain = domainOf(xl, qualifier);
  if (vcpus.length === 0) return showDomain(xl, output, domain);
  const chosen = all ? 'all' : ids;
  if (!sets) return showVcpus(xl, domain, chosen);
  return setVcpus(
    xl,
    domain,
    chosen,
    periods.map((period, i) => ({ period, budget: budgets[i] ?? 0, extratime: number(extratimes[i]) })),
  );
});

export const schedRtdsCommand: XlCommand = {
  name: 'sched-rtds',
  summary: 'Get/set rtds scheduler parameters',
  syntax: {
    global: 'f',
    usage: '[-d <Domain> [-v[=VCPUID/all]] [-p[=PERIOD]] [-b[=BUDGET]] [-e[=Extratime]]]',
    options: [
      '-d DOMAIN, --domain=DOMAIN     Domain to modify',
      '-v VCPUID/all, --vcpuid=VCPUID/all    VCPU to modify or output;',
      "               Using '-v all' to modify/output all vcpus",
      '-p PERIOD, --period=PERIOD     Period (us)',
      '-b BUDGET, --budget=BUDGET     Budget (us)',
      '-e Extratime, --extratime=Extratime Extratime (1=yes, 0=no)',
      '',
    ],
    short: `d:p:b:e:v:c${poolLetter}:`,
    long: { domain: 'd', period: 'p', budget: 'b', extratime: 'e', vcpuid: 'v', cpupool: poolLetter },
  },
  run: schedRtds,
};
