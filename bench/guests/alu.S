// Arithmetic and logic in one block that is its own successor; no instruction waits long for another.
        .text
        .global row
row:
1:      add     x1, x1, #3
        eor     x2, x2, x1
        add     x3, x3, x2, lsr #5
        sub     x4, x4, x0
        and     x5, x4, x3
        orr     w6, w5, #0xff
        ubfx    x7, x3, #3, #20
        add     x8, x8, x7
        subs    x0, x0, #1
        b.ne    1b
        ret
