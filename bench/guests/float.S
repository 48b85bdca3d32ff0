// Scalar floating point, double and single precision, whose values stay normal.
        .text
        .global row
row:
        fmov    d0, #1.0
        fmov    d1, #0.5
        fmov    d2, #1.5
        fmov    d3, #2.0
        fmov    s4, #1.25
        fmov    s5, #0.75
        fmov    d16, #3.0
1:      fmul    d6, d0, d1
        fadd    d7, d6, d2
        fsub    d8, d7, d1
        fmadd   d9, d8, d1, d2
        fdiv    d0, d9, d16
        fmul    s10, s4, s5
        fadd    s11, s10, s4
        fsub    s12, s11, s5
        fmin    s4, s12, s4
        fcmp    d0, d2
        fcsel   d2, d2, d3, mi
        fcvt    d13, s11
        fabs    d14, d13
        fsqrt   d15, d14
        scvtf   d17, x0
        fmov    d2, #1.5
        subs    x0, x0, #1
        b.ne    1b
        ret
