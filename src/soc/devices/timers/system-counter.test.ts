import { expect, test } from 'vitest';
import { SystemCounter } from './system-counter.ts';

test('both frames show the counter of 100 MHz, in 64 bits', () => {
  const logged: string[] = [];
  const wiring = {
    log: (source: string, text: string) => logged.push(`${source}: ${text}`),
    counter: () => 2 ** 32 + 5,
  };
  const read = new SystemCounter('systemCounter', 'read', wiring);
  const control = new SystemCounter('control', 'control', wiring);
  expect([read.read(0, 4), read.read(4, 4), control.read(8, 4), control.read(12, 4)]).toEqual([5, 1, 5, 1]);
  expect(control.read(0x20, 4)).toBe(100_000_000);
  control.write(0, 4, 3);
  expect(control.read(0, 4)).toBe(3);
  read.write(0, 4, 1);
  expect(logged).toEqual(['systemCounter: write of 0x1 at offset 0x0: no such register']);
});
