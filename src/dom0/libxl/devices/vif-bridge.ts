/**
 * What the hotplug script /etc/xen/scripts/vif-bridge does: it puts a virtual interface on its bridge, or takes it off.
 * libxl waits for it; the script's words go to xenstore, where libxl finds them.
 */
import { dom0Costs } from '../../os/costs.ts';
import { compute, type Task } from '../../os/task.ts';
import type { LibxlContext, VirtualInterface } from '../context.ts';
import { backPath, type DeviceId, frontPath, readNode } from './xenbus-device.ts';

export const bridgeScript = '/etc/xen/scripts/vif-bridge';
const defaultMtu = '1500';

export function* vifBridge(ctx: LibxlContext, id: DeviceId, action: 'online' | 'offline'): Task<number> {
  yield* compute(dom0Costs.hotplugScript);
  const { store, connection, network, netback } = ctx;
  const back = backPath(id);
  const write = (path: string, value: string): void => {
    store.write(connection, path, value);
  };
  const vif = netback.at(back);
  const bridgeName = readNode(ctx, `${back}/bridge`) ?? '';
  const bridge = network.bridge(bridgeName);
  const error = action === 'online' && vif ? rename(ctx, vif, readNode(ctx, `${back}/vifname`)) : null;
  if (error !== null || !bridge) {
    write(`${back}/hotplug-error`, error ?? `Could not find bridge device ${bridgeName}`);
    write(`${back}/hotplug-status`, 'error');
    return 1;
  }
  if (action === 'offline') {
    vif?.detach();
    return 0;
  }
  write(`${frontPath(id)}/mtu`, readNode(ctx, `${back}/mtu`) ?? defaultMtu);
  vif?.attach(bridge);
  write(`${back}/hotplug-status`, 'connected');
  return 0;
}

/** Gives an interface the name that its config asks for. Returns what the script says if it cannot. */
function rename({ network, netback }: LibxlContext, vif: VirtualInterface, wanted: string | null): string | null {
  // Without a wish it keeps its own, which another one may have wished for.
  const name = wanted === null || wanted === '' ? vif.name : wanted;
  const isTaken = network.bridge(name) !== null || network.port(name) !== null;
  if (isTaken || netback.interfaces.some((other) => other !== vif && other.name === name))
    return `Cannot rename interface ${vif.name}. An interface with name ${name} already exists.`;
  vif.name = name;
  return null;
}
