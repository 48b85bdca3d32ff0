#include "ip.h"

#include "console.h"
#include "front.h"
#include "time.h"

uint32_t own_address, gateway;
unsigned long requests_answered, pings_answered, replies_received;
uint64_t round_trip;
void (*udp_received)(const struct datagram *datagram);

static uint8_t own_mac[6];
const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
/** The station that was asked for last. */
static uint32_t neighbour;
static uint8_t neighbour_mac[6];
static bool is_neighbour_known;
/** The address that a DHCP server has offered, and the server. */
static uint32_t offered, server;
static uint64_t ping_sent;
static bool tells_reply;
static uint16_t pings;

static uint8_t frame[FRAME_MAX];

// Numbers in packets begin with the highest byte.
static unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void put16(uint8_t *at, unsigned value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16), put16(at + 2, value & 0xffff); }
static void copy(uint8_t *to, const uint8_t *from, unsigned count) {
  for (unsigned i = 0; i < count; i++) to[i] = from[i];
}

/** The Internet checksum (RFC 1071). */
static unsigned checksum(const uint8_t *bytes, unsigned count) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < count; i++) sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

// A frame: the Ethernet header has 14 bytes, an IPv4 header without options 20, that of UDP or ICMP 8.
enum { ETHERNET = 14, IP = ETHERNET, TRANSPORT = IP + 20, DATA = TRANSPORT + 8 };
enum { TYPE_IP = 0x0800, TYPE_ARP = 0x0806, TYPE_EXPERIMENT = 0x88b5, ICMP = 1, UDP = 17 };

static void ethernet(const uint8_t to[6], unsigned type) {
  copy(frame, to, 6);
  copy(frame + 6, own_mac, 6);
  put16(frame + 12, type);
}

/** Sends an IPv4 packet whose contents are in `frame` from TRANSPORT on. */
static void send_ip(const uint8_t to[6], uint32_t destination, unsigned protocol, unsigned length) {
  ethernet(to, TYPE_IP);
  uint8_t *ip = frame + IP;
  ip[0] = 0x45, ip[1] = 0;
  put16(ip + 2, 20 + length);
  put32(ip + 4, 0x4000);   // no fragments
  ip[8] = 64, ip[9] = (uint8_t)protocol;
  put16(ip + 10, 0);
  put32(ip + 12, own_address);
  put32(ip + 16, destination);
  put16(ip + 10, checksum(ip, 20));
  front_send(frame, TRANSPORT + length);
}

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

static void send_arp(unsigned operation, const uint8_t to[6], uint32_t destination) {
  ethernet(operation == ARP_REQUEST ? everybody : to, TYPE_ARP);
  uint8_t *arp = frame + ETHERNET;
  put32(arp, 0x00010800);      // Ethernet, IPv4
  put16(arp + 4, 0x0604);      // lengths of their addresses
  put16(arp + 6, operation);
  copy(arp + 8, own_mac, 6);
  put32(arp + 14, own_address);
  copy(arp + 18, to, 6);
  put32(arp + 24, destination);
  front_send(frame, ETHERNET + 28);
}

/** ARP (RFC 826): who has an address? */
static void receive_arp(const uint8_t *arp) {
  if (own_address == 0 || get16(arp + 2) != TYPE_IP) return;
  uint32_t sender = get32(arp + 14);
  if (sender == neighbour) {
    copy(neighbour_mac, arp + 8, 6);
    is_neighbour_known = true;
  }
  if (get16(arp + 6) != ARP_REQUEST || get32(arp + 24) != own_address) return;
  send_arp(ARP_REPLY, arp + 8, sender);
  requests_answered++;
}

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8 };

static void receive_icmp(const uint8_t *from, const uint8_t *icmp, uint32_t sender, unsigned length) {
  if (icmp[0] == ECHO_REPLY) {
    replies_received++;
    round_trip = now() - ping_sent;
  }
  if (icmp[0] == ECHO_REPLY && tells_reply) {
    print("Reply from ");
    print_address(sender);
    print(" after %l us\n", (unsigned long)microseconds(round_trip));
  }
  if (icmp[0] != ECHO_REQUEST) return;
  copy(frame + TRANSPORT, icmp, length);
  frame[TRANSPORT] = ECHO_REPLY;
  put16(frame + TRANSPORT + 2, 0);
  put16(frame + TRANSPORT + 2, checksum(frame + TRANSPORT, length));
  send_ip(from, sender, ICMP, length);
  pings_answered++;
}

/** Sends a datagram whose contents are in `frame` from DATA on. */
static void send_udp(const uint8_t to[6], uint32_t destination, unsigned from_port, unsigned port, unsigned length) {
  put16(frame + TRANSPORT, from_port), put16(frame + TRANSPORT + 2, port);
  put16(frame + TRANSPORT + 4, 8 + length);
  put16(frame + TRANSPORT + 6, 0);   // no checksum, which IPv4 allows
  send_ip(to, destination, UDP, 8 + length);
}

void udp_send(const uint8_t to[6], uint32_t destination, unsigned from_port, unsigned port, const void *data, unsigned length) {
  copy(frame + DATA, data, length);
  send_udp(to, destination, from_port, port, length);
}

