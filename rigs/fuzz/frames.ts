import { assert } from '../../src/base/assert.ts';
import { Hasher } from '../../src/base/hasher.ts';
import { checksum } from '../../src/soc/net/checksum.ts';
import { EtherType, type Frame, macAt, putMac, putWord16, putWord32, word16 } from '../../src/soc/net/frame.ts';
import { hostMac } from '../../src/soc/net/host/host.ts';
import { type Station, testHost } from '../../src/soc/net/host/host-testing.ts';
import { echo, IcmpType } from '../../src/soc/net/host/icmp.ts';
import { layoutOf, Protocol, transportChecksum } from '../../src/soc/net/layout.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

const hostAddress = 0x0a00_0001;
const kinds = ['bytes', 'arp', 'icmp', 'dhcp', 'dns', 'udp', 'tcp', 'http', 'ipv6', 'fragment'] as const;
type Kind = (typeof kinds)[number];

/** Texts that HTTP knows, and some that it does not. */
const texts = [
  ...['GET / HTTP/1.1\r\n', 'GET /big.bin HTTP/1.1\r\n', 'PUT /x HTTP/1.1\r\n', 'POST / HTTP/1.0\r\n', 'X\r\n'],
  ...[
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Range: bytes=1-\r\n',
    'Connection: close\r\n',
    '\r\n',
  ],
  ...['Content-Type: multipart/form-data; boundary=b\r\n', '--b\r\n', '5\r\n', '0\r\n', ': \r\n', '%00', '\n\n'],
];

/**
 * Random frames to the built-in host through a bridge: bytes, and packets that are nearly right, with correct or wrong
 * checksums and any offload. The host must go on answering, and keep no more than it may.
 */
