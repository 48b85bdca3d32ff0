import { assemble } from '../src/a64/assembler/assemble.ts';

/** What a domain does for ever. */
const storms = {
  brk: 'brk #0',
  // Nothing is mapped there; the exception stays at EL1.
  abort: 'ldr x1, [x9]',
} as const;
export type Storm = keyof typeof storms;

/** An arm64 Image whose vectors do nothing but return, so that what raises an exception is executed for ever. */
export function stormImage(storm: Storm): Uint8Array<ArrayBuffer> {
  const assembly = assemble(`
    b start
    .word 0
    .quad 0x80000, 0x2000, 0b1010, 0, 0, 0
    .ascii "ARM\\x64"
    .word 0
  start:
    adr x0, vectors
    msr vbar_el1, x0
    // The first GiB of RAM maps itself; 39-bit addresses, nothing else.
    adr x1, table
    movz x2, #0x705
    movk x2, #0x4000, lsl #16
    str x2, [x1, #8]
    msr ttbr0_el1, x1
    movz x3, #0xff
    msr mair_el1, x3
    movz x4, #0x3519
    movk x4, #0x80, lsl #16
    movk x4, #2, lsl #32
    msr tcr_el1, x4
    isb
    mrs x5, sctlr_el1
    orr x5, x5, #1
    msr sctlr_el1, x5
    isb
    movz x9, #0x8000, lsl #16
  storm:
    ${storms[storm]}
    b storm
    .align 11
  vectors:
    .rept 16
    eret
    .align 7
    .endr
    .align 12
  table:
    .zero 4096
  `);
  if (!assembly.ok) throw new Error(JSON.stringify(assembly.error));
  return new Uint8Array(assembly.value.bytes);
}
