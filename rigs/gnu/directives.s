// Every directive and form of expression that the assembler knows. GNU as makes the same bytes of it.
# A line comment of the older kind.
        .file   "directives.s"
        .arch   armv8-a
        .section .head, "ax"
        .global _start
        .type   _start, %function
_start: b       main                    /* over
        several lines */
        .quad   __image_size, __image_start
        .size   _start, . - _start

        .text
main:   nop ; nop                       // two statements
label1: label2: mov     x0, #1
        b       label1
        b.ne    label2

// Numbers and expressions.
        .equ    five, 5
        .set    six, five + 1
seven   = six + 1
        .byte   five, six, seven, 0x1f, 0b101, 017, 'a, 'b', '\n', '\\', ' '
seven   = 70
        .byte   seven, 7 / 2, -7 / 2, -7 % 3, 1 << 3 + 1, 2 + 3 * 4, 1 | 2 + 1, ~1 & 0xff, 10 - 2 - 3
        .byte   5 ! 3, 1 == 1, 3 > 2, 2 <> 2, 2 != 3, 4 <= 3, 4 >= 3, 1 < 2, !0, !5, 2 && 1, 0 || 3, -(1 + 2), (3)
        .hword  0x1234, -1, 65535
        .short  1
        .2byte  2
        .balign 4
        .word   0x12345678, -1, label1 - main, . - main
        .long   4294967295
        .int    3
        .4byte  4
        .quad   0x123456789abcdef0, -1, main, label2 + 4, forward, . , 0xffffffffffffffff
        .xword  1
        .dword  2
        .8byte  3
        .float  1.5, 2, -0.1
        .single 1e10
        .double 3.25, -0.1, 1e-300
        .ascii  "text", " and \"more\"\t\x41\101\n"
        .asciz  "zero", "ended // not a comment /* neither */ ; nor this"
        .string "string", ""
        .ascii  ""

// Room and alignment.
        .align  3
        .byte   1
        .p2align 2
        .byte   2
        .balign 8
        .byte   3
        .align  4, 0xee
        .skip   3
        .skip   2, 0xaa
        .space  1
        .zero   5
        .fill   3, 2, 0x1234
        .fill   2
        .fill   1, 8, -1
        .fill   1, 8, 0x123456789
        nop                             // brings itself to a multiple of 4
        .p2align 4, , 3                 // too far: does nothing
        .balign 32, , 28
        .org    main + 0x300
        nop
        .org    . + 12, 0x11
forward:
        .inst   0xd503201f, 0xd65f03c0

// Local labels.
1:      b       1b
        b       1f
2:      cbz     x0, 2b
1:      b       1b
        tbz     w3, #5, 2f
        b       2b
2:      adr     x0, 1b
        adr     x1, forward + 1
        adrp    x2, main
        add     x2, x2, :lo12:main
        ldr     x3, [x2, #:lo12:forward]
        ldr     w4, forward
        b       . + 8
        b.eq    . - 4

// Macros and repetitions.
        .macro  put value, other=9
        .byte   \value, \other
        .endm
        put     1
        put     2, 3
        put     value=4
        put     other=5, value=6
        PUT     7 8
        .macro  save first:req, rest:vararg
        str     \first, [sp, #-16]!
        .ifnb   \rest
        save    \rest
        .endif
        .endm
        save    x1, x2, x3
        .macro  unique
loop\@: b       loop\@
        .endm
        unique
        unique
        .macro  lanes reg, size
        add     v\reg\().4s, v1.4s, v2.\size
        .endm
        lanes   7, 4s
        .macro  outer name
        .macro  \name value
        .hword  \value
        .endm
        .endm
        outer   inner
        inner   0xabcd
        .purgem put
        .balign 4
        .rept   3
1:      b       1b
        .endr
        .rept   2
        .rept   2
        .byte   1
        .endr
        .byte   2
        .endr
        .balign 4
        .irp    register, x0, x1, x2
        mov     \register, #1
        .endr
        .irpc   digit, 123
        .word   0x\digit
        .endr

// Conditions.
        .if     five == 5
        .byte   0x11
        .else
        .byte   0x22
        .endif
        .ifdef  nothing
        .byte   0x33
        .elseif six == 6
        .byte   0x44
        .if     0
        .byte   0x55
        .else
        .byte   0x66
        .endif
        .else
        .byte   0x77
        .endif
        .ifndef nothing
        .byte   0x88
        .endif
        .ifeq   five - 5
        .byte   1
        .endif
        .ifne   five
        .byte   2
        .endif
        .ifgt   five
        .byte   3
        .endif
        .ifge   five
        .byte   4
        .endif
        .iflt   five
        .byte   5
        .endif
        .ifle   five
        .byte   6
        .endif
        .ifc    a b, a b
        .byte   7
        .endif
        .ifnc   a, b
        .byte   8
        .endif
        .ifb
        .byte   9
        .endif

// Register names.
        .balign 4
counter .req    x9
        mov     counter, #3
        add     x0, counter, x1
        .unreq  counter
        mov     fp, lr
        mov     ip0, ip1

// Literals.
        ldr     x0, =1
        ldr     x1, =0x123456789abcdef0
        ldr     w2, =0x12345678
        ldr     x3, =main
        ldr     x4, =main
        ldr     x5, =main + 4
        ldr     d6, =0x3ff0000000000000
        ldr     s7, =0x3f800000
        ldr     q8, =1
        ldr     x9, =-1
        ldrsw   x10, =five
        ldr     x11, =table
        .ltorg
        ldr     x0, =1
        .pool
        ldr     w1, =0xfedcba98

// Sections.
        .data
table:  .byte   1
        .align  3
        .byte   2
        .previous
        ldr     x0, =table
        .pushsection .rodata
constant:
        .asciz  "constant"
        .popsection
        adr     x1, constant
        .section .rodata.more, "a"
        .balign 16
        .quad   table
        .bss
buffer: .skip   100
        .comm   shared, 64, 32
        .text
        adrp    x0, buffer
        add     x0, x0, :lo12:buffer
        ldr     x1, =__bss_start
        ldr     x2, =__bss_end
        .end
        this is not read
