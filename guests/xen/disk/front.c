// How it works. One ring, in a page that both domains see, carries requests one way and responses the other, which take the
// requests' places. A request names sectors, and a page of ours by its grant; Dom0's driver (the back end) copies between the
// two and responds. Both find each other in xenstore: the back end writes what it can do, the front end where its ring is,
// and each its state.

#include "front.h"

#include "console.h"
#include "events.h"
#include "grants.h"
#include "time.h"
#include "xen.h"
#include "xenstore.h"

enum { PAGE = 4096, ENTRIES = 32, DOM0 = 0 };
enum { READ = 0, WRITE = 1, FLUSH = 3 };  // BLKIF_OP_*

/** enum xenbus_state, as text. */
#define INIT_WAIT '2'
#define INITIALISED "3"
#define CONNECTED '4'
#define CONNECTED_TEXT "4"

/** struct blkif_request with its first segment, and struct blkif_response. They share their place. */
union entry {
  struct {
    uint8_t operation, segments;
    uint16_t handle;
    uint64_t id, sector;
    uint32_t grant;
    uint8_t first, last;  // sectors of the page
    uint8_t others[10 * 8];
  } request;
  struct { uint64_t id; uint8_t operation; int16_t status; } response;
};

/** struct blkif_sring (public/io/ring.h). Indices count all entries ever made; modulo 32 they are places. */
static struct {
  volatile uint32_t request_producer, request_event, response_producer, response_event;
  uint8_t pad[48];
  union entry entries[ENTRIES];
} ring __attribute__((aligned(PAGE)));

/** The page that goes with each request. One request at a time is enough here. */
static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
static uint32_t page_grant, port, asked;

static char device[64], backend[64];

static void barrier(void) { __asm__ volatile("dmb ish" ::: "memory"); }

/** DIRECTORY/NAME, until the next call. */
static const char *join(const char *directory, const char *name) {
  static char path[96];
  unsigned length = 0;
  while (*directory != 0) path[length++] = *directory++;
  path[length++] = '/';
  while (*name != 0) path[length++] = *name++;
  path[length] = 0;
  return path;
}

static void tell(const char *name, uint32_t value) {
  static char text[11];
  char *digit = text + sizeof text - 1;
  do *--digit = (char)('0' + value % 10); while ((value /= 10) != 0);
  xenstore_write(join(device, name), digit);
}

/** A number that the back end has written; 0 if there is none. */
static uint64_t told(const char *name) {
  char text[24];
  uint64_t value = 0;
  if (!xenstore_read(join(backend, name), text, sizeof text)) return 0;
  for (const char *digit = text; *digit >= '0' && *digit <= '9'; digit++) value = value * 10 + (uint64_t)(*digit - '0');
  return value;
}

/** Waits until the back end is in a state; false if it closes instead. */
static bool wait_for(char state) {
  char text[4];
  for (;;) {
    if (xenstore_read(join(backend, "state"), text, sizeof text)) {
      if (text[0] == state) return true;
      if (text[0] > CONNECTED) return false;
    }
    event_wait_until(now() + ticks_per_second() / 1000);
  }
}

/** The names under which xl gives a domain its first disk: numbers of xvda, sda and hda. */
static bool find(void) {
  static const char *const names[] = {"device/vbd/51712", "device/vbd/2048", "device/vbd/768"};
  for (unsigned i = 0; i < 3; i++) {
    unsigned length = 0;
    for (; names[i][length] != 0; length++) device[length] = names[i][length];
    device[length] = 0;
    if (xenstore_read(join(device, "backend"), backend, sizeof backend)) return true;
  }
  return false;
}

bool disk_start(struct disk *disk) {
  if (!find()) return false;
  print("%s: its back end is %s.\n", device, backend);
  if (!wait_for(INIT_WAIT)) return false;
  ring.request_event = ring.response_event = 1;
  page_grant = grant_page(page, DOM0, false);
  port = event_port(DOM0);
  tell("ring-ref", grant_page(&ring, DOM0, false));
  tell("event-channel", port);
  xenstore_write(join(device, "protocol"), "arm-abi");
  xenstore_write(join(device, "state"), INITIALISED);
  // Dom0 has mapped the ring and opened the disk when it says Connected; only then its size is known.
  if (!wait_for(CONNECTED)) return false;
  xenstore_write(join(device, "state"), CONNECTED_TEXT);
  disk->sectors = told("sectors");
  disk->is_read_only = (told("info") & 4) != 0;  // VDISK_READONLY
  disk->has_flush = told("feature-flush-cache") == 1;
  return true;
}

/** Puts a request into the ring and waits for its response. */
static bool ask(uint8_t operation, uint64_t sector, unsigned count) {
  union entry *entry = &ring.entries[asked % ENTRIES];
  entry->request.operation = operation;
  entry->request.segments = count > 0;
  entry->request.handle = 0;
  entry->request.id = asked;
  entry->request.sector = sector;
  entry->request.grant = page_grant;
  entry->request.first = 0;
  entry->request.last = (uint8_t)(count - 1);
  // The back end asks for an event by an index (RING_PUSH_REQUESTS_AND_CHECK_NOTIFY).
  barrier();
  ring.request_producer = ++asked;
  barrier();
  if (ring.request_event == asked) xen_notify(port);
  ring.response_event = asked;
  barrier();
  while (ring.response_producer != asked) event_wait_until(now() + ticks_per_second());
  barrier();
  return entry->response.status == 0;
}

static void copy(uint8_t *to, const uint8_t *from, unsigned count) {
  for (unsigned i = 0; i < count; i++) to[i] = from[i];
}

bool disk_read(uint64_t sector, unsigned count, void *data) {
  if (!ask(READ, sector, count)) return false;
  copy(data, page, count * SECTOR);
  return true;
}

bool disk_write(uint64_t sector, unsigned count, const void *data) {
  copy(page, data, count * SECTOR);
  return ask(WRITE, sector, count);
}

bool disk_flush(void) { return ask(FLUSH, 0, 0); }
