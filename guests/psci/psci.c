// What the firmware's power interface does (PSCI 1.1, Arm DEN0022D; SMCCC, Arm DEN0028), seen by software at EL2 on two
// cores. Each printed line is what one scenario observed: the calls' results, in 32 bits, and what the second core
// found.

#include <stdint.h>

#include "notes.h"
#include "registers.h"
#include "second.h"
#include "uart.h"

enum { SMCCC_VERSION = 0x80000000, SMCCC_ARCH_FEATURES };
enum { VERSION = 0x84000000, CPU_SUSPEND, CPU_OFF, CPU_ON, AFFINITY_INFO, MIGRATE, MIGRATE_INFO_TYPE };
enum { SYSTEM_OFF = 0x84000008, SYSTEM_RESET, FEATURES };
#define WIDE(function) ((function) | 0x40000000)
enum { ON, OFF };
enum { CNTHP = 26 };

#define GICD(offset) WORD(0xf9010000ul + (offset))
#define GICC(offset) WORD(0xf9020000ul + (offset))

/** What the second core is to do: turn itself off, or power itself down. */
enum { WAIT, TURN_OFF, POWER_DOWN };
static volatile uint32_t answers, found[4], orders, returned;

static void interrupts_for(unsigned id) {
  GICD(0x400 + (id & ~3u)) = 0;
  GICD(0x100) = 1u << id;
  GICD(0) = 1;
  GICC(4) = 0xf0;
  GICC(0) = 1;
}

/** Puts this core into a power-down state, from which its timer wakes it. */
static uint64_t power_down(uint64_t context) {
  interrupts_for(CNTHP);
  WRITE(cnthp_tval_el2, 200000);
  WRITE(cnthp_ctl_el2, 1);
  uint64_t result = smc(WIDE(CPU_SUSPEND), 0x40000000, (uintptr_t)second_start, context);
  WRITE(cnthp_ctl_el2, 0);
  return result;
}

void second_main(uint64_t context) {
  found[0] = (uint32_t)context;
  found[1] = (uint32_t)(context >> 32);
  found[2] = READ(CurrentEL) >> 2 | (READ(sctlr_el2) & 1) << 4 | READ(daif) << 2;
  found[3] = (uint32_t)READ(mpidr_el1);
  __asm__ volatile("dmb sy" : : : "memory");
  answers++;
  while (orders == WAIT) {
  }
  if (orders == POWER_DOWN) {
    orders = WAIT;
    returned = (uint32_t)power_down(0x5678);
    answers++;
    while (orders == WAIT) {
    }
  }
  smc(CPU_OFF, 0, 0, 0);
  uart_print("CPU_OFF has returned\n");
}

static uint64_t turn_on(uint64_t target, uint64_t entry, uint64_t context) {
  return smc(WIDE(CPU_ON), target, entry, context);
}

static void versions(void) {
  note(smc(VERSION, 0, 0, 0));
  note(smc(MIGRATE_INFO_TYPE, 0, 0, 0));
  report("versions");
  note(smc(SMCCC_VERSION, 0, 0, 0));
  note(smc(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0));
  note(smc(SMCCC_ARCH_FEATURES, 0x80008000, 0, 0));
  report("calling convention");
}

static void features(void) {
  static const uint32_t functions[] = {VERSION,        CPU_OFF,      CPU_ON,       WIDE(CPU_ON), AFFINITY_INFO,
                                       WIDE(AFFINITY_INFO), SYSTEM_OFF, SYSTEM_RESET, FEATURES};
  for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++) note(smc(FEATURES, functions[i], 0, 0));
  note(smc(FEATURES, 0x8400ffff, 0, 0));
  report("features");
  note(smc(FEATURES, WIDE(CPU_SUSPEND), 0, 0));
  note(smc(FEATURES, MIGRATE, 0, 0));
  note(smc(FEATURES, WIDE(SYSTEM_OFF), 0, 0));
  report("features of the firmware");
}

static void affinity(void) {
  note(smc(WIDE(AFFINITY_INFO), 0, 0, 0));
  note(smc(WIDE(AFFINITY_INFO), 1, 0, 0));
  note(smc(WIDE(AFFINITY_INFO), 0x700, 0, 0));
  report("affinity");
}

static void on(void) {
  note(turn_on(0x700, (uintptr_t)second_start, 0));
  note(turn_on(0, (uintptr_t)second_start, 0));
  report("cores that cannot be turned on");

  for (uint32_t i = 1; i <= 2; i++) {
    orders = WAIT;
    note(turn_on(1, (uintptr_t)second_start, 0x1234567800000000 + i));
    while (answers < i) {
    }
    for (int n = 0; n < 4; n++) note(found[n]);
    note(smc(WIDE(AFFINITY_INFO), 1, 0, 0));
    note(turn_on(1, (uintptr_t)second_start, 0));
    orders = TURN_OFF;
    while (smc(WIDE(AFFINITY_INFO), 1, 0, 0) != OFF) {
    }
  }
  report("the second core, twice");
}

static void suspend(void) {
  note(smc(WIDE(CPU_SUSPEND), 0x00ff0000, 0, 0));
  report("a state that there is not");
}

static void standby(void) {
  interrupts_for(CNTHP);
  WRITE(cnthp_tval_el2, 200000);
  WRITE(cnthp_ctl_el2, 1);
  note(smc(WIDE(CPU_SUSPEND), 0, 0, 0));  // may return at once
  WRITE(cnthp_ctl_el2, 0);
  report("standby");
}

static void powered_down(void) {
  answers = 0;
  returned = 0;
  orders = WAIT;
  turn_on(1, (uintptr_t)second_start, 0x1234);
  while (answers < 1) {
  }
  orders = POWER_DOWN;
  while (orders == POWER_DOWN) {
  }
  note(smc(WIDE(AFFINITY_INFO), 1, 0, 0));
  while (answers < 2) {
  }
  note(returned);
  for (int n = 0; n < 3; n++) note(found[n]);
  orders = TURN_OFF;
  while (smc(WIDE(AFFINITY_INFO), 1, 0, 0) != OFF) {
  }
  report("power-down");
}

static void unknown(void) {
  note(smc(0x8400ffff, 0, 0, 0));
  note(smc(0xbf00ff00, 0, 0, 0));
  report("functions that there are not");
}

int main(void) {
  uart_start();
  versions();
  features();
  affinity();
  on();
  suspend();
  standby();
  powered_down();
  unknown();
  uart_print("done\n");
  uart_flush();
  smc(SYSTEM_OFF, 0, 0, 0);
  uart_print("SYSTEM_OFF has returned\n");
  return 0;
}
