// COUNT blocks of eight instructions, one every 64 bytes, each of which jumps to another far away; an iteration runs all once.
// They are written at run time from 4 MiB above the beginning of RAM. With PAGES the MMU is on and maps them by pages of 4 KiB.

        .equ SIZE, 64

        .text
        .global row
row:
        mov     x20, x30
        mov     x19, x0
#ifdef PAGES
        bl      mmu_on
#else
        adrp    x0, _start
        and     x0, x0, #~0x3fffffff
#endif
        add     x10, x0, #0x400000
        ldr     x11, =COUNT
        ldr     x12, =STEP              // Prime to COUNT: adding it modulo COUNT comes to every block.
        mov     x13, #0                 // number of the block
        mov     x18, #SIZE
        adr     x9, template
        ldr     w8, branch
1:      madd    x14, x13, x18, x10
        ldp     x1, x2, [x9]
        ldp     x3, x4, [x9, #16]
        stp     x1, x2, [x14]
        stp     x3, x4, [x14, #16]
        add     x15, x13, x12           // number of the next
        cmp     x15, x11
        sub     x16, x15, x11
        csel    x15, x16, x15, hs
        sub     x16, x15, x13
        mul     x16, x16, x18
        sub     x16, x16, #28           // displacement from the branch at its end
        ubfx    x16, x16, #2, #26
        orr     w16, w8, w16
        str     w16, [x14, #28]
        cbz     x15, 2f                 // The last goes to the first, by way of the loop below.
        mov     x13, x15
        b       1b
2:      adr     x1, loop
        add     x14, x14, #28
        sub     x1, x1, x14
        ubfx    x1, x1, #2, #26
        orr     w1, w8, w1
        str     w1, [x14]
        mul     x11, x11, x18
        add     x11, x10, x11
        mov     x12, x10
3:      dc      cvau, x12               // The line size of a Cortex-A53 is 64 bytes.
        add     x12, x12, #64
        cmp     x12, x11
        b.lo    3b
        dsb     ish
        ic      iallu
        dsb     ish
        isb
        br      x10
loop:   subs    x19, x19, #1
        b.eq    4f
        br      x10
4:      ret     x20
        .balign 8
template:
        add     x0, x0, #1
        eor     x1, x1, x0
        add     x2, x2, x1, lsl #1
        lsr     x3, x2, #3
        orr     x4, x3, x0
        sub     x5, x4, x1
        and     x6, x5, x2
branch: b       branch
        .ltorg
