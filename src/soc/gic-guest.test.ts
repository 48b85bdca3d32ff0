import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { cycles } from '../base/units.ts';
import { readImage } from './image.ts';
import { ZynqMp } from './zynqmp.ts';

vi.setConfig({ testTimeout: 60_000 });

const image = fileURLToPath(new URL('../../guests/build/gic.img', import.meta.url));

/** What guests/gic/gic.c observes; its scenarios say what the numbers are. */
const observed = [
  'identification: 2043b 90000003',
  'priority bytes: f0 10208040',
  'targets: f 1',
  'private: ffff aaaaaaaa',
  'idle interface: 0 ff 3ff 3ff',
  'timers: 1a 1b 1e 0 0',
  'level: 35 11 35 11 0',
  'edge: 1 28 0',
  'preemption: 28 10a0 2029 29 1060 10a0 2a 10a0 10ff',
  'binary point: 28 1080 202a 2a 1040 1080 29 1080',
  'priority mask: 3ff 29 28',
  'equal priorities: 2b 2c',
  'end without deactivation: 28 10ff 1 2b 1 1 28 0',
  'SGIs: 4 3 0 6 403 803',
  'SGI to the second core and back: 0 409 5',
  'SPI to the second core: 28',
  'list registers: f 4c0000 8 a003d a0402 a003c ff 3000 3000 3000 3000',
  'preemption in the guest: a003c 1090 203f a003f 1088 a003d 1090 ff 3000 3000 3000 3000',
  'groups: 13fe 23fe a003c f003d 3000 3000 3000 3000',
  'maintenance at the end: a003c 19 4001 5001 600e 7000 ff',
  'maintenance by underflow: a003c 19 4002 5000 600d 7000 a003d ff',
  'maintenance with none pending: 19 4008 5000 600e 7000 a003c ff',
  'maintenance without a list register: a003c 19 4004 5000 600f 7001 ff',
  'maintenance by group enables: 19 4090 5000 600f 7000 ff',
  "the guest's timer through a hardware list register: 1b a001b 1 1b a001b 1 1b a001b 1 0 3000 3000 3000 3000",
  'done',
];

test.each([2, 4])('software sees the GIC-400 that it expects, with %i cores', (cores) => {
  let text = '';
  const logged: string[] = [];
  const board = new ZynqMp({
    cores,
    dramSize: 1 << 20,
    el: 2,
    log: (source, line) => logged.push(`${source}: ${line}`),
    transmit: (_, byte) => {
      text += String.fromCharCode(byte);
    },
    end: () => {},
  });
  const plan = readImage(new Uint8Array(readFileSync(image)), 0n);
  if (!plan.ok) throw new Error(plan.error);
  board.start(plan.value);
  expect(board.cluster.run(cycles(1_200_000_000)).reason).toBe('stopped');
  expect(text.trim().split('\r\n')).toEqual(observed);
  expect(logged.filter((line) => line.startsWith('gic'))).toEqual([]);
});

/**
 * Where QEMU's board is not the real one: it has no Security Extensions, so that software sees 8 bits of priority, not 4; and a target in
 * each byte for 8 interfaces, not 4.
 */
const qemuDiffers = ['priority bytes', 'targets'];

test('QEMU sees the same, but for what its model has otherwise', ({ skip }) => {
  const qemu = ['-M', 'xlnx-zcu102,virtualization=on', '-m', '2G', '-display', 'none', '-monitor', 'none'];
  const { error, stdout } = spawnSync(
    'qemu-system-aarch64',
    [...qemu, '-serial', 'stdio', '-audiodev', 'none,id=a', '-kernel', image],
    { encoding: 'utf8', timeout: 30_000, input: '' },
  );
  if (error && 'code' in error && error.code === 'ENOENT') {
    skip('qemu-system-aarch64 (package qemu-system-arm) is not installed');
    return;
  }
  const comparable = (lines: readonly string[]) =>
    lines.filter((line) => !qemuDiffers.some((name) => line.startsWith(`${name}:`)));
  expect(comparable(stdout.trim().split('\r\n'))).toEqual(comparable(observed));
});
