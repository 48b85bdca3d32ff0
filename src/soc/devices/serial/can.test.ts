import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Can } from './can.ts';

const can = () => alone((wiring) => new Can('can1', wiring));

test('it is configured, enabled in its mode, and reset', () => {
  const { read, write } = can();
  expect(read(0x18)).toBe(1);
  write(0x08, 3);
  write(0x0c, 0x1c);
  write(0x00, 2);
  expect([read(0x18), read(0x08), read(0x0c)]).toEqual([0x18, 3, 0x1c]);
  write(0x04, 2);
  expect(read(0x18)).toBe(0x12);
  write(0x00, 1);
  expect([read(0x18), read(0x08), read(0x00)]).toEqual([1, 0, 0]);
});

test('messages wait, because nobody acknowledges them', () => {
  const { device, read, write } = can();
  write(0x00, 2);
  for (let i = 0; i < 63; i++) write(0x3c, i);
  expect(read(0x18)).toBe(0x18);
  write(0x3c, 63);
  expect(read(0x18)).toBe(0x418);
  const other = can();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.read(0x18)).toBe(0x418);
});

test('nothing is received', () => {
  const { read, write, interrupts } = can();
  write(0x20, 0x20);
  expect([read(0x50), read(0x1c), interrupts()]).toEqual([0, 0x20, true]);
  write(0x24, 0x20);
  expect([read(0x1c), interrupts()]).toEqual([0, false]);
});
