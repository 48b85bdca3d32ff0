import { homeOf } from '../xenstore/paths.ts';
import type { Host } from './host.ts';

/** libxl_domain_rename: gives a domain another name. The caller has seen that the name is free. */
export function renameDomain(host: Host, domid: number, name: string): void {
  const { store, dom0, records } = host;
  const record = records.get(domid);
  store.write(dom0, `${homeOf(domid)}/name`, name);
  if (!record) return;
  store.write(dom0, `/vm/${record.uuid}/name`, name);
  record.config = { ...record.config, name };
}
