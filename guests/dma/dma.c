// The general purpose DMA channels, seen by software. Each printed line is what one scenario observed; 0x1xxx are
// interrupts by their IDs, 0x2xxx the channel's status at that time. UG1085 chapter 19.

#include "channel.h"

#include "notes.h"
#include "uart.h"

enum { GDMA0_ID = 32 + 124, ADMA0_ID = 32 + 77 };
/** An address where nothing answers. */
#define NOWHERE 0x9000000000ul

struct descriptor {
  uint64_t address;
  uint32_t size, control;
};
struct linked_descriptor {
  struct descriptor descriptor;
  uint64_t next, reserved;
};

void on_interrupt(unsigned id) {
  uintptr_t channel = id >= GDMA0_ID ? GDMA(id - GDMA0_ID) : ADMA(id - ADMA0_ID);
  uint32_t status = ISR(channel);
  note(0x2000 | status);
  ISR(channel) = status;
}

static unsigned touched(unsigned at, unsigned size) {
  unsigned count = 0;
  for (unsigned i = 0; i < size; i++) count += target[at + i] != 0;
  return count;
}

static void registers(void) {
  for (unsigned i = 0; i < 2; i++) {
    uintptr_t channel = i == 0 ? GDMA(0) : ADMA(7);
    note(CTRL0(channel));
    note(CTRL1(channel));
    note(DATA_ATTR(channel));
    note(IMR(channel));
    note(ISR(channel));
  }
  SRC_DSCR(GDMA(0), 1) = 0xffffffff;
  note(SRC_DSCR(GDMA(0), 1));
  IEN(GDMA(0)) = 0x402;
  note(IMR(GDMA(0)));
  WORD(GDMA(0) + 0x10c) = 0xfff;
  note(IMR(GDMA(0)));
  report("registers");
}

static void copies(void) {
  prepare();
  note(copy(GDMA(0), (uintptr_t)source + 3, (uintptr_t)target + 1001, 5000));
  note(TOTAL_BYTE(GDMA(0)));
  note(differences(1001, 3, 5000));
  note(touched(0, 1001) + touched(6001, 2191));
  note(CTRL2(GDMA(0)));
  TOTAL_BYTE(GDMA(0)) = 0xffffffff;
  note(TOTAL_BYTE(GDMA(0)));
  report("copy");
  prepare();
  for (unsigned i = 0; i < 8; i++) {
    note(copy(GDMA(i), (uintptr_t)source + 512 * i, (uintptr_t)target + 512 * i, 512));
    note(copy(ADMA(i), (uintptr_t)source + 4096 + 512 * i, (uintptr_t)target + 4096 + 512 * i, 512));
  }
  note(differences(0, 0, 8192));
  report("all channels");
}

static void interrupts(void) {
  prepare();
  IEN(GDMA(5)) = DMA_DONE;
  IEN(ADMA(2)) = DMA_DONE;
  enable_interrupt(GDMA0_ID + 5);
  enable_interrupt(ADMA0_ID + 2);
  start_copy(GDMA(5), (uintptr_t)source, (uintptr_t)target, 8192);
  wait_for_notes(2);
  note(differences(0, 0, 8192));
  start_copy(ADMA(2), (uintptr_t)source, (uintptr_t)target, 16);
  wait_for_notes(5);
  report("interrupts");
}

static void modes(void) {
  prepare();
  CTRL0(GDMA(0)) = WRITE_ONLY;
  for (unsigned i = 0; i < 4; i++) WR_ONLY(GDMA(0), i) = 0x03020100 + 0x04040404 * i;
  note(copy(GDMA(0), 0, (uintptr_t)target + 16, 4096));
  unsigned wrong = 0;
  for (unsigned i = 0; i < 4096; i++) wrong += target[16 + i] != i % 16;
  note(wrong);
  note(touched(0, 16) + touched(4112, 4080));
  report("only writing");
  CTRL0(GDMA(0)) = READ_ONLY;
  TOTAL_BYTE(GDMA(0)) = 0xffffffff;
  note(copy(GDMA(0), (uintptr_t)source, (uintptr_t)target + 8000, 64));
  note(TOTAL_BYTE(GDMA(0)));
  note(touched(8000, 64));
  CTRL0(GDMA(0)) = 0;
  report("only reading");
  prepare();
  uint32_t attributes = DATA_ATTR(GDMA(0));
  DATA_ATTR(GDMA(0)) = attributes & ~(3u << 12);
  note(copy(GDMA(0), (uintptr_t)source, (uintptr_t)target, 64));
  note(differences(0, 48, 16));
  note(touched(16, 64));
  DATA_ATTR(GDMA(0)) = attributes & ~(3u << 26);
  note(copy(GDMA(0), (uintptr_t)source, (uintptr_t)target + 64, 64));
  note(differences(64, 0, 16));
  note(differences(112, 0, 16));
  DATA_ATTR(GDMA(0)) = attributes;
  report("fixed bursts");
}

