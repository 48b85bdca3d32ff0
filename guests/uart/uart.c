// What the Cadence UART does (UG1087, module UART), seen by software that polls it. UART1 is tested in local loopback;
// UART0 prints. Each printed line is what one scenario observed: registers and bytes.

#include <stdint.h>

#include "notes.h"
#include "registers.h"
#include "uart.h"

#define UART1(offset) WORD(0xff010000ul + (offset))
#define CR UART1(0x00)
#define MR UART1(0x04)
#define IER UART1(0x08)
#define IDR UART1(0x0c)
#define IMR UART1(0x10)
#define ISR UART1(0x14)
#define BAUDGEN UART1(0x18)
#define RXTOUT UART1(0x1c)
#define RXWM UART1(0x20)
#define SR UART1(0x2c)
#define FIFO UART1(0x30)
#define BAUDDIV UART1(0x34)
#define TXWM UART1(0x44)

#define GICD_ISPENDR(n) WORD(0xf9010200ul + 4 * (n))

enum { RXRES = 1, TXRES = 2, RXEN = 4, RXDIS = 8, TXEN = 16, TXDIS = 32 };
enum { RTRIG = 1, REMPTY = 2, RFUL = 4, TEMPTY = 8, TFUL = 16, ROVR = 32, TIMEOUT = 256 };
enum { LOOPBACK = 0x220, NORMAL = 0x020 };
enum { INTERRUPT = 54 };

static unsigned is_pending(void) { return GICD_ISPENDR(INTERRUPT / 32) >> INTERRUPT % 32 & 1; }

static void start(uint32_t mode) {
  CR = RXRES | TXRES | RXDIS | TXDIS;
  MR = mode;
  IDR = 0x3fff;
  RXTOUT = 0;
  RXWM = 0x20;
  BAUDGEN = 62;
  BAUDDIV = 6;
  CR = RXEN | TXEN;
  ISR = 0x3fff;
}

/** Sends a byte when there is room, and waits until it is back. */
static void loop(uint8_t byte) {
  FIFO = byte;
  while (SR & REMPTY) {
  }
}

static void identity(void) {
  start(LOOPBACK);
  note(CR & 0x3c);
  note(MR);
  note(BAUDGEN);
  note(BAUDDIV);
  note(IMR);
  note(SR & 0x1f);
  report("set up");
}

static void order(void) {
  start(LOOPBACK);
  for (uint32_t i = 0; i < 8; i++) loop((uint8_t)(0xa0 + i));
  for (int i = 0; i < 8; i++) note(FIFO);
  note(SR & REMPTY);
  report("bytes in order");
}

static void masks(void) {
  start(LOOPBACK);
  IER = RTRIG | TIMEOUT;
  IER = REMPTY;
  IDR = TIMEOUT;
  note(IMR);
  note(IER);
  IMR = 0;
  note(IMR);
  IDR = 0x3fff;
  note(IMR);
  report("masks");
}

static void trigger(void) {
  start(LOOPBACK);
  RXWM = 4;
  ISR = 0x3fff;
  IER = RTRIG;
  for (int i = 0; i < 3; i++) loop((uint8_t)i);
  note(ISR & RTRIG);
  note(is_pending());
  FIFO = 3;
  while (!(SR & RTRIG)) {
  }
  note(ISR & RTRIG);
  note(is_pending());
  note(FIFO);
  note(SR & RTRIG);
  note(ISR & RTRIG);  // it stays until it is cleared
  ISR = RTRIG;
  note(ISR & RTRIG);
  note(is_pending());
  report("receive trigger");
}

static void again(void) {
  start(LOOPBACK);
  RXWM = 1;
  loop(1);
  ISR = RTRIG;
  note(ISR & RTRIG);  // an event: the level that still holds does not set it
  report("a condition that holds");
}

static void reset_fifos(void) {
  start(LOOPBACK);
  for (int i = 0; i < 5; i++) loop((uint8_t)i);
  CR = RXRES | RXEN | TXEN;
  note(SR & REMPTY);
  note(CR & 3);
  loop(0x77);
  note(FIFO);
  report("FIFO reset");
}

static void timeout(void) {
  start(LOOPBACK);
  RXTOUT = 10;
  IER = TIMEOUT;
  note(ISR & TIMEOUT);
  loop(0x42);
  CR = RXEN | TXEN | 1 << 6;  // restart the timeout
  while (!(ISR & TIMEOUT)) {
  }
  note(is_pending());
  ISR = TIMEOUT;
  note(ISR & TIMEOUT);
  note(is_pending());
  note(FIFO);
  report("receive timeout");
}

static void disabled(void) {
  start(NORMAL);
  CR = RXDIS | TXDIS;
  FIFO = 1;
  note(SR & TEMPTY);
  CR = RXEN | TXEN;
  while (!(SR & TEMPTY)) {
  }
  note(SR & TFUL);
  report("a transmitter that is disabled");
}

static void depth(void) {
  start(LOOPBACK);
  unsigned held = 0;
  while (!(SR & RFUL)) loop((uint8_t)held++);
  note(held);
  note(ISR & ROVR);
  FIFO = 0xee;
  for (volatile int i = 0; i < 100000; i++) {
  }
  note(ISR & ROVR);
  note(FIFO);
  for (unsigned i = 1; i < held - 1; i++) (void)FIFO;
  note(FIFO);
  note(SR & REMPTY);
  report("receive FIFO");

  start(NORMAL);
  CR = RXEN | TXDIS;
  held = 0;
  while (!(SR & TFUL) && held < 100) {
    FIFO = 0;
    held++;
  }
  note(held);
  TXWM = 8;
  note(SR >> 13 & 1);
  CR = TXRES | RXEN | TXDIS;
  note(SR >> 13 & 1);
  note(SR & TEMPTY);
  CR = RXEN | TXEN;
  report("transmit FIFO");
}

int main(void) {
  uart_start();
  identity();
  order();
  masks();
  trigger();
  again();
  reset_fifos();
  timeout();
  disabled();
  depth();
  uart_print("done\n");
  uart_flush();
  return 0;
}
