/** What xl's commands for schedulers share (tools/xl/xl_sched.c). */
import type { Domain } from '../../../xen/domain/domain.ts';
import { type SchedulerId, XEN_SCHEDULER } from '../../../xen/public/hypercalls.ts';
import type { ParameterValues } from '../../../xen/sched/scheduler.ts';
import { poolParameters, setDomainParameters, setPoolParameters } from '../../../xen/sched/scheduler-op.ts';
import { allPools, findPool, poolName } from '../../libxl/cpupools.ts';
import { libxlSchedulers, unknownScheduler } from '../../libxl/schedulers/index.ts';
import { Exit, type Xl } from '../command.ts';
import { allDomains, nameOfDomain, pad } from '../domains.ts';

/** How a domain's parameters of a scheduler are shown. */
export interface DomainOutput {
  readonly id: SchedulerId;
  readonly name: string;
  /** The table's head, behind `Name`. */
  readonly header: string;
  /** A domain's row, behind its name. */
  readonly domain: (domain: Domain, values: ParameterValues) => string;
}

/** How all parameters of a scheduler are shown. */
export interface SchedulerOutput extends DomainOutput {
  /** As libxl's messages name it. */
  readonly title: string;
  /** The line of libxl where it asks for a pool's parameters. */
  readonly getLine: number;
  /** What the line of a pool tells behind `Cpupool NAME: `. */
  readonly pool: (values: ParameterValues) => string;
}

export const headerOf = ({ header }: DomainOutput): string => `${'Name'.padEnd(33)} ${header}\n`;

export function rowOf(xl: Xl, { domain: row }: DomainOutput, domain: Domain): string {
  const values = xl.libxl.xen.scheduling.policyOf(domain).domainParameters(domain);
  return `${nameOfDomain(xl, domain).padEnd(33)} ${row(domain, values)}\n`;
}

/** The line of a pool. One whose scheduler is another has a complaint before it. */
export function poolLine({ libxl, context }: Xl, output: SchedulerOutput, pool: number): string {
  const { id, pool: tell } = output;
  const values = poolParameters(libxl.xen.scheduling, pool, id);
  if (!values.ok) context.err(noPoolParameters(output));
  const told = values.ok ? tell(values.value) : '[sched params unavailable]';
  return `Cpupool ${poolName(libxl, pool)}: ${told}\n`;
}

/** What libxl and xl say if a pool has another scheduler. */
export const noPoolParameters = ({ name, title, getLine }: SchedulerOutput): string =>
  `libxl: error: libxl_sched.c:${getLine}:libxl_sched_${name}_params_get: getting ${title} scheduler parameters: Invalid argument\nlibxl_sched_${name}_params_get failed.\n`;

/** sched_domain_output: the pools that have the scheduler, or one of them, each with its domains. */
export function showPools(xl: Xl, output: SchedulerOutput, only: number | null): number {
  for (const { id, policy, members } of allPools(xl.libxl)) {
    if (policy.id !== output.id || (only !== null && id !== only)) continue;
    const domains = allDomains(xl).filter((domain) => members.has(domain));
    const rows = domains.map((domain) => rowOf(xl, output, domain));
    xl.context.out([poolLine(xl, output, id), headerOf(output), ...rows].join(''));
  }
  return 0;
}

/** The table with one domain. Throws Exit if its scheduler is another. */
export function showDomain(xl: Xl, output: DomainOutput, domain: Domain): number {
  const { id, name } = xl.libxl.xen.scheduling.policyOf(domain);
  const isThere = id === output.id;
  xl.context.out(headerOf(output) + (isThere ? rowOf(xl, output, domain) : ''));
  if (id === XEN_SCHEDULER.ARINC653)
    throw new Exit(`${unknownScheduler(domain.domainId)}\nlibxl_domain_sched_params_get failed.\n`);
  if (!isThere) throw new Exit(`libxl_domain_sched_params_get returned ${name} not ${output.name}.\n`);
  return 0;
}

/** libxl_domain_sched_params_set. Throws Exit if a value is refused. */
export function setDomain(
  { libxl }: Xl,
  { id, name }: SchedulerOutput,
  domain: Domain,
  values: ParameterValues,
): number {
  const { domainId: domid, vcpus } = domain;
  const { scheduling } = libxl.xen;
  const known = libxlSchedulers.find((each) => each.name === name);
  const refusal =
    scheduling.policyOf(domain).id === id
      ? (known?.refusal({ domid, vcpus: vcpus.length }, values) ?? null)
      : (known?.mismatch?.(domid) ?? null);
  if (refusal !== null) throw new Exit(`${refusal}\nlibxl_domain_sched_params_set failed.\n`);
  setDomainParameters(scheduling, domain, id, values);
  return 0;
}

/** Changes the parameters of a pool's scheduler, which libxl has found valid. False if that is another. */
export const setPool = ({ libxl }: Xl, { id }: SchedulerOutput, pool: number, values: ParameterValues): boolean =>
  setPoolParameters(libxl.xen.scheduling, pool, id, values) === 0;

/** The pool that an option names; Pool-0 without. Throws Exit if there is none. */
export function poolOption({ libxl }: Xl, text: string | undefined): number {
  if (text === undefined) return 0;
  const pool = findPool(libxl, text);
  if (!pool) throw new Exit(`unknown cpupool '${text}'\n`);
  return pool.id;
}

/** strtol: the number at the beginning of a text, or 0. */
export const number = (text: string | undefined): number => Number.parseInt(text ?? '', 10) || 0;

/** The row of a domain with a weight and a cap. */
export const weightAndCap = ({ domainId }: Domain, { weight = 0, cap = 0 }: ParameterValues): string =>
  `${pad(domainId, 4)} ${pad(weight, 6)} ${pad(cap, 4)}`;
