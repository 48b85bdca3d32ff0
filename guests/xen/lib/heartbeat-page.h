// What a monitored RTOS and its monitor share: a page of the monitor's, which it grants to the RTOS, and an event channel
// by which the RTOS says that it has written. Dom0 introduces the two: it gives the monitor the number of the RTOS's domain, and
// the RTOS what the monitor answers (/etc/xen/scripts/redundancy).
#pragma once

#include <stdint.h>

struct heartbeat {
  /** Written by the RTOS once in its period, `beats` last. */
  volatile int32_t output;      // what its control task would have the plant do
  volatile uint32_t checksum;   // of the table from which that comes: it never changes in a sound memory
  volatile uint32_t acted;      // it knew that its output counts
  volatile uint32_t unused;
  volatile uint64_t beats;
  /** Written by the monitor: the output goes to the plant. Otherwise the RTOS runs in the shadow, and nobody hears it. */
  volatile uint32_t is_active;
};
