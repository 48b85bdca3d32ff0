import { expect, test } from 'vitest';
import { Hasher } from '../../base/hasher.ts';
import { clockHz } from '../bus/device-testing.ts';
import { allAbilities, broadcastMac, finished, isGroup, macAt, macText } from './frame.ts';
import { ethernet, tcpFrame, testBridge } from './net-testing.ts';

const a = 0x0016_3e00_000a;
const b = 0x0016_3e00_000b;
const frame = (to: number, from: number, length = 50) => finished(ethernet(to, from, 0x88b5, new Uint8Array(length)));
const millisecond = clockHz / 1000;

test('addresses are written as ip writes them', () => {
  expect(macText(a)).toBe('00:16:3e:00:00:0a');
  expect([isGroup(a), isGroup(broadcastMac), isGroup(0x0100_5e00_0001)]).toEqual([false, true, true]);
  expect(macAt(frame(a, b).bytes, 6)).toBe(b);
});

test('what is for a group or unknown goes to all, then the bridge knows', () => {
  const { bridge, pass, station } = testBridge();
  const [first, second, third] = [station('vif1.0'), station('vif2.0'), station('vif3.0')];
  const counts = () => [first, second, third].map(({ got }) => got.splice(0).length);
  first.port.send(frame(broadcastMac, a));
  expect(counts()).toEqual([0, 0, 0]); // it takes time
  pass(millisecond);
  expect(counts()).toEqual([0, 1, 1]);
  second.port.send(frame(a, b));
  pass(millisecond);
  expect(counts()).toEqual([1, 0, 0]);
  first.port.send(frame(0x0100_5e00_0001, a));
  first.port.send(frame(b + 1, a));
  pass(millisecond);
  expect(counts()).toEqual([0, 2, 2]);
  expect(bridge.addresses().map(({ mac, port }) => [mac, port.name])).toEqual([
    [b, 'vif2.0'],
    [a, 'vif1.0'],
  ]);
  // It has moved; a frame to where it came from goes nowhere.
  third.port.send(frame(b, a));
  third.port.send(frame(a, b + 1));
  pass(millisecond);
  expect(counts()).toEqual([0, 1, 0]);
  expect(first.port.counters).toMatchObject({ receivedFrames: 3, receivedGroups: 2, sentFrames: 1, sentBytes: 64 });
  pass(301 * clockHz);
  expect(bridge.addresses()).toEqual([]);
  second.port.send(frame(a, b));
  pass(millisecond);
  expect(counts()).toEqual([1, 0, 1]);
});

test('addresses of link protocols go no further', () => {
  const { pass, station } = testBridge();
  const [first, second] = [station('vif1.0'), station('vif2.0')];
  first.port.send(frame(0x0180_c200_0001, a));
  first.port.send(frame(0x0180_c200_0000, a));
  pass(millisecond);
  expect(second.got).toHaveLength(1);
});

test('a frame takes the time of its length, one after the other', () => {
  const { pass, station } = testBridge();
  const [first, second] = [station('a'), station('b', { bitsPerSecond: 1e9 })];
  for (let i = 0; i < 10; i++) first.port.send(frame(b, a, 1486));
  pass(clockHz * 10e-6 + 12 * 1200 - 1);
  expect(second.got).toHaveLength(0);
  pass(1);
  expect(second.got).toHaveLength(1);
  pass(9 * 12 * 1200);
  expect(second.got).toHaveLength(10);
});

test('a queue has an end, and a link a greatest length', () => {
  const { pass, station } = testBridge();
  const [first, second, third] = [station('a', { mtu: 9000 }), station('b'), station('c', { mtu: 9000 })];
  for (let i = 0; i < 1500; i++) first.port.send(frame(b, a));
  first.port.send(frame(b, a, 9005));
  first.port.send(finished(new Uint8Array(13)));
  pass(10 * millisecond);
  first.port.send(frame(b, a, 9000));
  pass(10 * millisecond);
  expect([second.got.length, third.got.length]).toEqual([1000, 1001]);
  expect([second.port.counters.sentDropped, first.port.counters.receivedErrors]).toEqual([501, 2]);
});

test('each station gets frames as finished as it needs', () => {
  const { pass, station } = testBridge();
  const [first, second] = [station('a'), station('b')];
  const third = station('c', { abilities: () => allAbilities });
  const offload = { isChecksumBlank: true, segmentation: { kind: 'tcp4', size: 1400 } } as const;
  const long = { bytes: tcpFrame(new Uint8Array(20_000)), offload };
  first.port.send(long);
  first.port.send({ ...frame(b, a), offload });
  pass(millisecond);
  expect(second.got).toHaveLength(15);
  expect(second.got.every((part) => part.offload === null)).toBe(true);
  expect(third.got).toEqual([long]);
  expect(first.port.counters.receivedErrors).toBe(1);
});

test('who detaches gets nothing more and is forgotten', () => {
  const { bridge, pass, station } = testBridge();
  const [first, second] = [station('a'), station('b')];
  second.port.send(frame(broadcastMac, b));
  first.port.send(frame(b, a));
  second.port.detach();
  second.port.detach();
  second.port.send(frame(a, b));
  pass(millisecond);
  expect([first.got.length, second.got.length]).toEqual([1, 0]);
  expect(bridge.addresses().map(({ mac }) => mac)).toEqual([a]);
  expect([bridge.port('b'), second.port.isAttached, bridge.ports.length]).toEqual([null, false, 1]);
  expect(bridge.attach('b', () => {}).counters.sentFrames).toBe(0);
});

test('addresses without end take no memory without end', () => {
  const { bridge, pass, station } = testBridge();
  const [first, second] = [station('a'), station('b')];
  second.port.send(frame(broadcastMac, b));
  for (let i = 0; i < 5000; i++) first.port.send(frame(broadcastMac, 0x0200_0000_0000 + i));
  pass(millisecond);
  expect(bridge.addresses()).toHaveLength(1024);
});

test('frames under way are part of the fingerprint', () => {
  const { bridge, pass, station } = testBridge();
  const [first] = [station('a'), station('b')];
  const digest = () => {
    const hasher = new Hasher();
    bridge.fingerprint(hasher);
    return hasher.digest();
  };
  const before = digest();
  first.port.send(frame(b, a));
  const under = digest();
  expect(digest()).toBe(under);
  pass(millisecond);
  expect(new Set([before, under, digest()]).size).toBe(3);
});

test('frames that follow one another arrive together at a station that wants them so; a last one never waits', () => {
  const { pass, station } = testBridge();
  const first = station('a');
  const second = station('b', { bitsPerSecond: 1e9, coalescingSeconds: 100e-6 });
  const microsecond = clockHz / 1e6;
  const got = () => second.got.splice(0).length;
  pass(millisecond);
  for (let i = 0; i < 20; i++) first.port.send(frame(b, a, 1486)); // 12 µs each
  pass(22 * microsecond);
  expect(got()).toBe(1);
  pass(99 * microsecond);
  expect(got()).toBe(0);
  pass(microsecond);
  expect(got()).toBe(8);
  pass(100 * microsecond);
  expect(got()).toBe(8);
  pass(28 * microsecond);
  expect(got()).toBe(3);
  first.port.send(frame(b, a, 1486));
  pass(22 * microsecond);
  expect(got()).toBe(1);
});
