// Executes loads and stores at a chosen level with data in a chosen byte order, and comes back with all that they did.

#include "level.inc"

  start_program

// void run(u64 spsr, u64 sctlr, struct state *state): X0-X7 and V0-V7 are those of `state`, before and after.
.global run
run:
  push_callee_saved 112
  mov x29, x2
  msr spsr_el2, x0
  ldr x11, =slot
  msr elr_el2, x11
  mov x30, x1
  ldp x0, x1, [x29, #0]
  ldp x2, x3, [x29, #16]
  ldp x4, x5, [x29, #32]
  ldp x6, x7, [x29, #48]
  ldp q0, q1, [x29, #64]
  ldp q2, q3, [x29, #96]
  ldp q4, q5, [x29, #128]
  ldp q6, q7, [x29, #160]
  msr sctlr_el2, x30
  isb
  eret

// Any exception ends here, with the MMU off and little-endian data again.
ended:
  msr sctlr_el2, xzr
  isb
  stp x0, x1, [x29, #0]
  stp x2, x3, [x29, #16]
  stp x4, x5, [x29, #32]
  stp x6, x7, [x29, #48]
  stp q0, q1, [x29, #64]
  stp q2, q3, [x29, #96]
  stp q4, q5, [x29, #128]
  stp q6, q7, [x29, #160]
  mrs x11, esr_el2
  mrs x12, esr_el1
  stp x11, x12, [x29, #192]
  msr spsel, #1
  pop_callee_saved 112
  ret

  exception_vectors

// The two instructions of a test, and SVC #0x777 which says that they took no exception.
.balign 4096
.global slot
slot:
  nop
  nop
  svc #0x777
  b .

// X0 is the address, X1 to X7 and V0 to V7 are random.
.macro test instruction:vararg
  nop
  \instruction
.endm
.macro exclusive load, store
  \load
  \store
.endm

.balign 8
.global tests, tests_end
tests:
  test ldrb w1, [x0]
  test ldrh w1, [x0]
  test ldr w1, [x0]
  test ldr x1, [x0]
  test ldrsb x1, [x0]
  test ldrsh w1, [x0]
  test ldrsh x1, [x0]
  test ldrsw x1, [x0]
  test strb w1, [x0]
  test strh w1, [x0]
  test str w1, [x0]
  test str x1, [x0]
  test str xzr, [x0]
  test ldr x1, [x0], #9
  test ldr w1, [x0, #12]!
  test str x1, [x0, #-9]!
  test ldur x1, [x0, #3]
  test stur w1, [x0, #-5]
  test ldtr x1, [x0]
  test ldtrh w1, [x0]
  test ldtrsw x1, [x0]
  test sttr w1, [x0]
  test sttrh w1, [x0]
  test sttr x1, [x0]
  test ldr w1, .
  test ldr x1, .
  test ldrsw x1, .
  test ldr s1, .
  test ldr d1, .
  test ldr q1, . - 4
  test ldp w1, w2, [x0]
  test ldp x1, x2, [x0, #16]
  test ldpsw x1, x2, [x0]
  test stp w1, w2, [x0]
  test stp x1, x2, [x0, #-16]!
  test ldnp x1, x2, [x0]
  test stnp w1, w2, [x0]
  test ldr b1, [x0]
  test ldr h1, [x0]
  test ldr s1, [x0]
  test ldr d1, [x0]
  test ldr q1, [x0]
  test str b1, [x0]
  test str h1, [x0]
  test str s1, [x0]
  test str d1, [x0]
  test str q1, [x0]
  test ldp s1, s2, [x0]
  test ldp d1, d2, [x0]
  test ldp q1, q2, [x0]
  test stp s1, s2, [x0]
  test stp d1, d2, [x0]
  test stp q1, q2, [x0]
  test ldar w1, [x0]
  test ldar x1, [x0]
  test ldarh w1, [x0]
  test stlr w1, [x0]
  test stlr x1, [x0]
  test stlrh w1, [x0]
  test ldxr w1, [x0]
  test ldxr x1, [x0]
  test ldaxrh w1, [x0]
  test ldxp w1, w2, [x0]
  test ldaxp x1, x2, [x0]
  exclusive "ldxrb w1, [x0]", "stxrb w2, w3, [x0]"
  exclusive "ldxrh w1, [x0]", "stxrh w2, w3, [x0]"
  exclusive "ldxr w1, [x0]", "stlxr w2, w3, [x0]"
  exclusive "ldxr x1, [x0]", "stxr w2, x3, [x0]"
  exclusive "ldxp w1, w2, [x0]", "stxp w3, w4, w5, [x0]"
  exclusive "ldxp x1, x2, [x0]", "stlxp w3, x4, x5, [x0]"
  .irp size, 8b, 16b, 4h, 8h, 2s, 4s, 1d, 2d
  test ld1 {v1.\size}, [x0]
  test ld1 {v1.\size, v2.\size, v3.\size, v4.\size}, [x0]
  test st1 {v1.\size}, [x0]
  test st1 {v1.\size, v2.\size, v3.\size}, [x0]
  test ld1r {v1.\size}, [x0]
  test ld3r {v1.\size, v2.\size, v3.\size}, [x0]
  .endr
  .irp size, 8b, 16b, 4h, 8h, 2s, 4s, 2d
  test ld2 {v1.\size, v2.\size}, [x0]
  test ld3 {v1.\size, v2.\size, v3.\size}, [x0]
  test ld4 {v1.\size, v2.\size, v3.\size, v4.\size}, [x0]
  test st2 {v1.\size, v2.\size}, [x0]
  test st3 {v1.\size, v2.\size, v3.\size}, [x0]
  test st4 {v1.\size, v2.\size, v3.\size, v4.\size}, [x0], x2
  .endr
  .irp lane, b, h, s, d
  test ld1 {v1.\lane}[1], [x0]
  test st1 {v1.\lane}[1], [x0]
  test ld2 {v1.\lane, v2.\lane}[0], [x0]
  test st4 {v1.\lane, v2.\lane, v3.\lane, v4.\lane}[1], [x0]
  .endr
  test dc zva, x0
tests_end:

.bss
.balign 16
  program_stack
