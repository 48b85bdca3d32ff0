// The registers of what an exception has interrupted, as start.S lays them on the stack.
#pragma once

#define FRAME_SIZE 288

#ifndef __ASSEMBLER__
#include <stdint.h>

struct frame {
  uint64_t x[31];
  /** Where it goes on, and with what PSTATE. */
  uint64_t pc, pstate;
  /** Why the exception was taken (ESR_EL1), and for what address (FAR_EL1). */
  uint64_t syndrome, fault_address;
};

/** Goes on with what a frame holds; never returns. */
__attribute__((noreturn)) void resume(struct frame *frame);
#endif
