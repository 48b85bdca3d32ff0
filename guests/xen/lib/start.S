// The start of a guest of Xen: the Image header, a cleared .bss, address translation on, a stack, exception vectors,
// main(). Xen enters at EL1 with the MMU off, interrupts masked, and in x0 the address of the device tree that xl has
// written.

#include "exceptions.inc"
#include "frame.h"
#include "image.inc"

        .file   "start.S"

        image_header start

        .text
start:
        mov     x19, x0
        clear_bss
        bl      make_tables
        bl      mmu_on
        ldr     x0, =boot_stack_top
        mov     sp, x0
        mov     x0, x19
        bl      main                    // main(device tree)
        mov     x0, #0                  // SHUTDOWN_poweroff
        b       xen_shutdown

// A second vCPU, started by PSCI CPU_ON: x0 is the top of its stack, just below which its function's address lies.
        .global secondary_start
secondary_start:
        mov     x19, x0
        bl      mmu_on
        mov     sp, x19
        ldr     x1, [x19, #-16]
        ldr     x0, [x19, #-8]
        sub     sp, sp, #16
        blr     x1
3:      wfi
        b       3b

// The tables that both use map each address to itself: RAM and the pages shared with Xen as Normal memory, so that Dom0
// reads what is written here, and all else as Device memory. The granule is 4 KiB; there are 4 GiB of addresses, so
// that level 1 has four entries of 1 GiB (Arm ARM, D8.2).
.equ DEVICE,    (1 << 54) | (1 << 53) | (1 << 10) | (0 << 2) | 1        // UXN, PXN, AF, attribute 0, block
.equ NORMAL,    (1 << 54) | (1 << 10) | (3 << 8) | (1 << 2) | 1         // UXN, AF, inner shareable, attribute 1, block
.equ TABLE,     3
.equ MAIR,      0xff04          // Attribute 0: Device-nGnRE. 1: Normal, write-back.
.equ TCR,       (1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 32       // EPD1, inner shareable, write-back, T0SZ
.equ IPS_40,    2 << 32
.equ SHARED,    0x38000000      // Grant table and magic pages, up to RAM

make_tables:
        ldr     x0, =level2
        ldr     x1, =DEVICE
        mov     x2, #0                  // address
        ldr     x3, =SHARED
        ldr     x4, =NORMAL
1:      cmp     x2, x3
        csel    x5, x4, x1, hs
        orr     x5, x5, x2
        str     x5, [x0], #8
        add     x2, x2, #0x200000
        tbz     x2, #30, 1b
        ldr     x0, =level1
        ldr     x1, =level2
        orr     x1, x1, #TABLE
        str     x1, [x0]
        mov     x7, #0x40000000
2:      lsr     x5, x2, #30
        orr     x6, x4, x2
        str     x6, [x0, x5, lsl #3]
        add     x2, x2, x7
        tbz     x2, #32, 2b
        ret

mmu_on:
        ldr     x0, =MAIR
        msr     mair_el1, x0
        ldr     x0, =TCR
        ldr     x1, =IPS_40
        orr     x0, x0, x1
        msr     tcr_el1, x0
        ldr     x0, =level1
        msr     ttbr0_el1, x0
        ldr     x0, =vectors
        msr     vbar_el1, x0
        mov     x0, #(3 << 20)          // CPACR_EL1.FPEN: no trap of floating point
        msr     cpacr_el1, x0
        dsb     ish
        isb
        tlbi    vmalle1
        dsb     ish
        isb
        mrs     x0, sctlr_el1
        mov     x1, #0x1005             // I, C, M: caches and MMU on
        orr     x0, x0, x1
        msr     sctlr_el1, x0
        isb
        ret

// Exceptions. Each saves the interrupted state as a frame (frame.h) on the stack and calls C with its address; C
// returns the frame to continue with, which may be another task's.
.macro enter handler
        sub     sp, sp, #FRAME_SIZE
        stp     x0, x1, [sp, #0]
        adr     x0, \handler
        b       save
.endm
        // SP_EL0 is not used here, and nothing runs at EL0.
        vector_table vectors, unexpected, sync=on_synchronous, irq=on_irq, how=enter

save:
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x19, [sp, #144]
        stp     x20, x21, [sp, #160]
        stp     x22, x23, [sp, #176]
        stp     x24, x25, [sp, #192]
        stp     x26, x27, [sp, #208]
        stp     x28, x29, [sp, #224]
        mrs     x1, elr_el1
        stp     x30, x1, [sp, #240]
        mrs     x1, spsr_el1
        mrs     x2, esr_el1
        stp     x1, x2, [sp, #256]
        mrs     x1, far_el1
        str     x1, [sp, #272]
        mov     x1, x0
        mov     x0, sp
        blr     x1
// x0: the frame to continue with. A task that has never run is started in the same way.
        .global resume
resume:
        mov     sp, x0
        ldp     x1, x2, [sp, #256]
        msr     spsr_el1, x1
        ldp     x30, x1, [sp, #240]
        msr     elr_el1, x1
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     x8, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldp     x16, x17, [sp, #128]
        ldp     x18, x19, [sp, #144]
        ldp     x20, x21, [sp, #160]
        ldp     x22, x23, [sp, #176]
        ldp     x24, x25, [sp, #192]
        ldp     x26, x27, [sp, #208]
        ldp     x28, x29, [sp, #224]
        ldp     x0, x1, [sp, #0]
        add     sp, sp, #FRAME_SIZE
        eret

// long hypercall(number, a, b, c): the number goes to x16, the arguments to x0-x2, the result comes in x0
// (public/arch-arm.h).
        .global hypercall
hypercall:
        mov     x16, x0
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        hvc     #0xea1
        ret

// long psci(function, a, b, c): a call of the power interface, which Xen answers (Arm DEN 0022).
        .global psci
psci:
        hvc     #0
        ret

// Without handlers of the guest's own, an unexpected interrupt or exception ends the domain as crashed.
        .weak   on_irq
        .weak   on_synchronous
        .global unexpected
on_irq:
on_synchronous:
unexpected:
        mov     x0, #3                  // SHUTDOWN_crash
        b       xen_shutdown

        .section .bss
        .balign 4096
level2: .skip   4096
level1: .skip   4096
boot_stack:
        .skip   16384
boot_stack_top:
