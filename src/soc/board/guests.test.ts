import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runGuest } from './guest-testing.ts';

const path = (name: string) => fileURLToPath(new URL(`../../../guests/build/${name}.img`, import.meta.url));

interface Suite {
  /** What guests/NAME/NAME.c prints; its scenarios explain the numbers. */
  readonly observed: readonly string[];
  /** Lines that differ on a chip with two cores, in place of those with the same beginning. */
  readonly withTwoCores?: readonly string[];
  /** Scenarios in which QEMU's board differs from the real one; null where QEMU does not model them at all. */
  readonly qemuDiffers: readonly string[] | null;
}

const suites: Readonly<Record<string, Suite>> = {
  dma: {
    observed: [
      'registers: 80 3ff 483d20f fff 0 80 3ff 483d20f fff 0 1ffff bfd fff',
      'copy: 400 1388 0 0 0 0',
      'all channels: 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 0',
      'interrupts: 10a1 2400 0 106f 2400',
      'only writing: 400 0 0',
      'only reading: 400 40 0',
      'fixed bursts: 400 0 0 400 0 0',
      'linked list: 404 3 0 0 0 0',
      'linear list with a pause: 806 1 1 0 404 1 0',
      'unaligned descriptor: 40 3',
      'code: 4268 400 a410',
      'bus errors: 100 3 0 200',
      'done',
    ],
    // QEMU reports bus errors as successes.
    qemuDiffers: ['bus errors'],
  },
  gic: {
    observed: [
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
    ],
    // GICD_ITARGETSR and the SGIs of GICD_SPENDSGIR have a bit for each core that is there.
    withTwoCores: ['targets: 3 1', 'SGIs: 4 3 0 2 403'],
    // QEMU's GIC has no Security Extensions, so software sees 8 bits of priority, not 4; and it has targets for 8
    // interfaces, not 4.
    qemuDiffers: ['priority bytes', 'targets'],
  },
  psci: {
    observed: [
      'versions: 10001 ffffffff',
      'calling convention: 10001 0 ffffffff',
      'features: 0 0 0 0 0 0 0 0 0 ffffffff',
      'features of the firmware: 2 ffffffff ffffffff',
      'affinity: 0 1 fffffffe',
      'cores that cannot be turned on: fffffffe fffffffc',
      'the second core, twice: 0 1 12345678 f02 80000001 0 fffffffc 0 2 12345678 f02 80000001 0 fffffffc',
      'a state that there is not: fffffffe',
      'standby: 0',
      'power-down: 0 0 5678 0 f02',
      'functions that there are not: ffffffff ffffffff',
      'done',
    ],
    // QEMU's firmware has no SMCCC 1.1 and no power-down states. Trusted Firmware-A on the board has both, with
    // power_state in its extended format; and it has no MIGRATE_INFO_TYPE.
    qemuDiffers: ['versions', 'calling convention', 'features of the firmware', 'power-down'],
  },
  smmu: {
    observed: [
      'identification: 7e013e30 30000f10 5555 21 200001 7fff7fff',
      'unknown stream: 10bb 3011 2 0 0 14e9 100',
      'a mask of streams: 400 0 10bb 3011 2 0 0 86b',
      'faults of streams: 10bb 3011 1 0 0 14ee 10bb 3011 4 0 0 14e8',
      'off: 400 0',
      'stage 1: 400 0 400 0',
      'a page that is not there: 10bb 3001 4002 402 40043456 3 14ea 100',
      'a page to read only: 10bb 3001 4002 408 40042ff8 13 14ea 200',
      'no table: 10bb 3001 4002 402 1000 11 14ea',
      'descriptors too: 400 0',
      'an entry outlives its descriptor: 400 400 0 10',
      'until it is invalidated: 400 0 0 400 0',
      'stalled and retried: 10bb 3001 4002 40000402 40045000 13 14ec 2 400 0',
      'stalled and ended: 10bb 3001 4002 40000402 40046000 13 14ec 3 200',
      'stage 2: 400 0',
      'faults of stage 2: 10bb 3001 4009 408 182010 13 14eb 182000 200 10bb 3001 4009 402 183000 3 14eb 183000',
      "stage 2's TLB: 400 0 400 0",
      'nested: 400 0',
      'nested, forbidden by stage 2: 10bb 3001 4009 408 40042008 20013 14e8 182000',
      'nested, not mapped by stage 1: 10bb 3001 4002 402 40043000 3 14e8',
      'nested, a table not mapped by stage 2: 10bb 3001 4009 402 40040000 20403 14e8 2000',
      'done',
    ],
    qemuDiffers: null,
  },
  timers: {
    observed: [
      'counter: 1 1 1',
      'cnthp: 0 0 1 5 1 1 7 0 1 1 0 5 1',
      'cntp: 0 0 1 5 1 1 7 0 1 1 0 5 1',
      'cntv: 0 0 1 5 1 1 7 0 1 1 0 5 1',
      'virtual offset: 0 5 1 1 0',
      'TTC at reset: 0 21 0 0 0 0 21 0 0 0 0 21 0 0 0',
      'TTC interval: 22 1 1 0 1 1 0 1 1 0 0 1 1 0',
      'TTC match: 2 1 4 3 9 0 2 1 f',
      'TTC down: 8 1 1 1 8 1 1 1',
      'TTC of 32 bits: ffffffff fffffff0 1 0',
      'done',
    ],
    // QEMU's counters have 16 bits, as on the Zynq-7000.
    qemuDiffers: ['TTC of 32 bits'],
  },
  uart: {
    observed: [
      'set up: 14 220 3e 6 0 a',
      'bytes in order: a0 a1 a2 a3 a4 a5 a6 a7 2',
      'masks: 3 0 3 0',
      'receive trigger: 0 0 1 1 0 0 1 0 0',
      'a condition that holds: 0',
      'FIFO reset: 2 0 77',
      'receive timeout: 0 1 0 0 42',
      'a transmitter that is disabled: 0 0',
      'receive FIFO: 40 0 20 0 3f 2',
      'transmit FIFO: 40 1 0 8',
      'done',
    ],
    // QEMU's FIFOs hold 16 bytes, not 64, its transmitter drops bytes while it is disabled, and its interrupt status has
    // the levels of the FIFOs, not events.
    qemuDiffers: ['a condition that holds', 'a transmitter that is disabled', 'receive FIFO', 'transmit FIFO'],
  },
};

