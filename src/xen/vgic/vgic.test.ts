import { describe, expect, test } from 'vitest';
import type { Domain } from '../domain/domain.ts';
import { XenBench } from '../xen-testing.ts';

/**
 * Turns distributor (x20) and CPU interface (x21) on, unmasks interrupts; x19 is where the program keeps what it sees.
 */
const prologue = `
  movz x20, #0x0300, lsl #16
  movk x20, #0x1000
  add  x21, x20, #0x1000
  movz x19, #0x4010, lsl #16
  adr  x0, vectors
  msr  vbar_el1, x0
  mov  w0, #1
  str  w0, [x20]
  str  w0, [x21]
  mov  w0, #0xff
  str  w0, [x21, #4]`;

/** Vectors; an IRQ goes to \`handler\`, which has x0 to x9 for itself. */
const vectors = `
  .align 11
vectors:
  .skip 0x200
  b .
  .skip 0x7c
  b handler
  .align 11`;

/** Takes an interrupt and records it in the words after the one at x19, which counts them. */
const noting = `
handler:
  ldr  w0, [x21, #0x0c]
  ldr  x1, [x19]
  add  x1, x1, #1
  str  x1, [x19]
  str  x0, [x19, x1, lsl #3]
  str  w0, [x21, #0x10]
  eret`;

const notes = (bench: XenBench, domain: Domain): number[] => {
  const at = (n: number) => Number(bench.peek(domain, 0x4010_0000 + 8 * n));
  return Array.from({ length: at(0) }, (_, i) => at(i + 1));
};

const run = (source: string, options: { vcpus?: number; cpus?: number; ms?: number } = {}) => {
  const bench = new XenBench({ cpus: options.cpus ?? 1 });
  const domain = bench.guest(`${prologue}\n${source}\n${vectors}`, { vcpus: options.vcpus ?? 1 });
  bench.run(options.ms ?? 2);
  return { bench, domain, notes: notes(bench, domain) };
};

const errors = (bench: XenBench): string[] => bench.serial.split('\r\n').filter((line) => line.includes('d1v'));

describe('the virtual GIC', () => {
  test('identifies itself, and keeps written values', () => {
    const { bench, domain } = run(
      `
      ldr  w0, [x20, #4]
      str  x0, [x19, #8]
      ldr  w0, [x20, #8]
      str  x0, [x19, #16]
      mov  w0, #0xa0
      strb w0, [x20, #0x421]
      ldr  w0, [x20, #0x420]
      str  x0, [x19, #24]
      mov  w0, #2
      strb w0, [x20, #0x820]
      ldr  w0, [x20, #0x820]
      str  x0, [x19, #32]
      mov  w0, #0xaa
      str  w0, [x20, #0xc08]
      ldr  w0, [x20, #0xc08]
      str  x0, [x19, #40]
      ldr  w0, [x20, #0xc04]
      str  x0, [x19, #48]
      mov  w0, #0xf0
      str  w0, [x20, #0x104]
      mov  w0, #0x30
      str  w0, [x20, #0x184]
      ldr  w0, [x20, #0x104]
      str  x0, [x19, #56]
      ldr  w0, [x20, #0x108]
      str  x0, [x19, #64]
      ldr  w0, [x21, #0xfc]
      str  x0, [x19, #72]
      b    .
    handler: b .`,
      { vcpus: 2 },
    );
    const at = (n: number) => bench.peek(domain, 0x4010_0000 + 8 * n);
    expect(at(1)).toBe(0x21n);
    expect(at(2)).toBe(0x43bn);
    expect(at(3)).toBe(0xa000n);
    expect(at(4)).toBe(0x0101_0102n);
    expect(at(5)).toBe(0xaan);
    expect(at(6)).toBe(0n);
    expect(at(7)).toBe(0xc0n);
    expect(at(8)).toBe(0n);
    expect(at(9)).toBe(0x0202_143bn);
    expect(errors(bench)).toEqual([]);
  });

  test('delivers seven interrupts with four list registers', () => {
    const { notes } = run(`
      mov  w0, #0x7f
      str  w0, [x20, #0x100]
      mov  x2, #0
    1: mov  w3, #0x80
      sub  w3, w3, w2, lsl #3     // the higher its number, the more urgent
      add  x4, x20, #0x400
      strb w3, [x4, x2]
      mov  w4, #0x2000000         // to itself
      orr  w4, w4, w2
      str  w4, [x20, #0xf00]
      add  x2, x2, #1
      cmp  x2, #7
      b.ne 1b
      msr  daifclr, #2
      b    .
    ${noting}`);
    // Not quite by priority: Xen also evicts interrupts for those that wait after the one of the highest priority.
    expect(notes).toEqual([6, 5, 1, 4, 3, 2, 0]);
  });

  test('an interrupt that becomes pending while it is handled is handled once more', () => {
    const { notes } = run(`
      mov  w0, #3
      str  w0, [x20, #0x100]
      mov  w10, #0x2000000
      str  w10, [x20, #0xf00]
      msr  daifclr, #2
      nop
      b    .
    handler:
      ldr  w0, [x21, #0x0c]
      ldr  x1, [x19]
      add  x1, x1, #1
      str  x1, [x19]
      str  x0, [x19, x1, lsl #3]
      cmp  x1, #1
      b.ne 1f
      str  w10, [x20, #0xf00]
      str  w10, [x20, #0xf00]
    1: str w0, [x21, #0x10]
      eret`);
    expect(notes).toEqual([0, 0]);
  });

  test('a disabled interrupt waits until it is enabled', () => {
    const { notes } = run(`
      mov  w0, #0x2000000
      str  w0, [x20, #0xf00]
      msr  daifclr, #2
      nop
      mov  x1, #77
      str  x1, [x19, #8]
      mov  x1, #1
      str  x1, [x19]
      mov  w0, #1
      str  w0, [x20, #0x100]
      b    .
    ${noting}`);
    expect(notes).toEqual([77, 0]);
  });

  test.each([1, 2])('interrupts between vCPUs on %i pCPUs', (cpus) => {
    const { bench, domain, notes } = run(
      `
      mov  w0, #0xffff
      str  w0, [x20, #0x100]
      movz x0, #0x3
      movk x0, #0xc400, lsl #16
      mov  x1, #1
      adr  x2, second
      mov  x3, #0
      hvc  #0
      msr  daifclr, #2
    1: wfi
      b    1b
    second:
      movz x20, #0x0300, lsl #16
      movk x20, #0x1000
      add  x21, x20, #0x1000
      mov  w0, #0xffff
      str  w0, [x20, #0x100]      // banked
      ldr  w0, =0x00010005        // SGI 5 to vCPU 0
      str  w0, [x20, #0xf00]
      ldr  w0, =0x01000006        // SGI 6 to the others
      str  w0, [x20, #0xf00]
      ldr  w0, =0x00080007        // SGI 7 to one that is not there
      str  w0, [x20, #0xf00]
    1: wfi
      b    1b
    ${noting}`,
      { vcpus: 2, cpus, ms: 100 },
    );
    expect(notes).toEqual([5, 6]);
    expect(errors(bench)).toHaveLength(1);
    expect(errors(bench)[0]).toMatch(
      /^\(XEN\) d1v1 VGIC: write r=0000000000080007 +target->list=8, wrong CPUTargetList $/,
    );
    expect(domain.vcpu(1).isDown).toBe(false);
  });

  test('logs what it does not support, in the words of Xen', () => {
    const { bench, domain } = run(`
      movn w0, #0
      str  w0, [x20, #0x384]
      ldrh w1, [x20, #0x400]
      b    .
    handler: b .`);
    expect(errors(bench)).toEqual([
      '(XEN) d1v0: vGICD: unhandled word write 0x000000ffffffff to ICACTIVER4',
      '(XEN) d1v0: vGICD: bad read width 1 r1 offset 0x000400',
    ]);
    // The second access is an abort: the guest is at its vector.
    bench.xen.scheduling.pause(domain.vcpu(0).unit);
    bench.run(1);
    expect(domain.vcpu(0).context.system('ESR_EL1')).toBe(0x9600_0000n);
    expect(domain.vcpu(0).context.system('FAR_EL1')).toBe(0x0300_1400n);
  });
});

