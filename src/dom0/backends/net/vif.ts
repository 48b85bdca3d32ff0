/**
 * A virtual interface of a domain: the end of its network device in Dom0 (Linux: drivers/net/xen-netback), `vif1.0` on a
 * bridge. It connects when the front end has, whose queues it then serves.
 */
import { defined } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { ProbeKind } from '../../../base/probe/kinds.ts';
import { type Probe, packVcpu } from '../../../base/probe/probe.ts';
import type { Bridge, Port } from '../../../soc/net/bridge.ts';
import {
  type Abilities,
  broadcastMac,
  defaultMtu,
  type Frame,
  isGroup,
  macAt,
  noAbilities,
} from '../../../soc/net/frame.ts';
import { GrantStatus } from '../../../xen/mm/grant-table.ts';
import type { Nanoseconds } from '../../../xen/time/time.ts';
import { dom0Costs } from '../../os/costs.ts';
import { compute, quietly, Signal, type Task } from '../../os/task.ts';
import type { Grants } from '../grants.ts';
import type { BackRing } from '../ring.ts';
import { type Backend, type BackendDevice, LinuxError } from '../xenbus.ts';
import { readRate } from './credit.ts';
import { controlEntrySize, FlowHash } from './hash.ts';
import { rxEntrySize, txEntrySize } from './netif.ts';
import { VifQueue } from './queue.ts';

/** XEN_NETBK_MCAST_MAX: groups in the filter at most. */
const groupsMax = 64;
/** More would leave too little of a page for frames; public/io/netif.h allows 0x7fff. */
const headroomMax = 2048;

/** What an interface has of Dom0. */
export interface VifHost {
  readonly grants: Grants;
  readonly probe: Probe;
  /** The most queues of an interface. */
  readonly queues: number;
  now(): Nanoseconds;
}

/** The control ring, which a thread serves. */
interface ControlRing {
  readonly ring: BackRing;
  readonly work: Signal;
  readonly hash: FlowHash;
  readonly queues: number;
  readonly notify: () => void;
}

export class Vif implements Backend {
  /** `vif1.0`, or the name that the hotplug script has given it. */
  name: string;
  readonly device: BackendDevice;
  private readonly host: VifHost;
  /** The bridge's port; null while the hotplug script has not attached it. */
  private port: Port | null = null;
  private queues: VifQueue[] = [];
  private abilities: Abilities = noAbilities;
  private hash = new FlowHash();
  private control: ControlRing | null = null;
  /** Addresses of groups that the domain wants; null: all. */
  private groups: Set<string> | null = null;

  constructor(device: BackendDevice, host: VifHost) {
    this.device = device;
    this.host = host;
    this.name = `vif${device.domid}.${device.devid}`;
    // In the order of xen-netback, which probes what the kernel can do.
    for (const [name, value] of [
      ['feature-sg', 1],
      ['feature-gso-tcpv4', 1],
      ['feature-gso-tcpv6', 1],
      ['feature-ipv6-csum-offload', 1],
      ['feature-rx-copy', 1],
      ['feature-xdp-headroom', 1],
      ['feature-rx-flip', 0],
      ['feature-multicast-control', 1],
      ['feature-dynamic-multicast-control', 1],
      ['feature-split-event-channels', 1],
      ['multi-queue-max-queues', host.queues],
      ['feature-ctrl-ring', 1],
    ] as const)
      device.write(name, value);
  }

  get isReady(): boolean {
    return this.device.read('hotplug-status') === 'connected';
  }

  /** What the hotplug script does: makes it a port of a bridge. */
  attach(bridge: Bridge): void {
    this.port = bridge.attach(this.name, {
      receive: (frame) => this.receive(frame),
      abilities: () => this.abilities,
      mtu: mtuOf(this.device.read('mtu')),
    });
  }

  detach(): void {
    this.port?.detach();
    this.port = null;
  }

