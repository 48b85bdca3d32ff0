// Exception vectors of both levels, and how the guest enters EL1 and comes back.

.equ STACK_SIZE, 8192

        .file   "vectors.S"

#include "exceptions.inc"

// Saves the registers that a C function may change and the return state, calls it, and returns from the exception.
.macro handle function, el
        push_caller_saved 192
        mrs     x0, elr_el\el
        mrs     x1, spsr_el\el
        stp     x0, x1, [sp, #160]
        bl      \function
        ldp     x0, x1, [sp, #160]
        msr     elr_el\el, x0
        msr     spsr_el\el, x1
        pop_caller_saved 192
        eret
.endm

        .text
        .global vectors_el2, vectors_el1
        // The guest at EL1 comes back by HVC.
        vector_table vectors_el2, unexpected, irq=irq_entry_el2, lower_sync=leave_el1, lower_irq=irq_entry_el2
        vector_table vectors_el1, unexpected, irq=irq_entry_el1, fiq=fiq_entry_el1

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
        push_callee_saved 96
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
        pop_callee_saved 96
        ret

        .section .bss
        .balign 16
        .skip   STACK_SIZE
stack_el1:
