// primes: a guest in C that computes, to measure and compare machines.
// It counts the primes below a million with the sieve of Eratosthenes, prints how many there are (78498) and how many
// microseconds of the machine's own time that took, then powers off.

#include <stdint.h>

#include "uart.h"

enum { LIMIT = 1000000 };

static uint8_t composite[LIMIT];

static unsigned long count_primes(void) {
  unsigned long count = 0;
  for (unsigned long n = 2; n < LIMIT; n++) {
    if (composite[n]) continue;
    count++;
    for (unsigned long multiple = n * n; multiple < LIMIT; multiple += n) composite[multiple] = 1;
  }
  return count;
}

/** The generic timer's virtual count; the ISB keeps it from being read early (Arm ARM, D12.2). */
static uint64_t read_time(void) {
  uint64_t count;
  __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
  return count;
}

static uint64_t ticks_per_second(void) {
  uint64_t frequency;
  __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
}

void main(void) {
  uart_start();
  uart_print("Counting the primes below ");
  uart_print_number(LIMIT);
  uart_print(" ...\n");
  uint64_t start = read_time();
  unsigned long count = count_primes();
  uint64_t ticks = read_time() - start;
  uart_print_number(count);
  uart_print(" primes in ");
  uart_print_number(ticks * 1000000 / ticks_per_second());
  uart_print(" us\n");
  uart_flush();
}
