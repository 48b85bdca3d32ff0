import { expect, test } from 'vitest';
import { AddressMap } from '../bus/address-map.ts';
import { devicePlaces, placeOf } from './map.ts';
import { ZynqMp } from './zynqmp.ts';

test('every device has a name, an interrupt and a stream ID of its own', () => {
  const unique = (values: readonly unknown[]) => expect(new Set(values).size).toBe(values.length);
  unique(devicePlaces.map(({ name }) => name));
  unique(devicePlaces.flatMap(({ spis }) => spis));
  unique(devicePlaces.flatMap(({ stream }) => (stream === null ? [] : [stream])));
});

test('every device answers at its place', () => {
  const board = new ZynqMp({ cores: 1, dramSize: 1 << 20, el: 2, log: () => {}, transmit: () => {}, end: () => {} });
  expect(board.bus).toBeInstanceOf(AddressMap);
  expect(board.bus.occupants.map(({ base, size, device }) => [device.name, base, size])).toEqual(
    devicePlaces.map(({ name, base, size }) => [name, base, size]),
  );
  for (const { base } of devicePlaces) expect(board.bus.read(base, 4)).not.toBeNull();
});

test('a device that the chip does not have has no place', () => {
  expect(placeOf('uart1').base).toBe(0xff01_0000);
  expect(() => placeOf('uart2')).toThrow('the place of uart2');
});
