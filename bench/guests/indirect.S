// A switch: branches to a register with 16 targets in an order that does not repeat soon.
        .text
        .global row
row:
        adr     x10, targets
        mov     x1, #12345
        ldr     x2, =6364136223846793005 // Knuth's multiplier, MMIX
1:      madd    x1, x1, x2, x2
        lsr     x3, x1, #60
        add     x3, x10, x3, lsl #4
        br      x3
        .balign 16
targets:
        .rept   16
        add     x4, x4, x1
        eor     x5, x5, x4
        b       2f
        nop
        .endr
2:      subs    x0, x0, #1
        b.ne    1b
        ret
