// dma: a domain that has a DMA channel of the board (UG1085, chapter 19). It copies a page inside its memory. Then it has
// the channel write a page of a frame that is not its own, and says what became of it.
//
// With dtdev = ["/axi/dma-controller@fd500000"] the SMMU translates the channel's addresses by the domain's tables: the
// frame's number is one of the domain, and outside of its memory there is nothing. With iomem alone the channel reaches
// whatever the machine has under that number.
//
//   extra = "frame=N"    the frame that it writes; without it there is nothing but the copy
//   extra = "copy=0"     no copy: without an SMMU that, too, would read and write what the domain does not own
//   extra = "watch=1"    another domain: it holds a page with a text, and looks whether that has changed
//
// Its config has iomem = ["0xfd500,1"], and the board's device tree marks the channel `xen,passthrough`.

#include "command-line.h"
#include "console.h"
#include "sleep.h"
#include "xen.h"

/** The first channel of the full-power domain, GDMA0 (UG1087, module ZDMA). */
#define CHANNEL(offset) (*(volatile uint32_t *)(0xfd500000ul + (offset)))

enum {
  INTERRUPT_STATUS = 0x100,
  CONTROL0 = 0x110,
  SOURCE = 0x128,       // address, low and high; size; control
  DESTINATION = 0x138,
  PATTERN = 0x148,      // what it writes if it only writes: four words
  CONTROL2 = 0x200,
};
enum { WRITE_ONLY = 1 << 4, ENABLE = 1 };
/** INTERRUPT_STATUS: reading or writing ended by an error on the bus, and the end without one. */
enum { WRITE_ERROR = 1 << 9, READ_ERROR = 1 << 8, DONE = 1 << 10, ENDS = DONE | WRITE_ERROR | READ_ERROR };

enum { PAGE = 4096 };
static uint8_t source[PAGE] __attribute__((aligned(PAGE)));
static uint8_t target[PAGE] __attribute__((aligned(PAGE)));

static void sleep_ms(unsigned ms) { sleep_until(now() + ms * ticks_per_second() / 1000); }

/** A descriptor of one page. */
static void describe(unsigned side, uint64_t address) {
  CHANNEL(side) = (uint32_t)address;
  CHANNEL(side + 4) = (uint32_t)(address >> 32);
  CHANNEL(side + 8) = PAGE;
  CHANNEL(side + 12) = 0;
}

/** Moves a page, and returns how it ended. */
static uint32_t transfer(uint32_t mode, uint64_t from, uint64_t to) {
  CHANNEL(INTERRUPT_STATUS) = 0xfff;
  CHANNEL(CONTROL0) = mode;
  describe(SOURCE, from);
  describe(DESTINATION, to);
  __asm__ volatile("dsb sy" ::: "memory");
  CHANNEL(CONTROL2) = ENABLE;
  while ((CHANNEL(INTERRUPT_STATUS) & ENDS) == 0) continue;
  __asm__ volatile("dsb sy" ::: "memory");
  return CHANNEL(INTERRUPT_STATUS) & ENDS;
}

static const char *end_of(uint32_t status) {
  return status & READ_ERROR ? "refused to read" : status & WRITE_ERROR ? "refused to write" : "done";
}

/** A copy from one page of this domain to another. */
static void copy_inside(void) {
  for (unsigned i = 0; i < PAGE; i++) {
    source[i] = (uint8_t)(7 * i + (i >> 8) + 1);
    target[i] = 0;
  }
  uint32_t status = transfer(0, (uintptr_t)source, (uintptr_t)target);
  unsigned arrived = 0;
  for (unsigned i = 0; i < PAGE; i++) arrived += target[i] == source[i];
  print("Inside its memory: %s, %u of %u bytes have arrived.\n", end_of(status), arrived, (unsigned)PAGE);
}

/** The channel writes a frame by itself, so that nothing has to be read before. */
static void write_outside(uint64_t frame) {
  static const char text[16] = "written by DMA!!";
  for (unsigned i = 0; i < 4; i++) {
    const uint8_t *byte = (const uint8_t *)text + 4 * i;
    CHANNEL(PATTERN + 4 * i) = (uint32_t)byte[3] << 24 | (uint32_t)byte[2] << 16 | (uint32_t)byte[1] << 8 | byte[0];
  }
  print("Frame 0x%x, which is not its own: %s.\n", (unsigned)frame, end_of(transfer(WRITE_ONLY, 0, frame * PAGE)));
}

/** Holds a page with a text, and tells when that is another. */
static void watch(void) {
  static const char text[17] = "nobody's but me ";
  for (unsigned i = 0; i < PAGE; i++) target[i] = (uint8_t)text[i % 16];
  print("A page of its memory, frame 0x%x here, holds: %s\n", (unsigned)((uintptr_t)target / PAGE), text);
  for (;;) {
    unsigned changed = 0;
    for (unsigned i = 0; i < PAGE; i++) changed += target[i] != (uint8_t)text[i % 16];
    if (changed > 0) {
      char found[17];
      for (unsigned i = 0; i < 16; i++) found[i] = target[i] >= ' ' && target[i] < 127 ? (char)target[i] : '.';
      found[16] = 0;
      print("%u bytes of the page have changed. It holds: %s\n", changed, found);
      for (unsigned i = 0; i < PAGE; i++) target[i] = (uint8_t)text[i % 16];
    }
    sleep_ms(1);
  }
}

void main(const void *device_tree) {
  console_start();
  gic_enable(VIRTUAL_TIMER);
  const char *line = command_line(device_tree);
  if (option(line, "watch", 0)) watch();
  unsigned long frame = option(line, "frame", 0);
  unsigned long copy = option(line, "copy", 1);
  print("The DMA channel at 0xfd500000 belongs to this domain.\n");
  if (copy) copy_inside();
  if (frame) {
    write_outside(frame);
    if (copy) copy_inside();
  }
  print("The end.\n");
  for (;;) sleep_ms(1000);
}
