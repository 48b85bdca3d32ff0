// Arithmetic and logic in one block that is its own successor.
        .text
        .global row
row:
        mov     x1, #1
        mov     x2, #3
        mov     x3, #5
1:      add     x1, x1, x2
        eor     x2, x2, x1, lsl #3
        sub     x3, x3, x1
        and     x4, x3, x2
        orr     x5, x4, #0xff
        lsr     x6, x5, #7
        add     x7, x6, w4, uxtw #2
        ubfx    x8, x7, #3, #20
        add     x3, x3, x8
        madd    x2, x8, x7, x2
        subs    x0, x0, #1
        b.ne    1b
        ret
