import type { StoreClient } from '../xenstore/client.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { LibxlContext } from './context.ts';

/** libxl_domain_rename: gives a domain another name. The caller has checked that the name is free. */
export function renameDomain(ctx: StoreClient & Pick<LibxlContext, 'records'>, domid: number, name: string): void {
  const { store, connection, records } = ctx;
  const record = records.get(domid);
  store.write(connection, `${homeOf(domid)}/name`, name);
  if (!record) return;
  store.write(connection, `/vm/${record.uuid}/name`, name);
  record.config = { ...record.config, name };
}