describe('the timers of a guest', () => {
  /** Counts the interrupts of a timer with a period of 100 µs. Its registers are given by name. */
  const periodic = (timer: 'cntv' | 'cntp', irq: number) => `
      mov  w0, #1
      lsl  w0, w0, #${irq}
      str  w0, [x20, #0x100]
      mov  x10, #10000
      msr  ${timer}_tval_el0, x10
      mov  x11, #1
      msr  ${timer}_ctl_el0, x11
      msr  daifclr, #2
    1: wfi
      b    1b
    handler:
      ldr  w0, [x21, #0x0c]
      ldr  x1, [x19]
      add  x1, x1, #1
      str  x1, [x19]
      str  x0, [x19, #8]
      mrs  x2, cntvct_el0
      str  x2, [x19, #16]
      mrs  x3, ${timer}_ctl_el0
      str  x3, [x19, #24]
      msr  ${timer}_tval_el0, x10
      msr  ${timer}_ctl_el0, x11
      str  w0, [x21, #0x10]
      eret`;

  test.each([
    ['cntv', 27, 7],
    ['cntp', 30, 5],
  ] as const)('%s interrupts by PPI %i', (timer, irq, control) => {
    const { bench, domain } = run(periodic(timer, irq), { ms: 50 });
    const at = (n: number) => Number(bench.peek(domain, 0x4010_0000 + 8 * n));
    expect(at(0)).toBeGreaterThan(250);
    expect(at(0)).toBeLessThanOrEqual(500);
    expect(at(1)).toBe(irq);
    // Xen has masked the virtual timer.
    expect(at(3)).toBe(control);
    // Virtual time started with the domain.
    expect(at(2)).toBeLessThan(5_000_000);
  });

  // Real Xen 4.17.7 on the board, with the same guests under xl.
  const farAhead: readonly (readonly [compare: bigint, cntp: boolean, cntv: boolean])[] = [
    [0n, true, true],
    [0x0000_1000_0000_0000n, false, false],
    [0x0800_0000_0000_0000n, false, false],
    [0x0ccc_ccc0_0000_0000n, false, false],
    [0x0ccc_cce0_0000_0000n, true, true],
    [0x0cd0_0000_0000_0000n, true, true],
    [0x1000_0000_0000_0000n, true, true],
    [0x1999_9990_0000_0000n, true, true],
    [0x1999_99a0_0000_0000n, false, false],
    [0x19a0_0000_0000_0000n, false, false],
    [0x2000_0000_0000_0000n, false, false],
    [0x4000_0000_0000_0000n, false, true],
    [0x8000_0000_0000_0000n, true, true],
    [0xffff_ffff_0000_0000n, true, true],
    [0xffff_ffff_ffff_fff0n, true, true],
    [0xffff_ffff_ffff_ffffn, true, true],
  ];
  /** Arms a timer at each of these values for a while. Returns at which of them its interrupt came. */
  const fired = (arm: string, wait: string, irq: number): boolean[] => {
    const { bench, domain } = run(
      `
      mov  w0, #0x48000000
      str  w0, [x20, #0x100]
      mov  x2, #1
      adr  x22, values
      mov  x23, x19
    1: ldr  x1, [x22], #8
      mov  x6, #0
      ${arm}
      isb
      ${wait}
    3: ldr  w5, [x21, #0x0c]      // acknowledges whatever came
      cmp  w5, #1023
      b.eq 4f
      cmp  w5, #${irq}
      csinc x6, x6, xzr, ne
      str  w5, [x21, #0x10]
      b    3b
    4: msr  cntp_ctl_el0, xzr
      msr  cntv_ctl_el0, xzr
      str  x6, [x23], #8
      adr  x0, handler
      cmp  x22, x0
      b.lo 1b
      b    .
      .align 3
    values:
      ${farAhead.map(([compare]) => `.quad 0x${compare.toString(16)}`).join('\n')}
    handler:
      b    .`,
      { ms: 60 },
    );
    return farAhead.map((_, i) => bench.peek(domain, 0x4010_0000 + 8 * i) === 1n);
  };

  test('does CNTP_CVAL = 2^64-1 armed in a guest fire at once, as in Xen 4.17?', () => {
    const wait = `
      mrs  x3, cntvct_el0
    2: mrs  x4, cntvct_el0
      sub  x4, x4, x3
      cmp  x4, #0x10, lsl #12     // 0.7 ms
      b.lo 2b`;
    expect(fired('msr cntp_cval_el0, x1\n msr cntp_ctl_el0, x2', wait, 30)).toEqual(farAhead.map(([, cntp]) => cntp));
  });

  test('does CNTV_CVAL = 2^64-1 fire at once when its vCPU waits, as in Xen 4.17?', () => {
    const arm = `
      msr  cntv_cval_el0, x1
      msr  cntv_ctl_el0, x2
      mov  x3, #0x10000           // another timer ends the wait
      msr  cntp_tval_el0, x3
      msr  cntp_ctl_el0, x2`;
    expect(fired(arm, 'wfi', 27)).toEqual(farAhead.map(([, , cntv]) => cntv));
  });

  test('fire for a vCPU that waits while others use its pCPU', () => {
    const bench = new XenBench();
    const spinner = bench.guest('b .');
    const waiter = bench.guest(`${prologue}\n${periodic('cntv', 27)}\n${vectors}`);
    bench.run(100);
    const count = Number(bench.peek(waiter, 0x4010_0000));
    expect(count).toBeGreaterThan(50);
    expect(spinner.vcpu(0).unit.runstateTimes[0]).toBeGreaterThan(5e7);
  });
});

