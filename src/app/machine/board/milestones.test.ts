import { expect, test } from 'vitest';
import { Milestones } from './milestones.ts';

const log = `[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd034]
[    0.063115] smp: Brought up 1 node, 4 CPUs
[    0.719000] ff000000.serial: ttyPS0 at MMIO 0xff000000 (irq = 21, base_baud = 6249999) is a xuartps
[    0.912345] Run /init as init process
LINUX-READY
`;

test('stages have the times of the log, however the output is divided', () => {
  const milestones = new Milestones();
  for (const [i, byte] of new TextEncoder().encode(log).entries()) milestones.push(Uint8Array.of(byte), i);
  expect(milestones.all().map(({ key, ns }) => [key, ns])).toEqual([
    ['boot.kernel', 0],
    ['boot.cores', 63_115_000],
    ['boot.serial', 719_000_000],
    ['boot.init', 912_345_000],
    // Not from the kernel's log: the time when the line was complete.
    ['boot.ready', log.length - 2],
  ]);
});

test('stages that are not reached have no time', () => {
  const milestones = new Milestones();
  expect(milestones.push(new TextEncoder().encode(log.slice(0, 80)), 0)).toBe(true);
  expect(milestones.all().map(({ ns }) => ns)).toEqual([0, null, null, null, null]);
});

test('other software has no stages', () => {
  const milestones = new Milestones();
  expect(milestones.push(new TextEncoder().encode('Hello from EL1.\n/ # '), 5)).toBe(false);
  expect(milestones.all()).toEqual([]);
});
