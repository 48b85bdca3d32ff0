// dma: a domain that has a DMA channel of the board (UG1085, chapter 19). On its console:
//
//   copy                   the channel copies a page inside the domain's memory
//   write FRAME [COUNT]    the channel writes the end of each of these frames, which are not the domain's
//
// With dtdev = ["/axi/dma-controller@fd500000"] the SMMU translates the channel's addresses by the domain's tables: the
// frame's number is one of the domain, and outside of its memory there is nothing. With iomem alone, and no SMMU, the
// channel reaches whatever the machine has under that number: copy, too, then reads and writes what is not the domain's.
//
//   extra = "watch=1"      another domain: it holds a text, and looks whether that has changed. The text is behind the rings
//                          in the page of its console, because Xen tells that page's frame: `xl debug-keys g`
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

enum { PAGE = 4096, END = 512 };
static uint8_t source[PAGE] __attribute__((aligned(PAGE)));
static uint8_t target[PAGE] __attribute__((aligned(PAGE)));

static void sleep_ms(unsigned ms) { sleep_until(now() + ms * ticks_per_second() / 1000); }

/** A descriptor. */
static void describe(unsigned side, uint64_t address, unsigned size) {
  CHANNEL(side) = (uint32_t)address;
  CHANNEL(side + 4) = (uint32_t)(address >> 32);
  CHANNEL(side + 8) = size;
  CHANNEL(side + 12) = 0;
}

/** Moves some bytes, and returns how that ended. */
static uint32_t transfer(uint32_t mode, uint64_t from, uint64_t to, unsigned size) {
  CHANNEL(INTERRUPT_STATUS) = 0xfff;
  CHANNEL(CONTROL0) = mode;
  describe(SOURCE, from, size);
  describe(DESTINATION, to, size);
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
  uint32_t status = transfer(0, (uintptr_t)source, (uintptr_t)target, PAGE);
  unsigned arrived = 0;
  for (unsigned i = 0; i < PAGE; i++) arrived += target[i] == source[i];
  print("Inside its memory: %s, %u of %u bytes have arrived.\n", end_of(status), arrived, (unsigned)PAGE);
}

/** The channel writes the ends of frames by itself, so that nothing has to be read before. */
static void write_outside(uint64_t frame, unsigned count) {
  static const char text[16] = "written by DMA!!";
  for (unsigned i = 0; i < 4; i++) {
    const uint8_t *byte = (const uint8_t *)text + 4 * i;
    CHANNEL(PATTERN + 4 * i) = (uint32_t)byte[3] << 24 | (uint32_t)byte[2] << 16 | (uint32_t)byte[1] << 8 | byte[0];
  }
  unsigned refused = 0;
  for (unsigned i = 0; i < count; i++)
    refused += transfer(WRITE_ONLY, 0, (frame + i + 1) * PAGE - END, END) != DONE;
  print("Outside of its memory, from frame 0x%x on: %u of %u writes have been refused.\n", frame, refused, count);
}

/** Holds a text behind the rings in the console's page, and tells when that is another. */
static void watch(void) {
  static const char text[17] = "nobody's but me ";
  uint64_t frame = xen_parameter(HVM_PARAM_CONSOLE_PFN);
  volatile uint8_t *held = (volatile uint8_t *)((frame + 1) * PAGE - END);
  for (unsigned i = 0; i < END; i++) held[i] = (uint8_t)text[i % 16];
  print("Frame 0x%x of this domain, its console's, ends with: %s\n", frame, text);
  for (;;) {
    unsigned changed = 0;
    for (unsigned i = 0; i < END; i++) changed += held[i] != (uint8_t)text[i % 16];
    if (changed > 0) {
      char found[17];
      for (unsigned i = 0; i < 16; i++) found[i] = held[i] >= ' ' && held[i] < 127 ? (char)held[i] : '.';
      found[16] = 0;
      print("%u bytes of it have changed. It ends with: %s\n", changed, found);
      for (unsigned i = 0; i < END; i++) held[i] = (uint8_t)text[i % 16];
    }
    sleep_ms(1);
  }
}

/** A number behind spaces, decimal or hexadecimal with 0x; 0 if there is none. Moves behind it. */
static uint64_t number(const char **at) {
  const char *digit = *at;
  while (*digit == ' ') digit++;
  unsigned base = digit[0] == '0' && digit[1] == 'x' ? 16 : 10;
  if (base == 16) digit += 2;
  uint64_t value = 0;
  for (;; digit++) {
    unsigned lower = (unsigned)*digit | 0x20;
    unsigned worth = *digit >= '0' && *digit <= '9' ? (unsigned)*digit - '0' : lower - 'a' < 6 ? lower - 'a' + 10 : base;
    if (worth >= base) break;
    value = base * value + worth;
  }
  *at = digit;
  return value;
}

/** Does what a line says. */
static void obey(const char *line) {
  if (line[0] == 'c') return copy_inside();
  if (line[0] == 'w') {
    while (*line != ' ' && *line != 0) line++;
    uint64_t frame = number(&line);
    uint64_t count = number(&line);
    if (frame > 0) return write_outside(frame, count > 0 ? (unsigned)count : 1);
  }
  print("copy                   copy a page inside this domain's memory\n"
        "write FRAME [COUNT]    write the end of each of these frames\n");
}

/** Reads lines. */
static void command(void) {
  char line[64];
  unsigned length = 0;
  print("dma> ");
  for (int key = 0; key != '\r' && key != '\n';) {
    key = console_read();
    if (key < 0) sleep_ms(5);
    else if ((key == 8 || key == 127) && length > 0) length--, print("\b \b");
    else if (key >= ' ' && key < 127 && length < sizeof line - 1) {
      line[length++] = (char)key;
      print("%c", key);
    }
  }
  line[length] = 0;
  print("\n");
  obey(line);
}

void main(const void *device_tree) {
  console_start();
  gic_enable(VIRTUAL_TIMER);
  if (option(command_line(device_tree), "watch", 0)) watch();
  print("This domain has the DMA channel at 0xfd500000. Type copy, or write FRAME.\n");
  for (;;) command();
}
