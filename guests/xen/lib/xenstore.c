#include "xenstore.h"

#include <stdint.h>

#include "console.h"
#include "xen.h"

enum { RING = 1024, PAYLOAD_MAX = 4096 };
enum message_type { READ = 2, WATCH = 4, WRITE = 11, WATCH_EVENT = 15, ERROR = 16 };  // XS_*

/** struct xenstore_domain_interface, the part that is used. */
struct ring {
  char request[RING], response[RING];
  volatile uint32_t request_consumer, request_producer, response_consumer, response_producer;
};

/** struct xsd_sockmsg: the header of each message. */
struct header {
  uint32_t type, request, transaction, length;
};

static struct ring *ring;
static uint32_t port;
static bool changed;

static void barrier(void) { __asm__ volatile("dmb ish" ::: "memory"); }

void xenstore_start(void) {
  ring = (struct ring *)(xen_parameter(HVM_PARAM_STORE_PFN) << 12);
  port = (uint32_t)xen_parameter(HVM_PARAM_STORE_EVTCHN);
}

/** Blocks until Dom0 notifies or an interrupt comes (SCHEDOP_poll). */
static void poll_port(void) {
  uint32_t ports[1] = {port};
  struct { uint32_t *ports; uint32_t count; uint64_t timeout; } poll = {ports, 1, 0};
  hypercall(HYPERCALL_sched_op, 3 /* SCHEDOP_poll */, (unsigned long)&poll, 0);
}

void (*xenstore_meanwhile)(void) = poll_port;

static void send(const void *bytes, unsigned length) {
  for (const char *from = bytes; length > 0; from++, length--) {
    while (ring->request_producer - ring->request_consumer >= RING) xenstore_meanwhile();
    ring->request[ring->request_producer % RING] = *from;
    barrier();
    ring->request_producer++;
  }
}

static void receive(void *bytes, unsigned length) {
  for (char *to = bytes; length > 0; to++, length--) {
    while (ring->response_consumer == ring->response_producer) xenstore_meanwhile();
    barrier();
    *to = ring->response[ring->response_consumer % RING];
    barrier();
    ring->response_consumer++;
  }
}

static unsigned length_of(const char *text) {
  unsigned length = 0;
  while (text[length] != 0) length++;
  return length;
}

/** Takes a message's payload, as much as there is room for. */
static void receive_payload(unsigned length, char *payload, unsigned size) {
  for (unsigned i = 0; i < length; i++) {
    char character;
    receive(&character, 1);
    if (i + 1 < size) payload[i] = character;
  }
  if (size > 0) payload[length < size ? length : size - 1] = 0;
}

/** Replies carry the number of their request; 0 is that of requests whose reply nobody waits for. */
enum { UNANSWERED = 0, ASKED = 1 };

/** Sends a request of two texts. Each ends with a zero, except a value. */
static void request(enum message_type type, uint32_t number, const char *first, const char *second, bool is_value) {
  unsigned second_length = second == 0 ? 0 : length_of(second) + (is_value ? 0 : 1);
  struct header header = {type, number, 0, length_of(first) + 1 + second_length};
  send(&header, sizeof header);
  send(first, length_of(first) + 1);
  send(second, second_length);
  xen_notify(port);
}

/** Sends a request and waits for its reply; false if the reply is an error. */
static bool ask(enum message_type type, const char *first, const char *second, bool is_value, char *reply, unsigned size) {
  request(type, ASKED, first, second, is_value);
  for (;;) {
    struct header header;
    receive(&header, sizeof header);
    bool is_reply = header.type != WATCH_EVENT && header.request == ASKED;
    receive_payload(header.length, reply, is_reply ? size : 0);
    xen_notify(port);
    if (is_reply) return header.type != ERROR;
    changed |= header.type == WATCH_EVENT;
  }
}

void xenstore_tell(const char *path, const char *value) {
  unsigned length = (unsigned)sizeof(struct header) + length_of(path) + 1 + length_of(value);
  if (RING - (ring->request_producer - ring->request_consumer) >= length) request(WRITE, UNANSWERED, path, value, true);
}

bool xenstore_read(const char *path, char *value, unsigned size) { return ask(READ, path, 0, false, value, size); }
bool xenstore_write(const char *path, const char *value) { return ask(WRITE, path, value, true, 0, 0); }
bool xenstore_watch(const char *path) { return ask(WATCH, path, "watch", false, 0, 0); }

bool xenstore_changed(void) {
  struct header header;
  while (ring->response_producer - ring->response_consumer >= sizeof header) {
    receive(&header, sizeof header);
    receive_payload(header.length, 0, 0);
    xen_notify(port);
    changed |= header.type == WATCH_EVENT;
  }
  bool was = changed;
  changed = false;
  return was;
}

static bool same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

void obey_toolstack(void) {
  char request[16];
  if (!xenstore_read("control/shutdown", request, sizeof request) || request[0] == 0) return;
  xenstore_write("control/shutdown", "");
  print("\nAsked to stop: %s\n", request);
  xen_shutdown(same(request, "reboot") ? SHUTDOWN_reboot : SHUTDOWN_poweroff);
}
