// What a hypervisor has to do for a guest where the hardware does not help: routines in C that do the same as the model in
// src/xen/unaccelerated, on the same data structures, run at EL2 and counted. Each line that is printed is the number of
// instructions of one routine: those are the costs that the model charges (docs/xen/unaccelerated.md, section 5).

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"
#include "uart.h"

enum { ENTRIES = 512, BUCKETS = 64, ROUNDS = 16 };

/** Keeps the compiler from knowing a value, and from doing work when nothing is measured. */
#define OPAQUE(value) __asm__ volatile("" : "+r"(value)::"memory")

typedef uint64_t descriptor;
typedef descriptor table[ENTRIES] __attribute__((aligned(4096)));

static const uint64_t VALID = 1, TABLE = 2, HOLES = 1ul << 39, ADDRESS = 0xfffffff000ul;
static const uint64_t TABLE_ATTRIBUTES = 0xf8ul << 56, LEAF_ATTRIBUTES = 0xffe0ul << 48 | 0xfff;

/** A table of the hypervisor in place of a guest's, found by its own frame and by the guest's. */
struct shadow {
  uint64_t frame, guest;
  unsigned level, references;
  bool is_stale;
  struct shadow *next_by_frame, *next_by_guest;
};

struct irq {
  unsigned id, priority;
  bool enabled, pending, active;
  struct irq *next;
};

struct timer {
  uint64_t expires;
  struct timer *next;
};

struct vcpu;

struct region {
  uint64_t base, size;
  bool (*access)(struct vcpu *, unsigned offset, bool write, uint64_t *value);
};

struct vcpu {
  uint64_t x[31], pc, ttbr[2], tcr;
  struct region regions[3];
  struct irq *inflight;
  uint32_t active, mask, control;
  struct timer *timers, timer;
  uint64_t offset, compare, timer_control;
};

static table stage2_1, stage2_2, stage2_3, guest_table, shadow_table;
static struct shadow *by_frame[BUCKETS], *by_guest[BUCKETS];
static struct shadow shadows[2];
static struct vcpu guest;

static unsigned hash(uint64_t frame) { return frame >> 12 & (BUCKETS - 1); }

static struct shadow *find_shadow(uint64_t frame) {
  struct shadow *found = by_frame[hash(frame)];
  while (found != 0 && found->frame != frame) found = found->next_by_frame;
  return found;
}

/** The hypervisor's own stage 2: a frame of the guest, and the level at which it is mapped; 0 if there is none. */
static __attribute__((noinline)) uint64_t look_up(uint64_t address, unsigned *level) {
  const descriptor *at = stage2_1;
  for (unsigned l = 1;; l++) {
    unsigned shift = 12 + 9 * (3 - l);
    descriptor entry = at[address >> shift & (ENTRIES - 1)];
    if ((entry & VALID) == 0) return 0;
    if (l == 3 || (entry & TABLE) == 0) {
      *level = l;
      return (entry & ADDRESS & ~((1ul << shift) - 1)) | (address & ((1ul << shift) - 1));
    }
    at = (const descriptor *)(entry & ADDRESS);
  }
}

/** One entry of a shadow table by the guest's. */
static __attribute__((noinline)) void set_entry(descriptor *to, descriptor entry, unsigned level) {
  descriptor before = *to;
  descriptor value = 0;
  if ((entry & VALID) != 0) {
    bool is_table = (entry & TABLE) != 0 && level < 3;
    if ((entry & 0xff0000000000ul) != 0) value = entry | 1ul << 47;
    else if (is_table) value = (entry & TABLE_ATTRIBUTES) | (entry & ADDRESS) | HOLES | 3;
    else {
      unsigned mapped;
      uint64_t frame = look_up(entry & ADDRESS, &mapped);
      if (frame != 0 && mapped <= level) value = frame | (entry & LEAF_ATTRIBUTES);
      else if (level == 3) value = (entry & ADDRESS) | HOLES | (entry & LEAF_ATTRIBUTES);
      else value = ADDRESS | 3;
    }
  }
  *(volatile descriptor *)to = value;
  // Another table may have hung there.
  if ((before & 3) == 3 && level < 3 && (before & HOLES) == 0) {
    struct shadow *child = find_shadow(before & ADDRESS);
    if (child != 0) child->references--;
  }
}

