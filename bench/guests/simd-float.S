// AdvSIMD on floating point, whose values stay normal.
        .text
        .global row
row:
        fmov    v0.4s, #1.0
        fmov    v1.4s, #0.5
        fmov    v2.2d, #1.5
        fmov    v3.2d, #0.25
        fmov    v16.4s, #3.0
1:      fmul    v4.4s, v0.4s, v1.4s
        fadd    v5.4s, v4.4s, v1.4s
        fsub    v6.4s, v5.4s, v4.4s
        fmul    v7.2d, v2.2d, v3.2d
        fadd    v8.2d, v7.2d, v3.2d
        fmla    v5.4s, v6.4s, v1.4s
        fmla    v8.2d, v7.2d, v3.2d
        fmax    v9.4s, v5.4s, v0.4s
        fdiv    v10.4s, v9.4s, v16.4s
        fadd    v0.4s, v10.4s, v1.4s
        subs    x0, x0, #1
        b.ne    1b
        ret
