// The generic timer of a guest: the virtual counter and the virtual timer, PPI 27 (Arm ARM, D11.2).
#pragma once

#include <stdint.h>

/** Ticks of the virtual counter since the domain was created. */
static inline uint64_t now(void) {
  uint64_t count;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
  return count;
}

static inline uint64_t ticks_per_second(void) {
  uint64_t frequency;
  __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
}

/** Sets the timer to interrupt when the counter reaches a value. */
static inline void set_alarm(uint64_t at) {
  __asm__ volatile("msr cntv_cval_el0, %0\n\tmsr cntv_ctl_el0, %1\n\tisb" ::"r"(at), "r"(1ul));
}

static inline void stop_alarm(void) { __asm__ volatile("msr cntv_ctl_el0, xzr\n\tisb"); }

static inline uint64_t microseconds(uint64_t ticks) { return ticks * 1000000 / ticks_per_second(); }
