/** The built-in host on a bridge, and a station that talks to it. */
import { cycles } from '../../../base/units.ts';
import { clockHz, testClock } from '../../bus/device-testing.ts';
import type { Bridge, Port } from '../bridge.ts';
import { broadcastMac, EtherType, type Frame, finished, putMac, word16 } from '../frame.ts';
import { Protocol } from '../layout.ts';
import { ethernet } from '../net-testing.ts';
import { Network } from '../network.ts';
import type { Ipv4 } from './address.ts';
import { Host, hostMac } from './host.ts';
import { MemoryFolder } from './http/folder.ts';
import { newFrame, type Packet, payloadAt, readPacket } from './packet.ts';
import type { Service } from './tcp/connection.ts';
import { headerLengthOf, readSegment, writeHeader } from './tcp/segment.ts';
import { Tcp } from './tcp/tcp.ts';
import { datagram, readDatagram } from './udp.ts';

export function testHost(names: Readonly<Record<number, string>> = {}, capacity = 1_000_000) {
  const { clock, pass } = testClock();
  const network = new Network(clock);
  const bridge = network.addBridge('xenbr0');
  const files = { 'readme.txt': new TextEncoder().encode('hello\n'), 'big.bin': numbered(300_000) };
  const folder = new MemoryFolder(files, capacity);
  const host = new Host(bridge, { name: 'dom0', folder, nameOf: (mac) => names[mac] ?? null });
  const seconds = (count: number) => pass(Math.round(count * clockHz));
  return { network, clock, folder, host, pass: seconds, station: (mac = 0x11) => new Station(bridge, mac) };
}

export const numbered = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** Sends what a test makes, answers ARP, and keeps what it gets. */
export class Station {
  readonly mac: number;
  readonly port: Port;
  readonly got: Frame[] = [];
  readonly tcp: Tcp;
  address: Ipv4 = 0x0a00_000b;
  /** Gets packets of other protocols than TCP as they arrive. */
  onPacket: (packet: Packet) => void = () => {};
  #answersArp = true;

  constructor(bridge: Bridge, mac: number, name = `station${mac}`) {
    this.mac = mac;
    const { clock } = bridge;
    this.port = bridge.attach(name, (frame) => this.#receive(frame));
    const station = this;
    this.tcp = new Tcp({
      hz: clockHz,
      mss: 1460,
      longest: 1448,
      get address() {
        return station.address;
      },
      now: () => clock.now,
      alarm: (time) => void clock.at(cycles(time), () => this.tcp.tick(clock.now)),
      send: (destination, header, length, fill) => {
        const start = headerLengthOf(header);
        const bytes = new Uint8Array(start + length);
        writeHeader(bytes, 0, header, { source: this.address, destination }, bytes.length);
        fill(bytes, start);
        const frame = this.packet(Protocol.tcp, destination, bytes);
        this.port.send({ bytes: frame, offload: { isChecksumBlank: true, segmentation: null } });
      },
    });
  }

  silence(): void {
    this.#answersArp = false;
  }

  packet(protocol: number, destination: Ipv4, payload: Uint8Array, to = hostMac): Uint8Array {
    const frame = newFrame(payload.length, { source: this.address, destination, protocol, identification: 1 });
    frame.set(payload, payloadAt);
    putMac(frame, 0, to);
    putMac(frame, 6, this.mac);
    return frame;
  }

  send(protocol: number, destination: Ipv4, payload: Uint8Array, to = hostMac): void {
    this.port.send(finished(this.packet(protocol, destination, payload, to)));
  }

  sendDatagram(destination: Ipv4, sourcePort: number, port: number, data: Uint8Array, to = hostMac): void {
    this.send(Protocol.udp, destination, datagram(this.address, destination, { sourcePort, port, data }), to);
  }

  /** Takes the packets that have arrived, without ARP and TCP. */
  packets() {
    return this.got.splice(0).flatMap(({ bytes }) => readPacket(bytes) ?? []);
  }

  /** Takes the datagrams that have arrived. */
  datagrams() {
    return this.packets().flatMap(({ source, destination, payload }) => {
      const read = readDatagram(payload, source, destination, false);
      return read ? [{ ...read, destination }] : [];
    });
  }

  connect(to: Ipv4, port: number, service: Service) {
    return this.tcp.connect(to, port, service);
  }

  /** What the station asks about an address by ARP. */
  askFor(address: Ipv4): void {
    this.#arp(1, broadcastMac, address);
  }

  #arp(operation: number, to: number, target: Ipv4): void {
    const arp = Uint8Array.from([0, 1, 8, 0, 6, 4, 0, operation, ...new Uint8Array(20)]);
    putMac(arp, 8, this.mac);
    new DataView(arp.buffer).setUint32(14, this.address);
    new DataView(arp.buffer).setUint32(24, target);
    this.port.send(finished(ethernet(to, this.mac, EtherType.arp, arp)));
  }

  #receive(frame: Frame): void {
    const { bytes } = frame;
    const isRequest = word16(bytes, 12) === EtherType.arp && bytes[21] === 1;
    const asked = isRequest && new DataView(bytes.buffer).getUint32(38) === this.address;
    if (asked && this.#answersArp) this.#arp(2, hostMac, 0x0a00_0001);
    const packet = readPacket(bytes);
    if (packet?.protocol === Protocol.tcp) {
      const segment = readSegment(packet.payload, packet.source, packet.destination, false);
      if (segment) this.tcp.receive(packet.source, segment);
      return;
    }
    this.got.push(frame);
    if (packet) this.onPacket(packet);
  }
}
