// The start of a guest written in C: the Image header, a cleared .bss, a stack, then main().
// hello.S explains the header and how an image is loaded.

.equ STACK_SIZE, 16384

        .file   "start.S"
        .section .head, "ax"
        .global _start
_start:
        b       start                   // code0
        .long   0                       // code1
        .quad   0x80000                 // text_offset
        .quad   __image_size            // image_size, from the linker script
        .quad   0b1010                  // flags: little endian, 4 KiB pages, anywhere in RAM
        .quad   0, 0, 0                 // res2, res3, res4
        .ascii  "ARM\x64"               // magic
        .long   0                       // res5

        .text
start:
        adrp    x0, __bss_start
        add     x0, x0, :lo12:__bss_start
        adrp    x1, __bss_end
        add     x1, x1, :lo12:__bss_end
1:      cmp     x0, x1
        b.hs    2f
        stp     xzr, xzr, [x0], #16     // The linker script aligns both ends to 16 bytes.
        b       1b
2:      adrp    x0, stack_top
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
