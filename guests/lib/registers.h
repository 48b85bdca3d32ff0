// Registers of devices and of the system, and calls to the firmware.
#pragma once

#include <stdint.h>

#define WORD(address) (*(volatile uint32_t *)(address))

#define WRITE(name, value) __asm__ volatile("msr " #name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")
#define READ(name)                                                        \
  ({                                                                      \
    uint64_t value_;                                                      \
    __asm__ volatile("mrs %0, " #name : "=r"(value_) : : "memory");       \
    value_;                                                               \
  })

/** Calls a function of the firmware by SMC. Returns X0. */
static inline uint64_t smc(uint64_t function, uint64_t first, uint64_t second, uint64_t third) {
  register uint64_t x0 __asm__("x0") = function;
  register uint64_t x1 __asm__("x1") = first;
  register uint64_t x2 __asm__("x2") = second;
  register uint64_t x3 __asm__("x3") = third;
  __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
  return x0;
}
