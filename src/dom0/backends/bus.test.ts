import { expect, test } from 'vitest';
import { defined } from '../../base/assert.ts';
import { Dom0Bench } from '../dom0-testing.ts';
import { addDevice, TestGuest } from './backends-testing.ts';
import { BackendBus } from './bus.ts';
import { Grants } from './grants.ts';
import type { BackRing } from './ring.ts';
import { type BackendDevice, LinuxError } from './xenbus.ts';

/** A machine whose Dom0 has a driver that answers each request with its own bytes. */
function start() {
  const bench = new Dom0Bench({}, 1);
  const { dom0, xen } = bench;
  const { store, processes, kernelLog: log } = dom0;
  const rings: BackRing[] = [];
  const connect = (device: BackendDevice): boolean => {
    const ring = device.mapRing([device.frontNumber('ring-ref') ?? 300], 8);
    if (!ring) {
      device.fatal(LinuxError.EINVAL, 'mapping ring-ref');
      return false;
    }
    const channel = device.bind(device.frontNumber('event-channel') ?? 0, () => {
      if (ring.waiting > ring.size) return device.fail(LinuxError.EACCES, 'the ring is broken');
      while (ring.waiting > 0) ring.put(ring.take());
      if (ring.push()) channel?.notify();
    });
    if (!channel) device.fatal(LinuxError.EINVAL, 'mapping event channel');
    else rings.push(ring);
    return channel !== null;
  };
  const bus = new BackendBus(
    { store, processes, log, bind: (...args) => dom0.bind(...args), grants: new Grants(xen) },
    [
      {
        kind: 'echo',
        probe: (device) => ({
          get isReady() {
            return device.read('hotplug-status') === 'connected';
          },
          connect: () => connect(device),
          disconnect: () => {},
          fingerprint: () => {},
        }),
      },
    ],
  );
  processes.spawn(['xenwatch'], () => bus.run());
  bench.run(20);
  const guest = new TestGuest(bench, 'g');
  const { back, front } = addDevice(bench, guest, 'echo', 0);
  bench.run(5);
  const ring = guest.page();
  const nodes = { 'ring-ref': guest.grant(ring.frame), 'event-channel': guest.port(), state: 3 };
  const read = (path: string): string | null => {
    const value = store.read(dom0.connection, path);
    return value.ok ? value.value : null;
  };
  const write = (path: string, value: string): void => {
    store.write(dom0.connection, path, value);
  };
  /** Puts a request into the ring and returns the bytes of the first entry. */
  const ask = (first: number): number => {
    const view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset, 4096);
    const produced = view.getUint32(0, true);
    view.setUint32(64 + 8 * (produced % 256), first, true);
    view.setUint32(0, produced + 1, true);
    view.setUint32(12, produced + 1, true);
    guest.notify(nodes['event-channel']);
    bench.run(2);
    return view.getUint32(8, true);
  };
  const state = (): string | null => read(`${back}/state`);
  return { bench, guest, back, front, nodes, read, write, ask, state, ring, rings };
}

type Started = ReturnType<typeof start>;
const connected = (): Started => {
  const it = start();
  it.guest.write('device/echo/0', it.nodes);
  it.write(`${it.back}/hotplug-status`, 'connected');
  it.bench.run(5);
  expect(it.state()).toBe('4');
  return it;
};

test('a device is connected when both the guest and the hotplug script are ready, whoever is first', () => {
  const first = start();
  expect(first.state()).toBe('2');
  first.write(`${first.back}/hotplug-status`, 'connected');
  first.bench.run(5);
  expect(first.state()).toBe('2');
  first.guest.write('device/echo/0', first.nodes);
  first.bench.run(5);
  expect(first.state()).toBe('4');
  const { ask, guest, nodes } = connected();
  expect(ask(7)).toBe(1);
  expect(ask(8)).toBe(2);
  expect(guest.wasNotified(nodes['event-channel'])).toBe(true);
});

