import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defined } from '../../../base/assert.ts';
import { allAbilities, type Frame, finished, noAbilities } from '../../../soc/net/frame.ts';
import { tcpFrame } from '../../../soc/net/net-testing.ts';
import { Dom0Bench } from '../../dom0-testing.ts';
import { addDevice, TestGuest } from '../backends-testing.ts';
import { FrontQueue, type Nodes } from './front-testing.ts';

const usual: Nodes = { 'request-rx-copy': 1, 'feature-rx-notify': 1, 'multi-queue-num-queues': 1 };
const offloads: Nodes = {
  'feature-sg': 1,
  'feature-gso-tcpv4': 1,
  'feature-gso-tcpv6': 1,
  'feature-ipv6-csum-offload': 1,
};

/** A domain with an interface on xenbr0, and a station there. */
function start(
  nodes: Nodes = usual,
  {
    back = {},
    queues = 0,
    more = () => ({}),
  }: { back?: Record<string, string>; queues?: number; more?: (guest: TestGuest) => Nodes } = {},
) {
  const bench = new Dom0Bench({}, 2);
  bench.run(20);
  const guest = new TestGuest(bench, 'g');
  const { front, back: backPath } = addDevice(bench, guest, 'vif', 0, { handle: '0', ...back });
  bench.run(5);
  const { dom0 } = bench;
  const bridge = defined(dom0.network.bridge('xenbr0'), 'xenbr0');
  defined(dom0.netback.at(backPath), 'the interface').attach(bridge);
  dom0.store.write(dom0.connection, `${backPath}/hotplug-status`, 'connected');
  const got: Frame[] = [];
  let abilities = noAbilities;
  const station = bridge.attach('station', { receive: (frame) => got.push(frame), abilities: () => abilities });
  const made = Array.from({ length: Math.max(1, queues) }, () => new FrontQueue(guest, queues > 0));
  for (const [i, queue] of made.entries()) guest.write(queues > 0 ? `${front}/queue-${i}` : front, queue.nodes);
  guest.write(front, {
    ...nodes,
    ...more(guest),
    ...(queues > 0 ? { 'multi-queue-num-queues': queues } : {}),
    state: 4,
  });
  bench.run(5);
  const read = (path: string): string | null => {
    const value = dom0.store.read(dom0.connection, path);
    return value.ok ? value.value : null;
  };
  return {
    ...{ bench, guest, got, station, read, back: backPath, front },
    queue: defined(made[0], 'a queue'),
    queues: made,
    dmesg: () => bench.script('dmesg').printed,
    take: (all: boolean) => {
      abilities = all ? allAbilities : noAbilities;
    },
  };
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
const TxFlag = { blank: 1, validated: 2, extra: 8 };
const gso = (size: number, type: number): readonly number[] => [1 | (size << 16), type];

test('packets of one slot, of several, with blank checksums and to be segmented leave the domain', () => {
  const { bench, queue, got, take, back, read } = start({ ...usual, ...offloads });
  expect(read(`${back}/state`)).toBe('4');
  const plain = bytes(60);
  queue.send(plain, [60]);
  const long = bytes(1514);
  queue.send(long, [14, 500, 1000]);
  bench.run(2);
  expect(got.map((frame) => frame.bytes)).toEqual([plain, long]);
  expect(queue.answers).toEqual([0, 0, 0, 0]);

  const whole = tcpFrame(bytes(8000));
  take(true);
  queue.send(whole, [whole.length - 8000, 3900, 3996, 104], TxFlag.blank | TxFlag.validated | TxFlag.extra, [
    gso(1448, 1),
  ]);
  bench.run(2);
  expect(got[2]).toEqual({
    bytes: whole,
    offload: { isChecksumBlank: true, segmentation: { kind: 'tcp4', size: 1448 } },
  });
  // The extra's place is answered by a response that says nothing.
  expect(queue.answers.slice(4)).toEqual([0, 1, 0, 0, 0]);

  take(false);
  got.length = 0;
  queue.send(whole, [whole.length - 8000, 3900, 3996, 104], TxFlag.blank | TxFlag.extra, [gso(1448, 1)]);
  bench.run(2);
  expect(got.map((frame) => frame.bytes.length)).toEqual([...Array(5).fill(54 + 1448), 54 + 760]);
});

test('frames come in as many pages as they need, and the guest is notified when it wants to be', () => {
  const { bench, guest, queue, station } = start({ ...usual, ...offloads });
  const small = bytes(100);
  station.send(finished(small));
  bench.run(1);
  expect(queue.arrived).toEqual([]);
  queue.offer(1);
  bench.run(1);
  expect(queue.arrived).toEqual([{ flags: 0, status: 100, bytes: small }]);
  expect(guest.wasNotified(queue.ports.receive)).toBe(true);

  // No notification before the next but one.
  queue.receive.setUint32(12, 3, true);
  queue.offer(1);
  station.send(finished(small));
  bench.run(1);
  expect(guest.wasNotified(queue.ports.receive)).toBe(false);

  const whole = tcpFrame(bytes(8000));
  station.send({ bytes: whole, offload: { isChecksumBlank: true, segmentation: { kind: 'tcp4', size: 1448 } } });
  // Three pages hold it, and the extra takes a request too.
  queue.offer(2);
  bench.run(1);
  expect(queue.arrived).toHaveLength(2);
  queue.offer(1);
  bench.run(1);
  const slots = queue.arrived.slice(2);
  expect(slots.map(({ flags }) => flags)).toEqual([1 | 2 | 8 | 4, 1, 0]);
  expect(slots[0]?.status).toBe(4096);
  expect(guest.wasNotified(queue.ports.receive)).toBe(true);
  expect([...slots].flatMap((slot, i) => (i === 1 ? [] : [...slot.bytes]))).toEqual([...whole]);
});

test('a front end without offloads gets finished frames only', () => {
  const { bench, queue, station } = start({ ...usual, 'feature-no-csum-offload': 1 });
  queue.offer(10);
  const whole = tcpFrame(bytes(3000));
  station.send({ bytes: whole, offload: { isChecksumBlank: true, segmentation: { kind: 'tcp4', size: 1448 } } });
  bench.run(1);
  expect(queue.arrived.map(({ flags, status }) => [flags, status])).toEqual([
    [0, 54 + 1448],
    [0, 54 + 1448],
    [0, 54 + 104],
  ]);
});

test('a rate limits what the domain sends', () => {
  // 3,000 bytes in each 10 ms, and what was not used before.
  const { bench, queue, got } = start(usual, { back: { rate: '3000,10000' } });
  for (let i = 0; i < 100; i++) queue.send(bytes(1500), [1500]);
  bench.run(1);
  const first = got.length;
  expect(first).toBeLessThan(8);
  bench.run(100);
  expect(got.length - first).toBeGreaterThanOrEqual(19);
  expect(got.length - first).toBeLessThanOrEqual(22);
});

test('several queues have event channels of their own, and a connection keeps to one of them', () => {
  const { bench, queues, station, got, guest } = start(usual, { queues: 2 });
  for (const queue of queues) queue.offer(20);
  for (const queue of queues) queue.send(bytes(60), [60]);
  bench.run(1);
  expect(got).toHaveLength(2);
  for (const { ports } of queues) expect(guest.wasNotified(ports.transmit)).toBe(true);
  for (let i = 0; i < 10; i++) station.send(finished(tcpFrame(bytes(10))));
  bench.run(1);
  expect(queues.map(({ arrived }) => arrived.length).sort()).toEqual([0, 10]);
});

test('a front end chooses how frames are spread, over its control ring', () => {
  const control: { guest?: TestGuest; view?: DataView; port?: number } = {};
  const { bench, guest, queues, station } = start(usual, {
    queues: 2,
    more: (made) => {
      const { frame, bytes: page } = made.page();
      control.view = new DataView(page.buffer, page.byteOffset, page.length);
      control.view.setUint32(4, 1, true);
      control.view.setUint32(12, 1, true);
      control.port = made.port();
      return { 'ctrl-ring-ref': made.grant(frame), 'event-channel-ctrl': control.port };
    },
  });
  const { view, port } = control;
  if (!view || port === undefined) throw new Error('no control ring');
  const ask = (type: number, ...data: readonly number[]): [status: number, data: number] => {
    const made = view.getUint32(0, true);
    const at = 64 + (made % 128) * 16;
    view.setUint16(at, made, true);
    view.setUint16(at + 2, type, true);
    for (let i = 0; i < 3; i++) view.setUint32(at + 4 + 4 * i, data[i] ?? 0, true);
    view.setUint32(0, made + 1, true);
    guest.notify(port);
    bench.run(1);
    expect(view.getUint32(8, true)).toBe(made + 1);
    return [view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
  };
  // No algorithm yet; one that there is not; the flags of Toeplitz.
  expect(ask(1)).toEqual([1, 0]);
  expect(ask(7, 9)).toEqual([2, 0]);
  expect(ask(7, 1)).toEqual([0, 0]);
  expect(ask(1)).toEqual([0, 15]);
  expect(ask(2, 16)).toEqual([2, 0]);
  expect(ask(2, 2)).toEqual([0, 0]);
  // The key of Microsoft's document "Verifying the RSS Hash Calculation", and its first row.
  const { frame, bytes: page } = guest.page();
  page.set(Buffer.from('6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa', 'hex'));
  expect(ask(3, guest.grant(frame), 41)).toEqual([2, 0]);
  expect(ask(3, guest.grant(frame), 40)).toEqual([0, 0]);
  expect(ask(4)).toEqual([0, 128]);
  expect(ask(5, 129)).toEqual([2, 0]);
  expect(ask(5, 2)).toEqual([0, 0]);
  const mapping = guest.page();
  new DataView(mapping.bytes.buffer, mapping.bytes.byteOffset).setUint32(0, 1, true);
  expect(ask(6, guest.grant(mapping.frame), 1, 0)).toEqual([0, 0]);
  expect(ask(6, guest.grant(mapping.frame), 1, 2)).toEqual([2, 0]);
  expect(ask(99)).toEqual([1, 0]);

  const tcp = tcpFrame(bytes(20));
  tcp.set([66, 9, 149, 187, 161, 142, 100, 80, 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255], 26);
  for (const queue of queues) queue.offer(4);
  station.send(finished(tcp));
  bench.run(1);
  // 0x51ccc178 is even, so that the mapping's first entry counts: queue 1. The hash stands in an extra.
  expect(queues.map(({ arrived }) => arrived.length)).toEqual([0, 2]);
  const receive = defined(queues[1], 'queue 1').receive;
  expect([receive.getUint8(72), receive.getUint8(74), receive.getUint8(75), receive.getUint32(76, true)]).toEqual([
    4, 1, 1, 0x51cc_c178,
  ]);
});

test('groups are filtered if the front end asks for that', () => {
  const { bench, queue, station } = start({ ...usual, 'request-multicast-control': 1 });
  queue.offer(10);
  const group = Uint8Array.from([0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, ...bytes(50)]);
  const everybody = Uint8Array.from([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, ...bytes(50)]);
  station.send(finished(group));
  station.send(finished(everybody));
  bench.run(1);
  expect(queue.arrived).toHaveLength(1);
  const extra = (type: number): readonly number[] => [type | (0x33 << 16) | (0x33 << 24), 0x0100_0000];
  queue.send(new Uint8Array(14), [14], TxFlag.extra, [extra(2)]);
  bench.run(1);
  station.send(finished(group));
  bench.run(1);
  expect(queue.arrived).toHaveLength(2);
  queue.send(new Uint8Array(14), [14], TxFlag.extra, [extra(3)]);
  bench.run(1);
  station.send(finished(group));
  bench.run(1);
  expect(queue.arrived).toHaveLength(2);
  expect(queue.answers).toEqual([0, 1, 0, 1]);
});

test.each<[string, (queue: FrontQueue) => void]>([
  ['Impossible number of requests. req_prod 1000, req_cons 0, size 256', (q) => q.transmit.setUint32(0, 1000, true)],
  ['Missing extra info', (q) => q.put(8, 8 << 16, 60 << 16)],
  ['Invalid extra type: 9', (q) => q.send(bytes(60), [60], TxFlag.extra, [[9, 0]])],
  ['Bad GSO type 7.', (q) => q.send(bytes(60), [60], TxFlag.extra, [gso(1448, 7)])],
  ['GSO size must not be zero.', (q) => q.send(bytes(60), [60], TxFlag.extra, [gso(0, 1)])],
  ['Cross page boundary, txreq.offset: 4000, size: 200', (q) => q.put(8, 4000, 200 << 16)],
  ['Asked for 0 slots but exceeds this limit', (q) => q.put(8, 4 << 16, 200 << 16)],
])('a domain is cut off for: %s', (message, attack) => {
  const { bench, guest, queue, station, dmesg } = start();
  queue.offer(1);
  attack(queue);
  guest.notify(queue.ports.transmit);
  bench.run(2);
  expect(dmesg()).toContain(`vif vif-${guest.domid}-0 vif${guest.domid}.0: ${message}\n`);
  expect(dmesg()).toContain(`vif vif-${guest.domid}-0 vif${guest.domid}.0: fatal error; disabling device\n`);
  queue.send(bytes(60), [60]);
  station.send(finished(bytes(60)));
  bench.run(2);
  expect(queue.arrived).toEqual([]);
});

test.each([
  [20, -1],
  [19, 0],
])('a packet of %i slots is answered with %i', (count, status) => {
  const { bench, queue } = start();
  queue.send(bytes(count * 50), Array(count).fill(50));
  bench.run(2);
  expect(queue.answers).toEqual(Array(count).fill(status));
});

test('a front end that says too little is told so', () => {
  const { back, read, dmesg, guest } = start({ 'request-rx-copy': 1 });
  expect(
    read(`error/backend/vif/${guest.domid}/0/error`) ??
      read(`/local/domain/0/error/backend/vif/${guest.domid}/0/error`),
  ).toBe('-22 feature-rx-notify is mandatory');
  expect(read(`${back}/state`)).toBe('5');
  expect(dmesg()).toContain('feature-rx-notify is mandatory');
});

test('whatever a front end writes, in any order, breaks nothing, and another domain goes on', () => {
  const { bench, guest, front, queue, got } = start();
  const rogue = new TestGuest(bench, 'rogue');
  const { front: rogueFront } = addDevice(bench, rogue, 'vif', 0, { handle: '0', 'hotplug-status': 'connected' });
  bench.run(5);
  const rings = new FrontQueue(rogue, true);
  const names = [
    ...Object.keys({ ...usual, ...offloads, ...rings.nodes }),
    ...['state', 'state', 'state', 'ctrl-ring-ref', 'event-channel-ctrl', 'xdp-headroom', 'request-multicast-control'],
    ...['queue-0/tx-ring-ref', 'queue-1/rx-ring-ref', 'backend', 'backend-id'],
  ];
  const value = fc.oneof(fc.nat(9), fc.nat(0xffff_ffff), fc.constantFrom('', '-1', 'x', '4x', '1e9', '99999999999'));
  const good = fc.constant({ ...usual, ...rings.nodes, state: 4 });
  const step = fc.oneof(
    fc.tuple(fc.constantFrom(...names), value).map(([name, written]) => ({ [name]: written })),
    fc.constantFrom(...[0, 1, 2, 3, 4, 5, 6, 7, 8]).map((state) => ({ state })),
    good,
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      for (const nodes of steps) {
        rogue.write(rogueFront, nodes);
        bench.run(0.3);
      }
    }),
    { numRuns: 20 },
  );
  got.length = 0;
  queue.send(bytes(60), [60]);
  bench.run(2);
  expect(got).toHaveLength(1);
  expect(bench.script('xl destroy rogue', 30_000).code).toBe(0);
  expect(bench.script(`xenstore-read ${front}/state`).printed).toBe('4\n');
  expect(guest.domain.isDying).toBe(false);
});
