/**
 * What libxl 4.17.7 says about the devices of a new domain that no driver in Dom0 serves: no hotplug daemon serves
 * backends, and there is no QEMU. docs/xen/xl-devices.md, rules 31 to 42. The numbers are lines of libxl's
 * source.
 */
import type { Disk } from '../../config/devices/disk.ts';
import type { Fields } from '../../config/devices/fields.ts';
import type { UsbDevice } from '../../config/devices/passed-through.ts';
import type { DomainConfig } from '../../config/domain-config.ts';
import { backendGone, destroyed, deviceUnable } from '../libxl-lines.ts';
import { virtualDisk } from './virtual-disk.ts';

/** The state of Dom0 that devices depend on. */
export interface DeviceHost {
  /** The number of the domain with a name; null if there is none. */
  readonly domainNamed: (name: string) => number | null;
  /** The kind of a path in Dom0. */
  readonly file: (path: string) => 'missing' | 'directory' | 'file';
  /** Kinds of back ends that Dom0's kernel has a driver for: `vbd` and so on. */
  readonly drivers: ReadonlySet<string>;
}

/** Why a domain with these devices does not come to be. */
export interface DeviceFailure {
  readonly lines: readonly string[];
  /** How long libxl waits in vain before. */
  readonly seconds: number;
}

/** libxl waits this long for a backend to come, and again for it to go. */
const backendTimeout = 10;

/** The domain of a backend; null if it is not known. A number is not looked up. */
const backendDomain = (name: string | null, host: DeviceHost): number | null =>
  name === null || name === '' ? 0 : /^\d+$/.test(name) ? Number(name) : host.domainNamed(name);

const nameOf = (fields: Fields): string | null => {
  const name = fields.backend_domname;
  return typeof name === 'string' ? name : null;
};

/** What makes libxl give up before it builds the domain: disks and network interfaces without a backend. */
export const judgeDefaults = (config: DomainConfig, domid: number, host: DeviceHost): string[] | null => {
  for (const [index, disk] of config.disks.entries()) {
    const line = `libxl: error: libxl_create.c:1318:initiate_domain_create: Domain ${domid}:Unable to set disk defaults for disk ${index}`;
    const backend = backendOf(disk, host);
    if (backend.ok === false) return [...backend.lines, line, ...destroyed(domid)];
  }
  for (const [index, nic] of config.devices.nics.entries()) {
    const isEmulated = nic.nictype === 'vif_ioemu';
    if (backendDomain(nameOf(nic), host) !== null && !isEmulated) continue;
    const emulated = `libxl: error: libxl_nic.c:107:libxl__device_nic_setdefault: Domain ${domid}:trying to create PV or PVH guest with an emulated interface`;
    return [
      ...(isEmulated && backendDomain(nameOf(nic), host) !== null ? [emulated] : []),
      `libxl: error: libxl_nic.c:520:libxl__device_nic_set_devids: Domain ${domid}:Unable to set nic defaults for nic ${index}`,
      ...destroyed(domid),
    ];
  }
  return null;
};

type Backend =
  | { readonly ok: true; readonly domain: number; readonly kind: 'vbd' | 'qdisk' | 'virtio_disk' }
  | { readonly ok: false; readonly lines: readonly string[] };

/** The backend that libxl chooses for a disk. */
export const backendOf = (disk: Disk, host: DeviceHost): Backend => {
  const domain = backendDomain(disk.backendName, host);
  if (domain === null) return { ok: false, lines: [] };
  const where = (line: number): string => `libxl: error: libxl_device.c:${line}:libxl__device_disk_set_backend: `;
  const isEmpty = disk.format === 'empty';
  let file: ReturnType<DeviceHost['file']> = 'directory';
  if (isEmpty) {
    if (!disk.isCdrom) return { ok: false, lines: [`${where(439)}Disk vdev=${disk.vdev} is empty but not cdrom`] };
  } else if ((disk.backend === null || disk.backend === 'phy') && domain === 0 && disk.script === null) {
    file = host.file(disk.target ?? '');
    if (file === 'missing') {
      const line = `${where(455)}Disk vdev=${disk.vdev} failed to stat: ${disk.target}: No such file or directory`;
      return { ok: false, lines: [line] };
    }
  }
  const may = (backend: string): boolean => disk.backend === null || disk.backend === backend;
  const isRemote = domain !== 0 || disk.script !== null;
  if (may('phy') && !disk.isVirtio && disk.format === 'raw' && (isRemote || file === 'file'))
    return { ok: true, domain, kind: 'vbd' };
  if (may('qdisk') && !disk.isVirtio && disk.script === null) return { ok: true, domain, kind: 'qdisk' };
  if (may('standalone') && disk.isVirtio && disk.format === 'raw') return { ok: true, domain, kind: 'virtio_disk' };
  return { ok: false, lines: [`${where(475)}no suitable backend for disk ${disk.vdev}`] };
};

