// Exception vectors of EL2: interrupts go to a C function.

        .file   "vectors.S"

.macro entry target
        .balign 128
        b       \target
.endm

        .text
        .balign 2048
        .global vectors
vectors:
        .rept   4
        entry   unexpected              // current level with SP_EL0
        .endr
        entry   unexpected
        entry   interrupt
        entry   unexpected
        entry   unexpected
        .rept   8
        entry   unexpected
        .endr

interrupt:
        sub     sp, sp, #176
        stp     x0, x1, [sp]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x30, [sp, #144]
        bl      take_interrupt
        ldp     x0, x1, [sp]
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     x8, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldp     x16, x17, [sp, #128]
        ldp     x18, x30, [sp, #144]
        add     sp, sp, #176
        eret

unexpected:
        bl      unexpected_exception
        b       .
