/** Dom0 on its bridge: the built-in host, which knows domains by their names. */
import type { Bridge } from '../../soc/net/bridge.ts';
import { macText } from '../../soc/net/frame.ts';
import { Host } from '../../soc/net/host/host.ts';
import type { FileSystem } from '../os/files.ts';
import type { Connection, XenStore } from '../xenstore/store.ts';
import { ServedFolder } from './served-folder.ts';
import { vifsOf } from './vifs.ts';

export const dom0Host = (bridge: Bridge, files: FileSystem, store: XenStore, connection: Connection): Host =>
  new Host(bridge, {
    name: 'dom0',
    folder: new ServedFolder(files),
    nameOf: (mac) => {
      const vif = vifsOf(store, connection).find((each) => each.mac === macText(mac));
      return vif?.domain?.toLowerCase() ?? null; // names of hosts are in small letters
    },
  });
