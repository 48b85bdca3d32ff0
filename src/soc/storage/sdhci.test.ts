import { expect, test } from 'vitest';
import { alone } from '../bus/device-testing.ts';
import { Sdhci } from './sdhci.ts';

const sdhci = () => alone((wiring) => new Sdhci('sd1', wiring));

test('it describes itself, and has no card', () => {
  const { device } = sdhci();
  expect([device.read(0xfe, 2), device.read(0x40, 4), device.read(0x44, 4)]).toEqual([0x1002, 0x37ec_6481, 0x2807]);
  expect(device.read(0x24, 4) & (1 << 16)).toBe(0);
  device.write(0x24, 4, 0xffff_ffff);
  device.write(0x40, 4, 0);
  expect([device.read(0x24, 4), device.read(0x40, 4)]).toEqual([0x1fa_0000, 0x37ec_6481]);
});

test('the internal clock is stable once it is enabled; a reset of all clears itself and everything', () => {
  const { device } = sdhci();
  device.write(0x2c, 2, 0x8001);
  expect(device.read(0x2c, 2)).toBe(0x8003);
  device.write(0x2e, 1, 0xe);
  expect([device.read(0x2c, 2), device.read(0x2e, 1)]).toEqual([0x8003, 0xe]);
  device.write(0x2f, 1, 1);
  expect([device.read(0x2f, 1), device.read(0x2c, 2), device.read(0x2e, 1)]).toEqual([0, 0, 0]);
});

test('a command times out', () => {
  const { device, interrupts } = sdhci();
  device.write(0x34, 4, 0x0001_0001);
  device.write(0x38, 4, 0x0001_0000);
  device.write(0x0c, 2, 0);
  expect(interrupts()).toBe(false);
  device.write(0x0e, 2, 0x081a);
  expect([device.read(0x30, 2), device.read(0x32, 2), interrupts()]).toEqual([0x8000, 1, true]);
  expect(device.read(0xfc, 2)).toBe(1);
  device.write(0x32, 2, 1);
  expect([device.read(0x30, 4), interrupts()]).toEqual([0, false]);
});

test('the state goes on elsewhere', () => {
  const { device } = sdhci();
  device.write(0x2c, 2, 5);
  device.write(0x34, 4, 0x1_0000);
  device.write(0x0c, 4, 0x0100_0000);
  const other = sdhci();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
});
