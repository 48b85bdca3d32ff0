/**
 * How much memory a domain should have and may have (tools/libs/light/libxl_mem.c). On Arm the real functions end xl with a
 * failed assertion, `libxl_defbool_val`, before they do anything; these do what they do on x86. A guest's balloon driver
 * watches `memory/target` and gives pages back to Xen or asks for them.
 */
import type { Domain } from '../../xen/domain/domain.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { LibxlContext } from './context.ts';
import { slackPages } from './create.ts';
import { writeDom0Memory } from './store-nodes.ts';

/** LIBXL_MIN_DOM0_MEM, in KiB. */
const leastDom0 = 131_072;

const line = (at: number, caller: string, domid: number, text: string): string =>
  `libxl: error: libxl_mem.c:${at}:${caller}: ${domid === 0 ? '' : `Domain ${domid}:`}${text}\n`;

/** A number of KiB in xenstore; null if there is none. */
const stored = ({ store, connection }: LibxlContext, { domainId }: Domain, name: string): number | null => {
  const found = store.read(connection, `${homeOf(domainId)}/memory/${name}`);
  return found.ok && /^\d+$/.test(found.value) ? Number(found.value) : null;
};

/** XEN_DOMCTL_max_mem: a negative number is a large one. */
const limit = (domain: Domain, kib: number): void => {
  domain.maxPages = kib < 0 ? 0xffff_ffff : Math.min(Math.floor(kib / 4) + slackPages, 0xffff_ffff);
  domain.changed();
};

/** libxl_set_memory_target, which also limits the domain to the target. Returns what is wrong, if anything. */
export function setMemoryTarget(ctx: LibxlContext, domain: Domain, kib: number): string | null {
  const { store, connection } = ctx;
  const { domainId: domid } = domain;
  const fail = (at: number, text: string): string => line(at, 'libxl_set_memory_target', domid, text);
  if (domid === 0 && stored(ctx, domain, 'target') === null) writeDom0Memory(ctx, domain.pages * 4);
  const most = stored(ctx, domain, 'static-max');
  if (most === null) return fail(205, `Cannot get memory info from ${homeOf(domid)}/memory/static-max: Success`);
  if (kib < 0 || kib > most) return fail(231, 'memory_dynamic_max must be less than or equal to memory_static_max\n');
  if (domid === 0 && kib < leastDom0) return fail(239, `New target ${kib} for dom0 is below the minimum threshold`);
  limit(domain, kib);
  store.write(connection, `${homeOf(domid)}/memory/target`, String(kib));
  const uuid = ctx.records.get(domid)?.uuid;
  if (uuid !== undefined) store.write(connection, `/vm/${uuid}/memory`, String(Math.floor(kib / 1024)));
  return null;
}

/** libxl_domain_setmaxmem: what the domain may have, whatever its target. Returns what is wrong, if anything. */
export function setMaxMemory(ctx: LibxlContext, domain: Domain, kib: number): string | null {
  const { domainId: domid } = domain;
  const fail = (at: number, text: string): string => line(at, 'libxl_domain_setmaxmem', domid, text);
  const target = stored(ctx, domain, 'target');
  if (target === null)
    return fail(47, `Cannot get memory info from ${homeOf(domid)}/memory/target: No such file or directory`);
  if (kib >= 0 && kib < target)
    return fail(59, 'memory_static_max must be greater than or or equal to memory_dynamic_max: Success');
  limit(domain, kib);
  return null;
}
