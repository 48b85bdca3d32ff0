// Exception vectors of EL2: interrupts go to a C function.

        .file   "vectors.S"

#include "exceptions.inc"

        .text
        .global vectors
        vector_table vectors, unexpected, irq=interrupt

interrupt:
        push_caller_saved 176
        bl      take_interrupt
        pop_caller_saved 176
        eret

unexpected:
        bl      unexpected_exception
        b       .
