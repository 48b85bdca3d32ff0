/**
 * The built-in host: a station that answers ARP, ICMP echo, DHCP and DNS, and speaks TCP. It is Dom0 on Xen's bridge, and
 * the neighbour of the board without Xen. It does not forward packets: what is for other networks cannot be reached.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { list, nullable, number, record, type Shape, whole } from '../../../base/shape.ts';
import { cycles } from '../../../base/units.ts';
import { DeviceEvent } from '../../bus/device.ts';
import type { Bridge, Port } from '../bridge.ts';
import { withChecksum } from '../finish.ts';
import {
  allAbilities,
  broadcastMac,
  EtherType,
  type Frame,
  finished,
  frameShape,
  headerLength,
  type MacAddress,
  macAt,
  maxFrameLength,
  putMac,
  word16,
} from '../frame.ts';
import { Protocol } from '../layout.ts';
import { broadcastOf, type Interface, type Ipv4, isOnLink, limitedBroadcast } from './address.ts';
import { DhcpServer, type DhcpState, dhcpClientPort, dhcpServerPort, dhcpState, type Lease } from './dhcp.ts';
import { answerName, dnsPort, type Names } from './dns.ts';
import type { Folder } from './http/folder.ts';
import { HttpServer, type HttpState, httpPort, httpState } from './http/server.ts';
import { echo, IcmpType, icmpHeader, readIcmp, Unreachable, unreachable } from './icmp.ts';
import { Neighbours, type NeighboursState, neighboursState } from './neighbours.ts';
import { newFrame, type Packet, payloadAt, readPacket } from './packet.ts';
import { Reassembly, type ReassemblyState, reassemblyState } from './reassembly.ts';
import type { Connection, Service } from './tcp/connection.ts';
import { Flag, headerLengthOf, readSegment, writeHeader } from './tcp/segment.ts';
import { Tcp, type TcpState, tcpState } from './tcp/tcp.ts';
import { type Datagram, datagram, readDatagram } from './udp.ts';

export type { Connection, Lease, Service };

/** The network that the host is in: 10.0.0.0/24, the host being its first address. */
export const hostInterface: Interface = { address: 0x0a00_0001, prefix: 24 };
/** Locally administered, with the IPv4 address in it. */
export const hostMac: MacAddress = 0x0200_0a00_0001;
/** Data of the longest TCP segment that it gives to the bridge, which cuts it where needed. */
const longest = 65_535 - 60;
/** Names of its stations end in this. */
const domain = 'lan';
/** How long a frame to itself is on its way, and how many may be. */
const loopbackSeconds = 10e-6;
const maxLooped = 1000;

export interface HostOptions {
  /** What it is called in its network, such as dom0. */
  readonly name: string;
  /** What its HTTP server serves. */
  readonly folder: Folder;
  /** Names that are known otherwise, such as those of domains; null for an unknown address. */
  nameOf?(mac: MacAddress): string | null;
}

/** A message of ICMP that somebody waits for: an answer to an echo, or that an address cannot be reached. */
export interface Echoed {
  readonly kind: 'reply' | 'unreachable';
  readonly from: Ipv4;
  readonly id: number;
  readonly sequence: number;
  readonly ttl: number;
  /** Bytes of the message with its header. */
  readonly length: number;
}

export interface HostState {
  readonly identification: number;
  readonly alarmAt: number | null;
  readonly looped: readonly Frame[];
  readonly loopedAt: number | null;
  readonly neighbours: NeighboursState;
  readonly dhcp: DhcpState;
  readonly reassembly: ReassemblyState;
  readonly tcp: TcpState;
  readonly http: HttpState;
}

export const hostState: Shape<HostState> = record<HostState>({
  identification: whole(),
  alarmAt: nullable(number),
  looped: list(frameShape),
  loopedAt: nullable(whole()),
  neighbours: neighboursState,
  dhcp: dhcpState,
  reassembly: reassemblyState,
  tcp: tcpState,
  http: httpState,
});

export class Host implements Names {
  readonly name: string;
  readonly mac = hostMac;
  readonly interface = hostInterface;
  readonly domain = domain;
  readonly port: Port;
  readonly tcp: Tcp;
  private readonly http: HttpServer;
  /** Gets answers to `ping`. */
  onEcho: (echoed: Echoed) => void = () => {};
  private readonly bridge: Bridge;
  private readonly options: HostOptions;
  private readonly neighbours: Neighbours;
  private readonly dhcp: DhcpServer;
  private readonly reassembly: Reassembly;
  private readonly alarm: DeviceEvent;
  private alarmAt = Number.POSITIVE_INFINITY;
  private identification = 0;
  /** Frames for itself, which never reach the bridge. */
  private looped: Frame[] = [];
  private readonly loopback: DeviceEvent;

