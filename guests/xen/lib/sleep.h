// Sleeping, for guests without interrupt handlers: interrupts stay masked, but a pending one ends the wait.
#pragma once

#include "gic.h"
#include "time.h"

/** Sleeps until the counter reaches a value. Call gic_enable(VIRTUAL_TIMER) before. */
static inline void sleep_until(uint64_t at) {
  while (now() < at) {
    set_alarm(at);
    wait_for_interrupt();
    unsigned interrupt = gic_acknowledge();
    if (interrupt == NO_INTERRUPT) continue;
    stop_alarm();
    gic_done(interrupt);
  }
}
