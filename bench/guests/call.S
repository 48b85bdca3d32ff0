// Calls and returns: two leaves and a function with a frame that calls a third, all in the caller's page.
        .text
        .global row
row:
        mov     x20, x30
1:      bl      first
        bl      second
        bl      framed
        subs    x0, x0, #1
        b.ne    1b
        ret     x20
first:  add     x1, x1, #1
        ret
second: eor     x2, x2, x1
        add     x2, x2, #3
        ret
third:  sub     x3, x3, x2
        ret
framed: stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        bl      third
        ldp     x29, x30, [sp], #16
        ret
