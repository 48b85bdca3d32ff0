#include "uart.h"

#include <stdint.h>

#define UART0 0xff000000ul
#define REGISTER(offset) (*(volatile uint32_t *)(UART0 + (offset)))
#define CR REGISTER(0x00)
#define SR REGISTER(0x2c)
#define FIFO REGISTER(0x30)

enum { CR_RXEN = 1 << 2, CR_TXEN = 1 << 4, SR_TXEMPTY = 1 << 3, SR_TXFULL = 1 << 4 };

void uart_start(void) { CR = CR_RXEN | CR_TXEN; }

static void send(char character) {
  while (SR & SR_TXFULL) {
  }
  FIFO = (uint8_t)character;
}

void uart_print(const char *text) {
  for (; *text != 0; text++) {
    if (*text == '\n') send('\r');
    send(*text);
  }
}

void uart_print_number(unsigned long number) {
  if (number >= 10) uart_print_number(number / 10);
  send((char)('0' + number % 10));
}

void uart_flush(void) {
  while (!(SR & SR_TXEMPTY)) {
  }
}
