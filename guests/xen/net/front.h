// The front end of a virtual network interface (public/io/netif.h): Ethernet frames go out and come in.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FRAME_MAX = 1518 };

/** Connects the domain's first interface; false if it has none. Its address goes to `mac`. Prints what it does. */
bool front_start(uint8_t mac[6]);

/** Closes the interface if Dom0 wants that (xl network-detach). Returns whether it is open. Call it when xenstore has changed. */
bool front_is_open(void);

/** Sends a frame. False: Dom0 has not taken the earlier ones yet. */
bool front_send(const void *frame, unsigned length);

/** Takes a frame that has come, of at most FRAME_MAX bytes. Returns its length; 0 if there is none. */
unsigned front_receive(void *frame);
