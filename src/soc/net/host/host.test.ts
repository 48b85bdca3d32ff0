import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defined } from '../../../base/assert.ts';
import { Hasher } from '../../../base/hasher.ts';
import { readShape } from '../../../base/shape.ts';
import { broadcastMac, EtherType, finished, macAt, putWord16, word16, word32 } from '../frame.ts';
import { Protocol } from '../layout.ts';
import { ethernet } from '../net-testing.ts';
import { Host, hostInterface, hostMac, hostState } from './host.ts';
import { numbered, testHost } from './host-testing.ts';
import { ByteList } from './http/body.ts';
import { echo, IcmpType, readIcmp } from './icmp.ts';
import type { Connection } from './tcp/connection.ts';

const hostAddress = 0x0a00_0001;
const elsewhere = 0x0808_0808;

test('it answers who asks for its address, and no other', () => {
  const { station, pass } = testHost();
  const guest = station();
  guest.askFor(0x0a00_0002);
  guest.askFor(hostAddress);
  pass(0.001);
  expect(guest.got).toHaveLength(1);
  const { bytes } = guest.got[0] ?? { bytes: new Uint8Array() };
  expect([macAt(bytes, 0), macAt(bytes, 6), word16(bytes, 12), word16(bytes, 20)]).toEqual([
    guest.mac,
    hostMac,
    EtherType.arp,
    2,
  ]);
  expect([macAt(bytes, 22), word32(bytes, 28)]).toEqual([hostMac, hostAddress]);
});

test.each([0, 56, 1472, 1473, 60_000])('an echo of %i bytes comes back, in fragments if it is long', (length) => {
  const { station, pass } = testHost();
  const guest = station();
  const data = numbered(length);
  const request = echo(IcmpType.echo, 7, 3, data);
  // Sent in fragments of 1000 bytes, the last one first.
  const parts: Uint8Array[] = [];
  for (let at = 0; at < request.length; at += 1000) {
    const part = guest.packet(Protocol.icmp, hostAddress, request.subarray(at, at + 1000));
    putWord16(part, 20, (at >> 3) | (at + 1000 < request.length ? 0x2000 : 0));
    putWord16(part, 24, 0);
    let sum = 0;
    for (let i = 14; i < 34; i += 2) sum += word16(part, i);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    putWord16(part, 24, ~sum & 0xffff);
    parts.unshift(part);
  }
  for (const part of parts) guest.port.send(finished(part));
  pass(0.01);
  const packets = guest.packets();
  const whole = new Uint8Array(request.length);
  for (const { offset, payload } of packets) whole.set(payload, offset);
  expect(packets).toHaveLength(Math.ceil((length + 8) / 1480));
  expect(readIcmp(whole)).toEqual({ type: IcmpType.echoReply, code: 0, id: 7, sequence: 3 });
  expect(Buffer.compare(whole.subarray(8), data)).toBe(0);
});

test('what cannot be reached is said', () => {
  const { station, pass } = testHost();
  const guest = station();
  guest.sendDatagram(hostAddress, 1000, 33_434, numbered(4));
  guest.sendDatagram(elsewhere, 1000, 53, numbered(4));
  guest.send(Protocol.icmp, elsewhere, echo(IcmpType.echo, 1, 1, numbered(4)));
  guest.send(Protocol.icmp, elsewhere, echo(IcmpType.echoReply, 1, 1, numbered(4)));
  guest.sendDatagram(0xffff_ffff, 1000, 9, numbered(4), broadcastMac);
  guest.sendDatagram(0xe000_00fb, 1000, 5353, numbered(4), broadcastMac);
  pass(0.01);
  const notes = guest.packets().map(({ payload }) => [payload[0], payload[1]]);
  expect(notes).toEqual([
    [IcmpType.unreachable, 3],
    [IcmpType.unreachable, 0],
    [IcmpType.unreachable, 0],
  ]);
});

test('it pings others, and learns when nobody answers', () => {
  const { host, station, pass } = testHost();
  const heard: string[] = [];
  host.onEcho = ({ kind, from, id, sequence, ttl, length }) =>
    heard.push(`${kind} ${from & 0xff} ${id} ${sequence} ${ttl} ${length}`);
  const guest = station();
  host.ping(guest.address, 5, 1, numbered(56));
  host.ping(0x0a00_0063, 5, 2, numbered(56));
  host.ping(elsewhere, 5, 3, numbered(56));
  pass(0.001);
  const [request] = guest.packets();
  expect(readIcmp(request?.payload ?? new Uint8Array())).toEqual({ type: 8, code: 0, id: 5, sequence: 1 });
  guest.send(Protocol.icmp, hostAddress, echo(IcmpType.echoReply, 5, 1, numbered(56)));
  pass(5);
  expect(heard).toEqual(['unreachable 8 5 3 0 0', 'reply 11 5 1 64 64', 'unreachable 99 5 2 0 0']);
  // A station that has gone is asked a few times before that is believed.
  guest.silence();
  for (let i = 0; i < 5; i++) {
    pass(70);
    host.ping(guest.address, 5, 9, numbered(8));
  }
  pass(5);
  expect(heard.slice(3)).toEqual(['unreachable 11 5 9 0 0', 'unreachable 11 5 9 0 0']);
});

