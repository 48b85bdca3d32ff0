// AdvSIMD on integers, 128 bits.
        .text
        .global row
row:
        movi    v0.4s, #3
        movi    v1.8h, #5
        movi    v2.16b, #7
        movi    v3.4s, #1
1:      add     v4.4s, v0.4s, v3.4s
        mul     v5.8h, v4.8h, v1.8h
        eor     v6.16b, v5.16b, v2.16b
        shl     v7.4s, v6.4s, #3
        ushr    v8.2d, v7.2d, #5
        sub     v9.16b, v8.16b, v2.16b
        and     v10.16b, v9.16b, v6.16b
        mla     v0.4s, v10.4s, v4.4s
        zip1    v11.8h, v0.8h, v1.8h
        umax    v12.16b, v11.16b, v9.16b
        cmgt    v13.4s, v12.4s, v0.4s
        bsl     v13.16b, v4.16b, v5.16b
        add     v2.16b, v13.16b, v2.16b
        addp    v1.8h, v2.8h, v13.8h
        subs    x0, x0, #1
        b.ne    1b
        ret
