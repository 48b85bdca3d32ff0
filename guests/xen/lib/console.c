#include "console.h"

#include <stdarg.h>

#include "xen.h"

/**
 * struct xencons_interface. Each index counts all bytes ever moved; modulo the ring's size it is an offset in the ring.
 */
struct ring {
  char in[1024], out[2048];
  volatile uint32_t in_consumer, in_producer, out_consumer, out_producer;
};

static struct ring *ring;
static uint32_t port;

static void barrier(void) { __asm__ volatile("dmb ish" ::: "memory"); }

void console_start(void) {
  ring = (struct ring *)(xen_parameter(HVM_PARAM_CONSOLE_PFN) << 12);
  port = (uint32_t)xen_parameter(HVM_PARAM_CONSOLE_EVTCHN);
}

static void put(char character) {
  // If the ring is full, notify Dom0 and wait for it. An RTOS that cannot wait must print less.
  while (ring->out_producer - ring->out_consumer >= sizeof ring->out) {
    xen_notify(port);
    hypercall(HYPERCALL_sched_op, 0 /* SCHEDOP_yield */, 0, 0);
  }
  ring->out[ring->out_producer % sizeof ring->out] = character;
  barrier();
  ring->out_producer++;
}

static void put_text(const char *text, int width) {
  int length = 0;
  while (text[length] != 0) length++;
  for (; width > length; width--) put(' ');
  for (; *text != 0; text++) {
    if (*text == '\n') put('\r');
    put(*text);
  }
}

static void put_number(uint64_t number, unsigned base, int width) {
  char digits[21];
  char *first = digits + sizeof digits - 1;
  *first = 0;
  do {
    *--first = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  put_text(first, width);
}

void print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  for (; *format != 0; format++) {
    if (*format != '%') {
      if (*format == '\n') put('\r');
      put(*format);
      continue;
    }
    int width = 0;
    for (format++; *format >= '0' && *format <= '9'; format++) width = 10 * width + *format - '0';
    switch (*format) {
      case 'd': {
        int number = va_arg(arguments, int);
        if (number < 0) put('-');
        put_number(number < 0 ? -(uint64_t)number : (uint64_t)number, 10, width);
        break;
      }
      case 'u': put_number(va_arg(arguments, unsigned), 10, width); break;
      case 'l': put_number(va_arg(arguments, unsigned long), 10, width); break;
      case 'x': put_number(va_arg(arguments, unsigned long), 16, width); break;
      case 's': put_text(va_arg(arguments, const char *), width); break;
      case 'c': put((char)va_arg(arguments, int)); break;
      default: put(*format);
    }
  }
  va_end(arguments);
  xen_notify(port);
}

int console_read(void) {
  if (ring->in_consumer == ring->in_producer) return -1;
  barrier();
  char character = ring->in[ring->in_consumer % sizeof ring->in];
  barrier();
  ring->in_consumer++;
  xen_notify(port);
  return (unsigned char)character;
}
