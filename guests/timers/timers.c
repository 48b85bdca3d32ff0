// What the generic timers of a core (Arm ARM DDI 0487, D11) and a triple timer counter (UG1087, module TTC) do, seen by
// software at EL2 that waits for their interrupts and does not take them. Each printed line is what one scenario
// observed: 1 for true, and registers.

#include <stdint.h>

#include "notes.h"
#include "registers.h"
#include "uart.h"

#define GICD 0xf9010000ul
#define GICD_CTLR WORD(GICD)
#define GICD_ISENABLER(n) WORD(GICD + 0x100 + 4 * (n))
#define GICD_ICENABLER(n) WORD(GICD + 0x180 + 4 * (n))
#define GICD_ISPENDR(n) WORD(GICD + 0x200 + 4 * (n))
#define GICD_IPRIORITYR(n) WORD(GICD + 0x400 + 4 * (n))
#define GICD_ITARGETSR(n) WORD(GICD + 0x800 + 4 * (n))
#define GICC_CTLR WORD(0xf9020000ul)
#define GICC_PMR WORD(0xf9020004ul)
#define TTC 0xff110000ul
#define COUNTER(offset, counter) WORD(TTC + (offset) + 4 * (counter))
#define CLOCK_CONTROL(n) COUNTER(0x00, n)
#define COUNTER_CONTROL(n) COUNTER(0x0c, n)
#define COUNTER_VALUE(n) COUNTER(0x18, n)
#define INTERVAL(n) COUNTER(0x24, n)
#define MATCH(n, i) COUNTER(0x30 + 12 * (i), n)
#define INTERRUPTS(n) COUNTER(0x54, n)
#define INTERRUPT_ENABLE(n) COUNTER(0x60, n)

enum { ENABLE = 1, IMASK = 2, ISTATUS = 4 };
enum { CNTHP = 26, CNTV = 27, CNTP = 30, TTC0 = 68 };
enum { DIS = 1, INT = 2, DECR = 4, MATCHES = 8, RST = 16, NO_WAVE = 32 };
enum { SHORT = 1000000, LONG = 0x40000000 };

static unsigned is_pending(unsigned id) { return GICD_ISPENDR(id / 32) >> id % 32 & 1; }

/** Enables interrupts to wake this core, which keeps them masked. */
static void start_gic(void) {
  for (unsigned n = 0; n < 24; n++) GICD_IPRIORITYR(n) = 0;
  for (unsigned n = 8; n < 24; n++) GICD_ITARGETSR(n) = 0x01010101;
  GICD_CTLR = 1;
  GICC_PMR = 0xf0;
  GICC_CTLR = 1;
}

static void wait_for(unsigned id) {
  GICD_ISENABLER(id / 32) = 1u << id % 32;
  while (!is_pending(id)) __asm__ volatile("dsb sy\n\twfi" : : : "memory");
  GICD_ICENABLER(id / 32) = 1u << id % 32;
}

static void counter(void) {
  WRITE(cntvoff_el2, 0);
  uint64_t before = READ(cntpct_el0), virtual = READ(cntvct_el0), after = READ(cntpct_el0);
  note(before <= virtual && virtual <= after);
  while (READ(cntpct_el0) == after) {
  }
  WRITE(cntvoff_el2, 1000000000);
  before = READ(cntpct_el0);
  virtual = READ(cntvct_el0);
  after = READ(cntpct_el0);
  note(virtual + 1000000000 >= before && virtual + 1000000000 <= after);
  WRITE(cntvoff_el2, 0);
  note(READ(cntfrq_el0) >= 1000000);
  report("counter");
}

