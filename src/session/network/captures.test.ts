import { expect, test } from 'vitest';
import { cycles } from '../../base/units.ts';
import { ZynqMp } from '../../soc/board/zynqmp.ts';
import { Captures } from './captures.ts';
import { labHost } from './lab-host.ts';
import { portsOf } from './ports.ts';

function board() {
  const made = new ZynqMp({ cores: 1, dramSize: 1 << 20, el: 2, log: () => {}, transmit: () => {}, end: () => {} });
  const host = labHost(made.lan);
  /** The host asks for somebody by ARP, three times. */
  const ask = (): void => {
    host.ping(0x0a00_0063, 1, 1, new Uint8Array(8));
    made.cluster.run(cycles(made.events.now + 5 * 1.2e9));
  };
  return { made, host, ask };
}

test('a capture keeps what passes its port, on this machine and on the next', () => {
  const { made, ask } = board();
  const captures = new Captures();
  expect(captures.file('lan')).toEqual({ ok: false, error: 'There is no capture of lan.' });
  expect(captures.start('lan').ok).toBe(true); // before there is a machine
  captures.attach(made);
  ask();
  const record = 16 + 42;
  const running = { port: 'lan', isRunning: true, frames: 3, size: 24 + 3 * record, missed: 0 };
  expect(captures.list()).toEqual([running]);
  const file = captures.file('lan');
  expect(file.ok && [file.value.length, file.value.slice(0, 4)]).toEqual([
    running.size,
    Uint8Array.of(0x4d, 0x3c, 0xb2, 0xa1),
  ]);
  captures.stop('lan');
  ask();
  expect(captures.list()).toEqual([{ ...running, isRunning: false }]);
  captures.start('lan');
  const next = board();
  captures.attach(null);
  captures.attach(next.made);
  ask();
  next.ask();
  expect(captures.list()).toEqual([running]);
  for (let i = 0; i < 7; i++) expect(captures.start(`vif${i}.0`).ok).toBe(true);
  expect(captures.start('vif7.0').ok).toBe(false);
  captures.remove('lan');
  expect(captures.start('vif7.0').ok).toBe(true);
});

test('ports tell what they carry, and who is behind them', () => {
  const { made, host, ask } = board();
  ask();
  const [wire, own, ...others] = portsOf(made.network, host, (name) => (name === 'vif1.0' ? 1 : null));
  expect(wire).toMatchObject({ name: 'gem3', kind: 'wire', stations: [] });
  expect(own).toMatchObject({
    name: 'lan',
    bridge: 'lan',
    kind: 'host',
    domain: null,
    counters: { receivedFrames: 3, receivedBytes: 126 },
    stations: [{ mac: '02:00:0a:00:00:01', address: '10.0.0.1', name: 'lab' }],
  });
  expect(others).toEqual([]);
});
