// A histogram of times. Its steps grow with the time, so that any percentile is exact to one part in sixteen.
#pragma once

#include <stdint.h>

/** Counts one latency, in nanoseconds. */
void latency_add(uint64_t nanoseconds);

/** The latency that `per_mille` of 1000 latencies do not exceed, in nanoseconds. */
uint64_t latency_percentile(unsigned per_mille);

uint64_t latency_count(void);
uint64_t latency_max(void);
void latency_reset(void);
