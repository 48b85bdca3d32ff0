import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Spi } from './spi.ts';

const spi = () => alone((wiring) => new Spi('spi0', wiring));

test('each byte sent brings back 0xFF', () => {
  const { read, write, interrupts } = spi();
  write(0x00, 0x2_0001); // master
  write(0x14, 1);
  write(0x08, 0x10);
  for (const byte of [0x9f, 0, 0, 0]) write(0x1c, byte);
  expect([read(0x04), interrupts()]).toEqual([0x14, true]);
  expect([0, 0, 0, 0, 0].map(() => read(0x20))).toEqual([0xff, 0xff, 0xff, 0xff, 0]);
  expect([read(0x04), interrupts()]).toEqual([4, false]);
});

test('with the manual start, bytes wait for it', () => {
  const { read, write } = spi();
  write(0x00, 0x2_8001);
  write(0x14, 1);
  write(0x28, 3);
  for (const byte of [1, 2, 3]) write(0x1c, byte);
  expect(read(0x04)).toBe(0); // as many as the threshold
  write(0x00, 0x3_8001);
  expect([read(0x04), read(0x00)]).toEqual([0x14, 0x2_8001]);
});

test('the receive FIFO overflows; disabling empties it', () => {
  const { read, write } = spi();
  write(0x00, 0x2_0001);
  write(0x14, 1);
  for (let i = 0; i < 129; i++) write(0x1c, i);
  expect(read(0x04)).toBe(0x35);
  write(0x04, 1);
  write(0x14, 0);
  expect([read(0x04), read(0x20)]).toEqual([4, 0]);
});

test('the state goes on elsewhere', () => {
  const { device, write, read } = spi();
  expect(read(0xfc)).toBe(0x9_0106);
  write(0x00, 0x2_0001);
  write(0x14, 1);
  write(0x1c, 1);
  const other = spi();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
});
