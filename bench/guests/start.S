// What all benchmarks share: the Image header, the way to EL1, and the end. A benchmark is the function `row`, called once on
// core 0 at EL1 with the MMU off, with the number of iterations in x0. It may change every register.

#include "image.inc"

        image_header start
iterations:                             // Offset 64: bench/images.mjs writes the number here.
        .quad   1000000

start:
        mrs     x0, CurrentEL
        cmp     x0, #2 << 2
        b.ne    1f
        // From EL2 to EL1 with nothing trapped; then PSCI is called by SMC, else by HVC (Arm DEN 0022, 5.2).
        adr     x0, entered_at_el2
        mov     w1, #1
        str     w1, [x0]
        mov     x0, #1 << 31            // HCR_EL2.RW
        msr     HCR_EL2, x0
        .weak   el2_setup               // A benchmark that uses EL2 has this; others step over it.
        mov     x0, #0x33ff             // CPTR_EL2: no traps
        msr     CPTR_EL2, x0
        bl      el2_setup
        ldr     x0, =0x30d00800         // SCTLR_EL1: its RES1 bits
        msr     SCTLR_EL1, x0
        mov     x0, #0x3c5              // EL1h, DAIF masked
        msr     SPSR_EL2, x0
        adr     x0, 1f
        msr     ELR_EL2, x0
        eret
1:      mov     x0, #3 << 20            // CPACR_EL1.FPEN: no traps
        msr     CPACR_EL1, x0
        isb
        adrp    x0, stack_top
        add     x0, x0, :lo12:stack_top
        mov     sp, x0
        ldr     x0, iterations
        bl      row
        ldr     x0, =0x84000008         // PSCI SYSTEM_OFF
        bl      firmware
1:      wfi
        b       1b

// firmware(function, arguments...): a PSCI call.
        .global firmware
firmware:
        ldr     w9, entered_at_el2
        cbz     w9, 1f
        smc     #0
        ret
1:      hvc     #0
        ret
        .ltorg
entered_at_el2:
        .word   0

        .section .bss, "aw", %nobits
        .balign 16
        .skip   4096
stack_top:
