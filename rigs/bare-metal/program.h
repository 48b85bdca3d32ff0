// What the programs share: output to the UART of QEMU's virt board, and how an instruction under test ends.
#ifndef PROGRAM_H
#define PROGRAM_H

typedef unsigned long u64;
typedef unsigned u32;

#define WRITE(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((u64)(value)))

/* ESR of SVC #0x777, after the instructions under test, and of HVC #0x123, after an exception to EL1. */
enum { svc = 0x56000777, hvc = 0x5a000123 };

/* SPSR for each level, with interrupts masked. */
static const u64 spsr[] = {0x3c0, 0x3c5, 0x3c9};

/* The instructions under test. */
extern volatile u32 slot[];

static volatile u32 *const uart = (void *)0x09000000;

static void put(char c) {
  *uart = c;
}

static void hex(u64 value) {
  int i = 60;
  while (i > 0 && (value >> i) == 0) i -= 4;
  for (; i >= 0; i -= 4) put("0123456789abcdef"[(value >> i) & 15]);
}

#endif
