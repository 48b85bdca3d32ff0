import { describe, expect, test } from 'vitest';
import { noCosts } from './costs.ts';
import { XenBench } from './xen-testing.ts';

/** Writes text on Xen's console: console_io, CONSOLEIO_write. */
const print = (text: string): string => `
  mov  x0, #0
  mov  x1, #${text.length}
  adr  x2, 1f
  mov  x16, #18
  hvc  #0xea1
  b    2f
1: .ascii "${text.replaceAll('\n', '\\n')}"
  .align 2
2:`;

describe('Xen', () => {
  test('boots on all cores, and logs it', () => {
    const bench = new XenBench({ cpus: 4 });
    const lines = bench.serial.split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(0, -1).every((line) => line.startsWith('(XEN) '))).toBe(true);
    expect(lines).toContain('(XEN) P2M: 3 levels with order-1 root, VTCR 0x0000000080023558');
    expect(lines).toContain('(XEN) Brought up 4 CPUs');
    expect(lines).toContain('(XEN) CPU 3 booted.');
    expect(bench.xen.log.ring.replaceAll('\n', '\r\n')).toBe(bench.serial);
    expect(bench.board.cluster.stats().cores.map(({ state }) => state)).toEqual(new Array(4).fill('waiting'));
    expect(bench.board.cluster.stats().instructions).toBe(0);
    expect(bench.logged.filter((line) => !line.startsWith('psci'))).toEqual([]);
  });

  test('Dom0 prints with console_io', () => {
    const bench = new XenBench();
    bench.guest(`${print('hello\nworld\n')}\n b .`, { isPrivileged: true });
    bench.run(1);
    expect(bench.serial).toContain('\r\nhello\r\nworld\r\n');
  });

  test('runs the same way each time', () => {
    const source = `
      ldr  x0, =0xc4000003
      mov  x1, #1
      adr  x2, 1f
      hvc  #0
    1: mrs x0, cntvct_el0
      mrs  x1, mpidr_el1
      and  x1, x1, #0xff
      adr  x2, place
      str  x0, [x2, x1, lsl #3]
      wfe
      b    1b
      .align 12
    place: .quad 0, 0`;
    const run = (steps: readonly number[]) => {
      const bench = new XenBench({ cpus: 2 });
      for (let i = 0; i < 3; i++) bench.guest(source, { vcpus: 2 });
      for (const ms of steps) bench.run(ms);
      return [bench.board.cluster.hash(), JSON.stringify(bench.board.deviceStates()), bench.serial];
    };
    expect(run([30])).toEqual(run([30]));
    expect(run([10, 15, 5])).toEqual(run([10, 15, 5]));
  });

  test('two vCPUs share a pCPU, which retires no other instructions', () => {
    const bench = new XenBench({ costs: noCosts });
    const source = `
      mov  x0, #0x3
      movk x0, #0xc400, lsl #16 // CPU_ON
      mov  x1, #1
      adr  x2, second
      mov  x3, #42
      hvc  #0
      adr  x9, counters
      str  x0, [x9, #16]
    1: ldr x1, [x9]
      add  x1, x1, #1
      str  x1, [x9]
      b    1b
    second:
      adr  x9, counters
      str  x0, [x9, #24]
    1: ldr x1, [x9, #8]
      add  x1, x1, #1
      str  x1, [x9, #8]
      b    1b
      .align 12
    counters: .quad 0, 0, -1, -1`;
    const guest = bench.guest(source, { vcpus: 2 });
    bench.run(600);
    const counters = 0x4000_1000;
    expect(bench.peek(guest, counters + 16)).toBe(0n);
    expect(bench.peek(guest, counters + 24)).toBe(42n);
    const counts = [bench.peek(guest, counters), bench.peek(guest, counters + 8)].map(Number);
    const total = 4 * ((counts[0] ?? 0) + (counts[1] ?? 0));
    // Costs are off: the guest has all of the time.
    expect(total / (600 * 1.2e6)).toBeCloseTo(1, 3);
    expect((counts[0] ?? 0) / (counts[1] ?? 1)).toBeCloseTo(1, 0);
  });
});
