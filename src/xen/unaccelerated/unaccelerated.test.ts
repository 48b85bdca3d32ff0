import { describe, expect, test } from 'vitest';
import type { Domain } from '../domain/domain.ts';
import { destroyDomain } from '../domain/lifetime.ts';
import { type GuestOptions, XenBench } from '../xen-testing.ts';

/** The guest notes what it sees by `note`, from here on; x19 is the next place. */
const notes = 0x4010_0000;
/** Its tables: level 1, level 2, level 3. RAM is 4 MiB. */
const tables = 0x4011_0000;
/** Four pages of RAM to map. */
const data = 0x4012_0000;

const program = (body: string): string => `
  movz x19, #0x4010, lsl #16
  adr  x0, vectors
  msr  vbar_el1, x0
  ${body}
  mov  x0, #0x600d
  str  x0, [x19], #8
  b    .
  .align 11
vectors:
  .skip 0x200
  mrs  x9, esr_el1
  str  x9, [x19], #8
  mrs  x9, far_el1
  str  x9, [x19], #8
  mrs  x9, elr_el1
  add  x9, x9, #4
  msr  elr_el1, x9
  eret
  .align 7
  ldr  w9, [x21, #0x0c]
  str  x9, [x19], #8
  ldr  w10, [x21, #0x14]
  str  x10, [x19], #8
  cbz  x22, 1f
  mov  x22, #0
  mrs  x11, elr_el1
  mrs  x12, spsr_el1
  mov  w10, #0x02000000
  orr  w10, w10, #2
  str  w10, [x20, #0xf00]
  msr  daifclr, #2
  isb
  msr  daifset, #2
  msr  elr_el1, x11
  msr  spsr_el1, x12
1:
  str  w9, [x21, #0x10]
  mrs  x9, cntv_ctl_el0
  and  x9, x9, #1
  str  x9, [x19], #8
  msr  cntv_ctl_el0, xzr
  eret
  .align 11`;

const note = (register: string): string => `str ${register}, [x19], #8\n`;

/** Tables as of 4 GiB of addresses; RAM and the GIC by blocks, and an empty table of level 3 for what is above 2 GiB. */
const mmuOn = `
  ldr  x1, =${tables}
  ldr  x0, =0x701
  str  x0, [x1]
  ldr  x0, =0x40000705
  str  x0, [x1, #8]
  add  x2, x1, #0x1000
  orr  x0, x2, #3
  str  x0, [x1, #16]
  add  x3, x1, #0x2000
  orr  x0, x3, #3
  str  x0, [x2]
  ldr  x0, =0xff00
  msr  mair_el1, x0
  ldr  x0, =0x200803520
  msr  tcr_el1, x0
  msr  ttbr0_el1, x1
  tlbi vmalle1
  dsb  ish
  isb
  mrs  x0, sctlr_el1
  mov  x4, #0x1005
  orr  x0, x0, x4
  msr  sctlr_el1, x0
  isb
  ldr  x4, =0x80000000
  ldr  x5, =${data + 0x707}
  `;

/** What a guest has noted, up to its end. */
const notesOf = (bench: XenBench, domain: Domain): string[] => {
  const seen: string[] = [];
  for (let at = notes; seen.at(-1) !== '600d' && seen.length < 200; at += 8)
    seen.push(bench.peek(domain, at).toString(16));
  return seen;
};

