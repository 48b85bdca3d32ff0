/**
 * The machine code of the Dom0 model: it asks for work, uses CPU time, or waits. A test checks that the project's
 * assembler makes these words from the text beside them; assembling here would take longer than booting Xen.
 */

/** Cycles of one turn of the loop that uses CPU time. */
export const cyclesPerTurn = 2;

/**
 * Addresses come from guest-layout.ts. HVC's immediate is Xen's controlTag. PPI 16 is Dom0's event channel interrupt.
 */
export const dom0Stub: readonly (readonly [word: number, source: string])[] = [
  [0x580002d4, 'ldr     x20, distributor'],
  [0x52a00020, 'mov     w0, #1 << 16'],
  [0xb9010280, 'str     w0, [x20, #0x100]       // GICD_ISENABLER0'],
  [0x52800020, 'mov     w0, #1'],
  [0xb9000280, 'str     w0, [x20]               // GICD_CTLR'],
  [0x58000275, 'ldr     x21, interface'],
  [0x52801fe0, 'mov     w0, #0xff'],
  [0xb90006a0, 'str     w0, [x21, #4]           // GICC_PMR'],
  [0x52800020, 'mov     w0, #1'],
  [0xb90002a0, 'str     w0, [x21]               // GICC_CTLR'],
  [0xd401c242, 'work: hvc #0xe12                // Gives turns of the loop in x0, 0 to wait'],
  [0xb4000080, 'cbz     x0, wait'],
  [0xf1000400, '1: subs x0, x0, #1'],
  [0x54ffffe1, 'b.ne    1b'],
  [0x17fffffc, 'b       work'],
  [0xd503207f, 'wait: wfi                       // Interrupts are masked: a pending one only ends the wait'],
  [0xb9400ea0, 'ldr     w0, [x21, #0xc]         // GICC_IAR'],
  [0x12002401, 'and     w1, w0, #0x3ff'],
  [0x710ffc3f, 'cmp     w1, #1023'],
  [0x54fffee0, 'b.eq    work'],
  [0xb90012a0, 'str     w0, [x21, #0x10]        // GICC_EOIR'],
  [0x17fffff5, 'b       work'],
  [0x03001000, 'distributor: .word 0x03001000'],
  [0x00000000, '.word   0'],
  [0x03002000, 'interface: .word 0x03002000'],
  [0x00000000, '.word   0'],
];

/** The image for the start of Dom0's RAM. */
export const dom0Image = (): Uint8Array => {
  const bytes = new Uint8Array(4 * dom0Stub.length);
  const view = new DataView(bytes.buffer);
  dom0Stub.forEach(([word], i) => {
    view.setUint32(4 * i, word, true);
  });
  return bytes;
};
