// rogue: tries to break out of its domain in many ways, and reports the result of each. Xen answers with an error, an
// exception, or nothing; it must never let it reach what belongs to another domain.

#include <stdbool.h>

#include "console.h"
#include "frame.h"
#include "gic.h"
#include "sleep.h"
#include "xen.h"

/** Set by an exception: its class (ESR_EL1.EC), or -1. */
static volatile int caught;

/** Skips the instruction that faulted. A jump to an unmapped address returns to its caller. */
struct frame *on_synchronous(struct frame *frame) {
  enum { INSTRUCTION_ABORT = 0x21 };
  caught = (int)(frame->syndrome >> 26);
  frame->pc = caught == INSTRUCTION_ABORT ? frame->x[30] : frame->pc + 4;
  return frame;
}

static const char *name_of(int class) {
  switch (class) {
    case 0x00: return "undefined instruction";
    case 0x18: return "trapped system register";
    case 0x21: return "instruction abort";
    case 0x25: return "data abort";
    default: return "exception";
  }
}

static unsigned tried, contained;

/** Reports one attempt; `escaped` says that it succeeded, which must not happen. */
static void report(const char *what, bool escaped) {
  tried++;
  if (!escaped) contained++;
  print("%2u %s: ", tried, what);
  if (caught >= 0) print("%s%s\n", name_of(caught), escaped ? " BUT ESCAPED" : "");
  else print("%s\n", escaped ? "ESCAPED" : "nothing happened");
}

static void report_call(const char *what, long result) {
  tried++;
  bool escaped = result >= 0 && caught < 0;
  if (!escaped) contained++;
  print("%2u %s: ", tried, what);
  if (caught >= 0) print("%s\n", name_of(caught));
  else if (result < 0) print("error %d\n", (int)result);
  else print("ESCAPED with %l\n", (unsigned long)result);
}

static uint32_t load(uint64_t address) {
  caught = -1;
  return *(volatile uint32_t *)address;
}

static void store(uint64_t address) {
  caught = -1;
  *(volatile uint32_t *)address = 0xdeadbeef;
}

static void memory(void) {
  load(0x1000);
  report("read where no memory is", caught < 0);
  store(0x10000000);
  report("write where no memory is", caught < 0);
  load(0x7ff00000);
  report("read beyond its own memory", caught < 0);
  store(0xff000000);
  report("write to the board's serial port", caught < 0);
  load(0xf9010000);
  report("read the real interrupt controller", caught < 0);
  store(0xfd1a0104);
  report("write to the board's reset controller", caught < 0);
  caught = -1;
  ((void (*)(void))0x8000000ul)();
  report("execute where no memory is", caught < 0);
}

static void registers(void) {
  uint64_t value;
  caught = -1;
  __asm__ volatile("mrs %0, s3_4_c2_c1_0" : "=r"(value));   // VTTBR_EL2
  report("read the hypervisor's page table register", caught < 0);
  caught = -1;
  __asm__ volatile("msr s3_4_c1_c1_0, xzr");                // HCR_EL2
  report("switch the hypervisor's traps off", caught < 0);
  caught = -1;
  __asm__ volatile("mrs %0, s3_6_c1_c1_0" : "=r"(value));   // SCR_EL3
  report("read a register of the firmware", caught < 0);
  caught = -1;
  __asm__ volatile("msr s3_1_c15_c2_0, %0" ::"r"(0ul));     // CPUACTLR_EL1
  report("write a control register of the core", false);
  caught = -1;
  __asm__ volatile(".inst 0xd503201f\n\t.inst 0x00000000"); // UDF
  report("execute garbage", caught < 0);
  caught = -1;
  __asm__ volatile("hvc #0x1234");
  report("call the hypervisor by a number that it does not know", caught < 0);
  caught = -1;
  register long function __asm__("x0") = 0x84000008;        // SYSTEM_OFF, to the board's firmware, not to Xen's
  __asm__ volatile("smc #1" : "+r"(function)::"x1", "x2", "x3", "memory");
  report("turn the board off by its firmware", false);
}

static void calls(void) {
  // Larger than any of the structures. The interface version is Xen 4.17's (public/domctl.h, public/sysctl.h).
  static struct { uint32_t command, version, domain; uint8_t rest[1024]; } control = {.command = 2, .version = 0x15};
  caught = -1;
  report_call("destroy Domain-0", hypercall(HYPERCALL_domctl, (unsigned long)&control, 0, 0));
  control.command = 6;
  report_call("list all domains", hypercall(HYPERCALL_sysctl, (unsigned long)&control, 0, 0));
  report_call("print on the hypervisor's console",
              hypercall(HYPERCALL_console_io, 0, 5, (unsigned long)"rogue"));
  struct { uint16_t domain; uint16_t pad; uint32_t space; uint64_t index, frame; } map = {DOMID_SELF, 0, 1, 0, 0x38000};
  map.domain = 0;
  report_call("map a page of Domain-0", hypercall(HYPERCALL_memory_op, 7, (unsigned long)&map, 0));
  report_call("give the hypervisor a pointer to nowhere",
              hypercall(HYPERCALL_hvm_op, 1, 0x10000000, 0));
  struct { uint16_t domain; uint16_t remote; uint32_t port; uint32_t local; } bind = {0, 0, 1, 0};
  report_call("bind to an event channel of Domain-0",
              hypercall(HYPERCALL_event_channel_op, 0, (unsigned long)&bind, 0));
  report_call("make a hypercall that is none", hypercall(63, 0, 0, 0));
  // Xen allows each domain a little more than it uses, but not another 2 MiB. The call returns the number of blocks
  // that it got.
  static uint64_t frames[1] = {0x50000};
  struct { uint64_t *list; uint64_t count; uint32_t order, flags; uint16_t domain; } more = {frames, 1, 9, 0, DOMID_SELF};
  long got = hypercall(HYPERCALL_memory_op, 6, (unsigned long)&more, 0);
  report_call("take more memory than it was given", got == 0 ? -12 : got);
}

/** Interrupts masked, no hypercall, no sleep: only the scheduler can take the CPU away. */
static void hog(void) {
  caught = -1;
  uint64_t end = now() + ticks_per_second() / 10;
  while (now() < end) {
  }
  report("keep the CPU for 100 ms with interrupts masked", false);
}

static void flood(void) {
  caught = -1;
  for (unsigned i = 0; i < 20000; i++) hypercall(HYPERCALL_xen_version, 0, 0, 0);
  report("make 20000 hypercalls at once", false);
}

void main(void) {
  console_start();
  print("A rogue domain tries to break out.\n");
  memory();
  registers();
  calls();
  hog();
  flood();
  print("%u of %u attempts were contained.\n", contained, tried);
  gic_enable(VIRTUAL_TIMER);
  for (;;) sleep_until(now() + ticks_per_second());
}
