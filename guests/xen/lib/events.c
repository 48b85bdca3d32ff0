#include "events.h"

#include <stdbool.h>

#include "gic.h"
#include "time.h"
#include "xen.h"

/** struct shared_info on Arm, which begins with the only struct vcpu_info in it. */
struct shared_info {
  volatile uint8_t upcall_pending, upcall_mask;
  volatile uint64_t pending_selector;
  uint64_t reserved[4];
  volatile uint64_t pending[64], mask[64];
};

/** Where the guest wants it: above the pages that xl has placed there. */
static struct shared_info *const shared = (struct shared_info *)0x39100000ul;

void events_start(void) {
  // struct xen_add_to_physmap: one page of the space XENMAPSPACE_shared_info.
  struct { uint16_t domain, size; uint32_t space; uint64_t index, frame; } map = {DOMID_SELF, 0, 0, 0, (unsigned long)shared >> 12};
  hypercall(HYPERCALL_memory_op, 7 /* XENMEM_add_to_physmap */, (unsigned long)&map, 0);
  gic_enable(EVENT_CHANNEL);
  gic_enable(VIRTUAL_TIMER);
}

uint32_t event_port(unsigned domain) {
  // struct evtchn_alloc_unbound
  struct { uint16_t domain, remote; uint32_t port; } allocate = {DOMID_SELF, (uint16_t)domain, 0};
  hypercall(HYPERCALL_event_channel_op, 6 /* EVTCHNOP_alloc_unbound */, (unsigned long)&allocate, 0);
  return allocate.port;
}

/** Takes what is pending; whether anything was. */
static bool take(void) {
  if (!shared->upcall_pending) return false;
  // In this order: an event that comes meanwhile sets both again.
  shared->upcall_pending = 0;
  __asm__ volatile("dmb ish" ::: "memory");
  uint64_t words = __atomic_exchange_n(&shared->pending_selector, 0, __ATOMIC_SEQ_CST);
  for (unsigned word = 0; word < 64; word++) {
    if (words >> word & 1) __atomic_exchange_n(&shared->pending[word], 0, __ATOMIC_SEQ_CST);
  }
  return true;
}

void event_wait_until(uint64_t time) {
  while (!take() && now() < time) {
    set_alarm(time);
    wait_for_interrupt();
    unsigned interrupt = gic_acknowledge();
    if (interrupt == NO_INTERRUPT) continue;
    stop_alarm();
    gic_done(interrupt);
  }
}
