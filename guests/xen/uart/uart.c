// uart: a domain that has a device of the board, the second serial port (UG1085, chapter 21), and takes its interrupt.
// It sends bytes to itself in loopback and prints what came of enabling, disabling and ending the interrupt.
//
// Its config has iomem = ["0xff010,1"] and irqs = [54], and the board's device tree marks the port `xen,passthrough`.

#include "console.h"
#include "frame.h"
#include "gic.h"
#include "time.h"
#include "xen.h"

#define UART1(offset) (*(volatile uint32_t *)(0xff010000ul + (offset)))

enum {
  CONTROL = 0x00,
  MODE = 0x04,
  INTERRUPT_ENABLE = 0x08,
  INTERRUPT_DISABLE = 0x0c,
  INTERRUPT_STATUS = 0x14,
  BAUD_GENERATOR = 0x18,
  RECEIVE_TRIGGER = 0x20,
  STATUS = 0x2c,
  FIFO = 0x30,
  BAUD_DIVIDER = 0x34,
};
enum { RECEIVE_TRIGGERED = 1 << 0, RECEIVE_EMPTY = 1 << 1, TRANSMIT_EMPTY = 1 << 3 };

/** SPI 22. */
enum { INTERRUPT = 54 };
#define BIT (1u << (INTERRUPT - 32))
enum { ISENABLER1 = 0x104, ICENABLER1 = 0x184, IPRIORITYR = 0x400, ITARGETSR = 0x800, ICFGR3 = 0xc0c };

static volatile unsigned interrupts, received, emptied;
static volatile char bytes[32];

struct frame *on_irq(struct frame *frame) {
  unsigned id = gic_acknowledge();
  if (id == NO_INTERRUPT) return frame;
  interrupts++;
  uint32_t status = UART1(INTERRUPT_STATUS);
  UART1(INTERRUPT_STATUS) = status;
  while ((UART1(STATUS) & RECEIVE_EMPTY) == 0) bytes[received++ % sizeof bytes] = UART1(FIFO);
  if (status & TRANSMIT_EMPTY) emptied++;
  gic_done(id);
  return frame;
}

static void wait_ms(unsigned ms) {
  uint64_t end = now() + ms * ticks_per_second() / 1000;
  while (now() < end) continue;
}

static void send(char byte) {
  UART1(FIFO) = byte;
  wait_ms(1);
}

static void report(const char *when) {
  print("%s: %u interrupts, %u bytes", when, interrupts, received);
  if (received > 0) print(", the last is %c", bytes[(received - 1) % sizeof bytes]);
  print(".\n");
}

void main(void) {
  console_start();
  print("The serial port of this domain interrupts with %u.\n", INTERRUPT);
  UART1(CONTROL) = 0x03;         // reset both sides
  UART1(CONTROL) = 0x14;         // enable them
  UART1(MODE) = 0x220;           // local loopback, 8 bits, no parity
  UART1(BAUD_GENERATOR) = 62;
  UART1(BAUD_DIVIDER) = 6;
  UART1(RECEIVE_TRIGGER) = 1;
  UART1(INTERRUPT_DISABLE) = 0x3fff;
  UART1(INTERRUPT_STATUS) = 0x3fff;
  UART1(INTERRUPT_ENABLE) = RECEIVE_TRIGGERED;

  GICD(0x000) = 1;
  GICC(0x004) = 0xff;
  GICC(0x000) = 1;
  print("Type %x, targets %x, priority %x.\n", GICD(ICFGR3) >> 12 & 3, GICD(ITARGETSR + 52) >> 16 & 0xff,
        GICD(IPRIORITYR + 52) >> 16 & 0xff);
  unmask_interrupts();

  send('A');
  report("Not enabled");
  GICD(ISENABLER1) = BIT;
  wait_ms(1);
  report("Enabled");
  for (char byte = 'a'; byte <= 'e'; byte++) send(byte);
  report("Five more");
  GICD(ICENABLER1) = BIT;
  send('Z');
  report("Disabled");
  GICD(ISENABLER1) = BIT;
  wait_ms(1);
  report("Enabled again");

  UART1(INTERRUPT_ENABLE) = TRANSMIT_EMPTY;
  send('T');
  UART1(INTERRUPT_DISABLE) = TRANSMIT_EMPTY;
  report("One sent");
  print("The transmitter was empty %s.\n", emptied > 0 ? "and said so" : "and was silent");

  mask_interrupts();
  send('L');
  print("%u is taken and left active.\n", gic_acknowledge());
}
