// Enters an instruction at a chosen level and comes back with the exception that ended it.

#include "level.inc"

  start_program

// void run(u64 spsr, u64 x0, struct result *result)
.global run
run:
  push_callee_saved 112
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

// Any exception ends here.
ended:
  msr spsel, #1
  ldr x10, =saved_sp
  ldr x9, [x10]
  mov sp, x9
  ldr x2, [sp, #96]
  mrs x11, esr_el2
  mrs x12, esr_el1
  stp x11, x12, [x2]
  pop_callee_saved 112
  ret

  exception_vectors

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
  program_stack
