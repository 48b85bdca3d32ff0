// Calls through a table of 16 functions, four to a page, in an order that does not repeat soon: virtual methods.
        .text
        .global row
row:
        mov     x20, x30
        adr     x10, functions
        mov     x1, #12345
        ldr     x2, =6364136223846793005 // Knuth's multiplier, MMIX
1:      madd    x1, x1, x2, x2
        lsr     x3, x1, #60
        add     x3, x10, x3, lsl #10
        blr     x3
        subs    x0, x0, #1
        b.ne    1b
        ret     x20
        .balign 4096
        .skip   0x240
functions:
        .rept   16
        add     x4, x4, x1
        eor     x5, x5, x4
        ret
        .skip   1024 - 12
        .endr