test('names are those of domains, or what stations call themselves', () => {
  const { host, station, pass } = testHost({ 34: 'linux-a', 51: 'dom0' });
  const guests = [station(0x22), station(0x33), station(0x44)];
  guests.forEach((guest, i) => {
    guest.address = 0x0a00_0014 + i;
    guest.askFor(hostAddress);
  });
  pass(0.01);
  expect(host.stations).toEqual([
    { address: 0x0a00_0014, mac: 0x22, name: 'linux-a' },
    { address: 0x0a00_0015, mac: 0x33, name: null },
    { address: 0x0a00_0016, mac: 0x44, name: null },
  ]);
  expect([host.addressOf('dom0'), host.addressOf('linux-a'), host.addressOf('x')]).toEqual([
    hostAddress,
    0x0a00_0014,
    null,
  ]);
  expect([host.nameOf(hostAddress), host.nameOf(0x0a00_0014), host.nameOf(0x0a00_0016)]).toEqual([
    'dom0',
    'linux-a',
    null,
  ]);
});

test('any frames may come: it goes on answering, and keeps little', () => {
  const { host, station, pass, clock } = testHost();
  const guest = station();
  const types = fc.constantFrom(EtherType.arp, EtherType.ipv4, EtherType.ipv6, EtherType.vlan);
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Packets for the host with a correct header and any contents.
    fc
      .tuple(fc.constantFrom(1, 6, 17, 2), fc.uint8Array({ maxLength: 400 }))
      .map(([protocol, bytes]) => guest.packet(protocol, hostAddress, bytes).subarray(14)),
    // Datagrams for its servers.
    fc.tuple(fc.constantFrom(53, 67, 80), fc.uint8Array({ maxLength: 400 })).map(([port, bytes]) => {
      const head = new Uint8Array(8 + bytes.length);
      putWord16(head, 0, port + 1);
      putWord16(head, 2, port);
      putWord16(head, 4, head.length);
      head.set(bytes, 8);
      return guest.packet(17, hostAddress, head).subarray(14);
    }),
  );
  fc.assert(
    fc.property(types, payload, fc.boolean(), (type, bytes, isBlank) => {
      const frame = ethernet(hostMac, guest.mac, type, bytes);
      guest.port.send({ bytes: frame, offload: { isChecksumBlank: isBlank, segmentation: null } });
      pass(0.0005);
      guest.got.length = 0;
    }),
    { numRuns: 3000 },
  );
  host.fingerprint(new Hasher());
  guest.send(Protocol.icmp, hostAddress, echo(IcmpType.echo, 1, 1, numbered(1)));
  pass(0.1);
  expect(guest.packets()).toHaveLength(1);
  expect(clock.now).toBeGreaterThan(0);
});

test('a host that goes on from a saved state goes on with its connections, requests and frames', () => {
  /** A download and two uploads; at some moments another host takes the place of the first. */
  const run = (moments: readonly number[]) => {
    const { network, host: first, folder, pass, station } = testHost();
    const bridge = defined(network.bridge('xenbr0'), 'the bridge');
    const guest = station();
    const got = new ByteList();
    const answers = new ByteList();
    const client = (into: ByteList) => ({
      received: (_: Connection, bytes: Uint8Array) => into.add(bytes),
      ended: (own: Connection) => own.close(),
      closed: () => {},
    });
    const text = (words: string) => new TextEncoder().encode(words);
    const download = guest.connect(hostInterface.address, 80, client(got));
    const upload = guest.connect(hostInterface.address, 80, client(answers));
    const chunked = guest.connect(hostInterface.address, 80, client(answers));
    pass(0.01);
    download?.send(text('GET /big.bin HTTP/1.1\r\nConnection: close\r\n\r\n'));
    upload?.send(text('PUT /up.bin HTTP/1.1\r\nContent-Length: 200000\r\n\r\n'));
    chunked?.send(text('PUT /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'));
    upload?.send(numbered(200_000));
    let host = first;
    for (let step = 0; step < 60; step++) {
      pass(0.0004);
      if (step === 30) chunked?.send(text('lo\r\n0\r\n\r\n'));
      if (!moments.includes(step)) continue;
      const [stations, state] = [network.saveState(), JSON.stringify(hostState.toJson(host.saveState()))];
      host.detach();
      host = new Host(bridge, { name: 'dom0', folder });
      network.loadState(stations);
      const read = readShape(hostState, JSON.parse(state), 'host');
      if (!read.ok) throw new Error(read.error);
      host.loadState(read.value);
      expect(JSON.stringify(hostState.toJson(host.saveState()))).toBe(state);
    }
    return { got: got.view, answers: new TextDecoder().decode(answers.view), stored: folder.read('/up.bin')?.length };
  };
  const whole = run([]);
  expect(whole.answers).toContain('/up.bin: 200000 bytes stored');
  expect(whole.answers).toContain('/chunked: 5 bytes stored');
  expect(whole.got.length).toBeGreaterThan(300_000);
  expect(run([0, 3, 9, 29])).toEqual(whole);
});
