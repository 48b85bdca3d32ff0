// hello: the smallest guest that does something useful. It greets on its console, says what it finds about itself,
// sends every key back, and ends as you ask. While nothing is typed it sleeps and costs the other domains nothing.
//
// Try: xl create -c /etc/xen/hello.cfg

#include "console.h"
#include "sleep.h"
#include "xen.h"

static uint64_t exception_level(void) {
  uint64_t level;
  __asm__("mrs %0, CurrentEL" : "=r"(level));
  return level >> 2;
}

void main(void) {
  console_start();
  long version = hypercall(HYPERCALL_xen_version, 0 /* XENVER_version */, 0, 0);
  print("Hello from a domain of Xen %u.%u, at EL%u.\n", (unsigned)version >> 16, (unsigned)version & 0xffff,
        (unsigned)exception_level());
  print("Type something; q powers off, r reboots, c crashes.\n");

  gic_enable(VIRTUAL_TIMER);
  for (;;) {
    int key = console_read();
    switch (key) {
      case -1:
        sleep_until(now() + ticks_per_second() / 50);
        break;
      case 'q':
        print("\nGood bye.\n");
        return;
      case 'r':
        print("\nSee you again.\n");
        xen_shutdown(SHUTDOWN_reboot);
      case 'c':
        print("\nOh no.\n");
        xen_shutdown(SHUTDOWN_crash);
      case '\r':
        print("\n");
        break;
      default:
        print("%c", key);
    }
  }
}