/** A device that libxl puts into xenstore, and whose backend it waits for. */
interface Added {
  readonly domain: number;
  readonly path: string;
}

/**
 * Disks are added first, when the domain has been built. Those that a driver in Dom0 serves have been added already; `said`
 * is what libxl has said of them.
 */
export const judgeDisks = (
  { disks }: DomainConfig,
  domid: number,
  host: DeviceHost,
  said: readonly string[],
): DeviceFailure | null => {
  const lines = [...said];
  const added: Added[] = [];
  const known = new Set<number>();
  for (const disk of disks) {
    const number = virtualDisk(disk.vdev);
    if (number === null) {
      const what = `Domain ${domid}:Invalid or unsupported virtual disk identifier ${disk.vdev}`;
      lines.push(
        `libxl: error: libxl_disk.c:214:libxl__device_from_disk: ${what}`,
        `libxl: error: libxl_disk.c:335:device_disk_add: ${what}`,
      );
    } else if (known.has(number)) {
      lines.push(`libxl: error: libxl_disk.c:343:device_disk_add: Domain ${domid}:device already exists in xenstore`);
    } else {
      known.add(number);
      const backend = backendOf(disk, host);
      if (backend.ok && backend.kind !== 'qdisk') {
        const { domain, kind } = backend;
        if (domain === 0 && host.drivers.has(kind)) continue;
        added.push({ domain, path: `/local/domain/${domain}/backend/${kind}/${domid}/${number}` });
      }
    }
  }
  const outcome = `libxl: error: libxl_create.c:1672:domcreate_launch_dm: Domain ${domid}:unable to add disk devices`;
  return failure(domid, lines, added, outcome);
};

/** What needs a program in Dom0 that emulates devices, and there is none. */
export const judgeDeviceModel = (config: DomainConfig, domid: number, host: DeviceHost): DeviceFailure | null => {
  const { channels, p9s, vfbs, usbctrls } = config.devices;
  for (const [i, channel] of channels.entries()) {
    if (backendDomain(nameOf(channel), host) === null) return { lines: destroyed(domid), seconds: 0 };
    if (channel.name !== undefined) continue;
    const line = `libxl: error: libxl_console.c:407:libxl__init_console_from_channel: channel ${i} has no name`;
    return { lines: [line, ...destroyed(domid)], seconds: 0 };
  }
  const hasQdisk = config.disks.some((disk) => {
    const backend = backendOf(disk, host);
    return backend.ok && backend.kind === 'qdisk' && backend.domain === 0;
  });
  const hasQusb = usbctrls.some(({ type }) => type === 'qusb');
  if (!hasQdisk && !hasQusb && channels.length + p9s.length + vfbs.length === 0) return null;
  const model = (line: number, where: string, what: string): string =>
    `libxl: error: libxl_dm.c:${line}:${where}: Domain ${domid}:${what}`;
  const program = '/usr/libexec/xen-qemu-system-i386';
  return {
    lines: [
      ...(channels.length > 0
        ? [
            `libxl: error: libxl_console.c:271:libxl__device_console_add: Domain ${domid}:Primary console has invalid configuration`,
          ]
        : []),
      model(2909, 'libxl__spawn_local_dm', `device model ${program} is not executable: No such file or directory`),
      model(2911, 'libxl__spawn_local_dm', 'Please install the qemu-system-xen package for this domain to work'),
      model(3161, 'device_model_spawn_outcome', '(null): spawn failed (rc=-3)'),
      model(3381, 'device_model_postconfig_done', 'Post DM startup configs failed, rc=-3'),
      `libxl: error: libxl_create.c:1896:domcreate_devmodel_started: Domain ${domid}:device model did not start: -3`,
      ...destroyed(domid),
    ],
    seconds: 0,
  };
};

