import { expect, test } from 'vitest';
import { alone } from '../bus/device-testing.ts';
import { Gem } from './gem.ts';

const gem = () => alone((wiring) => new Gem('gem3', wiring));

test('it says what it is', () => {
  const { read, write } = gem();
  write(0xfc, 0);
  expect(read(0xfc)).toBe(0x4007_0106); // a GEM, as macb tells it: its identity is over 1
  expect(read(0x294) & 0xff).toBe(2); // queue 1 beside queue 0
  expect(read(0x280) & (1 << 23)).toBe(0); // interrupts are cleared by writing
});

test('the management interface is idle, and finds no PHY', () => {
  const { read, write, interrupts } = gem();
  write(0x28, 1);
  for (let phy = 0; phy < 32; phy++) {
    write(0x34, 0x6002_0000 | (phy << 23) | (2 << 18));
    expect(read(0x08) & 4).toBe(4);
    expect(read(0x34) & 0xffff).toBe(0xffff);
  }
  expect([read(0x24), interrupts()]).toEqual([1, true]);
  write(0x24, 1);
  expect([read(0x24), interrupts()]).toEqual([0, false]);
  write(0x34, 0x5002_1234); // a write leaves the data as it is
  expect(read(0x34)).toBe(0x5002_1234);
});

test('each queue has its interrupt mask', () => {
  const { read, write } = gem();
  expect([read(0x30), read(0x640)]).toEqual([0x3ffc_fcff, 0xce6]);
  write(0x28, 0xff);
  write(0x600, 0xe6);
  write(0x620, 0x6);
  expect([read(0x30), read(0x640)]).toEqual([0x3ffc_fc00, 0xc06]);
});

test('addresses are kept, statistics stay zero, commands are not remembered', () => {
  const { device, read, write } = gem();
  write(0x88, 0x1234_5678);
  write(0x108, 99);
  write(0x00, 0x21c);
  expect([read(0x88), read(0x108), read(0x00)]).toEqual([0x1234_5678, 0, 0x1c]);
  const other = gem();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
  device.reset();
  expect(read(0x88)).toBe(0);
});