static __attribute__((noinline)) void clear_table(void) {
  for (unsigned i = 0; i < ENTRIES; i++) {
    descriptor before = shadow_table[i];
    if ((before & 3) == 3 && (before & HOLES) == 0) {
      struct shadow *child = find_shadow(before & ADDRESS);
      if (child != 0) child->references--;
    }
    ((volatile descriptor *)shadow_table)[i] = ADDRESS | 3;
  }
}

/** One level of the walk that a fault needs: the entry, and the table that it leads to. */
static __attribute__((noinline)) struct shadow *walk_level(struct shadow *from, uint64_t address) {
  if (from->is_stale) return 0;
  unsigned shift = 12 + 9 * (3 - from->level);
  descriptor entry = ((descriptor *)from->frame)[address >> shift & (ENTRIES - 1)];
  if ((entry & 3) != 3 || from->level == 3 || (entry & HOLES) != 0) return 0;
  return find_shadow(entry & ADDRESS);
}

/** A guest's store to a table: from the syndrome to the store, without the entries of shadow tables. */
static __attribute__((noinline)) void store_for_guest(struct vcpu *vcpu, uint64_t syndrome, uint64_t address, uint64_t fipa) {
  uint64_t frame = fipa << 8 & ADDRESS;
  struct shadow *found = by_guest[hash(frame)];
  while (found != 0 && found->guest != frame) found = found->next_by_guest;
  if (found == 0 || (syndrome & 1 << 24) == 0 || (syndrome & 1 << 6) == 0) return;
  unsigned number = syndrome >> 16 & 31;
  uint64_t value = number == 31 ? 0 : vcpu->x[number];
  void *to = (void *)(frame | (address & 0xfff));
  switch (syndrome >> 22 & 3) {
    case 0: *(volatile uint8_t *)to = (uint8_t)value; break;
    case 1: *(volatile uint16_t *)to = (uint16_t)value; break;
    case 2: *(volatile uint32_t *)to = (uint32_t)value; break;
    default: *(volatile uint64_t *)to = value;
  }
  vcpu->pc += 4;
}

static struct irq *best(struct vcpu *vcpu) {
  struct irq *irq = vcpu->inflight;
  while (irq != 0 && !(irq->enabled && irq->pending && !irq->active)) irq = irq->next;
  if (irq == 0 || (vcpu->control & 1) == 0 || irq->priority >= vcpu->mask) return 0;
  unsigned running = vcpu->active == 0 ? 32 : (unsigned)__builtin_ctz(vcpu->active);
  return irq->priority >> 3 < running ? irq : 0;
}

static unsigned acknowledge(struct vcpu *vcpu) {
  struct irq *irq = best(vcpu);
  if (irq == 0) return 1023;
  irq->pending = false;
  irq->active = true;
  vcpu->active |= 1u << (irq->priority >> 3);
  return irq->id;
}

static void end(struct vcpu *vcpu, unsigned id) {
  vcpu->active &= vcpu->active - 1;
  struct irq **at = &vcpu->inflight;
  while (*at != 0 && (*at)->id != id) at = &(*at)->next;
  struct irq *irq = *at;
  if (irq == 0 || !irq->active) return;
  irq->active = false;
  if (!irq->pending) *at = irq->next;
}

/** GICC of the guest. */
static bool access_gicc(struct vcpu *vcpu, unsigned offset, bool write, uint64_t *value) {
  switch (offset) {
    case 0x00:
      if (write) vcpu->control = (uint32_t)*value;
      else *value = vcpu->control;
      return true;
    case 0x04:
      if (write) vcpu->mask = *value & 0xf8;
      else *value = vcpu->mask;
      return true;
    case 0x0c:
      if (!write) *value = acknowledge(vcpu);
      return true;
    case 0x10:
      if (write) end(vcpu, *value & 1023);
      return true;
    default:
      return false;
  }
}

