#include "notes.h"

#include "uart.h"

static volatile uint32_t notes[64];
static volatile unsigned count;

void note(uint32_t value) {
  if (count < 64) notes[count++] = value;
}

unsigned noted(void) { return count; }

void print_hex(uint32_t value) {
  char text[9];
  int at = 8;
  text[at] = 0;
  do {
    text[--at] = "0123456789abcdef"[value & 15];
    value >>= 4;
  } while (value != 0);
  uart_print(&text[at]);
}

void report(const char *name) {
  uart_print(name);
  uart_print(":");
  for (unsigned i = 0; i < count; i++) {
    uart_print(" ");
    print_hex(notes[i]);
  }
  uart_print("\n");
  count = 0;
}
