// The registers of the interrupted code, as start.S saves them on the stack.
#pragma once

#define FRAME_SIZE 288

#ifndef __ASSEMBLER__
#include <stdint.h>

struct frame {
  uint64_t x[31];
  /** The address and the PSTATE to return to. */
  uint64_t pc, pstate;
  /** The exception's syndrome (ESR_EL1) and address (FAR_EL1). */
  uint64_t syndrome, fault_address;
};

/** Continues with the registers in a frame; never returns. */
__attribute__((noreturn)) void resume(struct frame *frame);
#endif