/** The kinds of devices that are added last, in libxl's order, with their name in xenstore. */
const lastKinds = [
  ['vtpms', 'vtpm'],
  ['usbctrls', 'vusb'],
  ['vdispls', 'vdispl'],
  ['vsnds', 'vsnd'],
] as const;

/** The other devices: the first kind of which one cannot be added ends it. */
export const judgeAttach = (
  { devices, usbDevices }: DomainConfig,
  domid: number,
  host: DeviceHost,
): DeviceFailure | null => {
  for (const [list, kind] of lastKinds) {
    const outcome = `libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain ${domid}:unable to add ${kind} devices`;
    const lines: string[] = [];
    const added: Added[] = [];
    let hasFailed = false;
    for (const [i, device] of devices[list].entries()) {
      const said = list === 'usbctrls' ? judgeUsb(device, domid) : null;
      if (said !== null) {
        lines.push(...said);
        continue;
      }
      const domain = backendDomain(nameOf(device), host);
      const path = `/local/domain/${domain}/backend/${kind}/${domid}/${String(device.devid ?? i)}`;
      if (domain === null) hasFailed = true;
      else if (added.some((other) => other.path === path))
        lines.push(
          `libxl: error: libxl_device.c:1998:libxl__device_add_async: Domain ${domid}:device already exists in xenstore`,
        );
      else added.push({ domain, path });
    }
    if (list === 'usbctrls') lines.push(...usbDevices.flatMap((device) => judgeUsbDevice(device, domid)));
    const found = failure(domid, lines, added, outcome, hasFailed);
    if (found) return found;
  }
  return null;
};

/** What is said of a controller; null for one whose backend libxl waits for. */
const judgeUsb = ({ type, version }: Fields, domid: number): string[] | null => {
  if (type === 'devicemodel') {
    const socket = `/var/run/xen/qmp-libxl-${domid}`;
    return [
      `libxl: error: libxl_qmp.c:1334:qmp_ev_lock_aquired: Domain ${domid}:Failed to connect to QMP socket ${socket}: No such file or directory`,
    ];
  }
  if (typeof version === 'number' && (version < 1 || version > 2))
    return [
      'libxl: error: libxl_usb.c:67:libxl__device_usbctrl_setdefault: USB version for paravirtualized devices must be 1 or 2',
    ];
  return type === 'pv' ? null : [];
};

const judgeUsbDevice = ({ isAddressed }: UsbDevice, domid: number): string[] => {
  const folder = "'/sys/bus/usb/devices': No such file or directory";
  return [
    ...(isAddressed ? [`libxl: error: libxl_usb.c:837:usbdev_busaddr_to_busid: opendir failed: ${folder}`] : []),
    `libxl: error: libxl_usb.c:1732:libxl__device_usbdev_add: Domain ${domid}:USB device is not assignable.`,
  ];
};

/** The lines when devices could not be added, and those when they are removed again; null if there is nothing to say. */
const failure = (
  domid: number,
  lines: readonly string[],
  added: readonly Added[],
  outcome: string,
  hasFailed = false,
): DeviceFailure | null => {
  if (lines.length === 0 && added.length === 0 && !hasFailed) return null;
  const here = added.filter(({ domain }) => domain === 0);
  return {
    lines: [
      ...lines,
      ...added.map(({ path }) => deviceUnable(domid, 'add', path)),
      outcome,
      ...added.map(({ domain, path }) => (domain === 0 ? deviceUnable(domid, 'remove', path) : backendGone(path))),
      ...(here.length > 0
        ? [`libxl: error: libxl_domain.c:1530:devices_destroy_cb: Domain ${domid}:libxl__devices_destroy failed`]
        : []),
      ...destroyed(domid),
    ],
    seconds: (added.length > 0 ? backendTimeout : 0) + (here.length > 0 ? backendTimeout : 0),
  };
};