static void receive_udp(const uint8_t *from, const uint8_t *udp, uint32_t sender, unsigned length) {
  const struct datagram datagram = {from, sender, get16(udp), get16(udp + 2), udp + 8, length - 8};
  if (udp_received != 0) udp_received(&datagram);
}

// DHCP. The fixed part has 236 bytes and a mark of 4; options follow (RFC 2132).
enum { DHCP_DISCOVER = 1, DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5 };
enum { OPTION_ROUTER = 3, OPTION_ADDRESS = 50, OPTION_TYPE = 53, OPTION_SERVER = 54, OPTION_END = 255 };
enum { FIXED = 236, MARK = 0x63825363 };

void dhcp_ask(void) {
  uint8_t *dhcp = frame + DATA;
  for (unsigned i = 0; i < FIXED; i++) dhcp[i] = 0;
  dhcp[0] = 1, dhcp[1] = 1, dhcp[2] = 6;   // a request, of an Ethernet station
  copy(dhcp + 4, own_mac + 2, 4);          // any number that tells this exchange from others
  put16(dhcp + 10, 0x8000);                // answer to everybody: we have no address yet
  copy(dhcp + 28, own_mac, 6);
  put32(dhcp + FIXED, MARK);
  uint8_t *option = dhcp + FIXED + 4;
  *option++ = OPTION_TYPE, *option++ = 1, *option++ = offered ? DHCP_REQUEST : DHCP_DISCOVER;
  if (offered) {
    *option++ = OPTION_ADDRESS, *option++ = 4, put32(option, offered), option += 4;
    *option++ = OPTION_SERVER, *option++ = 4, put32(option, server), option += 4;
  }
  *option++ = OPTION_END;
  unsigned length = (unsigned)(option - dhcp);
  send_udp(everybody, 0xffffffff, 68, 67, length);
}

static void receive_dhcp(const uint8_t *dhcp, unsigned length) {
  if (length < FIXED + 4 || own_address != 0 || get32(dhcp + 4) != get32(own_mac + 2)) return;
  unsigned type = 0;
  uint32_t router = 0, from = 0;
  for (unsigned at = FIXED + 4; at + 2 < length && dhcp[at] != OPTION_END;) {
    if (dhcp[at] == 0) {
      at++;
      continue;
    }
    unsigned size = dhcp[at + 1];
    if (at + 2 + size > length) return;
    if (dhcp[at] == OPTION_TYPE && size == 1) type = dhcp[at + 2];
    if (dhcp[at] == OPTION_ROUTER && size >= 4) router = get32(dhcp + at + 2);
    if (dhcp[at] == OPTION_SERVER && size == 4) from = get32(dhcp + at + 2);
    at += 2 + size;
  }
  if (type == DHCP_OFFER && offered == 0) {
    offered = get32(dhcp + 16);
    server = from;
    dhcp_ask();
  } else if (type == DHCP_ACK) {
    own_address = get32(dhcp + 16);
    gateway = router ? router : from;
  }
}

void ip_start(const uint8_t mac[6]) { copy(own_mac, mac, 6); }

void ip_receive(const uint8_t *packet, unsigned length) {
  if (length < ETHERNET) return;
  const uint8_t *ip = packet + IP;
  unsigned type = get16(packet + 12);
  if (type == TYPE_ARP && length >= ETHERNET + 28) receive_arp(ip);
  // Nobody sends options or fragments to such a small station.
  if (type != TYPE_IP || length < DATA || ip[0] != 0x45 || (get16(ip + 6) & 0x3fff) != 0) return;
  unsigned total = get16(ip + 2);
  if (total < 28 || IP + total > length || checksum(ip, 20) != 0) return;
  uint32_t destination = get32(ip + 16);
  const uint8_t *transport = packet + TRANSPORT;
  if (ip[9] == UDP && get16(transport + 2) == 68) receive_dhcp(transport + 8, total - 28);
  else if (ip[9] == UDP && (destination == own_address || destination == 0xffffffff) && own_address != 0)
    receive_udp(packet + 6, transport, get32(ip + 12), total - 20);
  if (ip[9] == ICMP && destination == own_address && own_address != 0)
    receive_icmp(packet + 6, transport, get32(ip + 12), total - 20);
}

void ping(uint32_t address, bool tells) {
  tells_reply = tells;
  round_trip = 0;
  if (neighbour != address || !is_neighbour_known) {
    neighbour = address;
    is_neighbour_known = false;
    send_arp(ARP_REQUEST, (const uint8_t[6]){0}, address);
    return;
  }
  uint8_t *icmp = frame + TRANSPORT;
  for (unsigned i = 0; i < 64; i++) icmp[i] = (uint8_t)i;
  icmp[0] = ECHO_REQUEST, icmp[1] = 0;
  put16(icmp + 2, 0);
  put16(icmp + 4, 1);
  put16(icmp + 6, ++pings);
  put16(icmp + 2, checksum(icmp, 64));
  ping_sent = now();
  send_ip(neighbour_mac, address, ICMP, 64);
}

bool send_filler(void) {
  ethernet(neighbour_mac, TYPE_EXPERIMENT);
  return front_send(frame, 1514);
}

void print_address(uint32_t address) {
  print("%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}
