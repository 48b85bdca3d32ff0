// net: a domain on the network, without an operating system. It gets an address, answers ARP and pings, and pings its
// gateway when you type p. front.c has the protocol between it and Dom0's driver, ip.c what goes through it.
//
// Try: xl create -c /etc/xen/net.cfg     With extra = "ip=192.168.1.7" it asks no DHCP server.

#include "command-line.h"
#include "console.h"
#include "events.h"
#include "front.h"
#include "grants.h"
#include "ip.h"
#include "time.h"
#include "xenstore.h"

/** The address after `name=` in a command line; 0 if there is none. */
static uint32_t address_option(const char *line, const char *name) {
  for (; *line != 0; line++) {
    const char *at = line, *letter = name;
    while (*letter != 0 && *at == *letter) at++, letter++;
    if (*letter != 0 || *at++ != '=') continue;
    uint32_t address = 0, number = 0;
    for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
      if (*at == '.') address = address << 8 | number, number = 0;
      else number = number * 10 + *at - '0';
    }
    return address << 8 | number;
  }
  return 0;
}

static void print_own_address(void) {
  print("eth0 has address ");
  print_address(own_address);
  print(".\n");
}

static uint8_t frame[FRAME_MAX];

static void receive(void) {
  for (unsigned length; (length = front_receive(frame)) != 0;) ip_receive(frame, length);
}

/** How long pings take, and how much Dom0 takes in. */
static void measure(void) {
  enum { PINGS = 200, FRAMES = 20000 };
  uint64_t least = ~0ull, most = 0, sum = 0;
  // The first one finds the gateway.
  for (unsigned i = 0; i <= PINGS; i++) {
    uint64_t end = now() + ticks_per_second() / 10;
    ping(gateway, false);
    for (receive(); round_trip == 0 && now() < end; receive()) event_wait_until(i == 0 ? now() + ticks_per_second() / 1000 : end);
    if (i == 0) continue;
    if (round_trip == 0) {
      print("The gateway does not answer.\n");
      return;
    }
    if (round_trip < least) least = round_trip;
    if (round_trip > most) most = round_trip;
    sum += round_trip;
  }
  print("%u pings: %l us at least, %l us on average, %l us at most\n", PINGS, (unsigned long)microseconds(least),
        (unsigned long)microseconds(sum / PINGS), (unsigned long)microseconds(most));
  uint64_t start = now();
  for (unsigned i = 0; i < FRAMES; i++) {
    while (!send_filler()) event_wait_until(now() + ticks_per_second() / 1000);
  }
  unsigned long us = (unsigned long)microseconds(now() - start);
  print("%u frames of 1514 bytes: %l MB/s\n", FRAMES, FRAMES * 1514ul / us);
  receive();
}

/** False: q was typed. */
static bool obey_key(int key) {
  if (key == 'p') ping(gateway, true);
  if (key == 'm') measure();
  if (key == 's') print("%l ARP requests and %l pings answered, %l replies.\n", requests_answered, pings_answered, replies_received);
  return key != 'q';
}

void main(const void *device_tree) {
  console_start();
  xenstore_start();
  events_start();
  grants_start();
  const char *line = command_line(device_tree);
  uint8_t mac[6];
  if (!front_start(mac)) {
    print("This domain has no network interface: its config needs a line such as vif = [\"bridge=xenbr0\"].\n");
    return;
  }
  ip_start(mac);
  own_address = address_option(line, "ip");
  gateway = address_option(line, "gateway");
  print("p pings the gateway, m measures, s shows what was answered, q powers off.\n");
  if (own_address != 0) print_own_address();

  xenstore_write("control/feature-poweroff", "1");
  xenstore_write("control/feature-reboot", "1");
  xenstore_watch("control/shutdown");
  uint64_t ask_at = now();
  for (;;) {
    bool had_address = own_address != 0;
    receive();
    if (!had_address && own_address != 0) print_own_address();
    if (own_address == 0 && now() >= ask_at) {
      dhcp_ask();
      ask_at = now() + ticks_per_second();
    }
    for (int key; (key = console_read()) != -1;) {
      if (!obey_key(key)) return;
    }
    if (xenstore_changed()) {
      obey_toolstack();
      front_is_open();
    }
    // Frames, keys and requests of the toolstack come with an event; the time is for DHCP.
    event_wait_until(now() + ticks_per_second());
  }
}
