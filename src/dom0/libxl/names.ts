import type { StoreClient } from '../xenstore/client.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { LibxlContext } from './context.ts';

/** What looking up a domain by name needs. */
type NamedDomains = StoreClient & Pick<LibxlContext, 'xen'>;

/** libxl_domid_to_name: a domain's name in xenstore, or null. */
export const nameOf = ({ store, connection }: StoreClient, domid: number): string | null => {
  const name = store.read(connection, `${homeOf(domid)}/name`);
  return name.ok ? name.value : null;
};

/** libxl_name_to_domid. */
export const domidOf = (ctx: NamedDomains, name: string): number | null => {
  for (const domid of ctx.xen.domains.keys()) if (nameOf(ctx, domid) === name) return domid;
  return null;
};

/**
 * A domain by number or name, as xl's arguments give it (libxl_domain_qualifier_to_domid); null if no domain has the
 * name.
 */
export const findDomain = (ctx: NamedDomains, qualifier: string): number | null => {
  if (/^\d+$/.test(qualifier)) {
    // A number is not looked up; callers check whether the domain exists.
    const domid = Number(qualifier);
    return domid < 0x7ff0 ? domid : null;
  }
  return domidOf(ctx, qualifier);
};
