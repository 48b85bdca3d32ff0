import fc from 'fast-check';
import { expect, test } from 'vitest';
import { broadcastMac, macAt, putMac, putWord32, word32 } from '../frame.ts';
import { ipText } from './address.ts';
import type { Station } from './host-testing.ts';
import { testHost } from './host-testing.ts';

const hostAddress = 0x0a00_0001;
const text = (value: string) => [...new TextEncoder().encode(value)];
const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

/** A message of a DHCP client. */
function dhcp(mac: number, options: readonly number[], ciaddr = 0, flags = 0): Uint8Array {
  const message = new Uint8Array(240 + options.length + 1);
  message.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, flags >> 8, 0]);
  putWord32(message, 12, ciaddr);
  putMac(message, 28, mac);
  putWord32(message, 236, 0x6382_5363);
  message.set([...options, 255], 240);
  return message;
}

/** Sends it as a station without an address does, and reads the answer. */
function ask(guest: Station, pass: (seconds: number) => void, message: Uint8Array, own = 0) {
  const { address } = guest;
  guest.address = own;
  guest.sendDatagram(own === 0 ? 0xffff_ffff : hostAddress, 68, 67, message, own === 0 ? broadcastMac : undefined);
  pass(0.001);
  const [frame] = guest.got;
  const [answer] = guest.datagrams();
  guest.address = address;
  if (!answer || !frame) return null;
  const options = new Map<number, readonly number[]>();
  for (let at = 240; answer.data[at] !== 255; at += 2 + (answer.data[at + 1] ?? 0))
    options.set(answer.data[at] ?? 0, [...answer.data.subarray(at + 2, at + 2 + (answer.data[at + 1] ?? 0))]);
  return {
    type: options.get(53)?.[0],
    address: ipText(word32(answer.data, 16)),
    to: [macAt(frame.bytes, 0), ipText(answer.destination)],
    options,
  };
}

const discover = [53, 1, 1];
const request = (address: number, name = 'Guest') => [
  53,
  1,
  3,
  50,
  4,
  ...word(address),
  12,
  name.length,
  ...text(name),
];

test('a station gets an address, the same one each time, and a name', () => {
  const { host, station, pass } = testHost();
  const guest = station(0x11);
  const offer = ask(guest, pass, dhcp(guest.mac, discover));
  expect(offer).toMatchObject({ type: 2, address: '10.0.0.11', to: [0x11, '10.0.0.11'] });
  const ack = ask(guest, pass, dhcp(guest.mac, request(0x0a00_000b), 0, 0x8000));
  expect(ack).toMatchObject({ type: 5, address: '10.0.0.11', to: [broadcastMac, '255.255.255.255'] });
  expect(ack?.options.get(1)).toEqual(word(0xffff_ff00));
  expect([3, 6, 54].map((code) => ack?.options.get(code))).toEqual([1, 2, 3].map(() => word(hostAddress)));
  expect([ack?.options.get(51), ack?.options.get(15)]).toEqual([word(43_200), text('lan')]);
  expect([host.addressOf('guest'), host.nameOf(0x0a00_000b)]).toEqual([0x0a00_000b, 'guest']);
  // Others get others; what is taken is refused.
  const other = station(0x12);
  expect(ask(other, pass, dhcp(0x12, discover))?.address).toBe('10.0.0.12');
  expect(ask(other, pass, dhcp(0x12, request(0x0a00_000b)))).toMatchObject({
    type: 6,
    to: [broadcastMac, '255.255.255.255'],
  });
  // After half of the time it asks again, from its address, and gets it for longer.
  pass(6 * 3600);
  guest.askFor(hostAddress);
  pass(0.001);
  guest.got.length = 0;
  expect(ask(guest, pass, dhcp(guest.mac, [53, 1, 3], 0x0a00_000b), 0x0a00_000b)).toMatchObject({
    type: 5,
    to: [0x11, '10.0.0.11'],
  });
  pass(24 * 3600);
  expect(ask(guest, pass, dhcp(guest.mac, discover))?.address).toBe('10.0.0.11');
});

