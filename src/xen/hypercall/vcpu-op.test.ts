import { expect, test } from 'vitest';
import { defined } from '../../base/assert.ts';
import { XenBench } from '../xen-testing.ts';

test('a vCPU that registers its information hears of events at once, and waits when it has seen them', () => {
  const bench = new XenBench();
  const domain = bench.guest(`
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
    str  w0, [x21, #4]
    mov  w0, #0x80000000
    str  w0, [x20, #0x100]
    mov  x0, #10                // VCPUOP_register_vcpu_info
    mov  x1, #0
    adr  x2, argument
    mov  x16, #24
    hvc  #0xea1
    str  x0, [x19, #8]
    msr  daifclr, #2
1:  wfi
    ldr  x1, [x19, #24]
    add  x1, x1, #1
    str  x1, [x19, #24]
    b    1b
handler:
    ldr  w0, [x21, #0x0c]
    str  x0, [x19, #16]
    ldr  x1, [x19]
    add  x1, x1, #1
    str  x1, [x19]
    ldr  x2, =0x40100800
    ldr  x3, [x2, #8]
    str  x3, [x19, #32]
    strb wzr, [x2]
    str  w0, [x21, #0x10]
    eret
    .align 3
argument: .quad 0x40100
    .word 0x800, 0
    .align 11
vectors:
    .skip 0x280
    b    handler`);
  bench.run(20);
  const at = (n: number) => bench.peek(domain, 0x4010_0000 + 8 * n);
  expect(at(1)).toBe(0n);
  // One interrupt, PPI 31, with all channels to be looked at.
  expect([at(0), at(2), at(4)]).toEqual([1n, 31n, 0xffff_ffff_ffff_ffffn]);
  expect(at(3)).toBeLessThanOrEqual(1n);
  expect(domain.vcpu(0).unit.state).toBe(2);
  // The page stays the domain's as long as Xen writes to it, whatever becomes of its mapping.
  const { mfn } = defined(domain.p2m.lookUp(0x4_0100), 'page');
  expect(domain.vcpu(0).info).toBe(bench.xen.machine.hostPage(mfn) * 4096 + 0x800);
});
