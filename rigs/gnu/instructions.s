// Ways of writing instructions that a disassembler does not print: other names, numbers that need another encoding, operands
// that may be left out. GNU as makes the same words of them.
        .text
        .global _start
_start:
// Immediates that choose the instruction.
        mov     x0, #0
        mov     w0, #0xffff
        mov     w0, #0xffff0000
        mov     w0, #-2
        mov     x0, #-1
        mov     x0, #0x10000
        mov     x0, #0xffffffff0000ffff
        mov     x0, #0x5555555555555555
        mov     w0, #0xf0f0f0f0
        mov     sp, #0xff0
        mov     wsp, #1
        movz    x0, #1, lsl #16
        movn    w0, #0x1234
        movk    x0, #0xabcd, lsl #48
        add     x0, x1, #-4
        adds    w0, w1, #-1
        sub     x0, sp, #-4095
        subs    x0, x1, #-1
        add     x0, x1, #0x1000
        sub     sp, sp, #0xfff000
        add     x0, x1, #-4096
        add     x0, x1, #1, lsl #12
        add     x0, x1, #1, lsl #0
        movz    x0, #1, lsl #0
        cmp     x0, #0x1000
        cmp     w0, #-5
        cmn     x0, #-0xfff000
        and     w0, w1, #~0xf
        and     x0, x1, #-2
        and     w0, w1, #0xfffffffffffffffe
        tst     w0, #-2
        bic     x0, x1, #0xff
        bic     w0, w1, #1
        orr     x0, xzr, #0xff
        eor     sp, x1, #0x3f
        ldr     x0, [x1, #-8]
        ldr     w0, [x1, 3]
        ldrb    w0, [x1, #-1]
        ldrsw   x0, [x1, #-256]
        ldrsh   w2, [x3, #1]
        str     q0, [x1, #17]
        str     h0, [sp, #-2]
        prfm    pldl1keep, [x0, #-3]
        prfm    3, [x0, #8]
        ldr     x0, [x1]
        ldur    x0, [x1]
        ldr     x0, [x1, #0]
// Names.
        cset    x0, lo
        cset    w0, hs
        cinc    x0, x1, none
        b.hs    _start
        b.lo    _start
        b.nlast _start
        beq     _start
        bne     _start
        blo     _start
        ccmp    x0, #3, #15, hs
        ccmp    x0, x1, 0, ul
        lslv    x0, x1, x2
        rorv    w0, w1, w2
        uxtw    x0, w1
        sxtw    x0, w1
        sxtb    w0, w1
        sxth    x0, w1
        uxtb    w0, w1
        dup     s0, v1.s[1]
        ins     v0.s[1], w0
        ins     v0.s[1], v1.s[2]
        umov    w0, v0.s[1]
        umov    x0, v0.d[1]
        umov    w0, v0.b[15]
        not     v0.8b, v1.8b
        mov     v0.16b, v1.16b
        mov     v0.h[7], w3
        sxtl    v0.8h, v1.8b
        uxtl2   v0.2d, v1.4s
        isb     sy
        dmb     11
        dsb     #15
        hint    #0
        hint    2
        MSR     DAIFSet, #2
        mrs     x0, S3_0_C1_C0_0
        mrs     x0, s3_1_c15_c2_1
        msr     SCTLR_EL1, x0
        msr     spsel, 1
        sys     #0, C7, C5, #0
        sys     #3, c7, c4, #1, x0
        ic      IALLU
        tlbi    VAE1IS, x3
        at      S12E1R, x7
// Operands that may be left out, and those that are written otherwise.
        ret
        ret     x30
        add     x0, x1, x2, lsl #0
        add     x0, sp, x1
        add     x0, sp, x1, uxtx #2
        add     sp, x0, x1, lsl #3
        add     w0, wsp, w1
        add     x0, x1, w2, uxtw
        add     x0, x1, w2, sxth 2
        cmp     x0, x1, uxtx
        cmp     sp, x0
        cmp     w0, w1, uxtw
        neg     x0, x1, lsr #3
        mvn     w0, w1
        mov     x0, sp
        mov     x0, x1
        ands    xzr, x0, x1
        subs    xzr, x0, x1
        lsl     x0, x1, #0
        lsl     w0, w1, 31
        ror     x0, x1, #3
        asr     x0, x1, x2
        bfi     x0, x1, #60, #4
        bfxil   x0, x1, #3, #1
        ubfx    w0, w1, 0, 32
        sbfiz   x0, x1, 0, 5
        ldr     x0, [x1, w2, sxtw #0]
        ldrb    w0, [x1, w2, sxtw #0]
        ldr     x0, [x1, x2, lsl #0]
        ldrb    w0, [x1, x2, lsl #0]
        ldrb    w0, [x1, x2]
        ldr     q0, [x1, x2, lsl #4]
        ldr     x0, [x1, x2, sxtx]
        ldr     x0, [x1], 8
        str     x0, [x1, 8]!
        ldp     x0, x1, [sp], 16
        stp     q0, q1, [sp, -32]!
        tbz     x0, #3, _start
        tbnz    x0, 63, _start
        cbz     x0, . + 8
        fcmp    d0, #0
        fcmp    s0, 0.0
        fcmeq   v0.4s, v1.4s, #0
        fmov    d0, #1
        fmov    s0, 1.5
        fmov    v0.4s, #-0.125
        fmov    d0, xzr
        fmov    v0.d[1], x0
        movi    v0.4s, #1, lsl #0
        movi    v0.16b, #1
        movi    d0, #0xff
        movi    v0.4s, 255, msl #8
        bic     v0.4s, #1, lsl #0
        cmeq    v0.8h, v1.8h, 0
        ld1     {v0.16b, v1.16b, v2.16b}, [x0]
        ld1     {v0.16b-v3.16b}, [x0], #64
        ld1     { v31.4s, v0.4s }, [sp], x2
        st3     {v3.b-v5.b}[7], [x0]
        ld4r    {v0.2d, v1.2d, v2.2d, v3.2d}, [x0], 32
        tbl     v0.8b, {v1.16b-v2.16b}, v3.8b
        svc     0
        dcps1
        dcps2   #1
        clrex
        clrex   #3
