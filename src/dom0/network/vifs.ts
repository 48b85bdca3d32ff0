/** The network interfaces of domains, as their nodes in xenstore tell. */
import { homeOf } from '../xenstore/paths.ts';
import type { Connection, XenStore } from '../xenstore/store.ts';

export interface VifNode {
  readonly domid: number;
  /** Name of the domain, or null while it has none. */
  readonly domain: string | null;
  /** Name of the interface in Dom0: vif1.0, or what vifname says. */
  readonly name: string;
  /** In small letters. */
  readonly mac: string;
}

export function vifsOf(store: XenStore, connection: Connection): readonly VifNode[] {
  const read = (path: string): string | null => {
    const value = store.read(connection, path);
    return value.ok ? value.value : null;
  };
  const children = (path: string): readonly string[] => {
    const names = store.directory(connection, path);
    return names.ok ? names.value : [];
  };
  const root = `${homeOf(0)}/backend/vif`;
  return children(root).flatMap((domid) =>
    children(`${root}/${domid}`).map((device) => {
      const path = `${root}/${domid}/${device}`;
      return {
        domid: Number(domid),
        domain: read(`${homeOf(Number(domid))}/name`),
        name: read(`${path}/vifname`) ?? `vif${domid}.${device}`,
        mac: read(`${path}/mac`)?.toLowerCase() ?? '',
      };
    }),
  );
}
