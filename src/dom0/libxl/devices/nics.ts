/** Network interfaces of domains (libxl_nic.c). */
import type { RandomBytes } from '../../../base/random.ts';
import type { Fields } from '../../config/devices/fields.ts';
import { inNicOrder } from '../../config/devices/vif.ts';
import type { DomainConfig } from '../../config/domain-config.ts';
import type { Task } from '../../os/task.ts';
import type { LibxlContext } from '../context.ts';
import { backendGone, deviceUnable } from '../libxl-lines.ts';
import { domidOf } from '../names.ts';
import { randomUuid, uuidBytes } from '../uuid.ts';
import { runHotplug } from './hotplug.ts';
import { bridgeScript, vifBridge } from './vif-bridge.ts';
import {
  backendIn,
  backPath,
  closeDevice,
  commonNodes,
  type DeviceId,
  devidsOf,
  exists,
  frontPath,
  libxlPath,
  readNode,
  removeNodes,
  waitForBackend,
  writeDevice,
} from './xenbus-device.ts';

/** What libxl takes if nothing is given (xl-network-configuration(5), and xl.conf's defaults). */
const defaultBridge = 'xenbr0';
const scripts = '/etc/xen/scripts';

const text = (value: Fields[string]): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A MAC address of the range that Xen has from the IEEE, made of a random UUID. */
const randomMac = (random: RandomBytes): string => {
  const [first = 0, second = 0, third = 0] = uuidBytes(randomUuid(random));
  const hex = [first & 0x7f, second, third].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['00', '16', '3e', ...hex].join(':');
};

/** libxl__device_nic_setdefault: gives an interface its type, and an address if it has none. */
export const withMac = (nic: Fields, random: RandomBytes): Fields =>
  inNicOrder({ ...nic, mac: text(nic.mac) ?? randomMac(random), nictype: 'vif' });

/** A config whose interfaces all have an address, which stays the same when the domain is started anew. */
export const withMacs = (config: DomainConfig, random: RandomBytes): DomainConfig => {
  const { devices } = config;
  return { ...config, devices: { ...devices, nics: devices.nics.map((nic) => withMac(nic, random)) } };
};

/** The domain of a back end by its name or number; null if there is none. */
export const backendOf = (ctx: LibxlContext, nic: Fields): number | null => {
  const name = text(nic.backend_domname);
  return name === null ? 0 : /^\d+$/.test(name) ? Number(name) : domidOf(ctx, name);
};

const nicId = (domid: number, devid: number, backend = 0): DeviceId => ({ kind: 'vif', domid, devid, backend });

/** libxl__set_xenstore_nic: the nodes of an interface. */
function writeNic(ctx: LibxlContext, id: DeviceId, nic: Fields): void {
  const script = text(nic.script) ?? bridgeScript;
  const mac = text(nic.mac) ?? '';
  const handle = String(id.devid);
  const given = (name: string, value: string | null): Record<string, string> =>
    value === null ? {} : { [name]: value };
  const rate =
    typeof nic.rate_bytes_per_interval === 'number'
      ? `${nic.rate_bytes_per_interval},${String(nic.rate_interval_usecs)}`
      : null;
  const back = {
    ...commonNodes(id),
    script: script.startsWith('/') ? script : `${scripts}/${script}`,
    ...given('vifname', text(nic.ifname)),
    mac,
    ...given('ip', text(nic.ip)),
    ...given('gatewaydev', text(nic.gatewaydev)),
    ...given('rate', rate),
    ...given('mtu', typeof nic.mtu === 'number' ? String(nic.mtu) : null),
    bridge: text(nic.bridge) ?? defaultBridge,
    handle,
    type: 'vif',
    'hotplug-status': '',
  };
  writeDevice(ctx, id, back, { handle, mac, trusted: nic.trusted === 'False' ? '0' : '1' });
}

/**
 * libxl__device_nic_add: adds an interface and waits until it is on its bridge. Returns libxl's lines if that fails;
 * then the device is still there, to be removed.
 */