/** A load or store of the guest to a device, from the syndrome on. */
static __attribute__((noinline)) bool access_device(struct vcpu *vcpu, uint64_t syndrome, uint64_t address) {
  for (unsigned i = 0; i < 3; i++) {
    struct region *region = &vcpu->regions[i];
    if (address - region->base >= region->size) continue;
    unsigned number = syndrome >> 16 & 31;
    bool write = (syndrome & 1 << 6) != 0;
    uint64_t value = write && number != 31 ? vcpu->x[number] : 0;
    if (!region->access(vcpu, (unsigned)(address - region->base), write, &value)) return false;
    if (!write && number != 31) vcpu->x[number] = value;
    vcpu->pc += 4;
    return true;
  }
  return false;
}

static void insert_timer(struct vcpu *vcpu, uint64_t expires) {
  struct timer **at = &vcpu->timers;
  while (*at != 0 && *at != &vcpu->timer) at = &(*at)->next;
  if (*at != 0) *at = vcpu->timer.next;
  if ((vcpu->timer_control & 3) != 1) return;
  vcpu->timer.expires = expires;
  at = &vcpu->timers;
  while (*at != 0 && (*at)->expires <= expires) at = &(*at)->next;
  vcpu->timer.next = *at;
  *at = &vcpu->timer;
}

enum { CNTVCT = 0x5f02, CNTV_CTL = 0x5f19, CNTV_CVAL = 0x5f1a, TTBR0 = 0x4100, TLBI_VAAE1IS = 0x83 << 3 | 3 };

/** A system register of the guest, from the syndrome on. */
static __attribute__((noinline)) bool access_register(struct vcpu *vcpu, uint64_t syndrome) {
  unsigned encoding = (syndrome >> 20 & 3) << 14 | (syndrome >> 14 & 7) << 11 | (syndrome >> 10 & 15) << 7 |
                      (syndrome >> 1 & 15) << 3 | (syndrome >> 17 & 7);
  bool reads = (syndrome & 1) != 0;
  unsigned number = syndrome >> 5 & 31;
  uint64_t value = number == 31 ? 0 : vcpu->x[number];
  switch (encoding) {
    case CNTVCT: value = READ(cntpct_el0) - vcpu->offset; break;
    case CNTV_CTL:
      if (reads) value = vcpu->timer_control;
      else {
        vcpu->timer_control = value & 3;
        insert_timer(vcpu, vcpu->compare + vcpu->offset);
      }
      break;
    case CNTV_CVAL:
      if (reads) value = vcpu->compare;
      else {
        vcpu->compare = value;
        insert_timer(vcpu, value + vcpu->offset);
      }
      break;
    case TTBR0:
      if (reads) value = vcpu->ttbr[0];
      else {
        vcpu->ttbr[0] = value;
        unsigned level;
        uint64_t frame = look_up(value & ADDRESS, &level);
        struct shadow *found = by_guest[hash(frame)];
        while (found != 0 && found->guest != frame) found = found->next_by_guest;
        WRITE(ttbr0_el1, (found == 0 ? ADDRESS : found->frame) | (value & 0xfffful << 48));
      }
      break;
    case TLBI_VAAE1IS:
      __asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb" ::"r"(value) : "memory");
      break;
    default:
      return false;
  }
  if (reads && number != 31) vcpu->x[number] = value;
  vcpu->pc += 4;
  return true;
}

static uint64_t cycles(void) { return READ(pmccntr_el0); }

/** Prints the instructions of `code`, its call among them, in the mean of some rounds. `before` comes before each. */
#define COUNT(name, before, code)                        \
  do {                                                   \
    uint64_t sum = 0;                                    \
    for (unsigned round = 0; round < ROUNDS; round++) {  \
      before;                                            \
      uint64_t from = cycles();                          \
      code;                                              \
      sum += cycles() - from - overhead;                 \
    }                                                    \
    uart_print(name " ");                                \
    uart_print_number((sum + ROUNDS / 2) / ROUNDS);      \
    uart_print("\n");                                    \
  } while (0)

static void add_shadow(struct shadow *shadow) {
  shadow->next_by_frame = by_frame[hash(shadow->frame)];
  by_frame[hash(shadow->frame)] = shadow;
  shadow->next_by_guest = by_guest[hash(shadow->guest)];
  by_guest[hash(shadow->guest)] = shadow;
}

/** The syndrome of an access to a system register. */
static uint64_t syndrome_of(unsigned encoding, bool reads) {
  return (uint64_t)(encoding >> 14 & 3) << 20 | (encoding >> 11 & 7) << 14 | (encoding >> 7 & 15) << 10 |
         (encoding >> 3 & 15) << 1 | (encoding & 7) << 17 | 5 << 5 | (reads ? 1 : 0);
}

void main(void) {
  uart_start();
  WRITE(pmcr_el0, 1);
  // PMCCFILTR_EL0.NSH: counts at EL2, too.
  WRITE(pmccfiltr_el0, 1ul << 27);
  WRITE(pmcntenset_el0, 1ul << 31);
  uint64_t overhead = cycles();
  overhead = cycles() - overhead;
  overhead = cycles();
  overhead = cycles() - overhead;

  stage2_1[1] = (uint64_t)stage2_2 | 3;
  stage2_2[0] = (uint64_t)stage2_3 | 3;
  stage2_2[1] = 0x200000 | 1;
  for (unsigned i = 0; i < ENTRIES; i++) stage2_3[i] = (uint64_t)guest_table | 3;
  shadows[0] = (struct shadow){.frame = (uint64_t)shadow_table, .guest = (uint64_t)guest_table, .level = 1};
  shadows[1] = (struct shadow){.frame = 0x5000, .guest = 0x6000, .level = 2, .references = 1};
  add_shadow(&shadows[0]);
  add_shadow(&shadows[1]);
  guest.regions[0] = (struct region){.base = 0x3001000, .size = 0x1000};
  guest.regions[1] = (struct region){.base = 0x3002000, .size = 0x2000, .access = access_gicc};
  guest.control = 1;
  guest.mask = 0xf8;
  static struct irq irq = {.id = 27, .priority = 0xa0, .enabled = true};
  static struct timer others[2] = {{.expires = 1000, .next = &others[1]}, {.expires = ~0ul}};
  guest.timers = &others[0];

  descriptor *to = shadow_table;
  descriptor entry = 0;
  OPAQUE(to);
  OPAQUE(entry);
  COUNT("entry", *to = 0, set_entry(to, entry, 3));
  entry = 0x80000000 | 0x703;
  COUNT("entryOfTable", *to = 0, set_entry(to, entry, 2));
  entry = 0x40200000 | 0x701;
  COUNT("entryOfBlock", *to = 0, set_entry(to, entry, 2));
  entry = 0x40000000 | 0x703;
  COUNT("entryOfPage", *to = 0, set_entry(to, entry, 3));
  entry = 0x3002000 | 0x703;
  COUNT("entryOfDevice", *to = 0, set_entry(to, entry, 3));
  shadow_table[2] = 0x5000 | 3;
  COUNT("walk", , walk_level(&shadows[0], 2ul << 30));
  COUNT("clear", , clear_table());
  uint64_t store = 1 << 24 | 3 << 22 | 5 << 16 | 1 << 6;
  OPAQUE(store);
  COUNT("store", , store_for_guest(&guest, store, 8, (uint64_t)guest_table >> 8));
  uint64_t load = 1 << 24 | 2 << 22 | 5 << 16;
  uint64_t write = load | 1 << 6;
  COUNT("interface", guest.x[5] = 0xf8, access_device(&guest, write, 0x3002004));
  COUNT("acknowledge", (guest.active = 0, irq.pending = true, irq.active = false, irq.next = 0, guest.inflight = &irq),
        access_device(&guest, load, 0x300200c));
  COUNT("end", (guest.active = 1 << 20, irq.pending = false, irq.active = true, guest.inflight = &irq, guest.x[5] = 27),
        access_device(&guest, write, 0x3002010));
  COUNT("count", , access_register(&guest, syndrome_of(CNTVCT, true)));
  guest.timer_control = 1;
  COUNT("compare", guest.x[5] = 5000, access_register(&guest, syndrome_of(CNTV_CVAL, false)));
  COUNT("control", guest.x[5] = 1, access_register(&guest, syndrome_of(CNTV_CTL, false)));
  COUNT("root", guest.x[5] = 0x40000000, access_register(&guest, syndrome_of(TTBR0, false)));
  COUNT("tlbi", , access_register(&guest, syndrome_of(TLBI_VAAE1IS, false)));
  uart_flush();
}
