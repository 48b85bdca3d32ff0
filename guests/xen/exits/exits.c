// exits: does one thing over and over that costs little where the hardware helps a guest, and enters the hypervisor where
// it does not. A command on its console names the thing:
//
//   compute     arithmetic, for comparison
//   pages       maps a page of 4 KiB, writes to it, unmaps it and invalidates its translation
//   spaces      goes to another address space, with another ASID, and writes to a page of its own
//   sgi         sends itself an interrupt, takes and ends it
//   timer       sets and stops the virtual timer
//   interrupts  is woken by the virtual timer each millisecond, and measures how late the handler runs
//
// It works for 50 ms of virtual time (interrupts: 250) and prints how often it has done so in a second, with a checksum of
// what it has read back: the same wherever it runs.

#include "console.h"
#include "frame.h"
#include "gic.h"
#include "sleep.h"
#include "xen.h"

#include <stdbool.h>

enum { ENTRIES = 512, PAGES = 64, PERIODS = 250, BUCKETS = 12 };

/** Descriptors of stage 1: as in start.S, for a table and for a page; not global. */
#define TABLE 3ul
#define NORMAL ((1ul << 54) | (1ul << 10) | (3ul << 8) | (1ul << 2) | 3ul)
#define NOT_GLOBAL (1ul << 11)
/** The third GiB of addresses, which is RAM that this guest does not have, is where the pages go. */
#define WINDOW 0x80000000ul

typedef uint64_t table[ENTRIES] __attribute__((aligned(4096)));

static volatile table level1[2], level2[2], level3[2];
static volatile uint64_t pages[PAGES][ENTRIES] __attribute__((aligned(4096)));

static void barrier(void) { __asm__ volatile("dsb ish\n\tisb" ::: "memory"); }

static uint64_t root(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, ttbr0_el1" : "=r"(value));
  return value;
}

static void set_root(uint64_t value) { __asm__ volatile("msr ttbr0_el1, %0\n\tisb" ::"r"(value) : "memory"); }

/** Two address spaces that differ in the window. */
static void make_spaces(void) {
  const volatile uint64_t *first = (const volatile uint64_t *)(root() & 0xfffffffff000ul);
  for (unsigned space = 0; space < 2; space++) {
    for (unsigned i = 0; i < 4; i++) level1[space][i] = first[i];
    level1[space][WINDOW >> 30] = (uint64_t)level2[space] | TABLE;
    level2[space][0] = (uint64_t)level3[space] | TABLE;
    level3[space][ENTRIES - 1] = (uint64_t)pages[space] | NORMAL | NOT_GLOBAL;
  }
  barrier();
  set_root((uint64_t)level1[0]);
}

static unsigned long map_page(unsigned long round) {
  unsigned page = round % PAGES;
  volatile uint64_t *place = (volatile uint64_t *)(WINDOW + 4096ul * page);
  level3[0][page] = (uint64_t)pages[page] | NORMAL | NOT_GLOBAL;
  barrier();
  *place = round;
  unsigned long read = pages[page][0];
  level3[0][page] = 0;
  __asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0" ::"r"((uint64_t)place >> 12) : "memory");
  barrier();
  return read;
}

static unsigned long change_space(unsigned long round) {
  unsigned space = round % 2;
  volatile uint64_t *place = (volatile uint64_t *)(WINDOW + 4096ul * (ENTRIES - 1));
  set_root((uint64_t)level1[space] | (uint64_t)(space + 1) << 48);
  place[1] = round;
  return pages[space][1];
}

static unsigned long send_sgi(unsigned long round) {
  (void)round;
  GICD(0xf00) = 2u << 24 | 1;  // GICD_SGIR: interrupt 1, to itself
  unsigned interrupt = gic_acknowledge();
  gic_done(interrupt);
  return interrupt;
}

static unsigned long set_timer(unsigned long round) {
  (void)round;
  set_alarm(now() + ticks_per_second());
  stop_alarm();
  return 1;
}

static unsigned long compute(unsigned long round) {
  unsigned long sum = round;
  for (unsigned i = 0; i < 1000; i++) sum = sum * 3 + i;
  return sum;
}

