// As much of ARP, IPv4, ICMP, UDP and DHCP as a station needs to get an address, to answer a ping, and to serve.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** An IPv4 address with its first number in the highest byte; 0 while there is none. */
extern uint32_t own_address, gateway;
extern unsigned long requests_answered, pings_answered, replies_received;

void ip_start(const uint8_t mac[6]);

/** Takes a frame; answers it if it is for this station. */
void ip_receive(const uint8_t *frame, unsigned length);

/** Asks a DHCP server for an address (RFC 2131). Call it each second until there is one. */
void dhcp_ask(void);

/**
 * Sends an echo request, once the address's owner is known; asks for that otherwise. If `tells`, the reply is printed.
 */
void ping(uint32_t address, bool tells);

/** Ticks between the last echo request and its reply; 0 while there is none. */
extern uint64_t round_trip;

/** Sends a frame of the greatest size to the station that was pinged last, for nobody there. Returns whether it could. */
bool send_filler(void);

/** Contents of a UDP datagram (RFC 768) for this station, and who has sent it. */
struct datagram {
  const uint8_t *mac;
  uint32_t address;
  unsigned from_port, port;
  const uint8_t *data;
  unsigned length;
};

/** Gets each datagram but DHCP's; 0 if nobody wants them. */
extern void (*udp_received)(const struct datagram *datagram);

/** Sends a datagram of at most 1472 bytes. */
void udp_send(const uint8_t to[6], uint32_t destination, unsigned from_port, unsigned port, const void *data, unsigned length);

extern const uint8_t everybody[6];

void print_address(uint32_t address);
