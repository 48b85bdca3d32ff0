import { expect, test } from 'vitest';
import { clockHz, testClock } from '../bus/device-testing.ts';
import { finished, macAt } from './frame.ts';
import { ethernet } from './net-testing.ts';
import { Network } from './network.ts';

test('who listens sees the frames of a port whenever it is there', () => {
  const { clock, pass } = testClock();
  const network = new Network(clock);
  const bridge = network.addBridge('xenbr0');
  expect(network.addBridge('xenbr0')).toBe(bridge);
  const seen: string[] = [];
  const listen = () =>
    network.listen('vif1.0', ({ bytes }, direction) => seen.push(`${direction} from ${macAt(bytes, 6)}`));
  const [stop, stopOther] = [listen(), listen()];
  const other = bridge.attach('vif2.0', () => {});
  const send = (attach: boolean) => {
    const port = attach ? bridge.attach('vif1.0', () => {}) : network.port('vif1.0');
    port?.send(finished(ethernet(9, 1, 0x800, new Uint8Array(46))));
    other.send(finished(ethernet(9, 2, 0x800, new Uint8Array(46))));
    pass(clockHz);
  };
  send(true);
  expect(seen.splice(0)).toEqual(['received from 1', 'received from 1', 'sent from 2', 'sent from 2']);
  network.port('vif1.0')?.detach();
  stopOther();
  send(true);
  expect(seen.splice(0)).toEqual(['received from 1', 'sent from 2']);
  stop();
  send(false);
  expect(seen).toEqual([]);
  expect(network.ports.map(({ name }) => name)).toEqual(['vif2.0', 'vif1.0']);
  network.removeBridge('xenbr0');
  expect([network.bridges, network.ports, other.isAttached, network.bridge('xenbr0')]).toEqual([[], [], false, null]);
});