test('a front end that closes is let go, and may come back as after a reboot', () => {
  const { bench, guest, nodes, state, ask, ring } = connected();
  expect(guest.flagsOf(nodes['ring-ref'])).toBe(1 | 8 | 16);
  guest.write('device/echo/0', { state: 5 });
  bench.run(5);
  expect(state()).toBe('5');
  guest.write('device/echo/0', { state: 6 });
  bench.run(5);
  expect(state()).toBe('6');
  expect(guest.flagsOf(nodes['ring-ref'])).toBe(1);
  guest.write('device/echo/0', { state: 1 });
  bench.run(5);
  expect(state()).toBe('2');
  ring.bytes.fill(0);
  guest.write('device/echo/0', { state: 3 });
  bench.run(5);
  expect(state()).toBe('4');
  expect(ask(1)).toBe(1);
});

test('the toolstack takes a device away', () => {
  const { bench, guest, back, nodes, state, write } = connected();
  write(`${back}/online`, '0');
  write(`${back}/state`, '5');
  bench.run(5);
  // The guest sees that, and closes.
  guest.write('device/echo/0', { state: 6 });
  bench.run(5);
  expect(state()).toBe('6');
  expect(guest.flagsOf(nodes['ring-ref'])).toBe(1);
});

test.each([
  ['a reference that is not granted', { 'ring-ref': 300 }, '-22 mapping ring-ref'],
  ['a reference behind the table', { 'ring-ref': 4_000_000_000 }, '-22 mapping ring-ref'],
  ['a reference that is no number', { 'ring-ref': 'x' }, '-22 mapping ring-ref'],
  ['a port that is not there', { 'event-channel': 1000 }, '-22 mapping event channel'],
  ['a state that does not exist', { state: 77 }, '-22 saw state 77 at frontend'],
])('%s: the back end says so and closes', (_, wrong, message) => {
  const { bench, guest, nodes, state, read, write, back } = start();
  write(`${back}/hotplug-status`, 'connected');
  guest.write('device/echo/0', { ...nodes, ...wrong });
  bench.run(5);
  expect(state()).toBe('5');
  expect(read(`/local/domain/0/error/backend/echo/${guest.domid}/0/error`)).toBe(message);
  expect(bench.script('dmesg').printed).toContain(`echo echo-1-0: ${message.slice(1)}`);
  expect(guest.flagsOf(nodes['ring-ref'])).toBe(1);
});

test('a runaway index disconnects the guest', () => {
  const { bench, guest, nodes, state, ring } = connected();
  new DataView(ring.bytes.buffer, ring.bytes.byteOffset).setUint32(0, 0x8000_0000, true);
  guest.notify(nodes['event-channel']);
  bench.run(5);
  expect(state()).toBe('5');
  expect(guest.flagsOf(nodes['ring-ref'])).toBe(1);
});

test('a domain whose pages are mapped is a zombie until they are unmapped', () => {
  const { bench, guest } = connected();
  const free = bench.xen.heap.freePages;
  const page = guest.page();
  const grants = new Grants(bench.xen);
  const mapped = grants.map(guest.domid, guest.grant(page.frame));
  if (typeof mapped === 'number') throw new Error('it is granted');
  mapped.writable().fill(1);
  expect(bench.script('xl destroy g').code).toBe(0);
  bench.run(5);
  expect(bench.script('xl list').printed).toMatch(/\n\(null\) +1 +0 +1 +--p--d/);
  const zombie = defined(bench.xen.domains.get(1), 'domain 1');
  expect(zombie.life).toBe('zombie');
  expect(bench.xen.scheduling.pools.of(zombie).id).toBe(0);
  expect(grants.map(guest.domid, 8)).toBeLessThan(0);
  grants.unmap(mapped);
  expect(bench.xen.domains.size).toBe(1);
  expect(bench.xen.heap.freePages).toBeGreaterThan(free + 4000);
});
