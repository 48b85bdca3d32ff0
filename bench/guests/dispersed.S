// COUNT blocks of eight instructions, one every 64 bytes, each of which jumps to another; an iteration runs all once. The order
// goes from page to page, and about each page in leaps; with FAR every jump leaves the page. The blocks are written at run time,
// from 4 MiB above the beginning of RAM. With PAGES the MMU is on and maps them by pages of 4 KiB.

        .equ SIZE, 64

// to = address of the block that is the k-th to run: x10 has the first block's, x18 SIZE.
        .macro  place to, k
#ifdef FAR
        mul     x15, \k, x12            // STEP is prime to COUNT, so this comes to every block.
        udiv    x16, x15, x11
        msub    x15, x16, x11, x15
#else
        and     x15, \k, #~63
        mul     x16, \k, x12            // STEP is odd, so this comes to all 64 of a page.
        and     x16, x16, #63
        orr     x15, x15, x16
#endif
        madd    \to, x15, x18, x10
        .endm

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
        ldr     x12, =STEP
        mov     x18, #SIZE
        mov     x13, #0
        adr     x9, template
        ldr     w8, branch
1:      place   x14, x13
        ldp     x1, x2, [x9]
        ldp     x3, x4, [x9, #16]
        stp     x1, x2, [x14]
        stp     x3, x4, [x14, #16]
        add     x13, x13, #1
        adr     x17, loop               // After the last one, the loop below; else the next block.
        cmp     x13, x11
        b.eq    2f
        place   x17, x13
2:      add     x14, x14, #28
        sub     x17, x17, x14
        ubfx    x17, x17, #2, #26
        orr     w17, w8, w17
        str     w17, [x14]
        cmp     x13, x11
        b.lo    1b

        madd    x11, x11, x18, x10
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
branch: .word   0x14000000              // B
        .ltorg
