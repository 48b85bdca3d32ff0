// Enters an instruction at a chosen level and comes back with the exception that ended it.

.global _start
_start:
  ldr x1, =stack_top
  mov sp, x1
  ldr x1, =vectors
  msr vbar_el2, x1
  ldr x1, =lower_vectors
  msr vbar_el1, x1
  isb
  bl main
  ldr x0, =0x84000008 // PSCI SYSTEM_OFF
  smc #0
1: wfi
  b 1b

// void run(u64 spsr, u64 x0, struct result *result)
.global run
run:
  stp x29, x30, [sp, #-112]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  str x2, [sp, #96]
  mov x9, sp
  ldr x10, =saved_sp
  str x9, [x10]
  msr spsr_el2, x0
  ldr x11, =slot
  msr elr_el2, x11
  mov x0, x1
  isb
  eret

// Any exception to EL2 ends here; those to EL1 come on as HVC #0x123.
ended:
  msr spsel, #1
  ldr x10, =saved_sp
  ldr x9, [x10]
  mov sp, x9
  ldr x2, [sp, #96]
  mrs x11, esr_el2
  mrs x12, esr_el1
  stp x11, x12, [x2]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #112
  ret

lower_ended:
  hvc #0x123

.macro vector_table to
  .rept 16
  .balign 128
  b \to
  .endr
.endm

.balign 2048
vectors:
  vector_table ended

.balign 2048
lower_vectors:
  vector_table lower_ended

// The instruction under test, and SVC #0x777 which says that it took no exception.
.balign 4096
.global slot
slot:
  nop
  svc #0x777
  b .

.bss
.balign 16
saved_sp:
  .skip 16
  .skip 8192
stack_top:
