/** Virtual disks: what libxl 4.17.7 writes for them, and how they come and go (tools/libs/light/libxl_disk.c). */
import type { Disk } from '../../config/devices/disk.ts';
import type { Task } from '../../os/task.ts';
import type { LibxlContext } from '../context.ts';
import { backendGone, deviceUnable } from '../libxl-lines.ts';
import { block, blockScript } from './block-script.ts';
import { runHotplug } from './hotplug.ts';
import { backendOf, type DeviceHost } from './judgement.ts';
import { virtualDisk } from './virtual-disk.ts';
import {
  backendIn,
  backPath,
  closeDevice,
  commonNodes,
  type DeviceId,
  devidsOf,
  exists,
  frontPath,
  readNode,
  removeNodes,
  waitForBackend,
  writeDevice,
} from './xenbus-device.ts';

const diskId = (domid: number, devid: number, backend = 0): DeviceId => ({ kind: 'vbd', domid, devid, backend });

/** The nodes of a disk whose back end is a driver (device_disk_add). */
function writeDisk(ctx: LibxlContext, id: DeviceId, disk: Disk): void {
  const { fields } = disk;
  const type = disk.isCdrom ? 'cdrom' : 'disk';
  const isWritable = fields.readwrite === 1;
  const discards = fields.discard_enable === undefined ? isWritable : fields.discard_enable === 'True';
  const script = disk.script ?? blockScript;
  const { 'frontend-id': front = '', online = '', state = '' } = commonNodes(id);
  const back = {
    params: disk.target ?? '',
    script: script.startsWith('/') ? script : `/etc/xen/scripts/${script}`,
    'frontend-id': front,
    online,
    removable: fields.removable === 1 ? '1' : '0',
    bootable: '1',
    state,
    dev: disk.vdev,
    type: 'phy',
    mode: isWritable ? 'w' : 'r',
    'device-type': type,
    ...(fields.direct_io_safe === true ? { 'direct-io-safe': '1' } : {}),
    'discard-enable': discards ? '1' : '0',
    specification: 'xen',
  };
  writeDevice(ctx, id, back, { 'virtual-device': String(id.devid), 'device-type': type, trusted: '1' });
}

const hotplug = (ctx: LibxlContext, id: DeviceId, action: 'add' | 'remove', directory: string): Task<string[]> =>
  runHotplug(ctx, id, action, { path: blockScript, run: () => block(ctx, id, action, directory) });

/** Adds a disk, and waits for the script, not for the guest. Returns libxl's lines if that fails. */
function* addDisk(ctx: LibxlContext, id: DeviceId, disk: Disk, directory: string): Task<string[]> {
  writeDisk(ctx, id, disk);
  if (yield* waitForBackend(ctx, id, 'initWait')) return yield* hotplug(ctx, id, 'add', directory);
  return [deviceUnable(id.domid, 'add', backPath(id))];
}

/** Removes a disk. `force`: the guest is not asked. Returns libxl's lines about what fails. */
function* removeDisk(ctx: LibxlContext, id: DeviceId, force: boolean): Task<string[]> {
  if (readNode(ctx, `${backPath(id)}/state`) === null) {
    removeNodes(ctx, id);
    return [backendGone(backPath(id))];
  }
  closeDevice(ctx, id, force);
  const isClosed = yield* waitForBackend(ctx, id, 'closed');
  const lines = isClosed ? yield* hotplug(ctx, id, 'remove', '/') : [deviceUnable(id.domid, 'remove', backPath(id))];
  if (force || isClosed) removeNodes(ctx, id);
  return lines;
}

/** Takes away the disks of a domain that is destroyed. Returns libxl's lines about what fails. */
export function* removeDisks(ctx: LibxlContext, domid: number): Task<string[]> {
  const lines: string[] = [];
  for (const devid of devidsOf(ctx, 'vbd', domid)) {
    // What is served elsewhere goes with the domain's nodes.
    if (backendIn(ctx, 'vbd', domid, devid) === 0) lines.push(...(yield* removeDisk(ctx, diskId(domid, devid), true)));
  }
  return lines;
}

/** A disk of a domain as `xl block-list` shows it; the numbers are the front end's, -1 if it has not written them. */
export interface DiskState {
  readonly devid: number;
  readonly backDomid: number;
  readonly state: number;
  readonly port: number;
  readonly ring: number;
  readonly back: string;
}

/** libxl_device_disk_list and libxl_device_disk_getinfo. */
export const disksOf = (ctx: LibxlContext, domid: number): DiskState[] =>
  devidsOf(ctx, 'vbd', domid).map((devid) => {
    const backDomid = backendIn(ctx, 'vbd', domid, devid);
    const id = diskId(domid, devid, backDomid);
    const number = (name: string): number => {
      const text = readNode(ctx, `${frontPath(id)}/${name}`);
      // strtoul: what is no number is 0.
      return text === null ? -1 : Number(/^\s*\d+/.exec(text)?.[0] ?? 0) | 0;
    };
    const [state, port, ring] = [number('state'), number('event-channel'), number('ring-ref')];
    return { devid, backDomid, state, port, ring, back: backPath(id) };
  });

/**
 * libxl_device_disk_add for a domain that runs: hot attach. Returns what libxl says if it fails; nothing is left then but
 * what libxl leaves.
 */
export function* attachDisk(
  ctx: LibxlContext,
  domid: number,
  disk: Disk,
  host: DeviceHost,
  directory: string,
): Task<readonly string[]> {
  const where = (line: number, name: string): string => `libxl: error: libxl_disk.c:${line}:${name}: Domain ${domid}:`;
  const refused = 'libxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to add device';
  if (disk.isVirtio)
    return [`${where(187, 'libxl__device_disk_setdefault')}Hotplug isn't supported for specification virtio`, refused];
  const backend = backendOf(disk, host);
  if (!backend.ok) return [...backend.lines, refused];
  const devid = virtualDisk(disk.vdev);
  if (devid === null) {
    const what = `Invalid or unsupported virtual disk identifier ${disk.vdev}`;
    return [`${where(214, 'libxl__device_from_disk')}${what}`, `${where(335, 'device_disk_add')}${what}`, refused];
  }
  const id = diskId(domid, devid, backend.domain);
  if (exists(ctx, id)) return [`${where(343, 'device_disk_add')}device already exists in xenstore`, refused];
  const lines = yield* addDisk(ctx, id, disk, directory);
  const record = ctx.records.get(domid);
  if (record) record.config = { ...record.config, disks: [...record.config.disks, disk] };
  if (lines.length === 0) return [];
  const failed = `Domain ${domid}:Unable to add vbd with id ${devid}`;
  return [...lines, `libxl: error: libxl_device.c:1481:device_addrm_aocomplete: ${failed}`];
}

/** libxl_device_disk_safe_remove and libxl_device_disk_destroy. Returns what libxl says if it fails. */
export function* detachDisk(ctx: LibxlContext, domid: number, devid: number, force: boolean): Task<readonly string[]> {
  const lines = yield* removeDisk(ctx, diskId(domid, devid, backendIn(ctx, 'vbd', domid, devid)), force);
  if (lines.length > 0) {
    const failed = `Domain ${domid}:Unable to remove vbd with id ${devid}`;
    return [...lines, `libxl: error: libxl_device.c:1481:device_addrm_aocomplete: ${failed}`];
  }
  const record = ctx.records.get(domid);
  if (record) {
    const disks = record.config.disks.filter(({ vdev }) => virtualDisk(vdev) !== devid);
    record.config = { ...record.config, disks };
  }
  return [];
}

/** Adds the disks of a new domain that a driver in Dom0 serves. Returns what libxl says of those that it cannot add. */
export function* addDisks(
  ctx: LibxlContext,
  domid: number,
  disks: readonly Disk[],
  host: DeviceHost,
  directory: string,
): Task<string[]> {
  const lines: string[] = [];
  const added = new Set<number>();
  for (const disk of disks) {
    const devid = virtualDisk(disk.vdev);
    const backend = backendOf(disk, host);
    const isServed = backend.ok && backend.domain === 0 && host.drivers.has(backend.kind);
    if (!isServed || devid === null || added.has(devid)) continue;
    added.add(devid);
    lines.push(...(yield* addDisk(ctx, diskId(domid, devid), disk, directory)));
  }
  return lines;
}
