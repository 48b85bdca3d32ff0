import { homeOf } from '../xenstore/paths.ts';
import type { Host } from './host.ts';

/** libxl_domid_to_name: what xenstore calls a domain, or null. */
export const nameOf = ({ store, dom0 }: Host, domid: number): string | null => {
  const name = store.read(dom0, `${homeOf(domid)}/name`);
  return name.ok ? name.value : null;
};

/** libxl_name_to_domid. */
export const domidOf = (host: Host, name: string): number | null => {
  for (const domid of host.xen.domains.keys()) if (nameOf(host, domid) === name) return domid;
  return null;
};

/** A domain by number or name, as xl's arguments give it (libxl_domain_qualifier_to_domid); null if there is none. */
export const findDomain = (host: Host, qualifier: string): number | null => {
  if (/^\d+$/.test(qualifier)) {
    // A number is taken as it is; whether the domain exists is seen later.
    const domid = Number(qualifier);
    return domid < 0x7ff0 ? domid : null;
  }
  return domidOf(host, qualifier);
};