const scenarioOf = (line: string): string => line.slice(0, line.indexOf(':'));

describe.each(Object.entries(suites))('%s', (name, { observed, withTwoCores = [], qemuDiffers }) => {
  test.each([2, 4])('software sees what it expects, with %i cores', (cores) => {
    const { lines, logged } = runGuest(readFileSync(path(name)), cores);
    const different = new Map(cores === 2 ? withTwoCores.map((line) => [scenarioOf(line), line]) : []);
    expect(lines).toEqual(observed.map((line) => different.get(scenarioOf(line)) ?? line));
    expect(logged.filter((line) => line.includes('register'))).toEqual([]);
  });

  if (qemuDiffers === null) return;

  // QEMU runs in host time, and the host may be busy in the middle of a measurement.
  test('QEMU prints the same, except where its model differs', { retry: 4 }, ({ skip }) => {
    const { error, stdout } = spawnSync(
      'qemu-system-aarch64',
      [
        ...['-M', 'xlnx-zcu102,virtualization=on', '-m', '2G', '-display', 'none', '-monitor', 'none'],
        ...['-serial', 'stdio', '-audiodev', 'none,id=a', '-kernel', path(name)],
      ],
      { encoding: 'utf8', timeout: 10_000, killSignal: 'SIGKILL', input: '' },
    );
    if (error && 'code' in error && error.code === 'ENOENT') {
      skip('qemu-system-aarch64 (package qemu-system-arm) is not installed');
      return;
    }
    const comparable = (lines: readonly string[]) =>
      lines.filter((line) => !qemuDiffers.some((scenario) => line.startsWith(`${scenario}:`)));
    expect(comparable(stdout.trim().split('\r\n'))).toEqual(comparable(observed));
  });
});