  connect(): boolean {
    const { device } = this;
    const wanted = device.frontNumber('multi-queue-num-queues') ?? 1;
    if (wanted < 1 || wanted > this.host.queues) {
      const message = `guest requested ${wanted} queues, exceeding the maximum of ${this.host.queues}.`;
      return this.fatal(LinuxError.EINVAL, message);
    }
    if (device.frontNumber('request-rx-copy') !== 1)
      return this.fatal(LinuxError.EOPNOTSUPP, 'reading request-rx-copy');
    if (device.frontNumber('feature-rx-notify') !== 1)
      return this.fatal(LinuxError.EINVAL, 'feature-rx-notify is mandatory');
    const has = (feature: string): boolean => (device.frontNumber(feature) ?? 0) !== 0;
    const gathers = has('feature-sg');
    this.abilities = {
      checksum: !has('feature-no-csum-offload'),
      tcp4: gathers && has('feature-gso-tcpv4'),
      tcp6: gathers && has('feature-gso-tcpv6') && has('feature-ipv6-csum-offload'),
    };
    this.groups = has('request-multicast-control') ? new Set() : null;
    if (!this.connectControl(wanted)) return false;
    // A single queue has no directory of its own, also where the front end knows of several.
    for (let index = 0; index < wanted; index++)
      if (!this.connectQueue(index, wanted > 1 ? `queue-${index}/` : '')) return false;
    this.reconfigure();
    device.log(`vif ${device.name} ${this.name}: Guest Rx ready`);
    return true;
  }

  /** The front end has asked for room before each frame, for its eXpress Data Path. */
  reconfigure(): void {
    const headroom = Math.min(this.device.frontNumber('xdp-headroom') ?? 0, headroomMax);
    for (const queue of this.queues) queue.headroom = headroom;
  }

