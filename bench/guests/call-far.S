// Calls and returns between pages: the caller and each of two leaves have a page of their own.
        .text
        .global row
row:
        mov     x20, x30
        b       1f
        .balign 4096
        .skip   0x900
1:      bl      first
        bl      second
        subs    x0, x0, #1
        b.ne    1b
        ret     x20
        .balign 4096
        .skip   0x900
first:  add     x1, x1, #1
        ret
        .balign 4096
        .skip   0x900
second: eor     x2, x2, x1
        add     x2, x2, #3
        ret