test('other messages: inform, decline, release, and another server', () => {
  const { host, station, pass } = testHost();
  const guest = station(0x11);
  ask(guest, pass, dhcp(0x11, discover));
  expect(ask(guest, pass, dhcp(0x11, [...request(0x0a00_000b), 54, 4, ...word(0x0a00_0063)]))).toBeNull();
  const inform = ask(guest, pass, dhcp(0x11, [53, 1, 8], 0x0a00_00c8), 0x0a00_00c8);
  expect([inform?.type, inform?.address, inform?.options.has(51)]).toEqual([5, '0.0.0.0', false]);
  expect(ask(guest, pass, dhcp(0x11, [53, 1, 4, 50, 4, ...word(0x0a00_000b)]))).toBeNull();
  expect(ask(guest, pass, dhcp(0x11, discover))?.address).toBe('10.0.0.12');
  ask(guest, pass, dhcp(0x11, request(0x0a00_000c)));
  expect(host.addressOf('guest')).toBe(0x0a00_000c);
  ask(guest, pass, dhcp(0x11, [53, 1, 7], 0x0a00_000c), 0x0a00_000c);
  expect(host.leases.map(({ until }) => until < 1e9)).toEqual([true]);
});

test('more stations than addresses: what has ended is given again', () => {
  const { station, pass } = testHost();
  const guest = station(0x11);
  const addresses = new Set<string | undefined>();
  for (let mac = 2; mac < 600; mac += 2) addresses.add(ask(guest, pass, dhcp(mac * 256, discover, 0, 0x8000))?.address);
  expect(addresses.size).toBe(241); // 240, and none
  pass(120);
  expect(ask(guest, pass, dhcp(0x7001, discover, 0, 0x8000))?.address).toBe('10.0.0.11');
});

/** A query for a name, and what is answered. */
function resolve(guest: Station, pass: (seconds: number) => void, name: string, type = 1) {
  const labels = name.split('.').flatMap((label) => [label.length, ...text(label)]);
  guest.sendDatagram(
    hostAddress,
    5000,
    53,
    Uint8Array.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]),
  );
  pass(0.01);
  const [answer] = guest.datagrams();
  if (!answer) return null;
  const { data } = answer;
  return { code: (data[3] ?? 0) & 15, count: data[7], data: [...data.subarray(12 + labels.length + 5 + 12)] };
}

test('names and addresses are found, others are not there', () => {
  const { station, pass } = testHost({ 17: 'linux-a' });
  const guest = station(0x11);
  guest.askFor(hostAddress);
  pass(0.01);
  guest.got.length = 0;
  const found = (...data: number[]) => ({ code: 0, count: 1, data });
  expect(resolve(guest, pass, 'dom0')).toEqual(found(10, 0, 0, 1));
  expect(resolve(guest, pass, 'DOM0.lan')).toEqual(found(10, 0, 0, 1));
  expect(resolve(guest, pass, 'linux-a.lan', 255)).toEqual(found(10, 0, 0, 11));
  expect(resolve(guest, pass, 'dom0', 28)).toEqual({ code: 0, count: 0, data: [] }); // no IPv6
  expect(resolve(guest, pass, 'example.com')).toEqual({ code: 3, count: 0, data: [] });
  expect(resolve(guest, pass, '1.0.0.10.in-addr.arpa', 12)).toEqual(found(4, ...text('dom0'), 3, ...text('lan'), 0));
  expect(resolve(guest, pass, '9.0.0.10.in-addr.arpa', 12)?.code).toBe(3);
  guest.sendDatagram(hostAddress, 5000, 53, Uint8Array.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 200]));
  guest.sendDatagram(hostAddress, 5000, 53, Uint8Array.from([7, 7, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  pass(0.01);
  expect(guest.datagrams().map(({ data }) => (data[3] ?? 0) & 15)).toEqual([1, 4]);
});

test('any message to the servers does no harm', () => {
  const { host, station, pass } = testHost();
  const guest = station(0x11);
  const option = fc.tuple(fc.constantFrom(0, 1, 12, 50, 53, 54, 55), fc.uint8Array({ maxLength: 8 }));
  const message = fc
    .tuple(fc.array(option, { maxLength: 6 }), fc.nat(0xffff), fc.integer({ min: 0, max: 300 }))
    .map(([options, mac, length]) =>
      dhcp(mac, [53, 1, mac % 9, ...options.flatMap(([code, bytes]) => [code, bytes.length, ...bytes])]).slice(
        0,
        length,
      ),
    );
  fc.assert(
    fc.property(message, fc.uint8Array({ maxLength: 60 }), (first, query) => {
      guest.sendDatagram(0xffff_ffff, 68, 67, first, broadcastMac);
      guest.sendDatagram(hostAddress, 99, 53, query);
      pass(0.001);
    }),
  );
  expect(host.leases.length).toBeLessThanOrEqual(240);
});
