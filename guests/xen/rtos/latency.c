#include "latency.h"

// Bucket 16 * p + s holds times whose highest bit is p, and whose next four bits are s.
enum { STEPS = 16, BUCKETS = 40 * STEPS };

static uint32_t buckets[BUCKETS];
static uint64_t count, longest;

static unsigned bucket_of(uint64_t time) {
  if (time < STEPS) return (unsigned)time;
  unsigned top = 63 - (unsigned)__builtin_clzll(time);
  unsigned bucket = (top - 3) * STEPS + ((time >> (top - 4)) & (STEPS - 1));
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/** The largest time of a bucket. */
static uint64_t end_of(unsigned bucket) {
  if (bucket < STEPS) return bucket;
  unsigned top = bucket / STEPS + 3;
  return ((STEPS + bucket % STEPS + 1ull) << (top - 4)) - 1;
}

void latency_add(uint64_t nanoseconds) {
  buckets[bucket_of(nanoseconds)]++;
  count++;
  if (nanoseconds > longest) longest = nanoseconds;
}

uint64_t latency_percentile(unsigned per_mille) {
  uint64_t seen = 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    seen += buckets[i];
    if (seen * 1000 >= count * per_mille && seen > 0) return end_of(i) < longest ? end_of(i) : longest;
  }
  return longest;
}

uint64_t latency_count(void) { return count; }
uint64_t latency_max(void) { return longest; }

void latency_reset(void) {
  for (unsigned i = 0; i < BUCKETS; i++) buckets[i] = 0;
  count = longest = 0;
}
