#include "grants.h"

#include "xen.h"

/** struct grant_entry_v1 */
struct entry {
  volatile uint16_t flags, domain;
  volatile uint32_t frame;
};

enum { PERMIT_ACCESS = 1, READ_ONLY = 4 };  // GTF_*

/** Where Xen says that a domain may map it (GUEST_GNTTAB_BASE). A page has 512 entries; the first 8 are reserved. */
static struct entry *const table = (struct entry *)0x38000000ul;
static uint32_t next = 8;

void grants_start(void) {
  // struct xen_add_to_physmap: page 0 of the space XENMAPSPACE_grant_table.
  struct { uint16_t domain, size; uint32_t space; uint64_t index, frame; } map = {DOMID_SELF, 0, 1, 0, (unsigned long)table >> 12};
  hypercall(HYPERCALL_memory_op, 7 /* XENMEM_add_to_physmap */, (unsigned long)&map, 0);
}

uint32_t grant_page(const void *page, unsigned domain, bool read_only) {
  struct entry *entry = &table[next];
  entry->domain = (uint16_t)domain;
  entry->frame = (uint32_t)((unsigned long)page >> 12);
  // The entry counts from here on, so all else must be visible before.
  __asm__ volatile("dmb ish" ::: "memory");
  entry->flags = PERMIT_ACCESS | (read_only ? READ_ONLY : 0);
  return next++;
}