/** Does something for a while, as often as it can: how often in a second, and a checksum of the first 100 rounds. */
static void repeat(const char *name, unsigned long (*function)(unsigned long)) {
  const uint64_t length = ticks_per_second() / 20;
  const uint64_t start = now();
  unsigned long rounds = 0, sum = 0;
  uint64_t time;
  do {
    // Whoever reads the counter may pay for it, too.
    for (unsigned i = 0; i < 100; i++, rounds++) {
      unsigned long result = function(rounds);
      if (rounds < 100) sum = sum * 31 + result;
    }
    time = now() - start;
  } while (time < length);
  set_root((uint64_t)level1[0]);
  print("%s: %l a second, checksum %x\n", name, rounds * ticks_per_second() / time, (unsigned)sum);
}

/** Latencies by bucket: below 1, 2, 5, 10, 20, 50 … microseconds. */
static const unsigned ends[BUCKETS] = {1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1000};
static volatile unsigned taken;
static uint64_t release, latencies[PERIODS], ack_time;

struct frame *on_irq(struct frame *frame) {
  uint64_t time = now();
  unsigned interrupt = gic_acknowledge();
  if (interrupt != VIRTUAL_TIMER) {
    if (interrupt != NO_INTERRUPT) gic_done(interrupt);
    return frame;
  }
  gic_done(interrupt);
  ack_time += now() - time;
  latencies[taken++] = time - release;
  release += ticks_per_second() / 1000;
  if (taken < PERIODS) set_alarm(release);
  else stop_alarm();
  return frame;
}

static uint64_t nanoseconds(uint64_t ticks) { return ticks * 1000000000 / ticks_per_second(); }

static void measure_interrupts(void) {
  unsigned counts[BUCKETS] = {0};
  taken = 0;
  ack_time = 0;
  release = now() + ticks_per_second() / 1000;
  set_alarm(release);
  while (taken < PERIODS) {
    // An interrupt that comes between the two instructions is pending then, and ends the wait.
    wait_for_interrupt();
    unmask_interrupts();
    __asm__ volatile("isb");
    mask_interrupts();
  }
  uint64_t sum = 0, longest = 0;
  for (unsigned i = 0; i < PERIODS; i++) {
    uint64_t time = nanoseconds(latencies[i]);
    sum += time;
    if (time > longest) longest = time;
    unsigned bucket = 0;
    while (bucket < BUCKETS - 1 && time >= 1000ul * ends[bucket]) bucket++;
    counts[bucket]++;
  }
  for (unsigned i = 0; i < BUCKETS; i++)
    if (counts[i] != 0) print("  below %u us: %u\n", ends[i], counts[i]);
  print("interrupts: mean %l ns, longest %l ns, taken and ended in %l ns\n", sum / PERIODS, longest,
        nanoseconds(ack_time) / PERIODS);
}

static const struct {
  const char *name;
  unsigned long (*function)(unsigned long);
} things[] = {
    {"compute", compute}, {"pages", map_page}, {"spaces", change_space}, {"sgi", send_sgi}, {"timer", set_timer},
};

static bool equal(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

static void obey(const char *command) {
  if (equal(command, "interrupts")) return measure_interrupts();
  for (unsigned i = 0; i < sizeof things / sizeof *things; i++)
    if (equal(command, things[i].name)) return repeat(things[i].name, things[i].function);
  print("Commands: compute, pages, spaces, sgi, timer, interrupts\n");
}

void main(void) {
  console_start();
  make_spaces();
  gic_enable(VIRTUAL_TIMER);
  GICD(0x100) = 1 << 1;  // GICD_ISENABLER0: the SGI
  print("Commands: compute, pages, spaces, sgi, timer, interrupts\n");
  char command[16];
  unsigned length = 0;
  for (;;) {
    int key = console_read();
    if (key == -1) sleep_until(now() + ticks_per_second() / 100);
    else if (key == '\r') {
      command[length] = 0;
      length = 0;
      print("\n");
      obey(command);
    } else if (length < sizeof command - 1) {
      command[length++] = (char)key;
      print("%c", key);
    }
  }
}
