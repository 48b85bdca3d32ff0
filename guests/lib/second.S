// The start of a second core: PSCI enters it here with the context in x0.

.equ STACK_SIZE, 8192

        .file   "second.S"
        .text
        .global second_start
second_start:
        adrp    x1, stack_second
        add     x1, x1, :lo12:stack_second
        mov     sp, x1
        bl      second_main
        b       .

        .section .bss
        .balign 16
        .skip   STACK_SIZE
stack_second:
