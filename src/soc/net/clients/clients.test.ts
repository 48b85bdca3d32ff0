import { describe, expect, test } from 'vitest';
import { Hasher } from '../../../base/hasher.ts';
import { cycles } from '../../../base/units.ts';
import { clockHz } from '../../bus/device-testing.ts';
import type { Port } from '../bridge.ts';
import { broadcastMac, type Frame, finished, type MacAddress, macAt, putMac, putWord32, word32 } from '../frame.ts';
import { newFrame, payloadAt, readPacket } from '../host/packet.ts';
import { datagram, readDatagram } from '../host/udp.ts';
import { Protocol } from '../layout.ts';
import { testBridge } from '../net-testing.ts';
import { Clients } from './clients.ts';
import { demandAt, percentile, usualDay } from './day.ts';

/** Demand that is the same all day. */
const flat: readonly number[] = Array.from({ length: 24 }, () => 100);
const daySeconds = 2.4;

/** Clients, and servers that answer what they are asked by `answer`. */
function bench(seed = 1) {
  const { bridge, pass } = testBridge();
  const clients = new Clients(bridge, seed);
  const server = (mac: MacAddress) => {
    const asked: number[] = [];
    const address = 0x0a00_0000 + mac;
    const port: Port = bridge.attach(`s${mac}`, ({ bytes }: Frame) => {
      const packet = readPacket(bytes);
      const udp = packet && readDatagram(packet.payload, packet.source, packet.destination, false);
      if (udp?.data[0] === 0x51) asked.push(word32(udp.data, 1));
      if (udp?.data[0] === 0x57) say(0x4a, 4);
    });
    const say = (...data: number[]) => {
      const source = address;
      const destination = 0xffff_ffff;
      const bytes = datagram(source, destination, { sourcePort: 7001, port: 7000, data: Uint8Array.from(data) });
      const frame = newFrame(bytes.length, { source, destination, protocol: Protocol.udp, identification: 0 });
      putMac(frame, 0, broadcastMac);
      putMac(frame, 6, mac);
      frame.set(bytes, payloadAt);
      port.send(finished(frame));
    };
    const answer = () => {
      for (const id of asked.splice(0)) say(0x41, id >>> 24, id >>> 16, id >>> 8, id);
    };
    return { asked, say, answer };
  };
  const ms = (count: number) => pass(Math.round((count / 1000) * clockHz));
  const begin = (peak: number, day: readonly number[] = flat) =>
    clients.begin({ peak, length: cycles(Math.round(daySeconds * clockHz)), work: 1000, day });
  const sum = (of: (hour: (typeof clients.hours)[number]) => number) =>
    clients.hours.reduce((total, hour) => total + of(hour), 0);
  return { clients, server, ms, begin, sum };
}

describe('clients', () => {
  test('ask the servers that are there, as many requests at a time as each takes, and the others wait', () => {
    const { clients, server, ms, begin, sum } = bench();
    const one = server(0x11);
    begin(1000);
    ms(20);
    expect(one.asked.length).toBe(4);
    expect(clients.now).toMatchObject({ servers: 1, busy: 4, slots: 4, hour: 0, demand: 1000 });
    const { waiting } = clients.now;
    expect(waiting).toBeGreaterThan(0);
    // One that comes later takes from those that wait.
    const two = server(0x12);
    two.say(0x4a, 2);
    ms(1);
    expect(two.asked.length).toBe(2);
    one.answer();
    ms(1);
    expect(sum(({ answered }) => answered)).toBe(4);
    expect(one.asked.length).toBe(4);
  });

  test('ask no server that leaves; it is gone when it has answered', () => {
    const { clients, server, ms, begin } = bench();
    const one = server(0x11);
    begin(1000);
    ms(20);
    one.say(0x4c);
    ms(1);
    expect(clients.now.servers).toBe(0);
    one.answer();
    ms(20);
    expect(one.asked).toEqual([]);
  });

  test('give up a server that does not answer for a second, and turn away who finds no room', () => {
    const { clients, server, ms, begin, sum } = bench();
    server(0x11);
    begin(1000);
    ms(1200);
    expect(clients.now).toMatchObject({ servers: 0, waiting: 500 });
    expect(sum(({ lost }) => lost)).toBeGreaterThan(500);
  });

  test('make as many requests as the day’s curve says, and none after its end', () => {
    const { clients, server, ms, begin, sum } = bench();
    const one = server(0x11);
    begin(1000, usualDay);
    for (let passed = 0; passed < daySeconds * 1000; passed++) {
      one.answer();
      ms(1);
    }
    const mean = usualDay.reduce((total, share) => total + share, 0) / 24 / 100;
    expect(sum(({ asked }) => asked) / (1000 * daySeconds * mean)).toBeCloseTo(1, 1);
    expect(clients.hours[19]?.asked).toBeGreaterThan(5 * (clients.hours[3]?.asked ?? 0));
    expect(sum(({ servers }) => servers) / 24).toBeCloseTo(1, 1);
    expect(clients.now).toMatchObject({ hour: null, demand: 0 });
    const asked = sum((hour) => hour.asked);
    ms(100);
    expect(sum((hour) => hour.asked)).toBe(asked);
  });

  test('tell their MAC address to who asks by ARP', () => {
    const { bridge, pass } = testBridge();
    new Clients(bridge, 1);
    const got: Frame[] = [];
    const port = bridge.attach('station', (frame) => void got.push(frame));
    const ask = (address: number) => {
      const frame = new Uint8Array(42);
      putMac(frame, 0, broadcastMac);
      putMac(frame, 6, 0x11);
      frame.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 1], 12);
      putMac(frame, 22, 0x11);
      putWord32(frame, 28, 0x0a00_0011);
      putWord32(frame, 38, address);
      port.send(finished(frame));
      pass(clockHz / 100);
    };
    ask(0x0a00_0002);
    ask(0x0a00_0003);
    expect(got.map(({ bytes }) => [macAt(bytes, 0), bytes[21], macAt(bytes, 22)])).toEqual([
      [0x11, 2, 0x0200_0a00_0002],
    ]);
  });

  test('are the same for the same seed, and ignore what is no message', () => {
    const run = (seed: number) => {
      const { clients, server, ms, begin } = bench(seed);
      const one = server(0x11);
      begin(500);
      for (const data of [[], [0x4a], [0x4a, 0], [0x4a, 255], [0x41, 1], [0x41, 9, 9, 9, 9], [0x51, 1, 2, 3, 4], [7]])
        one.say(...data);
      ms(50);
      const hasher = new Hasher();
      clients.fingerprint(hasher);
      return hasher.digest();
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });
});

test('demand goes straight from hour to hour, and from the last to the first', () => {
  const day = [100, ...Array.from({ length: 23 }, () => 0)];
  expect(demandAt(day, 0.5 / 24)).toBe(1);
  expect(demandAt(day, 1 / 24)).toBeCloseTo(0.5);
  expect(demandAt(day, 0)).toBeCloseTo(0.5);
  expect(demandAt(day, 0.5)).toBe(0);
});

test('a percentile is one of the times', () => {
  expect(percentile([], 990)).toBe(0);
  expect(percentile([5, 1, 3], 500)).toBe(3);
  expect(percentile([5, 1, 3], 990)).toBe(5);
});