export class FrameFuzz {
  /** `sent`: frames by kind, and whether the bridge took them; `answer`: what came back; `connection`: their states. */
  readonly coverage = new Coverage();
  readonly #random: Random;
  readonly #machine = testHost();
  readonly #guest: Station;
  /** What the host has sent last on its connection: numbers that a guess should have. */
  #sequence = 0;
  #next = 0;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    this.#guest = this.#machine.station();
    this.#machine.network.listen(this.#guest.port.name, (frame, direction) => {
      if (direction === 'sent') this.#answered(frame);
    });
  }

  run(count: number): void {
    const random = this.#random;
    for (let index = 0; index < count; index++) {
      const kind = random.pick(kinds);
      try {
        const frame = this.#frame(kind);
        const before = this.#guest.port.counters.receivedErrors;
        this.#guest.port.send(frame);
        const isTaken = this.#guest.port.counters.receivedErrors === before;
        this.coverage.add('sent', isTaken ? kind : `${kind}, refused`);
        if (random.oneIn(4)) this.#machine.pass(random.oneIn(500) ? 70 : 0.0002);
        if (index % 1000 === 999) this.#check();
      } catch (error) {
        throw new Error(`frame ${index} of seed ${this.seed}, ${kind}`, { cause: error });
      }
    }
    this.#check();
  }

  /** It still answers an echo, and its state is small and can be hashed. */
  #check(): void {
    const { host, pass } = this.#machine;
    pass(0.05);
    this.#guest.address = 0x0a00_000b;
    this.#guest.askFor(hostAddress);
    pass(0.01);
    this.#guest.got.length = 0;
    this.#guest.send(Protocol.icmp, hostAddress, echo(IcmpType.echo, 1, 1, new Uint8Array(8)));
    pass(0.01);
    assert(
      this.#guest.packets().some(({ protocol }) => protocol === Protocol.icmp),
      'it answers an echo',
    );
    assert(host.tcp.connections.length <= 512, 'there are not too many connections');
    assert(host.leases.length <= 240 && host.stations.length <= 1000, 'there are not too many stations');
    for (const { state } of host.tcp.connections) this.coverage.add('connection', state);
    host.fingerprint(new Hasher());
  }

  #answered({ bytes }: Frame): void {
    const type = word16(bytes, 12);
    const protocol = bytes[23] as number;
    if (type !== EtherType.ipv4) this.coverage.add('answer', type === EtherType.arp ? 'arp' : 'other');
    else if (protocol === Protocol.icmp) this.coverage.add('answer', `icmp ${bytes[34]}`);
    else if (protocol === Protocol.udp) this.coverage.add('answer', `udp ${word16(bytes, 34)}`);
    else {
      const flags = bytes[47] as number;
      this.coverage.add('answer', `tcp ${flags & 2 ? 'syn' : flags & 4 ? 'rst' : flags & 1 ? 'fin' : 'ack'}`);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const length = word16(bytes, 16) - 20 - ((bytes[46] as number) >> 4) * 4;
      if (!(flags & 4)) {
        this.#sequence = view.getUint32(42);
        this.#next = (view.getUint32(38) + length + (flags & 3 ? 1 : 0)) >>> 0;
      }
    }
  }

  #bytes(most: number): Uint8Array {
    return Uint8Array.from({ length: this.#random.below(most) }, () => this.#random.u32());
  }

  #frame(kind: Kind): Frame {
    const random = this.#random;
    const bytes = this.#contents(kind);
    if (kind !== 'bytes') {
      // Some byte is another one, or the end is missing.
      const changes = random.oneIn(2) ? 0 : random.below(3);
      for (let i = 0; i < changes; i++) bytes[14 + random.below(bytes.length - 14)] = random.u32();
      if (!random.oneIn(6)) this.#correct(bytes);
    }
    const sent = random.oneIn(12) ? bytes.slice(0, random.below(bytes.length)) : bytes;
    const segmentation = random.oneIn(8)
      ? { kind: random.pick(['tcp4', 'tcp6'] as const), size: random.below(1600) }
      : null;
    return { bytes: sent, offload: random.oneIn(3) ? { isChecksumBlank: random.oneIn(2), segmentation } : null };
  }

  #contents(kind: Kind): Uint8Array {
    const random = this.#random;
    const guest = this.#guest;
    guest.address = random.oneIn(20) ? random.u32() : 0x0a00_000b + random.below(3);
    const to = random.oneIn(20) ? random.u32() : hostAddress;
    const datagram = (port: number, data: Uint8Array): Uint8Array => {
      const bytes = new Uint8Array(8 + data.length);
      putWord16(bytes, 0, port === 67 ? 68 : random.below(65_536));
      putWord16(bytes, 2, port);
      putWord16(bytes, 4, bytes.length);
      bytes.set(data, 8);
      return guest.packet(Protocol.udp, port === 67 ? 0xffff_ffff : to, bytes);
    };
    switch (kind) {
      case 'bytes': {
        const bytes = this.#bytes(200);
        if (bytes.length >= 6 && random.oneIn(2)) putMac(bytes, 0, hostMac);
        return bytes;
      }
      case 'arp': {
        const bytes = new Uint8Array(42);
        bytes.set([0, 1, 8, 0, 6, 4, 0, 1 + random.below(2)], 14);
        putMac(bytes, 0, random.oneIn(2) ? hostMac : 0xffff_ffff_ffff);
        putWord16(bytes, 12, EtherType.arp);
        putMac(bytes, 22, random.below(1000) * 2);
        putWord32(bytes, 28, random.oneIn(2) ? 0x0a00_0000 + random.below(1000) : guest.address);
        putWord32(bytes, 38, to);
        return bytes;
      }
      case 'icmp':
        return guest.packet(Protocol.icmp, to, echo(random.pick([0, 3, 8, 13]), 1, 1, this.#bytes(100)));
      case 'dhcp': {
        const message = new Uint8Array(240 + 40);
        message.set([1, 1, 6]);
        putMac(message, 28, random.below(600) * 2);
        putWord32(message, 236, 0x6382_5363);
        message.set(
          [53, 1, 1 + random.below(9), 50, 4, 10, 0, 0, random.below(256), 12, 2, 65 + random.below(26), 66],
          240,
        );
        return datagram(67, message);
      }
      case 'dns':
        return datagram(53, Uint8Array.from([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 100, 111, 109, 48, 0, 0, 1, 0, 1]));
      case 'udp':
        return datagram(random.below(65_536), this.#bytes(60));
      case 'tcp':
      case 'http': {
        const text = Array.from({ length: random.below(5) }, () => random.pick(texts)).join('');
        const data = kind === 'http' ? new TextEncoder().encode(text) : this.#bytes(30);
        const bytes = new Uint8Array(20 + data.length);
        putWord16(bytes, 0, 1000 + random.below(random.oneIn(4) ? 700 : 2));
        putWord16(bytes, 2, random.oneIn(20) ? random.below(65_536) : 80);
        putWord32(bytes, 4, random.oneIn(8) ? random.u32() : this.#sequence);
        putWord32(bytes, 8, random.oneIn(8) ? random.u32() : this.#next);
        bytes[12] = 0x50;
        bytes[13] = random.oneIn(3) ? random.below(64) : random.pick([2, 0x10, 0x18, 0x11]);
        putWord16(bytes, 14, random.below(65_536));
        bytes.set(data, 20);
        return guest.packet(Protocol.tcp, to, bytes);
      }
      case 'ipv6': {
        const bytes = new Uint8Array(54 + random.below(80));
        putMac(bytes, 0, hostMac);
        putWord16(bytes, 12, EtherType.ipv6);
        bytes[14] = 0x60;
        putWord16(bytes, 18, bytes.length - 54);
        bytes[20] = random.pick([0, 6, 17, 43, 58, 60]);
        return bytes;
      }
      case 'fragment': {
        const bytes = guest.packet(random.pick([1, 6, 17]), to, this.#bytes(120));
        putWord16(bytes, 18, random.below(4));
        putWord16(
          bytes,
          20,
          (random.oneIn(2) ? 0x2000 : 0) | (random.oneIn(10) ? random.below(0x2000) : random.below(20)),
        );
        return bytes;
      }
    }
  }

  /** Makes checksums right, as far as the headers are there. */
  #correct(bytes: Uint8Array): void {
    if (word16(bytes, 12) === EtherType.ipv4 && bytes.length >= 34) {
      const header = Math.max(20, ((bytes[14] as number) & 15) * 4);
      putWord16(bytes, 24, 0);
      putWord16(bytes, 24, checksum(bytes, 14, Math.min(14 + header, bytes.length)));
    }
    const layout = layoutOf(bytes);
    if (layout)
      putWord16(
        bytes,
        layout.transport + (layout.protocol === Protocol.tcp ? 16 : 6),
        transportChecksum(bytes, layout),
      );
    if (bytes[23] === Protocol.icmp && bytes.length >= 42 && macAt(bytes, 0) === hostMac) {
      putWord16(bytes, 36, 0);
      putWord16(bytes, 36, checksum(bytes, 34, bytes.length));
    }
  }
}