export function* addNic(ctx: LibxlContext, domid: number, nic: Fields, devid: number): Task<string[]> {
  const id = nicId(domid, devid, backendOf(ctx, nic) ?? 0);
  if (exists(ctx, id)) {
    const where = 'libxl_device.c:1998:libxl__device_add_async';
    return [`libxl: error: ${where}: Domain ${domid}:device already exists in xenstore`];
  }
  writeNic(ctx, id, nic);
  if (yield* waitForBackend(ctx, id, 'initWait')) return yield* bridgeHotplug(ctx, id, 'online');
  return [deviceUnable(domid, 'add', backPath(id))];
}

const bridgeHotplug = (ctx: LibxlContext, id: DeviceId, action: 'online' | 'offline'): Task<string[]> =>
  runHotplug(ctx, id, action, { path: bridgeScript, run: () => vifBridge(ctx, id, action) });

/** Removes an interface. `force`: the domain is gone, or is not asked. Returns libxl's lines about what fails. */
export function* removeNic(ctx: LibxlContext, domid: number, devid: number, force: boolean): Task<string[]> {
  const id = nicId(domid, devid, backendIn(ctx, 'vif', domid, devid));
  // Nodes of a domain that is not there do not stay in xenstore.
  const isHere = ctx.xen.domains.get(id.backend) !== undefined;
  if (!isHere || readNode(ctx, backPath(id)) === null) {
    removeNodes(ctx, id);
    return [backendGone(backPath(id))];
  }
  closeDevice(ctx, id, force);
  let isClosed = yield* waitForBackend(ctx, id, 'closed');
  if (!isClosed && !force) {
    // The guest does not answer.
    closeDevice(ctx, id, true);
    isClosed = yield* waitForBackend(ctx, id, 'closed');
  }
  const lines = isClosed ? yield* bridgeHotplug(ctx, id, 'offline') : [deviceUnable(domid, 'remove', backPath(id))];
  removeNodes(ctx, id);
  return lines;
}

/** Removes all interfaces of a domain that is gone. */
export function* removeNics(ctx: LibxlContext, domid: number): Task<string[]> {
  const lines: string[] = [];
  for (const devid of devidsOf(ctx, 'vif', domid)) lines.push(...(yield* removeNic(ctx, domid, devid, true)));
  const where = 'libxl_domain.c:1530:devices_destroy_cb';
  return lines.some((line) => line.includes(':unable to remove device'))
    ? [...lines, `libxl: error: ${where}: Domain ${domid}:libxl__devices_destroy failed`]
    : lines;
}

/** What `xl network-list` shows of an interface (libxl_nicinfo). */
export interface NicInfo {
  readonly devid: number;
  readonly backendDomid: number;
  readonly mac: string;
  readonly state: number;
  readonly eventChannel: number;
  readonly transmitRing: number;
  readonly receiveRing: number;
  readonly backend: string;
}

export const nicsOf = (ctx: LibxlContext, domid: number): NicInfo[] =>
  devidsOf(ctx, 'vif', domid).map((devid) => {
    const id = nicId(domid, devid, backendIn(ctx, 'vif', domid, devid));
    const front = (name: string): number => {
      const value = readNode(ctx, `${frontPath(id)}/${name}`);
      return value === null ? -1 : Number.parseInt(value, 10) || 0;
    };
    return {
      devid,
      backendDomid: id.backend,
      mac: readNode(ctx, `${libxlPath(id)}/mac`) ?? '00:00:00:00:00:00',
      state: front('state'),
      eventChannel: front('event-channel'),
      transmitRing: front('tx-ring-ref'),
      receiveRing: front('rx-ring-ref'),
      backend: backPath(id),
    };
  });

/** The number that an interface gets that is added without one. */
export const freeDevid = (ctx: LibxlContext, domid: number): number => Math.max(-1, ...devidsOf(ctx, 'vif', domid)) + 1;
