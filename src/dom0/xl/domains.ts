/** Domains and vCPUs as xl shows them (tools/xl/xl_info.c, xl_vcpu.c). */
import type { Domain } from '../../xen/domain/domain.ts';
import { PauseFlag, type SchedUnit } from '../../xen/sched/unit.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { findDomain, nameOf } from '../libxl/names.ts';
import { Exit, type Xl } from './command.ts';

/** The domain that an argument names. Throws Exit if there is none. */
export function domainOf({ libxl }: Xl, qualifier: string): Domain {
  const domid = findDomain(libxl, qualifier);
  const domain = domid === null ? undefined : libxl.xen.domains.get(domid);
  if (!domain) throw new Exit(`${qualifier} is an invalid domain identifier (rc=-6)\n`);
  return domain;
}

/** A domain's name; `(null)` while it has none. */
export const nameOfDomain = ({ libxl }: Xl, { domainId }: Domain): string => nameOf(libxl, domainId) ?? '(null)';

/** All domains, by number. */
export const allDomains = ({ libxl }: Xl): Domain[] =>
  [...libxl.xen.domains.values()].sort((a, b) => a.domainId - b.domainId);

/** Seconds with one decimal, as xl prints CPU time. */
export const seconds = (nanoseconds: number): string => (nanoseconds / 1e9).toFixed(1);

export const cpuTime = (unit: SchedUnit, now: Nanoseconds): number => unit.runstate(now).times[0];

/** XEN_DOMCTL_getdomaininfo: a domain's states as letters, its CPU time and its online vCPUs. */
export function statesOf(
  domain: Domain,
  now: Nanoseconds,
): { readonly letters: string; readonly time: number; readonly online: number } {
  const online = domain.vcpus.filter(({ unit }) => (unit.pauseFlags & PauseFlag.down) === 0);
  const running = online.some(({ unit }) => unit.isRunning);
  const blocked = online.length > 0 && online.every(({ unit }) => (unit.pauseFlags & PauseFlag.blocked) !== 0);
  const reason = domain.isShutDown ? ('-rscwS'[domain.shutdownReason] ?? '?') : '-';
  const letters = [
    running ? 'r' : '-',
    blocked && !running ? 'b' : '-',
    domain.controllerPauses > 0 ? 'p' : '-',
    domain.isShutDown ? 's' : '-',
    reason ?? '?',
    domain.isDying ? 'd' : '-',
  ].join('');
  const time = domain.vcpus.reduce((sum, { unit }) => sum + cpuTime(unit, now), 0);
  return { letters, time, online: online.length };
}

/** MiB. */
export const memoryOf = ({ pages }: Domain): number => Math.floor((pages * 4) / 1024);

export function listLine(xl: Xl, domain: Domain): string {
  const { letters, time, online } = statesOf(domain, xl.libxl.now());
  return `${nameOfDomain(xl, domain).padEnd(40)} ${pad(domain.domainId, 5)} ${pad(memoryOf(domain), 5)} ${pad(online, 5)}     ${letters}  ${seconds(time).padStart(8)}`;
}

export const pad = (value: number | string, width: number): string => String(value).padStart(width);

/** print_bitmap: a set of CPUs as text. */
export function cpuSetText(mask: number, cpus: number): string {
  const parts: string[] = [];
  for (let cpu = 0; cpu < cpus; cpu++) {
    if (((mask >>> cpu) & 1) === 0) continue;
    let last = cpu;
    while (last + 1 < cpus && (mask >>> (last + 1)) & 1) last++;
    parts.push(last > cpu ? `${cpu}-${last}` : `${cpu}`);
    if (cpu === 0 && last === cpus - 1) return 'all';
    cpu = last;
  }
  return parts.length > 0 ? parts.join(',') : 'none';
}

export function vcpuLine(xl: Xl, domain: Domain, unit: SchedUnit): string {
  const { cpus } = xl.libxl.xen.machine;
  const name = `${nameOfDomain(xl, domain).padEnd(32)} ${pad(domain.domainId, 5)} ${pad(unit.id, 5)}`;
  const isOnline = (unit.pauseFlags & PauseFlag.down) === 0;
  const blocked = (unit.pauseFlags & PauseFlag.blocked) !== 0;
  const state = isOnline
    ? `${pad(unit.processor, 5)} ${pad(unit.isRunning ? 'r' : '-', 3)}${blocked ? 'b' : '-'}- `
    : '    -   --p ';
  const hard = cpuSetText(unit.hardAffinity, cpus);
  const soft = cpuSetText(unit.softAffinity, cpus);
  return `${name}${state}${seconds(cpuTime(unit, xl.libxl.now())).padStart(9)}  ${hard} / ${soft}`;
}