static void start_lists(uintptr_t from, uintptr_t to) {
  SRC_START(GDMA(0), 0) = (uint32_t)from;
  SRC_START(GDMA(0), 1) = 0;
  DST_START(GDMA(0), 0) = (uint32_t)to;
  DST_START(GDMA(0), 1) = 0;
  __asm__ volatile("dsb sy" : : : "memory");
  CTRL2(GDMA(0)) = 1;
}

static void lists(void) {
  static struct linked_descriptor pairs[3][2] __attribute__((aligned(64)));
  prepare();
  for (unsigned i = 0; i < 3; i++) {
    uint32_t end = LINKED | (i == 2 ? STOP : 0);
    pairs[i][0] = (struct linked_descriptor){{(uintptr_t)source + 1024 * i, 1024, end}, (uintptr_t)pairs[i + 1], 0};
    pairs[i][1] = (struct linked_descriptor){
        {(uintptr_t)target + 2048 - 1024 * i, 1024, end | INTERRUPT}, (uintptr_t)&pairs[i + 1][1], 0};
  }
  CTRL0(GDMA(0)) = LISTS;
  start_lists((uintptr_t)pairs[0], (uintptr_t)&pairs[0][1]);
  note(finish(GDMA(0)));
  note(IRQ_DST_ACCT(GDMA(0)));
  note(IRQ_DST_ACCT(GDMA(0)));
  for (unsigned i = 0; i < 3; i++) note(differences(2048 - 1024 * i, 1024 * i, 1024));
  report("linked list");

  static struct descriptor sources[3] __attribute__((aligned(16)));
  static struct descriptor targets[2] __attribute__((aligned(16)));
  prepare();
  sources[0] = (struct descriptor){(uintptr_t)source, 100, 0};
  sources[1] = (struct descriptor){(uintptr_t)source + 100, 200, HALT | INTERRUPT};
  sources[2] = (struct descriptor){(uintptr_t)source + 300, 50, STOP};
  targets[0] = (struct descriptor){(uintptr_t)target, 30, INTERRUPT};
  targets[1] = (struct descriptor){(uintptr_t)target + 30, 320, INTERRUPT};
  start_lists((uintptr_t)sources, (uintptr_t)targets);
  note(finish(GDMA(0)) & ~DMA_DONE);
  note(IRQ_SRC_ACCT(GDMA(0)));
  note(IRQ_DST_ACCT(GDMA(0)));
  note(differences(0, 0, 300) + touched(300, 100));
  CTRL0(GDMA(0)) = LISTS | CONT;
  note(finish(GDMA(0)));
  note(IRQ_DST_ACCT(GDMA(0)));
  note(differences(0, 0, 350) + touched(350, 100));
  report("linear list with a pause");

  start_lists((uintptr_t)sources + 8, (uintptr_t)targets);
  note(finish(GDMA(0)) & ~DMA_DONE);
  note(STATUS(GDMA(0)));
  CTRL0(GDMA(0)) = 0;
  report("unaligned descriptor");
}

/** Code that DMA changes. A core with caches needs maintenance then. */
__attribute__((noinline, aligned(64))) static unsigned answer(void) {
  unsigned value;
  __asm__ volatile("mov %w0, #17" : "=r"(value));
  return value;
}
__attribute__((noinline, aligned(64))) static unsigned other_answer(void) {
  unsigned value;
  __asm__ volatile("mov %w0, #42" : "=r"(value));
  return value;
}

static void code(void) {
  unsigned sum = 0;
  for (unsigned i = 0; i < 1000; i++) sum += answer();
  note(sum);
  note(copy(GDMA(0), (uintptr_t)other_answer, (uintptr_t)answer, 8));
  __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" : : : "memory");
  sum = 0;
  for (unsigned i = 0; i < 1000; i++) sum += answer();
  note(sum);
  report("code");
}

static void errors(void) {
  prepare();
  note(copy(GDMA(0), NOWHERE, (uintptr_t)target, 64));
  note(STATUS(GDMA(0)));
  note(CTRL2(GDMA(0)));
  note(copy(GDMA(0), (uintptr_t)source, NOWHERE, 64));
  report("bus errors");
}

void main(void) {
  uart_start();
  start_interrupts();
  registers();
  copies();
  interrupts();
  modes();
  lists();
  code();
  errors();
  uart_print("done\n");
  uart_flush();
}