const cases: readonly (readonly [name: string, body: string])[] = [
  [
    'registers of virtual memory read back',
    `${mmuOn} ${['ttbr0_el1', 'tcr_el1', 'mair_el1', 'sctlr_el1', 'ttbr1_el1', 'contextidr_el1'].map((name) => `mrs x0, ${name}\n${note('x0')}`).join('')}`,
  ],
  [
    'pages are mapped, changed and unmapped by stores of all kinds',
    `${mmuOn}
    str  x5, [x3]
    dsb  ish
    mov  x6, #0x1234
    str  x6, [x4]
    ldr  x7, =${data}
    ldr  x0, [x7]
    ${note('x0')}
    add  x8, x5, #0x1000
    stp  x8, x5, [x3]
    dsb  ish
    tlbi vmalle1
    dsb  ish
    isb
    mov  x6, #0x5678
    str  x6, [x4]
    ldr  x0, [x7, #0x1000]
    ${note('x0')}
    ldr  x0, [x4, #0x1000]
    ${note('x0')}
    dsb  ish
    ldr  x0, [x4]
1:  ldxr x6, [x3]
    add  x6, x6, #0x1000
    stxr w9, x6, [x3]
    cbnz w9, 1b
    dsb  ish
    lsr  x10, x4, #12
    tlbi vaae1, x10
    dsb  ish
    isb
    mov  x6, #0x9abc
    str  x6, [x4, #8]
    ldr  x0, [x7, #0x2008]
    ${note('x0')}
    strb wzr, [x3, #8]
    dsb  ish
    tlbi vmalle1
    dsb  ish
    isb
    ldr  x0, [x4, #0x1000]
    strh w8, [x3, #16]
    str  w5, [x3, #24]
    str  wzr, [x3, #28]
    dsb  ish
    ldr  x0, [x4, #0x3000]
    ${note('x0')}
    dc   zva, x3
    dsb  ish
    tlbi vmalle1is
    dsb  ish
    isb
    ldr  x0, [x4]
    ldr  x0, [x4, #0x3000]
    ldr  x0, [x3, #24]
    ${note('x0')}`,
  ],
  [
    'faults are the guest’s own',
    `${mmuOn}
    ldr  x0, [x4]
    orr  x8, x5, #0x80
    str  x8, [x3]
    dsb  ish
    ldr  x0, [x4]
    str  x0, [x4]
    mov  x8, #0x707
    movk x8, #0x2200, lsl #16
    str  x8, [x3, #8]
    dsb  ish
    ldr  x0, [x4, #0x1000]
    ldr  x8, =0x50000703
    str  x8, [x2, #8]
    dsb  ish
    movz x9, #0x8020, lsl #16
    ldr  x0, [x9]
    ldr  x8, =0x0000f12340000707
    str  x8, [x3, #16]
    dsb  ish
    ldr  x0, [x4, #0x2000]
    movz x9, #0x9000, lsl #16
    ldr  x0, [x9, #0xff8]`,
  ],
  [
    'the MMU goes off and on, and another root comes',
    `${mmuOn}
    str  x5, [x3]
    dsb  ish
    mov  x6, #0x77
    str  x6, [x4]
    mrs  x0, sctlr_el1
    bic  x0, x0, #1
    msr  sctlr_el1, x0
    isb
    ldr  x7, =${data}
    ldr  x6, [x7]
    ${note('x6')}
    add  x8, x5, #0x1000
    str  x8, [x3]
    str  x6, [x7, #0x1000]
    add  x6, x6, #1
    str  x6, [x7]
    orr  x0, x0, #1
    msr  sctlr_el1, x0
    tlbi vmalle1
    dsb  ish
    isb
    ldr  x6, [x4]
    ${note('x6')}
    ldr  x8, =${tables + 0x4000}
    ldr  x0, [x1]
    str  x0, [x8]
    ldr  x0, [x1, #8]
    str  x0, [x8, #8]
    str  x0, [x8, #16]
    movz x9, #5, lsl #48
    orr  x8, x8, x9
    msr  ttbr0_el1, x8
    isb
    movz x9, #0x8012, lsl #16
    ldr  x6, [x9]
    ${note('x6')}
    mrs  x0, ttbr0_el1
    ${note('x0')}
    msr  ttbr0_el1, x1
    isb
    ldr  x6, [x4]
    ${note('x6')}`,
  ],
  [
    'roots of less than a page, for low and high addresses',
    `${mmuOn}
    str  x5, [x3]
    ldr  x0, [x1, #8]
    str  x0, [x1, #0x48]
    ldr  x0, [x1, #16]
    str  x0, [x1, #0x500]
    str  x0, [x1, #0x508]
    dsb  ish
    add  x8, x1, #0x400
    msr  ttbr1_el1, x8
    add  x8, x1, #0x40
    msr  ttbr0_el1, x8
    ldr  x0, =0x2b51c3521
    msr  tcr_el1, x0
    tlbi vmalle1
    dsb  ish
    isb
    mov  x6, #0x55
    ldr  x9, =0xfffffff800000000
    str  x6, [x9]
    movz x9, #0x8000, lsl #16
    ldr  x0, [x9]
    ldr  x7, =${data}
    ldr  x0, [x7]
    ${note('x0')}
    ldr  x9, =0xfffffff840000000
    ldr  x0, [x9]
    ${note('x0')}
    ldr  x9, =0xfffffff880000000
    ldr  x0, [x9]`,
  ],
  [
    'interrupts are taken, preempt and end',
    `movz x20, #0x0300, lsl #16
    movk x20, #0x1000
    add  x21, x20, #0x1000
    mov  x22, #1
    mov  w0, #0xf0
    str  w0, [x21, #4]
    mov  w0, #1
    str  w0, [x21]
    str  w0, [x20]
    ldr  w0, =0x08000006
    str  w0, [x20, #0x100]
    ldr  w0, =0x40201000
    str  w0, [x20, #0x400]
    ldr  w0, [x21, #4]
    ${note('x0')}
    ldr  w0, [x21, #8]
    ${note('x0')}
    ldr  w0, [x21, #0x14]
    ${note('x0')}
    ldr  w0, [x21, #0x0c]
    ${note('x0')}
    mov  w0, #0x02000000
    orr  w0, w0, #4
    ldr  w0, =0x02000001
    str  w0, [x20, #0xf00]
    ldr  w0, [x21, #0x18]
    ${note('x0')}
    mrs  x0, isr_el1
    ${note('x0')}
    msr  daifclr, #2
    isb
    msr  daifset, #2
    mov  w0, #0x10
    str  w0, [x21, #4]
    ldr  w0, =0x02000002
    str  w0, [x20, #0xf00]
    mrs  x0, isr_el1
    ${note('x0')}
    mov  w0, #0xf0
    str  w0, [x21, #4]
    mrs  x0, isr_el1
    ${note('x0')}
    ldr  w0, [x21, #0x0c]
    ${note('x0')}
    str  w0, [x21, #0x10]
    ldr  w0, [x21, #0x0c]
    ${note('x0')}`,
  ],
  [
    'the virtual timer wakes and interrupts',
    `movz x20, #0x0300, lsl #16
    movk x20, #0x1000
    add  x21, x20, #0x1000
    mov  x22, #0
    mov  w0, #0xf0
    str  w0, [x21, #4]
    mov  w0, #1
    str  w0, [x21]
    str  w0, [x20]
    ldr  w0, =0x08000000
    str  w0, [x20, #0x100]
    mrs  x0, cntvct_el0
    mrs  x1, cntvct_el0
    cmp  x1, x0
    cset x0, hs
    ${note('x0')}
    mov  x0, #20000
    msr  cntv_tval_el0, x0
    mov  x0, #1
    msr  cntv_ctl_el0, x0
    mrs  x0, cntv_ctl_el0
    ${note('x0')}
    wfi
    mrs  x0, cntv_ctl_el0
    ${note('x0')}
    mrs  x1, cntv_cval_el0
    mrs  x0, cntvct_el0
    cmp  x0, x1
    cset x0, hs
    ${note('x0')}
    msr  daifclr, #2
    isb
    msr  daifset, #2
    mov  x0, #-5
    msr  cntv_tval_el0, x0
    mov  x0, #3
    msr  cntv_ctl_el0, x0
    mrs  x0, cntv_ctl_el0
    ${note('x0')}
    mrs  x0, isr_el1
    ${note('x0')}`,
  ],
];

