// The start of a guest written in C: the Image header, a cleared .bss, a stack, then main().

.equ STACK_SIZE, 16384

        .file   "start.S"

#include "image.inc"

        image_header start

        .text
start:
        clear_bss
        adrp    x0, stack_top
        add     x0, x0, :lo12:stack_top
        mov     sp, x0
        bl      main
        // main() has returned: power off. PSCI (Arm DEN 0022) SYSTEM_OFF, by SMC to the firmware.
        ldr     w0, =0x84000008
        smc     #0
3:      wfi
        b       3b

        .section .bss
        .balign 16
        .skip   STACK_SIZE
stack_top:
