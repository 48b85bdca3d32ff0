import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { I2c } from './i2c.ts';

const i2c = () => alone((wiring) => new I2c('i2c0', wiring));

test('nobody acknowledges an address, after its nine bits', () => {
  const { pass, read, write, interrupts } = i2c();
  write(0x24, 0x2ff);
  write(0x00, 0x0b0e | 0x40); // divider 12, master, 7-bit addresses, FIFO cleared
  write(0x0c, 0x55);
  expect([read(0x14), read(0x04)]).toEqual([1, 0x40]);
  write(0x08, 0x20);
  expect(read(0x04)).toBe(0x140);
  const bits = 9 * 22 * 12 * 12;
  pass(bits - 1);
  expect([read(0x10), interrupts()]).toEqual([0, false]);
  pass(1);
  expect([read(0x10), interrupts(), read(0x04)]).toEqual([4, true, 0x40]);
  write(0x10, 4);
  write(0x00, 0x0b4e);
  expect([interrupts(), read(0x04)]).toEqual([false, 0]);
});

test('only a master sends', () => {
  const { pass, read, write } = i2c();
  write(0x00, 0x0b0c);
  write(0x08, 0x20);
  pass(1e9);
  expect(read(0x10)).toBe(0);
});

test('the FIFO holds 16 bytes, and nothing is received', () => {
  const { read, write } = i2c();
  for (let i = 0; i < 17; i++) write(0x0c, i);
  expect([read(0x14), read(0x10)]).toEqual([16, 0x40]);
  expect([read(0x0c), read(0x10)]).toEqual([0, 0xc0]);
});

test('the state goes on elsewhere', () => {
  const { device, write } = i2c();
  write(0x00, 0x0b0e);
  write(0x0c, 1);
  write(0x08, 0x20);
  const other = i2c();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
  other.pass(1e6);
  expect(other.read(0x10)).toBe(4);
});
