// One exception after another: what raises it is one instruction, and its handler counts and returns. CLASS says which.
#define BRK 1                           // BRK at EL1
#define UNDEFINED 2                     // an unallocated encoding
#define TRANSLATION 3                   // a load from an address that no table maps
#define PERMISSION 4                    // an unprivileged load from EL1's page: a walk of three levels
#define ALIGNMENT 5                     // a load that is not aligned, SCTLR_EL1.A
#define FETCH 6                         // a jump to an address that no table maps
#define ILLEGAL 7                       // ERET to a state that does not exist
#define IRQ 8                           // HCR_EL2.VI
#define SERROR 9                        // HCR_EL2.VSE; EL2 sets it again
#define HVC 10                          // from EL1 to machine code at EL2
#define TRAP 11                         // HCR_EL2.TID3
#define STAGE2 12                       // a load from an address that stage 2 does not map
#define FLOAT 13                        // an FP instruction, CPACR_EL1.FPEN
#define STACK 14                        // a load from an SP that is not aligned, SCTLR_EL1.SA
#define SWEEP 15                        // a load from another page each time, which no table maps
#define PC 16                           // a jump to an address that is no instruction's
#define EXTERNAL 17                     // a load from an address where nothing answers
#define REGISTER 18                     // a register of EL2's, at EL1
#define MEMORY 19                       // HCR_EL2.TRVM
#define SMC 20                          // HCR_EL2.TSC
#define WFI 21                          // HCR_EL2.TWI
#define HOLE 22                         // a jump to an address where nothing answers
#define USER 23                         // SCTLR_EL1.UCT, from EL0 to EL1
#define KERNEL 24                       // a register of EL1's, at EL0
#define TICKS 25                        // CNTKCTL_EL1.EL0VCTEN, from EL0 to EL1
#define MASKS 26                        // SCTLR_EL1.UMA, from EL0 to EL1
#define IDLE 27                         // SCTLR_EL1.nTWI, from EL0 to EL1
#define FLOAT2 28                       // CPTR_EL2.TFP
#define MONITOR 29                      // MDCR_EL2.TPM
#define DEBUG 30                        // MDCR_EL2.TDA

#define FROM_EL0 (CLASS >= USER && CLASS <= IDLE)

        .text
        .global row
row:
        mov     x20, x30
        mov     x19, x0
#if CLASS == TRANSLATION || CLASS == PERMISSION || CLASS == ALIGNMENT || CLASS == FETCH || CLASS == SWEEP
        bl      mmu_on
        add     x10, x0, #0x400000
#endif
#if CLASS == TRANSLATION || CLASS == FETCH || CLASS == STAGE2 || CLASS == SWEEP
        mov     x10, #0x2000000000
#elif CLASS == ALIGNMENT
        add     x10, x10, #1
        mrs     x1, SCTLR_EL1
        orr     x1, x1, #2
        msr     SCTLR_EL1, x1
        isb
#elif CLASS == FLOAT
        msr     CPACR_EL1, xzr
        isb
#elif CLASS == STACK
        mrs     x1, SCTLR_EL1
        orr     x1, x1, #8
        msr     SCTLR_EL1, x1
        isb
        sub     sp, sp, #8
#elif CLASS == PC
        adr     x10, storm
        add     x10, x10, #2
#elif CLASS == EXTERNAL || CLASS == HOLE
        mov     x10, #0x80000000
#endif
#if CLASS == TICKS
        msr     CNTKCTL_EL1, xzr
#endif
        adrp    x1, vectors
        msr     VBAR_EL1, x1
#if FROM_EL0
        mov     x11, #0x3c0             // EL0t, masked
        msr     SPSR_EL1, x11
        adr     x1, storm
        msr     ELR_EL1, x1
        isb
        eret
#endif
        mov     x11, #0x305             // EL1h, D and A masked
#if CLASS == SERROR
        mov     x11, #0x2c5             // EL1h, all but A masked
#elif CLASS == ILLEGAL
        mov     x11, #0x3cd             // EL3h
#endif
#if CLASS == IRQ || CLASS == SERROR || CLASS == ILLEGAL || CLASS == FETCH || CLASS == PC || CLASS == HOLE
        msr     SPSR_EL1, x11
        adr     x1, storm
#if CLASS == FETCH || CLASS == PC || CLASS == HOLE
        mov     x1, x10
#endif
        msr     ELR_EL1, x1
        isb
        eret
#endif
        b       storm
        .balign 64
storm:
#if CLASS == BRK
        brk     #0
#elif CLASS == UNDEFINED
        udf     #0
#elif CLASS == TRANSLATION || CLASS == ALIGNMENT || CLASS == STAGE2 || CLASS == SWEEP || CLASS == EXTERNAL
        ldr     x1, [x10]
#elif CLASS == PERMISSION
        ldtr    x1, [x10]
#elif CLASS == HVC
        hvc     #0
#elif CLASS == TRAP
        mrs     x1, ID_AA64PFR0_EL1
#elif CLASS == REGISTER
        mrs     x1, VBAR_EL2
#elif CLASS == MEMORY
        mrs     x1, TTBR0_EL1
#elif CLASS == SMC
        smc     #0
#elif CLASS == WFI
        wfi
#elif CLASS == FLOAT || CLASS == FLOAT2
        fmov    d0, d0
#elif CLASS == USER
        mrs     x1, CTR_EL0
#elif CLASS == KERNEL
        mrs     x1, VBAR_EL1
#elif CLASS == TICKS
        mrs     x1, CNTVCT_EL0
#elif CLASS == MASKS
        msr     DAIFSet, #2
#elif CLASS == IDLE
        wfi
#elif CLASS == MONITOR
        mrs     x1, PMCCNTR_EL0
#elif CLASS == DEBUG
        mrs     x1, MDSCR_EL1
#elif CLASS == STACK
        ldr     x1, [sp]
#else
        nop
#endif
        b       storm
out:
        ret     x20

        .balign 4096
vectors:
        .skip   0x200                   // From EL1 with SP_EL1: synchronous, IRQ, FIQ, SError (Arm ARM D1.10.2)
#if CLASS == ILLEGAL
        msr     SPSR_EL1, x11
#elif CLASS == SWEEP
        add     x10, x10, #4096
#endif
        subs    x19, x19, #1
        b.eq    out
        eret
        .balign 128
        subs    x19, x19, #1
        b.eq    out
        eret
        .balign 128
        .balign 128
        .skip   128
        subs    x19, x19, #1            // The virtual SError is gone: EL2 sets it again.
        b.eq    out
        hvc     #0
        eret
        .balign 128                     // From EL0, synchronous
        subs    x19, x19, #1
        b.eq    out
        eret

// What EL2 prepares before EL1 begins, and its vectors.
        .global el2_setup
el2_setup:
#if CLASS == MONITOR
        mov     x1, #0x46               // TPM, HPMN = 6
        msr     MDCR_EL2, x1
#elif CLASS == DEBUG
        mov     x1, #0x206              // TDA, HPMN = 6
        msr     MDCR_EL2, x1
#elif CLASS == FLOAT2
        mov     x1, #0x33ff
        orr     x1, x1, #1 << 10        // TFP
        msr     CPTR_EL2, x1
#endif
        adrp    x1, el2_vectors
        msr     VBAR_EL2, x1
        mov     x1, #1 << 31            // RW
#if CLASS == IRQ
        mov     x2, #0x90               // VI, IMO
        orr     x1, x1, x2
#elif CLASS == SERROR
        mov     x2, #0x120              // VSE, AMO
        orr     x1, x1, x2
#elif CLASS == TRAP
        orr     x1, x1, #1 << 18        // TID3
#elif CLASS == MEMORY
        orr     x1, x1, #1 << 30        // TRVM
#elif CLASS == SMC
        orr     x1, x1, #1 << 19        // TSC
#elif CLASS == WFI
        orr     x1, x1, #1 << 13        // TWI
#elif CLASS == STAGE2
        adrp    x2, stage2              // Its first two GiB map themselves.
        mov     x3, #0x7fd              // a block, Normal, readable and writable, inner shareable, AF
        str     x3, [x2]
        mov     x4, #0x40000000
        orr     x3, x3, x4
        str     x3, [x2, #8]
        msr     VTTBR_EL2, x2
        ldr     x3, =0x80023559         // T0SZ 25, from level 1, write-back walks, 4 KiB, PS 40 bits
        msr     VTCR_EL2, x3
        orr     x1, x1, #1              // VM
#endif
        msr     HCR_EL2, x1
        dsb     sy
        tlbi    alle1
        dsb     sy
        isb
        ret
        .ltorg

        .balign 4096
el2_vectors:
        .skip   0x400                   // Synchronous, from EL1
#if CLASS == SERROR
        mrs     x1, HCR_EL2
        orr     x1, x1, #0x100
        msr     HCR_EL2, x1
        eret
#else
        subs    x19, x19, #1
        b.eq    1f
        eret
1:
#if CLASS == SMC
        mrs     x1, HCR_EL2             // The image ends by an SMC.
        bic     x1, x1, #1 << 19
        msr     HCR_EL2, x1
#endif
        adr     x1, out
        msr     ELR_EL2, x1
        eret
#endif

#if CLASS == STAGE2
        .section .bss, "aw", %nobits
        .balign 4096
stage2: .skip   4096
#endif
