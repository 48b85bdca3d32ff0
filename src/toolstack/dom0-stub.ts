/** The machine code of Dom0's model: it asks for work, uses up CPU time, or waits. */
import { assemble } from '../a64/assembler/assemble.ts';
import { assert } from '../base/assert.ts';
import { gicCpuInterface, gicDistributor, ramBanks } from '../xen/guest-layout.ts';
import { controlTag } from '../xen/hypercall/index.ts';

/** Cycles of a turn of the loop that uses up time. */
export const cyclesPerTurn = 2;

const source = (eventInterrupt: number): string => `
        ldr     x20, =${gicDistributor.base}
        mov     w0, #${1 << eventInterrupt}
        str     w0, [x20, #0x100]       // GICD_ISENABLER0: event channels
        mov     w0, #1
        str     w0, [x20]               // GICD_CTLR
        ldr     x21, =${gicCpuInterface.base}
        mov     w0, #0xff
        str     w0, [x21, #4]           // GICC_PMR
        mov     w0, #1
        str     w0, [x21]               // GICC_CTLR
work:   hvc     #${controlTag}          // Gives turns of the loop in x0, 0 to wait
        cbz     x0, wait
1:      subs    x0, x0, #1
        b.ne    1b
        b       work
wait:   wfi                             // Interrupts are masked: a pending one only ends the wait
        ldr     w0, [x21, #0xc]         // GICC_IAR
        and     w1, w0, #0x3ff
        cmp     w1, #1023
        b.eq    work
        str     w0, [x21, #0x10]        // GICC_EOIR
        b       work
`;

/** The image, for the beginning of Dom0's RAM; `eventInterrupt` is the PPI of its event channels. */
export const dom0Image = (eventInterrupt: number): Uint8Array => {
  const assembly = assemble(source(eventInterrupt), { origin: BigInt(ramBanks[0].base) });
  assert(assembly.ok, 'the stub of Dom0 assembles');
  return assembly.value.bytes;
};