#define TIMER(name, level, id)                                                              \
  do {                                                                                      \
    WRITE(name##_ctl_##level, 0);                                                           \
    note(READ(name##_ctl_##level));                                                         \
    note(is_pending(id));                                                                   \
    WRITE(name##_tval_##level, SHORT);                                                      \
    uint64_t value = READ(name##_cval_##level);                                             \
    note(value + SHORT > READ(cntpct_el0) && value <= READ(cntpct_el0) + SHORT);            \
    WRITE(name##_ctl_##level, ENABLE);                                                      \
    wait_for(id);                                                                           \
    note(READ(name##_ctl_##level));                                                         \
    note(READ(cntpct_el0) >= value);                                                        \
    note((int32_t)READ(name##_tval_##level) <= 0);                                          \
    WRITE(name##_ctl_##level, ENABLE | IMASK);                                              \
    note(READ(name##_ctl_##level));                                                         \
    note(is_pending(id));                                                                   \
    WRITE(name##_ctl_##level, ENABLE);                                                      \
    note(is_pending(id));                                                                   \
    WRITE(name##_tval_##level, LONG);                                                       \
    note(READ(name##_ctl_##level));                                                         \
    note(is_pending(id));                                                                   \
    WRITE(name##_tval_##level, -1);                                                         \
    note(READ(name##_ctl_##level));                                                         \
    WRITE(name##_cval_##level, ~0ul);                                                       \
    note(READ(name##_ctl_##level));                                                         \
    WRITE(name##_ctl_##level, 0);                                                           \
    report(#name);                                                                          \
  } while (0)

static void offset(void) {
  WRITE(cntv_cval_el0, READ(cntpct_el0) + LONG);
  WRITE(cntv_ctl_el0, ENABLE);
  note(is_pending(CNTV));
  WRITE(cntvoff_el2, -(uint64_t)LONG - 1);  // the virtual count jumps past the compare value
  note(READ(cntv_ctl_el0));
  note(is_pending(CNTV));
  WRITE(cntvoff_el2, 0);
  note(READ(cntv_ctl_el0));
  note(is_pending(CNTV));
  WRITE(cntv_ctl_el0, 0);
  report("virtual offset");
}

static void ttc_reset(void) {
  for (unsigned n = 0; n < 3; n++) {
    note(CLOCK_CONTROL(n));
    note(COUNTER_CONTROL(n));
    note(COUNTER_VALUE(n));
    note(INTERRUPTS(n));
    note(INTERRUPT_ENABLE(n));
  }
  report("TTC at reset");
}

static void ttc_interval(void) {
  INTERVAL(0) = 20000;
  INTERRUPT_ENABLE(0) = 1;
  COUNTER_CONTROL(0) = NO_WAVE | RST | INT;
  note(COUNTER_CONTROL(0));
  for (int i = 0; i < 3; i++) {
    wait_for(TTC0);
    COUNTER_CONTROL(0) = NO_WAVE | DIS | INT;
    note(COUNTER_VALUE(0) <= 20000);
    note(INTERRUPTS(0) & 1);
    note(is_pending(TTC0));
    COUNTER_CONTROL(0) = NO_WAVE | INT;
  }
  INTERRUPT_ENABLE(0) = 0;
  while (COUNTER_VALUE(0) < 10000) {
  }
  while (COUNTER_VALUE(0) >= 10000) {
  }
  note(is_pending(TTC0));
  note(INTERRUPTS(0) & 1);
  COUNTER_CONTROL(0) = NO_WAVE | DIS | INT;
  uint32_t stopped = COUNTER_VALUE(0);
  for (volatile int i = 0; i < 1000; i++) {
  }
  note(COUNTER_VALUE(0) == stopped);
  COUNTER_CONTROL(0) = NO_WAVE | DIS | RST | INT;
  note(COUNTER_VALUE(0));
  report("TTC interval");
}

static void ttc_match(void) {
  CLOCK_CONTROL(1) = 7 << 1 | 1;  // 256 to 1
  INTERVAL(1) = 40000;
  MATCH(1, 0) = 10000;
  MATCH(1, 1) = 30000;
  INTERRUPT_ENABLE(1) = 0x3f;
  COUNTER_CONTROL(1) = NO_WAVE | RST | MATCHES | INT;
  for (int i = 0; i < 4; i++) {
    wait_for(TTC0 + 1);
    note(INTERRUPTS(1));
    note(COUNTER_VALUE(1) / 10000);
  }
  COUNTER_CONTROL(1) = NO_WAVE | DIS;
  INTERRUPT_ENABLE(1) = 0;
  note(CLOCK_CONTROL(1));
  report("TTC match");
}

static void ttc_down(void) {
  CLOCK_CONTROL(2) = 7 << 1 | 1;
  INTERVAL(2) = 40000;
  MATCH(2, 2) = 10000;
  COUNTER_CONTROL(2) = NO_WAVE | RST | MATCHES | DECR | INT;
  for (int i = 0; i < 2; i++) {
    INTERRUPT_ENABLE(2) = 8;
    wait_for(TTC0 + 2);
    note(INTERRUPTS(2) & 8);
    uint32_t first = COUNTER_VALUE(2), second = first;
    note(first <= 10000);
    while (second == first) second = COUNTER_VALUE(2);
    note(second < first);
    INTERRUPT_ENABLE(2) = 1;
    wait_for(TTC0 + 2);
    note(INTERRUPTS(2) & 1);
  }
  COUNTER_CONTROL(2) = NO_WAVE | DIS;
  INTERRUPT_ENABLE(2) = 0;
  report("TTC down");
}

static void ttc_overflow(void) {
  INTERVAL(0) = 0xffffffff;
  MATCH(0, 0) = 0xfffffff0;
  note(INTERVAL(0));
  note(MATCH(0, 0));
  CLOCK_CONTROL(0) = 0;
  INTERRUPT_ENABLE(0) = 0x10;
  COUNTER_CONTROL(0) = NO_WAVE | RST;
  for (volatile int i = 0; i < 300000; i++) {
  }
  note(COUNTER_VALUE(0) > 0xffff);
  note(is_pending(TTC0));
  COUNTER_CONTROL(0) = NO_WAVE | DIS | RST;
  report("TTC of 32 bits");
}

int main(void) {
  uart_start();
  start_gic();
  counter();
  TIMER(cnthp, el2, CNTHP);
  TIMER(cntp, el0, CNTP);
  TIMER(cntv, el0, CNTV);
  offset();
  ttc_reset();
  ttc_interval();
  ttc_match();
  ttc_down();
  ttc_overflow();
  uart_print("done\n");
  uart_flush();
  return 0;
}
