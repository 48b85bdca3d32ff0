// Runs one test: loads every register that EL0 has, executes the words, and saves every register again. The layout of
// the state is that of `struct state` in recorder.c.

        .equ    state_sp, 248
        .equ    state_nzcv, 256
        .equ    state_fpcr, 260
        .equ    state_fpsr, 264
        .equ    state_v, 272

        .macro  vectors op
        .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
        pair    \op, \n, %(\n + 1)
        .endr
        pair    \op, 30, 31
        .endm
        .altmacro
        .macro  pair op, n, m
        \op     q\n, q\m, [x0, #(state_v + 16 * \n)]
        .endm

        .text

// void enter(struct state *from, const void *words): returns through leave.
        .global enter
enter:
        stp     x29, x30, [sp, #-160]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        adrp    x2, saved_sp
        mov     x3, sp
        str     x3, [x2, #:lo12:saved_sp]
        mov     x30, x1

        vectors ldp
        ldr     w1, [x0, #state_nzcv]
        ldr     w2, [x0, #state_fpcr]
        msr     nzcv, x1
        msr     fpcr, x2
        ldr     w1, [x0, #state_fpsr]
        msr     fpsr, x1
        msr     tpidr_el0, xzr
        clrex
        ldr     x1, [x0, #state_sp]
        mov     sp, x1
        ldp     x2, x3, [x0, #16]
        ldp     x4, x5, [x0, #32]
        ldp     x6, x7, [x0, #48]
        ldp     x8, x9, [x0, #64]
        ldp     x10, x11, [x0, #80]
        ldp     x12, x13, [x0, #96]
        ldp     x14, x15, [x0, #112]
        ldp     x16, x17, [x0, #128]
        ldp     x18, x19, [x0, #144]
        ldp     x20, x21, [x0, #160]
        ldp     x22, x23, [x0, #176]
        ldp     x24, x25, [x0, #192]
        ldp     x26, x27, [x0, #208]
        ldp     x28, x29, [x0, #224]
        ldp     x0, x1, [x0]
        br      x30

// The words end here, with X30 kept in TPIDR_EL0. The state goes to `result`.
        .global leave
leave:
        adrp    x30, result
        add     x30, x30, #:lo12:result
        stp     x0, x1, [x30]
        stp     x2, x3, [x30, #16]
        mov     x0, x30
        stp     x4, x5, [x0, #32]
        stp     x6, x7, [x0, #48]
        stp     x8, x9, [x0, #64]
        stp     x10, x11, [x0, #80]
        stp     x12, x13, [x0, #96]
        stp     x14, x15, [x0, #112]
        stp     x16, x17, [x0, #128]
        stp     x18, x19, [x0, #144]
        stp     x20, x21, [x0, #160]
        stp     x22, x23, [x0, #176]
        stp     x24, x25, [x0, #192]
        stp     x26, x27, [x0, #208]
        stp     x28, x29, [x0, #224]
        mrs     x1, tpidr_el0
        mov     x2, sp
        stp     x1, x2, [x0, #240]
        mrs     x1, nzcv
        mrs     x2, fpcr
        mrs     x3, fpsr
        str     w1, [x0, #state_nzcv]
        str     w2, [x0, #state_fpcr]
        str     w3, [x0, #state_fpsr]
        vectors stp

// Returns from enter: also where the signal handler goes on.
        .global back
back:
        adrp    x2, saved_sp
        ldr     x2, [x2, #:lo12:saved_sp]
        mov     sp, x2
        msr     fpcr, xzr
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldp     x29, x30, [sp], #160
        ret

        .global _start
_start:
        bl      main
        mov     x8, #94                 // exit_group
        svc     #0

        .bss
        .balign 16
saved_sp:
        .skip   8

        .section .note.GNU-stack, "", %progbits