describe('several vCPUs', () => {
  test.each([
    [4, 4],
    [4, 2],
    [3, 4],
    [4, 1],
  ])('%i of them pass a token round on %i pCPUs, and it is never lost', (vcpus, cpus) => {
    const bench = new XenBench({ cpus });
    const source = `
      ${prologue}
      mov  x22, #1                // turns the others on
    1: ldr x0, =0xc4000003
      mov  x1, x22
      adr  x2, begin
      mov  x3, x22
      hvc  #0
      add  x22, x22, #1
      cmp  x22, #${vcpus}
      b.ne 1b
      mov  x0, #0
    begin:
      movz x20, #0x0300, lsl #16
      movk x20, #0x1000
      add  x21, x20, #0x1000
      movz x19, #0x4010, lsl #16
      mov  x23, x0                // who this is
      adr  x1, vectors
      msr  vbar_el1, x1
      mov  w1, #1
      str  w1, [x21]
      mov  w1, #0xff
      str  w1, [x21, #4]
      mov  w1, #2
      str  w1, [x20, #0x100]
      dsb  sy
      add  x2, x19, #0x400        // counts itself in
    1: ldaxr w1, [x2]
      add  w1, w1, #1
      stlxr w3, w1, [x2]
      cbnz w3, 1b
      msr  daifclr, #2
      cbnz x23, 3f
    2: ldr w1, [x2]               // the first waits for all, and begins
      cmp  w1, #${vcpus}
      b.ne 2b
      bl   pass
    3: wfi
      b    3b
    pass:
      add  x4, x23, #1
      cmp  x4, #${vcpus}
      csel x4, xzr, x4, eq
      mov  w5, #0x10000
      lsl  w5, w5, w4
      orr  w5, w5, #1
      str  w5, [x20, #0xf00]
      ret
    handler:
      ldr  w0, [x21, #0x0c]
      ldr  x1, [x19, x23, lsl #3]
      add  x1, x1, #1
      str  x1, [x19, x23, lsl #3]
      str  w0, [x21, #0x10]
      bl   pass
      eret
      ${vectors}`;
    const domain = bench.guest(source, { vcpus });
    // Another domain takes pCPUs from them.
    bench.guest('b .');
    bench.run(150);
    const counts = () => Array.from({ length: vcpus }, (_, n) => Number(bench.peek(domain, 0x4010_0000 + 8 * n)));
    const before = counts();
    expect(Math.max(...before) - Math.min(...before)).toBeLessThanOrEqual(1);
    bench.run(100);
    expect(Math.min(...counts())).toBeGreaterThan(Math.max(...before) + 20);
  });
});
