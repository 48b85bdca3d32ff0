// Exception vectors of both levels, and the guest's way into EL1 and back.

.equ STACK_SIZE, 8192

        .file   "vectors.S"

// Saves what a C function may change and the return state, calls it, and returns from the exception.
.macro handle function, el
        sub     sp, sp, #192
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
        mrs     x0, elr_el\el
        mrs     x1, spsr_el\el
        stp     x0, x1, [sp, #160]
        bl      \function
        ldp     x0, x1, [sp, #160]
        msr     elr_el\el, x0
        msr     spsr_el\el, x1
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
        add     sp, sp, #192
        eret
.endm

.macro entry target
        .balign 128
        b       \target
.endm

        .text
        .balign 2048
        .global vectors_el2
vectors_el2:
        .rept   4
        entry   unexpected              // current level with SP_EL0
        .endr
        entry   unexpected
        entry   irq_entry_el2
        entry   unexpected
        entry   unexpected
        entry   leave_el1               // the guest's HVC
        entry   irq_entry_el2
        entry   unexpected
        entry   unexpected
        .rept   4
        entry   unexpected
        .endr

        .balign 2048
        .global vectors_el1
vectors_el1:
        .rept   4
        entry   unexpected
        .endr
        entry   unexpected
        entry   irq_entry_el1
        entry   fiq_entry_el1
        entry   unexpected
        .rept   8
        entry   unexpected
        .endr

irq_entry_el2:
        handle  irq_at_el2, 2
irq_entry_el1:
        handle  irq_at_el1, 1
fiq_entry_el1:
        handle  fiq_at_el1, 1
unexpected:
        bl      unexpected_exception
        b       .

// void call_at_el1(void (*function)(void)): runs a function at EL1, with interrupts masked.
        .global call_at_el1
call_at_el1:
        stp     x29, x30, [sp, #-96]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        msr     elr_el2, x0
        mov     x0, #0x3c5              // EL1h, DAIF masked
        msr     spsr_el2, x0
        adrp    x0, stack_el1
        add     x0, x0, :lo12:stack_el1
        msr     sp_el1, x0
        adr     x30, 1f
        eret
1:      hvc     #0

leave_el1:
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp], #96
        ret

        .section .bss
        .balign 16
        .skip   STACK_SIZE
stack_el1:
