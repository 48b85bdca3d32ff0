// monitor: watches real-time systems that do the same work, and lets one of them control the plant. Each beats once a
// millisecond in a page of its own. One whose heartbeat is late, or whose memory is no longer what it was, has failed: another
// that beats takes over at once, and Dom0 hears of it (data/failed in xenstore).
//
// It measures what the plant sees: how long no output came, and how many periods were missed.
// In the config file: extra = "deadline=2000", microseconds without a heartbeat.

#include <stdbool.h>

#include "command-line.h"
#include "console.h"
#include "events.h"
#include "grants.h"
#include "heartbeat-page.h"
#include "time.h"
#include "xen.h"
#include "xenstore.h"

enum { CHANNELS = 4, NONE = CHANNELS };

struct channel {
  /** Its domain; 0: none. */
  unsigned domain;
  bool is_alive;
  uint64_t beats, last;
  uint32_t checksum;
};

static struct channel channels[CHANNELS];
/** A page for each: what one domain is granted, another does not see. */
static union { struct heartbeat heartbeat; uint8_t bytes[4096]; } pages[CHANNELS] __attribute__((aligned(4096)));

static unsigned active = NONE;
static uint64_t deadline, period;

/** When the plant got its last output; 0: never yet. */
static uint64_t last_output;
static uint64_t outputs, outages, missed, longest;

/** TEXT/N, until the next call. */
static const char *path_of(const char *text, unsigned channel) {
  static char path[32];
  unsigned length = 0;
  while (text[length] != 0) path[length] = text[length], length++;
  path[length++] = '/';
  path[length++] = (char)('0' + channel);
  path[length] = 0;
  return path;
}

static char *put_number(char *end, unsigned number) {
  do *--end = (char)('0' + number % 10); while ((number /= 10) != 0);
  return end;
}

/** Gives a domain a page and an event channel, and tells Dom0 both. */
static void take_on(unsigned index, unsigned domain) {
  struct heartbeat *page = &pages[index].heartbeat;
  *page = (struct heartbeat){0};
  channels[index] = (struct channel){.domain = domain};
  if (active == index) active = NONE;
  char text[24] = {0};
  char *at = put_number(text + sizeof text - 1, event_port(domain));
  *--at = ' ';
  at = put_number(at, grant_page(page, domain, false));
  xenstore_write(path_of("data/offer", index), at);
  print("Channel %u is domain %u.\n", index, domain);
}

/** Looks which domains Dom0 wants to be watched. */
static void look_for_channels(void) {
  for (unsigned i = 0; i < CHANNELS; i++) {
    char text[8];
    unsigned domain = 0;
    if (!xenstore_read(path_of("data/channel", i), text, sizeof text)) continue;
    for (const char *digit = text; *digit >= '0' && *digit <= '9'; digit++) domain = domain * 10 + (unsigned)(*digit - '0');
    if (domain != 0 && domain != channels[i].domain) take_on(i, domain);
  }
}

static void print_ms(uint64_t ticks) {
  unsigned long us = (unsigned long)microseconds(ticks);
  print("%l.%c%c%c ms", us / 1000, (int)('0' + us / 100 % 10), (int)('0' + us / 10 % 10), (int)('0' + us % 10));
}

/** The plant gets an output. */
static void act(uint64_t time) {
  static unsigned before = NONE;
  uint64_t gap = time - last_output;
  bool is_late = last_output != 0 && gap > period + period / 2;
  unsigned long lost = is_late ? (unsigned long)((gap + period / 2) / period - 1) : 0;
  outputs++;
  if (is_late) {
    outages++;
    missed += lost;
    if (gap > longest) longest = gap;
  }
  if (last_output == 0) print("Channel %u controls the plant.\n", active);
  else if (is_late || active != before) {
    print("Channel %u controls the plant again: no output for ", active);
    print_ms(gap);
    print(", %l missed.\n", lost);
  }
  before = active;
  last_output = time;
}

static void fail(unsigned index, const char *reason) {
  channels[index].is_alive = false;
  pages[index].heartbeat.is_active = 0;
  if (active == index) active = NONE;
  print("Channel %u has failed: %s.\n", index, reason);
  // Dom0 may be dead too: nobody waits for it here.
  xenstore_tell(path_of("data/failed", index), reason);
}

static void look_at(unsigned index, uint64_t time) {
  struct channel *channel = &channels[index];
  struct heartbeat *page = &pages[index].heartbeat;
  uint64_t beats = page->beats;
  if (channel->domain == 0) return;
  if (beats == channel->beats) {
    if (channel->is_alive && time - channel->last > deadline) fail(index, "no heartbeat");
    return;
  }
  __asm__ volatile("dmb ish" ::: "memory");
  if (channel->beats == 0) {
    channel->checksum = page->checksum;
    channel->is_alive = true;
  }
  channel->beats = beats;
  channel->last = time;
  if (channel->is_alive && page->checksum != channel->checksum) fail(index, "its memory has changed");
  else if (index == active && page->acted != 0) act(time);
}

/** If no channel controls the plant, the first that beats does. */
static void choose(void) {
  for (unsigned i = 0; active == NONE && i < CHANNELS; i++)
    if (channels[i].is_alive) active = i, pages[i].heartbeat.is_active = 1;
}

/** When the next heartbeat is late. */
static uint64_t next_deadline(uint64_t time) {
  uint64_t next = time + ticks_per_second() / 10;
  for (unsigned i = 0; i < CHANNELS; i++)
    if (channels[i].is_alive && channels[i].last + deadline + 1 < next) next = channels[i].last + deadline + 1;
  return next;
}

/** Watches until something happens. */
static void watch(void) {
  uint64_t time = now();
  for (unsigned i = 0; i < CHANNELS; i++) look_at(i, time);
  choose();
  // Heartbeats, keys and xenstore come with an event.
  event_wait_until(next_deadline(now()));
}

static void stat(void) {
  for (unsigned i = 0; i < CHANNELS; i++) {
    if (channels[i].domain == 0) continue;
    print("channel %u: domain %u, %s, %l beats\n", i, channels[i].domain,
          i == active ? "in control" : channels[i].is_alive ? "in the shadow" : "silent", channels[i].beats);
  }
  print("plant: %l outputs, %l outages, %l missed; longest ", outputs, outages, missed);
  print_ms(longest);
  if (last_output != 0) print(", last output "), print_ms(now() - last_output), print(" ago");
  print("\n");
}

static void obey_key(int key) {
  if (key == 's') stat();
  if (key == 'r') outputs = outages = missed = longest = 0;
  if (key == 'q') xen_shutdown(SHUTDOWN_poweroff);
}

void main(const void *device_tree) {
  console_start();
  xenstore_start();
  events_start();
  grants_start();
  deadline = option(command_line(device_tree), "deadline", 2000) * ticks_per_second() / 1000000;
  period = ticks_per_second() / 1000;
  print("Monitor: a channel has failed after %l us without a heartbeat. s shows the state, r begins to count again, q ends.\n",
        (unsigned long)microseconds(deadline));
  xenstore_write("control/feature-poweroff", "1");
  xenstore_watch("control/shutdown");
  xenstore_watch("data/channel");
  // Whoever is watched is watched while Dom0 takes its time, too.
  xenstore_meanwhile = watch;
  for (;;) {
    for (int key; (key = console_read()) != -1;) obey_key(key);
    if (xenstore_changed()) {
      obey_toolstack();
      look_for_channels();
    }
    watch();
  }
}
