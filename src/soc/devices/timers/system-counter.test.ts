import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { SystemCounter } from './system-counter.ts';

test('both frames count at 100 MHz, in 64 bits', () => {
  const { device: read, pass, logged } = alone((wiring) => new SystemCounter('systemCounter', 'read', wiring));
  const { device: control, ...other } = alone((wiring) => new SystemCounter('control', 'control', wiring));
  for (const each of [pass, other.pass]) each(12 * (2 ** 32 + 5));
  expect([read.read(0, 4), read.read(4, 4), control.read(8, 4), control.read(12, 4)]).toEqual([5, 1, 5, 1]);
  expect(control.read(0x20, 4)).toBe(100_000_000);
  control.write(0, 4, 3);
  expect(control.read(0, 4)).toBe(3);
  read.write(0, 4, 1);
  expect(logged).toEqual(['systemCounter: write of 0x1 at offset 0x0: no such register']);
});
