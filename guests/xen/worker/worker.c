// worker: a server. It joins the clients on its network, does the work that they ask for, one request after the other,
// and answers. While there is none it waits for an interrupt, and its pCPU idles. Asked to stop (xl shutdown), it takes
// no new requests, answers those that it has, and powers off.
//
// In the config file: extra = "slots=4" is how many requests it takes at a time.
// The messages, in UDP, are those of src/soc/net/clients/protocol.ts.

#include "command-line.h"
#include "console.h"
#include "events.h"
#include "grants.h"
#include "time.h"
#include "xenstore.h"

#include "../net/front.h"
#include "../net/ip.h"

enum { CLIENTS_PORT = 7000, OWN_PORT = 7001, QUEUE = 64 };

struct request {
  uint8_t mac[6];
  uint32_t address;
  unsigned port;
  uint32_t id, microseconds;
};

/** The clients want to know who serves. */
static bool is_asked_for = true;

/** Requests that have come and are not done yet. Indices count all; modulo QUEUE they are places. */
static struct request queue[QUEUE];
static unsigned long come, done;

static uint8_t frame[FRAME_MAX];

static uint32_t number(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void take_request(const struct datagram *datagram) {
  const uint8_t *data = datagram->data;
  if (datagram->port == OWN_PORT && datagram->length > 0 && data[0] == 'W') is_asked_for = true;
  if (datagram->port != OWN_PORT || datagram->length < 9 || data[0] != 'Q' || come - done == QUEUE) return;
  struct request *request = &queue[come++ % QUEUE];
  for (unsigned i = 0; i < 6; i++) request->mac[i] = datagram->mac[i];
  request->address = datagram->address;
  request->port = datagram->from_port;
  request->id = number(data + 1);
  request->microseconds = number(data + 5);
}

static void receive(void) {
  for (unsigned length; (length = front_receive(frame)) != 0;) ip_receive(frame, length);
}

/** Computes for so long on a Cortex-A53 at 1.2 GHz: a round has two instructions, which take a cycle each here. */
static void work(uint32_t microseconds) {
  for (uint64_t rounds = 600ul * microseconds; rounds > 0; rounds--) __asm__ volatile("" ::: "memory");
}

/** Tells whoever waits for servers. */
static void tell_clients(char letter, unsigned slots) {
  const uint8_t message[2] = {(uint8_t)letter, (uint8_t)slots};
  udp_send(everybody, 0xffffffff, OWN_PORT, CLIENTS_PORT, message, sizeof message);
}

/** Does the oldest request. */
static void serve(void) {
  const struct request *request = &queue[done % QUEUE];
  work(request->microseconds);
  const uint32_t id = request->id;
  const uint8_t answer[5] = {'A', (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
  udp_send(request->mac, request->address, OWN_PORT, request->port, answer, sizeof answer);
  done++;
}

/** Whether the toolstack wants this domain to stop. */
static bool is_to_stop(void) {
  char text[16];
  return xenstore_read("control/shutdown", text, sizeof text) && text[0] != 0;
}

void main(const void *device_tree) {
  console_start();
  xenstore_start();
  events_start();
  grants_start();
  uint8_t mac[6];
  if (!front_start(mac)) {
    print("This domain has no network interface: its config needs a line such as vif = [\"bridge=xenbr0\"].\n");
    return;
  }
  ip_start(mac);
  udp_received = take_request;
  xenstore_write("control/feature-poweroff", "1");
  xenstore_write("control/feature-reboot", "1");
  xenstore_watch("control/shutdown");
  for (uint64_t ask_at = 0; own_address == 0; receive()) {
    if (now() >= ask_at) {
      dhcp_ask();
      ask_at = now() + ticks_per_second();
    }
    event_wait_until(ask_at);
  }
  unsigned slots = (unsigned)option(command_line(device_tree), "slots", 4);
  print("A worker at ");
  print_address(own_address);
  print(", which takes %u requests at a time.\n", slots);

  // When it may power off; 0 while it is not to stop.
  uint64_t stops_at = 0;
  for (;;) {
    receive();
    if (is_asked_for && stops_at == 0) tell_clients('J', slots);
    is_asked_for = false;
    if (xenstore_changed()) {
      front_is_open();
      if (stops_at == 0 && is_to_stop()) {
        tell_clients('L', 0);
        // What was sent before the clients knew is on its way for some microseconds.
        stops_at = now() + ticks_per_second() / 1000;
      }
    }
    if (come != done) serve();
    else if (stops_at != 0 && now() >= stops_at) obey_toolstack();
    else event_wait_until(stops_at != 0 ? stops_at : now() + ticks_per_second());
  }
}
