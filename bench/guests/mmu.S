// Stage 1 for EL1&0: an identity map of the 512 MiB of RAM about the image, its first 32 MiB by pages of 4 KiB, the rest by
// blocks of 2 MiB. Normal write-back memory, for EL1.

        .equ PAGED, 16                  // regions of 2 MiB that are mapped by pages
        .equ NORMAL, 0x701              // AF, inner shareable, AttrIndx 0, valid: a block; a page with bit 1

        .text
// mmu_on(): returns with the MMU and caches on. Leaves the beginning of RAM in x0.
        .global mmu_on
mmu_on:
        adrp    x0, _start
        and     x0, x0, #~0x3fffffff    // RAM begins at a multiple of 1 GiB.
        adrp    x1, level1
        adrp    x2, level2
        adrp    x3, level3
        orr     x4, x2, #3
        lsr     x5, x0, #30
        str     x4, [x1, x5, lsl #3]

        mov     x4, #0                  // level 2: the regions mapped by pages,
1:      orr     x5, x3, #3
        add     x5, x5, x4, lsl #12
        str     x5, [x2, x4, lsl #3]
        add     x4, x4, #1
        cmp     x4, #PAGED
        b.lo    1b
        mov     x6, #NORMAL
2:      orr     x5, x6, x4, lsl #21     // and those mapped by blocks.
        orr     x5, x5, x0
        str     x5, [x2, x4, lsl #3]
        add     x4, x4, #1
        cmp     x4, #256
        b.lo    2b

        mov     x4, #0                  // level 3
        orr     x6, x6, #2
        orr     x6, x6, x0
3:      orr     x5, x6, x4, lsl #12
        str     x5, [x3, x4, lsl #3]
        add     x4, x4, #1
        cmp     x4, #PAGED * 512
        b.lo    3b

        mov     x4, #0xff               // MAIR_EL1: Attr0 is Normal, write-back
        msr     MAIR_EL1, x4
        ldr     x4, =0x200803519        // TCR_EL1: T0SZ 25, write-back walks, inner shareable, 4 KiB, EPD1, IPS 40 bits
        msr     TCR_EL1, x4
        msr     TTBR0_EL1, x1
        dsb     sy
        tlbi    vmalle1
        dsb     sy
        isb
        mrs     x4, SCTLR_EL1
        ldr     x5, =0x1005             // I, C, M
        orr     x4, x4, x5
        msr     SCTLR_EL1, x4
        isb
        ret
        .ltorg

        .section .bss, "aw", %nobits
        .balign 4096
level1: .skip   4096
level2: .skip   4096
level3: .skip   PAGED * 4096