  disconnect(): void {
    this.queues = [];
    this.control = null;
    this.abilities = noAbilities;
    this.hash = new FlowHash();
    this.groups = null;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.name, this.port !== null, { ...this.abilities }, [...(this.groups ?? ['*'])], this.queues.length);
    this.hash.fingerprint(hasher);
    for (const queue of this.queues) queue.fingerprint(hasher);
  }

  /** The control ring, which a front end need not have. */
  private connectControl(queues: number): boolean {
    const { device } = this;
    const reference = device.frontNumber('ctrl-ring-ref');
    if (reference === null) return true;
    const port = device.frontNumber('event-channel-ctrl');
    if (port === null) return this.fatal(LinuxError.ENOENT, `reading ${device.frontPath}/event-channel-ctrl`);
    const ring = device.mapRing([reference], controlEntrySize);
    const work = new Signal(`${this.name}-control`);
    const channel = ring && device.bind(port, () => work.raise());
    if (!ring || !channel) return this.fatal(LinuxError.EINVAL, `mapping shared-frame ${reference} port ${port}`);
    this.control = { ring, work, hash: this.hash, queues, notify: () => channel.notify() };
    device.spawn(work.name, () => this.serveControl());
    return true;
  }

  private *serveControl(): Task<number> {
    const { ring, work, hash, queues, notify } = defined(this.control, 'the control ring');
    for (;;) {
      yield* quietly(
        work,
        () => ring.finalCheck(),
        () => this.serveControl(),
      );
      if (hash.serve(ring, queues, (...where) => this.copyFrom(...where))) notify();
      yield* compute(dom0Costs.networkPacket);
    }
  }

  private copyFrom(reference: number, offset: number, into: Uint8Array): boolean {
    return this.host.grants.copyFrom(this.device.domid, reference, offset, into) === GrantStatus.okay;
  }

  private connectQueue(index: number, prefix: string): boolean {
    const { device } = this;
    const number = (name: string): number | null => device.frontNumber(prefix + name);
    const shared = number('event-channel');
    const ports = { transmit: number('event-channel-tx') ?? shared, receive: number('event-channel-rx') ?? shared };
    const references = { transmit: number('tx-ring-ref'), receive: number('rx-ring-ref') };
    const where = `${device.frontPath}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
    if (references.transmit === null || references.receive === null)
      return this.fatal(LinuxError.ENOENT, `reading ${where}/ring-ref`);
    if (ports.transmit === null || ports.receive === null)
      return this.fatal(LinuxError.ENOENT, `reading ${where}/event-channel(-tx/rx)`);
    const transmit = device.mapRing([references.transmit], txEntrySize);
    const receive = transmit && device.mapRing([references.receive], rxEntrySize);
    const rang = (): void => queue?.rang();
    let queue: VifQueue | null = null;
    const transmitChannel = receive && device.bind(ports.transmit, rang);
    const isSplit = ports.transmit !== ports.receive;
    const receiveChannel = transmitChannel && (isSplit ? device.bind(ports.receive, rang) : transmitChannel);
    if (!transmit || !receive || !receiveChannel) {
      const frames = `${references.transmit}/${references.receive}`;
      const message = `mapping shared-frames ${frames} port tx ${ports.transmit} rx ${ports.receive}`;
      return this.fatal(LinuxError.EINVAL, message);
    }
    const { grants } = this.host;
    const made = new VifQueue(`${this.name}-q${index}`, { transmit, receive }, readRate(device.read('rate')), {
      now: () => this.host.now(),
      copyFrom: (...where) => this.copyFrom(...where),
      copyTo: (reference, offset, from) => grants.copyTo(device.domid, reference, offset, from) === GrantStatus.okay,
      send: (frame, pages) => {
        this.host.probe.emitFor(packVcpu(device.domid, 0), ProbeKind.packetSent, frame.bytes.length, pages);
        this.port?.send(frame);
      },
      given: (frame, pages) =>
        this.host.probe.emitFor(packVcpu(device.domid, 0), ProbeKind.packetReceived, frame.bytes.length, pages),
      filter: (change, address) => this.filter(change, address),
      notifyTransmit: () => transmitChannel.notify(),
      notifyReceive: () => receiveChannel.notify(),
      malicious: (message) => this.cutOff(message),
    });
    queue = made;
    this.queues.push(made);
    device.spawn(made.name, () => made.run());
    return true;
  }

  private fatal(code: number, message: string): false {
    this.device.fatal(code, message);
    return false;
  }

  /** A front end that breaks the protocol is not served any more. */
  private cutOff(message: string): void {
    const { device } = this;
    const say = (text: string): void => device.log(`vif ${device.name} ${this.name}: ${text}`);
    say(message);
    say('fatal error; disabling device');
    // Rings and channels stay until the device goes, but nobody looks at them.
    for (const queue of this.queues) queue.stop();
    this.disconnect();
  }

  private receive(frame: Frame): void {
    const destination = macAt(frame.bytes, 0);
    if (
      this.groups &&
      isGroup(destination) &&
      destination !== broadcastMac &&
      !this.groups.has(addressText(frame.bytes))
    )
      return;
    const { length } = this.queues;
    if (length === 0) return;
    const hash = this.hash.of(frame.bytes);
    const index = hash ? this.hash.queueFor(hash, length) : length === 1 ? 0 : flowOf(frame.bytes) % length;
    this.queues[index]?.put(frame, hash);
  }

  private filter(change: 'add' | 'remove', address: readonly number[]): boolean {
    const text = addressText(address);
    if (change === 'remove') this.groups?.delete(text);
    else if (this.groups && this.groups.size >= groupsMax) return false;
    else this.groups?.add(text);
    return true;
  }
}

/** The `mtu` of an interface's config. */
const mtuOf = (text: string | null): number => {
  const mtu = Number(text ?? defaultMtu);
  return mtu >= leastMtu && mtu <= 0xffff ? mtu : defaultMtu;
};
/** What every IPv4 link takes (RFC 791). */
const leastMtu = 68;

const addressText = (bytes: ArrayLike<number>): string => Array.from({ length: 6 }, (_, i) => bytes[i]).join(':');

/** A number that is the same for all frames of a TCP or UDP connection over IPv4, so that they keep their order. */
const flowOf = (bytes: Uint8Array): number => bytes.subarray(26, 38).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0);
