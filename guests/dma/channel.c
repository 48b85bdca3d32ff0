#include "channel.h"

#include "notes.h"
#include "uart.h"

#define GICD 0xf9010000ul
#define GICC 0xf9020000ul

uint8_t source[8192] __attribute__((aligned(4096)));
uint8_t target[8192] __attribute__((aligned(4096)));
extern const char vectors[];

void take_interrupt(void) {
  uint32_t iar = WORD(GICC + 0x0c);
  note(0x1000 | (iar & 1023));
  on_interrupt(iar & 1023);
  WORD(GICC + 0x10) = iar;
}

void unexpected_exception(void) {
  uart_print("unexpected exception, ESR_EL2 ");
  print_hex((uint32_t)READ(esr_el2));
  uart_print("\n");
  uart_flush();
}

void start_interrupts(void) {
  WRITE(vbar_el2, vectors);
  WRITE(hcr_el2, 1ul << 31 | 1 << 4 | 1 << 3);
  WORD(GICD) = 1;
  WORD(GICC + 0x04) = 0xf0;
  WORD(GICC) = 1;
}

void enable_interrupt(unsigned id) {
  *(volatile uint8_t *)(GICD + 0x400 + id) = 0x80;
  *(volatile uint8_t *)(GICD + 0x800 + id) = 1;
  WORD(GICD + 0x100 + id / 32 * 4) = 1u << id % 32;
}

void wait_for_notes(unsigned count) {
  while (noted() < count) {
    __asm__ volatile("dsb sy\n\twfi" : : : "memory");
    __asm__ volatile("msr daifclr, #2\n\tisb\n\tmsr daifset, #2" : : : "memory");
  }
}

void prepare(void) {
  for (unsigned i = 0; i < sizeof source; i++) {
    source[i] = (uint8_t)(7 * i + (i >> 8) + 1);
    target[i] = 0;
  }
  __asm__ volatile("dsb sy" : : : "memory");
}

void start_copy(uintptr_t channel, uint64_t from, uint64_t to, uint32_t size) {
  SRC_DSCR(channel, 0) = (uint32_t)from;
  SRC_DSCR(channel, 1) = (uint32_t)(from >> 32);
  SRC_DSCR(channel, 2) = size;
  SRC_DSCR(channel, 3) = 0;
  DST_DSCR(channel, 0) = (uint32_t)to;
  DST_DSCR(channel, 1) = (uint32_t)(to >> 32);
  DST_DSCR(channel, 2) = size;
  DST_DSCR(channel, 3) = 0;
  CTRL2(channel) = 1;
}

uint32_t finish(uintptr_t channel) {
  while ((ISR(channel) & ENDS) == 0) {
  }
  uint32_t status = ISR(channel);
  ISR(channel) = status;
  __asm__ volatile("dsb sy" : : : "memory");
  return status;
}

uint32_t copy(uintptr_t channel, uint64_t from, uint64_t to, uint32_t size) {
  start_copy(channel, from, to, size);
  return finish(channel);
}

unsigned differences(unsigned at, unsigned from, unsigned size) {
  unsigned count = 0;
  for (unsigned i = 0; i < size; i++) count += target[at + i] != source[from + i];
  return count;
}