  /** Attaches it to a bridge, as the port of the bridge's own name. */
  constructor(bridge: Bridge, options: HostOptions) {
    const { clock } = bridge;
    this.bridge = bridge;
    this.options = options;
    this.name = options.name;
    this.port = bridge.attach(bridge.name, {
      receive: (frame) => this.receive(frame),
      abilities: () => allAbilities,
    });
    this.alarm = new DeviceEvent(clock, () => this.tick(), 'alarm');
    this.loopback = new DeviceEvent(clock, () => this.takeLooped(), 'loopback');
    const common = {
      hz: clock.hz,
      address: this.interface.address,
      now: () => clock.now,
      alarm: (time: number) => this.setAlarm(time),
    };
    this.neighbours = new Neighbours({
      ...common,
      mac: this.mac,
      send: (frame) => this.port.send(frame),
      unreachable: (address, frames) => this.unreachable(address, frames),
    });
    this.dhcp = new DhcpServer(this.interface, domain, clock.hz);
    this.reassembly = new Reassembly(clock.hz);
    this.tcp = new Tcp({
      ...common,
      mss: this.port.mtu - 40,
      longest,
      send: (destination, segment, length, fill) => {
        const header = headerLengthOf(segment);
        const frame = this.newFrame(Protocol.tcp, destination, header + length);
        const addresses = { source: this.interface.address, destination };
        writeHeader(frame, payloadAt, segment, addresses, header + length);
        fill(frame, payloadAt + header);
        const size = this.port.mtu - (payloadAt - headerLength) - header;
        const segmentation = length > size ? ({ kind: 'tcp4', size } as const) : null;
        // A reset has no socket, so that Linux fills in its checksum itself.
        if (segment.flags & Flag.rst) this.transmit(finished(withChecksum(frame) ?? frame), destination);
        else this.transmit({ bytes: frame, offload: { isChecksumBlank: true, segmentation } }, destination);
      },
    });
    this.http = new HttpServer(options.folder);
    this.tcp.listen(httpPort, this.http);
  }

  /** Leases of its DHCP server, also those that have run out. */
  get leases(): readonly Lease[] {
    return this.dhcp.leases;
  }

  /** The stations that it knows: their addresses and, where known, their names. */
  get stations(): readonly { readonly address: Ipv4; readonly mac: MacAddress; readonly name: string | null }[] {
    const found = new Map<Ipv4, MacAddress>();
    for (const { address, mac, until } of this.leases) if (until > this.bridge.clock.now) found.set(address, mac);
    for (const { address, mac } of this.neighbours.list()) found.set(address, mac);
    return [...found].sort(([a], [b]) => a - b).map(([address, mac]) => ({ address, mac, name: this._nameOf(mac) }));
  }

  /** The address of a name in its network; null if there is none. */
  addressOf(name: string): Ipv4 | null {
    if (name === this.name) return this.interface.address;
    return this.stations.findLast((station) => station.name === name)?.address ?? null;
  }

  nameOf(address: Ipv4): string | null {
    if (address === this.interface.address) return this.name;
    return this.stations.find((station) => station.address === address)?.name ?? null;
  }

  /** Sends an echo request. `onEcho` hears of the answer. */
  ping(to: Ipv4, id: number, sequence: number, data: Uint8Array): void {
    this.send(Protocol.icmp, to, echo(IcmpType.echo, id, sequence, data));
  }

  /** Opens a connection; null if there are too many. */
  connect(to: Ipv4, port: number, service: Service): Connection | null {
    return this.tcp.connect(to, port, service);
  }

  /** Takes over what a host before it has given away. */
  restoreLeases(leases: readonly Lease[]): void {
    this.dhcp.restore(leases);
  }

