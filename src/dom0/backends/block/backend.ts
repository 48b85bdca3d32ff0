/** blkback: the back ends of virtual disks, with what Linux 6.1's offers and says. */
import { assert } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import type { Disk } from '../../../soc/storage/disk.ts';
import { type Nanoseconds, nanoseconds } from '../../../xen/time/time.ts';
import type { BlockDevices } from '../../os/block-devices.ts';
import { type Backend, type BackendDevice, type BackendDriver, LinuxError } from '../xenbus.ts';
import { type Layout, maxIndirectSegments, protocols } from './protocol.ts';
import { type BlockDisk, BlockQueue, driveTime } from './queue.ts';

/** XENBUS_MAX_RING_GRANT_ORDER: rings of up to 16 pages. */
const maxRingOrder = 4;
/** VDISK_* (public/io/blkif.h). */
const Info = { cdrom: 1, removable: 2, readOnly: 4 } as const;

export interface BlockHost {
  readonly devices: BlockDevices;
  /** The most rings of a device: Linux takes one for each CPU. */
  readonly maxQueues: number;
  now(): Nanoseconds;
}

export const blockDriver = (host: BlockHost): BackendDriver => ({
  kind: 'vbd',
  probe: (device) => new BlockBackend(device, host),
});

/** What the front end has chosen. */
interface Choices {
  readonly layout: Layout;
  readonly isPersistent: boolean;
  readonly queues: number;
}

class BlockBackend implements Backend, BlockDisk {
  private readonly device: BackendDevice;
  private readonly host: BlockHost;
  private _disk: Disk | null = null;
  sectors = 0;
  isReadOnly = false;
  private queues: BlockQueue[] = [];
  private isReadOnlyDevice = false;
  private busyUntil = nanoseconds(0);

  constructor(device: BackendDevice, host: BlockHost) {
    this.device = device;
    this.host = host;
    device.write('feature-max-indirect-segments', maxIndirectSegments);
    device.write('multi-queue-max-queues', host.maxQueues);
    device.write('max-ring-page-order', maxRingOrder);
  }

  get isReady(): boolean {
    return this.device.read('physical-device') !== null;
  }

  get disk(): Disk {
    assert(this._disk, 'the disk is open');
    return this._disk;
  }

  get canDiscard(): boolean {
    return !this.isReadOnly && this.device.read('discard-enable') !== '0';
  }

  now(): Nanoseconds {
    return this.host.now();
  }

  schedule(work: { readonly pages: number; readonly flushes: boolean }): Nanoseconds {
    this.busyUntil = driveTime(this.now(), this.busyUntil, work);
    return this.busyUntil;
  }

  connect(): boolean {
    const device = this.device;
    const opened = this.host.devices.open(device.read('physical-device') ?? '');
    if (!opened.ok) {
      device.fatal(LinuxError.ENOENT, 'creating vbd structure');
      return false;
    }
    this._disk = opened.value.disk;
    this.isReadOnlyDevice = opened.value.isReadOnly;
    this.sectors = this._disk.sectors;
    this.isReadOnly = opened.value.isReadOnly || !(device.read('mode') ?? '').includes('w');
    const choices = this.choices();
    if (!choices) return false;
    for (let i = 0; i < choices.queues; i++)
      if (!this.addQueue(choices, choices.queues > 1 ? `queue-${i}/` : '')) return false;
    const name = device.read('dev') ?? device.devid;
    this.describe();
    this.queues.forEach((queue, i) => {
      device.spawn(`${device.domid}.${name}-${i}`, () => queue.take());
      device.spawn('loop', () => queue.work());
    });
    return true;
  }

  disconnect(): void {
    this.queues = [];
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.isReadOnly, this.busyUntil, this.queues.length);
    for (const queue of this.queues) queue.fingerprint(hasher);
  }

  /** What the front end has chosen; null if that cannot be. */
  private choices(): Choices | null {
    const device = this.device;
    const name = device.readFront('protocol') ?? 'arm-abi';
    const protocol = protocols.get(name);
    if (!protocol) {
      device.fatal(LinuxError.EINVAL, `unknown fe protocol ${name}`);
      return null;
    }
    const { maxQueues } = this.host;
    const queues = device.frontNumber('multi-queue-num-queues') ?? 1;
    if (queues > maxQueues || queues === 0) {
      device.fatal(LinuxError.EINVAL, `guest requested ${queues} queues, exceeding the maximum of ${maxQueues}.`);
      return null;
    }
    const isPersistent = (device.frontNumber('feature-persistent') ?? 0) !== 0;
    const said = `${queues} queues, protocol ${protocol.number} (${name}) ${isPersistent ? 'persistent grants' : ''}`;
    device.log(`xen-blkback: ${device.path.replace('/local/domain/0/', '')}: using ${said}`);
    return { layout: protocol.layout, isPersistent, queues };
  }

  /** Connects a ring, whose nodes have a prefix if there are several. */
  private addQueue({ layout, isPersistent }: Choices, prefix: string): boolean {
    const device = this.device;
    const fail = (code: number, message: string): boolean => {
      device.fatal(code, message);
      return false;
    };
    const port = device.frontNumber(`${prefix}event-channel`);
    if (port === null) return fail(LinuxError.EINVAL, `reading ${device.frontPath}/${prefix}event-channel`);
    const order = device.frontNumber(`${prefix}ring-page-order`);
    if (order !== null && order > maxRingOrder) {
      const what = `request ${order} ring page order exceed max:${maxRingOrder}`;
      return fail(LinuxError.EINVAL, `${device.frontPath}/${prefix}${what}`);
    }
    const names = order === null ? ['ring-ref'] : Array.from({ length: 2 ** order }, (_, i) => `ring-ref${i}`);
    const references: number[] = [];
    for (const name of names) {
      const reference = device.frontNumber(`${prefix}${name}`);
      if (reference === null) return fail(LinuxError.EINVAL, `reading ${device.frontPath}/${prefix}${name}`);
      references.push(reference);
    }
    const ring = device.mapRing(references, layout.entrySize);
    let queue: BlockQueue | undefined;
    const channel = ring && device.bind(port, () => queue?.rang());
    if (!ring || !channel) return fail(LinuxError.EINVAL, `mapping ring-ref port ${port}`);
    queue = new BlockQueue(device, this, { ring, layout, isPersistent, notify: () => channel.notify() });
    this.queues.push(queue);
    return true;
  }

  /** Says what the disk is. */
  private describe(): void {
    const device = this.device;
    const isCdrom = device.read('device-type') === 'cdrom';
    const isRemovable = device.read('removable') === '1';
    // A loop device that was made read-only has no write cache.
    const flushes = this.isReadOnlyDevice ? 0 : 1;
    const nodes: readonly (readonly [string, number])[] = [
      ['feature-flush-cache', flushes],
      ...(this.canDiscard
        ? ([
            ['discard-granularity', 4096],
            ['discard-alignment', 0],
            ['discard-secure', 0],
            ['feature-discard', 1],
          ] as const)
        : []),
      ['feature-barrier', flushes],
      ['feature-persistent', 1],
      ['sectors', this.sectors],
      ['info', (isCdrom ? Info.cdrom : 0) | (isRemovable ? Info.removable : 0) | (this.isReadOnly ? Info.readOnly : 0)],
      ['sector-size', 512],
      ['physical-sector-size', 512],
    ];
    for (const [name, value] of nodes) device.write(name, value);
  }
}
