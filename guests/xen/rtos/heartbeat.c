#include "heartbeat.h"

#include <stdbool.h>
#include <stdint.h>

#include "heartbeat-page.h"
#include "console.h"
#include "xen.h"
#include "xenstore.h"

/** Where the monitor's page appears: below RAM, among the pages that are shared. */
static struct heartbeat *const page = (struct heartbeat *)0x39200000ul;
static bool is_joined;
static uint32_t port;

/** One turn of the plant: where its arm is to be, in 64 steps. */
static volatile int32_t table[64] = {
  0,     98,    195,   290,   383,   471,   556,   634,   707,   773,   831,   882,   924,   957,   981,   995,
  1000,  995,   981,   957,   924,   882,   831,   773,   707,   634,   556,   471,   383,   290,   195,   98,
  0,     -98,   -195,  -290,  -383,  -471,  -556,  -634,  -707,  -773,  -831,  -882,  -924,  -957,  -981,  -995,
  -1000, -995,  -981,  -957,  -924,  -882,  -831,  -773,  -707,  -634,  -556,  -471,  -383,  -290,  -195,  -98,
};

/** Numbers in a text, apart by blanks; how many. */
static unsigned numbers_in(const char *text, uint32_t *numbers, unsigned most) {
  unsigned count = 0;
  while (*text != 0 && count < most) {
    if (*text < '0' || *text > '9') {
      text++;
      continue;
    }
    numbers[count] = 0;
    for (; *text >= '0' && *text <= '9'; text++) numbers[count] = 10 * numbers[count] + (uint32_t)(*text - '0');
    count++;
  }
  return count;
}

void heartbeat_join(void) {
  char text[40];
  uint32_t numbers[3];
  if (is_joined || !xenstore_read("data/monitor", text, sizeof text) || numbers_in(text, numbers, 3) != 3) return;
  uint16_t domain = (uint16_t)numbers[0];
  // struct gnttab_map_grant_ref: for use by the CPU (GNTMAP_host_map), writable.
  struct { uint64_t address; uint32_t flags, reference; uint16_t domain; int16_t status; uint32_t handle; uint64_t bus; } map = {
    (uint64_t)page, 2, numbers[1], domain, 0, 0, 0};
  hypercall(HYPERCALL_grant_table_op, 0 /* GNTTABOP_map_grant_ref */, (unsigned long)&map, 1);
  // struct evtchn_bind_interdomain
  struct { uint16_t domain; uint32_t remote, local; } bind = {domain, numbers[2], 0};
  long bound = hypercall(HYPERCALL_event_channel_op, 0 /* EVTCHNOP_bind_interdomain */, (unsigned long)&bind, 0);
  if (map.status != 0 || bound != 0) {
    print("\nCannot join the monitor in domain %u: grant %d, event channel %d.\n", domain, map.status, (int)bound);
    return;
  }
  port = bind.local;
  is_joined = true;
  print("\nMonitored by domain %u.\n", domain);
}

void heartbeat_beat(void) {
  if (!is_joined) return;
  uint32_t checksum = 0;
  for (unsigned i = 0; i < 64; i++) checksum = checksum * 31 + (uint32_t)table[i];
  uint64_t beat = page->beats + 1;
  page->output = table[beat % 64];
  page->checksum = checksum;
  page->acted = page->is_active;
  __asm__ volatile("dmb ish" ::: "memory");
  page->beats = beat;
  xen_notify(port);
}

void heartbeat_corrupt(void) {
  for (unsigned i = 20; i < 40; i++) table[i] = (int32_t)(0xdeadbeefu * i);
}
