import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Ipi } from './ipi.ts';

const apu = 0;
const rpu0 = 0x1_0000;

const ipi = () => alone((wiring) => new Ipi('ipi', wiring));

test('an agent triggers another, which sees the sender; the sender sees when it is cleared', () => {
  const { read, write, lines } = ipi();
  write(rpu0 + 0x18, 1); // IER: from the APU
  write(apu, 1 << 8);
  expect([read(apu + 0x04), read(rpu0 + 0x10), [...lines]]).toEqual([1 << 8, 1, [1]]);
  write(rpu0 + 0x10, 1);
  expect([read(apu + 0x04), read(rpu0 + 0x10), [...lines]]).toEqual([0, 0, []]);
});

test('a masked interrupt waits', () => {
  const { read, write, lines } = ipi();
  expect(read(apu + 0x14)).toBe(0x0f0f_0301);
  write(rpu0, 1);
  expect(lines.size).toBe(0);
  write(apu + 0x18, 1 << 8);
  expect([...lines]).toEqual([0]);
  write(apu + 0x1c, 1 << 8);
  expect(lines.size).toBe(0);
});

test('the platform management unit accepts a trigger at once', () => {
  const { read, write } = ipi();
  write(apu, 0xf << 16);
  expect(read(apu + 0x04)).toBe(0);
});

test('the state goes on elsewhere', () => {
  const { device, write } = ipi();
  write(apu, 0x0f00_0301);
  const other = ipi();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
});
