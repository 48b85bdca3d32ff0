/** Dom0 on its bridge: the built-in host, which knows domains by their names. */
import type { Bridge } from '../../soc/net/bridge.ts';
import { type MacAddress, macText } from '../../soc/net/frame.ts';
import { Host } from '../../soc/net/host/host.ts';
import type { FileSystem } from '../os/files.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { Connection, XenStore } from '../xenstore/store.ts';
import { ServedFolder } from './served-folder.ts';

export const dom0Host = (bridge: Bridge, files: FileSystem, store: XenStore, connection: Connection): Host =>
  new Host(bridge, {
    name: 'dom0',
    folder: new ServedFolder(files),
    nameOf: (mac) => domainOf(store, connection, mac),
  });

/** The name of the domain with an interface of this address, in small letters as in all names of hosts. */
function domainOf(store: XenStore, connection: Connection, mac: MacAddress): string | null {
  const read = (path: string): string | null => {
    const value = store.read(connection, path);
    return value.ok ? value.value : null;
  };
  const children = (path: string): readonly string[] => {
    const names = store.directory(connection, path);
    return names.ok ? names.value : [];
  };
  const vifs = `${homeOf(0)}/backend/vif`;
  for (const domid of children(vifs)) {
    for (const device of children(`${vifs}/${domid}`)) {
      if (read(`${vifs}/${domid}/${device}/mac`)?.toLowerCase() !== macText(mac)) continue;
      return read(`${homeOf(Number(domid))}/name`)?.toLowerCase() ?? null;
    }
  }
  return null;
}