describe('a guest without acceleration sees what it sees with it', () => {
  test.each(cases)('%s', (_, body) => {
    const bench = new XenBench();
    const notesWith = (options: GuestOptions): string[] => {
      const domain = bench.guest(program(body), { ...options, memoryMiB: 4 });
      bench.run(10);
      const seen = notesOf(bench, domain);
      destroyDomain(bench.xen, domain);
      bench.run(1);
      return seen;
    };
    const seen = notesWith({});
    expect(seen.at(-1)).toBe('600d');
    expect(notesWith({ unaccelerated: true })).toEqual(seen);
  });
});

test('a granule of 64 KiB ends the domain, with a reason', () => {
  const bench = new XenBench();
  const source = program(`
    ldr x0, =0x200807520
    msr tcr_el1, x0
    mov x0, #1
    msr sctlr_el1, x0`);
  const domain = bench.guest(source, { unaccelerated: true });
  bench.run(2);
  expect(domain.isShutDown).toBe(true);
  expect(bench.serial).toContain('Shadow tables need a granule of 4 KiB');
});

test('everything that it had comes back', () => {
  const bench = new XenBench();
  const free = bench.xen.heap.freePages;
  const domain = bench.guest(program(mmuOn), { memoryMiB: 4, unaccelerated: true });
  bench.run(2);
  expect(domain.shadow?.count).toBeGreaterThan(0);
  destroyDomain(bench.xen, domain);
  bench.run(2);
  destroyDomain(bench.xen, domain);
  expect(bench.xen.heap.freePages).toBe(free);
});