  /** Takes it from the bridge. */
  detach(): void {
    this.port.detach();
    this.alarm.set(null);
    this.loopback.set(null);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.identification, Number.isFinite(this.alarmAt) ? this.alarmAt : null);
    for (const { bytes } of this.looped) hasher.add(bytes);
    this.neighbours.fingerprint(hasher);
    this.dhcp.fingerprint(hasher);
    this.reassembly.fingerprint(hasher);
    this.tcp.fingerprint(hasher);
    this.http.fingerprint(hasher);
  }

  saveState(): HostState {
    return {
      identification: this.identification,
      alarmAt: Number.isFinite(this.alarmAt) ? this.alarmAt : null,
      looped: [...this.looped],
      loopedAt: this.loopback.time,
      neighbours: this.neighbours.saveState(),
      dhcp: this.dhcp.saveState(),
      reassembly: this.reassembly.saveState(),
      tcp: this.tcp.saveState(),
      http: this.http.saveState(this.tcp.connections),
    };
  }

  /** Continues from a saved state of a host on which no program had opened a connection. Throws AssertionError. */
  loadState(state: HostState): void {
    this.identification = state.identification;
    this.alarmAt = state.alarmAt ?? Number.POSITIVE_INFINITY;
    this.alarm.set(state.alarmAt === null ? null : cycles(state.alarmAt));
    this.looped = [...state.looped];
    this.loopback.set(state.loopedAt === null ? null : cycles(state.loopedAt));
    this.neighbours.loadState(state.neighbours);
    this.dhcp.loadState(state.dhcp);
    this.reassembly.loadState(state.reassembly);
    this.tcp.loadState(state.tcp);
    this.http.loadState(state.http, this.tcp.connections);
  }

  private _nameOf(mac: MacAddress): string | null {
    const name = this.options.nameOf?.(mac) ?? this.leases.find((lease) => lease.mac === mac)?.hostname;
    return name && name !== this.name ? name : null; // nobody else takes its name
  }

  private receive({ bytes, offload }: Frame): void {
    const to = macAt(bytes, 0);
    if (to !== this.mac && to !== broadcastMac) return;
    const type = word16(bytes, headerLength - 2);
    if (type === EtherType.arp) this.neighbours.receive(bytes);
    if (type !== EtherType.ipv4) return;
    const packet = readPacket(bytes);
    // Nobody else may send from its own address (RFC 1122, 3.2.1.3).
    if (packet && packet.source !== this.interface.address)
      this.receivePacket(packet, offload?.isChecksumBlank ?? false);
  }

  private takeLooped(): void {
    const frames = this.looped;
    this.looped = [];
    for (const { bytes, offload } of frames) {
      const packet = readPacket(bytes);
      if (packet) this.receivePacket(packet, offload?.isChecksumBlank ?? false);
    }
  }

  private receivePacket(packet: Packet, isChecksumBlank: boolean): void {
    const { address } = this.interface;
    const { source, destination, offset, more, protocol } = packet;
    const isForAll = destination === limitedBroadcast || destination === broadcastOf(this.interface);
    if (destination !== address && !isForAll) {
      this.refuse(packet, Unreachable.network);
      return;
    }
    if (source === limitedBroadcast || source === broadcastOf(this.interface)) return;
    let { payload } = packet;
    if (offset > 0 || more) {
      const whole = this.reassembly.add(packet, this.bridge.clock.now);
      if (!whole) return;
      payload = whole;
    }
    switch (protocol) {
      case Protocol.icmp:
        if (!isForAll) this.receiveIcmp(packet, payload);
        return;
      case Protocol.udp: {
        const received = readDatagram(payload, source, destination, isChecksumBlank);
        if (received && !this.receiveDatagram(source, received) && !isForAll) this.refuse(packet, Unreachable.port);
        return;
      }
      case Protocol.tcp: {
        const segment = isForAll ? null : readSegment(payload, source, destination, isChecksumBlank);
        if (segment) this.tcp.receive(source, segment);
        return;
      }
      default:
        return;
    }
  }

  private receiveIcmp({ source, ttl }: Packet, payload: Uint8Array): void {
    const message = readIcmp(payload);
    if (!message) return;
    const { type, id, sequence } = message;
    if (type === IcmpType.echo)
      this.send(Protocol.icmp, source, echo(IcmpType.echoReply, id, sequence, payload.subarray(icmpHeader)));
    if (type === IcmpType.echoReply)
      this.onEcho({ kind: 'reply', from: source, id, sequence, ttl, length: payload.length });
  }

  /** Whether somebody wants it. */
  private receiveDatagram(source: Ipv4, { sourcePort, port, data }: Datagram): boolean {
    if (port === dhcpServerPort) {
      if (sourcePort !== dhcpClientPort) return true;
      const answer = this.dhcp.answer(data, this.bridge.clock.now);
      if (!answer) return true;
      const { message, mac, address } = answer;
      const reply = { sourcePort: dhcpServerPort, port: dhcpClientPort, data: message };
      const bytes = datagram(this.interface.address, address, reply);
      const frame = this.newFrame(Protocol.udp, address, bytes.length);
      frame.set(bytes, payloadAt);
      // The client does not answer ARP yet.
      putMac(frame, 0, address === limitedBroadcast ? broadcastMac : mac);
      putMac(frame, 6, this.mac);
      this.port.send(finished(frame));
      return true;
    }
    if (port === dnsPort) {
      const answer = answerName(data, this);
      const reply = answer && { sourcePort: dnsPort, port: sourcePort, data: answer };
      if (reply) this.send(Protocol.udp, source, datagram(this.interface.address, source, reply));
      return true;
    }
    return false;
  }

  /** Tells the sender of a packet that it has not reached anybody, unless it must not be told (RFC 1122, 3.2.2). */
  private refuse({ source, destination, offset, protocol, bytes }: Packet, code: number): void {
    const isForGroup = destination >>> 28 >= 0xe || destination === limitedBroadcast;
    if (isForGroup || offset > 0 || !isOnLink(this.interface, source)) return;
    const isEcho = bytes[((bytes[0] as number) & 0xf) * 4] === IcmpType.echo;
    if (protocol !== Protocol.icmp || isEcho) this.send(Protocol.icmp, source, unreachable(code, bytes));
  }

  /** Sends a payload, in fragments if it is long. */
  private send(protocol: number, to: Ipv4, payload: Uint8Array): void {
    const most = (this.port.mtu - 20) & ~7;
    if (payload.length <= this.port.mtu - 20) {
      // As in Linux, what a socket sends must not be fragmented on its way, and what ICMP answers may be.
      const isAnswer = protocol === Protocol.icmp && payload[0] !== IcmpType.echo;
      const frame = this.newFrame(protocol, to, payload.length, isAnswer);
      frame.set(payload, payloadAt);
      this.transmit(finished(frame), to);
      return;
    }
    this.identification = (this.identification + 1) & 0xffff;
    for (let offset = 0; offset < payload.length; offset += most) {
      const part = payload.subarray(offset, offset + most);
      const frame = newFrame(part.length, {
        source: this.interface.address,
        destination: to,
        protocol,
        identification: this.identification,
        fragment: { offset, more: offset + most < payload.length },
      });
      frame.set(part, payloadAt);
      this.transmit(finished(frame), to);
    }
  }

  private newFrame(protocol: number, destination: Ipv4, length: number, mayFragment = false): Uint8Array {
    this.identification = (this.identification + 1) & 0xffff;
    const identification = this.identification;
    const fragment = mayFragment ? { offset: 0, more: false } : undefined;
    const header = { source: this.interface.address, destination, protocol, identification };
    return newFrame(length, fragment ? { ...header, fragment } : header);
  }

  /** Sends a frame to a station on its link. Others cannot be reached. */
  private transmit(frame: Frame, to: Ipv4): void {
    if (frame.bytes.length > maxFrameLength) return;
    const { clock } = this.bridge;
    if (to === this.interface.address) {
      if (this.looped.length < maxLooped) this.looped.push(frame);
      if (!this.loopback.isSet) this.loopback.set(cycles(clock.now + Math.round(loopbackSeconds * clock.hz)));
    } else if (isOnLink(this.interface, to) && to !== broadcastOf(this.interface)) this.neighbours.send(frame, to);
    else this.unreachable(to, [frame]);
  }

  private unreachable(address: Ipv4, frames: readonly Frame[]): void {
    for (const { bytes } of frames) {
      const packet = readPacket(bytes);
      const message = packet?.protocol === Protocol.icmp ? readIcmp(packet.payload) : null;
      if (message?.type !== IcmpType.echo) continue;
      const { id, sequence } = message;
      this.onEcho({ kind: 'unreachable', from: address, id, sequence, ttl: 0, length: 0 });
    }
    this.tcp.unreachable(address);
  }

  private setAlarm(time: number): void {
    if (time >= this.alarmAt) return;
    this.alarmAt = time;
    this.alarm.set(cycles(time));
  }

  private tick(): void {
    const { now } = this.bridge.clock;
    this.alarmAt = Number.POSITIVE_INFINITY;
    this.neighbours.tick(now);
    this.tcp.tick(now);
  }
}
