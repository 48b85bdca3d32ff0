// Event channels, for guests without interrupt handlers: interrupts stay masked, but a pending one ends the wait
// (public/event_channel.h).
#pragma once

#include <stdint.h>

/** Maps the page by which Xen tells of events, and enables their interrupt and the timer's. Call this first. */
void events_start(void);

/** A port for a domain to bind to (EVTCHNOP_alloc_unbound). */
uint32_t event_port(unsigned domain);

/** Sleeps until an event comes, or the counter reaches a value. All events that have come are taken. */
void event_wait_until(uint64_t time);
