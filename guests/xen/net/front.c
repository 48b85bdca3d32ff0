// How it works. Two rings, each in a page that both domains see, carry requests one way and responses the other. To send
// is to put the grant of a page with the frame on the transmit ring; to receive is to have offered the grant of an empty
// page on the receive ring before. Dom0's driver (the back end) copies and responds. Both find each other in xenstore:
// the front end writes what it has made, then its state; the back end answers with its own.

#include "front.h"

#include "console.h"
#include "events.h"
#include "grants.h"
#include "time.h"
#include "xen.h"
#include "xenstore.h"

enum { PAGE = 4096, ENTRIES = 256, BUFFERS = 32, DOM0 = 0 };

/** enum xenbus_state, as text. */
#define INIT_WAIT '2'
#define CONNECTED "4"
#define CLOSING '5'
#define CLOSED "6"

/** struct netif_tx_request and netif_tx_response, which share their place. */
union transmit {
  struct { uint32_t grant; uint16_t offset, flags, id, size; } request;
  struct { uint16_t id; int16_t status; } response;
};

/** struct netif_rx_request and netif_rx_response. */
union receive {
  struct { uint16_t id, pad; uint32_t grant; } request;
  struct { uint16_t id, offset, flags; int16_t status; } response;
};

/** The head of a ring (public/io/ring.h). Indices count all entries ever made; modulo 256 they are places. */
struct head {
  volatile uint32_t request_producer, request_event, response_producer, response_event;
  uint8_t pad[48];
};

static struct { struct head head; union transmit entries[ENTRIES]; } transmit __attribute__((aligned(PAGE)));
static struct { struct head head; union receive entries[ENTRIES]; } receive __attribute__((aligned(PAGE)));
static uint8_t out[BUFFERS][PAGE] __attribute__((aligned(PAGE)));
static uint8_t in[BUFFERS][PAGE] __attribute__((aligned(PAGE)));
static uint32_t out_grants[BUFFERS], in_grants[BUFFERS];
static uint32_t sent, answered, taken;
static uint32_t port;
static bool is_open;
/** Where the back end's state is. */
static char back_state[64];

static void barrier(void) { __asm__ volatile("dmb ish" ::: "memory"); }

/** Writes a number below device/vif/0. */
static void tell(const char *name, uint32_t value) {
  static char path[48], text[11];
  unsigned length = 0;
  for (const char *from = "device/vif/0/"; *from != 0; from++) path[length++] = *from;
  while (*name != 0) path[length++] = *name++;
  path[length] = 0;
  char *digit = text + sizeof text - 1;
  do *--digit = (char)('0' + value % 10); while ((value /= 10) != 0);
  xenstore_write(path, digit);
}

static unsigned hex(char digit) { return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10; }

/** Shows new requests to the back end, and notifies it if it has asked for that (RING_PUSH_REQUESTS_AND_CHECK_NOTIFY). */
static void push(struct head *head, uint32_t producer) {
  uint32_t before = head->request_producer;
  barrier();
  head->request_producer = producer;
  barrier();
  if (producer - head->request_event < producer - before) xen_notify(port);
}

/** Offers a page for a frame to come. */
static void offer(uint32_t index, unsigned buffer) {
  union receive *entry = &receive.entries[index % ENTRIES];
  entry->request.id = (uint16_t)buffer;
  entry->request.grant = in_grants[buffer];
}

bool front_start(uint8_t mac[6]) {
  char text[64];
  if (!xenstore_read("device/vif/0/backend", back_state, sizeof back_state - sizeof "/state")) return false;
  xenstore_read("device/vif/0/mac", text, sizeof text);
  for (unsigned i = 0; i < 6; i++) mac[i] = (uint8_t)(hex(text[3 * i]) << 4 | hex(text[3 * i + 1]));
  print("eth0 is %s, its back end %s.\n", text, back_state);

  // Dom0 has written what its driver can do when the state is InitWait.
  unsigned length = 0;
  while (back_state[length] != 0) length++;
  for (const char *name = "/state"; (back_state[length] = *name) != 0; name++) length++;
  while (!xenstore_read(back_state, text, sizeof text) || text[0] != INIT_WAIT) event_wait_until(now() + ticks_per_second() / 100);

  for (unsigned i = 0; i < BUFFERS; i++) {
    out_grants[i] = grant_page(out[i], DOM0, true);
    in_grants[i] = grant_page(in[i], DOM0, false);
    offer(i, i);
  }
  transmit.head.request_event = transmit.head.response_event = 1;
  receive.head.request_event = receive.head.response_event = 1;
  barrier();
  receive.head.request_producer = BUFFERS;
  port = event_port(DOM0);

  tell("tx-ring-ref", grant_page(&transmit, DOM0, false));
  tell("rx-ring-ref", grant_page(&receive, DOM0, false));
  tell("event-channel", port);
  tell("request-rx-copy", 1);          // the back end copies into our pages
  tell("feature-rx-notify", 1);        // and is notified of new ones
  tell("feature-no-csum-offload", 1);  // frames must come with their checksums
  xenstore_write("device/vif/0/state", CONNECTED);
  xenstore_watch(back_state);
  return is_open = true;
}

bool front_is_open(void) {
  char text[8];
  if (is_open && xenstore_read(back_state, text, sizeof text) && text[0] == CLOSING) {
    is_open = false;
    xenstore_write("device/vif/0/state", CLOSED);
    print("eth0 is closed.\n");
  }
  return is_open;
}

bool front_send(const void *frame, unsigned length) {
  if (!is_open || length > FRAME_MAX) return false;
  answered = transmit.head.response_producer;
  if (sent - answered >= BUFFERS) {
    // Asks for an event when half of the pages are free, and looks again.
    transmit.head.response_event = answered + BUFFERS / 2;
    barrier();
    answered = transmit.head.response_producer;
    if (sent - answered >= BUFFERS) return false;
  }
  barrier();
  // Responses come in the order of the requests, so the pages are free in that order too.
  unsigned buffer = sent % BUFFERS;
  for (unsigned i = 0; i < length; i++) out[buffer][i] = ((const uint8_t *)frame)[i];
  union transmit *entry = &transmit.entries[sent % ENTRIES];
  entry->request.grant = out_grants[buffer];
  entry->request.offset = 0;
  entry->request.flags = 0;
  entry->request.id = (uint16_t)buffer;
  entry->request.size = (uint16_t)length;
  push(&transmit.head, ++sent);
  return true;
}

unsigned front_receive(void *frame) {
  if (!is_open) return 0;
  if (taken == receive.head.response_producer) {
    // Asks for an event with the next one, and looks again: it may have come meanwhile.
    receive.head.response_event = taken + 1;
    barrier();
    if (taken == receive.head.response_producer) return 0;
  }
  barrier();
  union receive *entry = &receive.entries[taken % ENTRIES];
  int length = entry->response.status;
  unsigned buffer = entry->response.id % BUFFERS, offset = entry->response.offset % PAGE;
  if (length > FRAME_MAX) length = FRAME_MAX;
  for (int i = 0; i < length; i++) ((uint8_t *)frame)[i] = in[buffer][offset + i];
  // The page is offered again.
  offer(taken + BUFFERS, buffer);
  push(&receive.head, ++taken + BUFFERS);
  return length < 0 ? 0 : (unsigned)length;
}
