// server: serves the clients of the network, as guests/xen/worker does, as a program of Linux without a C library. It has a
// process for each CPU; all receive from one socket, so that a request goes to one that waits. While there is none they
// sleep, and Linux idles the CPUs.
//
// `server` joins the clients and serves; `server leave` tells them to ask no more.
// The messages, in UDP, are those of src/soc/net/clients/protocol.ts. Numbers and structures are those of the kernel's headers
// for programs (include/uapi).

#include "../dom0/linux.h"

enum { CLIENTS_PORT = 7000, OWN_PORT = 7001, SLOTS_PER_CPU = 4 };
enum { AF_INET = 2, SOCK_DGRAM = 2, SOL_SOCKET = 1, SO_BROADCAST = 6, SO_BINDTODEVICE = 25 };

struct address { uint16_t family, port; uint32_t ip; uint8_t zero[8]; }; // sockaddr_in, in network order
struct part { void *at; size_t size; }; // iovec
struct message { struct address *to; int size; struct part *parts; size_t count; void *control; size_t control_size; int flags; };

static int udp;

static uint16_t network_order(uint16_t number) { return (uint16_t)(number << 8 | number >> 8); }

/** A datagram to or from an address: sendmsg or recvmsg. */
static long pass(long number, struct address *other, void *bytes, size_t size) {
  struct part part = {bytes, size};
  static struct message message; // static for its zeros: there is no memset
  message.to = other;
  message.size = sizeof *other;
  message.parts = &part;
  message.count = 1;
  return call(number, udp, (long)&message, 0, 0, 0);
}

static long receive(struct address *from, void *bytes, size_t size) { return pass(212, from, bytes, size); }
static void reply(struct address *to, void *bytes, size_t size) { pass(211, to, bytes, size); }

/** Tells whoever waits for servers. */
static void tell_clients(char letter, unsigned slots) {
  struct address everybody = {.family = AF_INET, .port = network_order(CLIENTS_PORT), .ip = 0xffffffff};
  uint8_t bytes[2] = {(uint8_t)letter, (uint8_t)slots};
  reply(&everybody, bytes, sizeof bytes);
}

static unsigned cpus(void) {
  static uint64_t mask[16];
  call(123, 0, sizeof mask, (long)mask, 0, 0); // sched_getaffinity
  unsigned count = 0;
  for (unsigned i = 0; i < 16; i++)
    for (uint64_t bits = mask[i]; bits != 0; bits &= bits - 1) count++;
  return count > 0 ? count : 1;
}

/** Computes for so long on a Cortex-A53 at 1.2 GHz: a round has two instructions, which take a cycle each here. */
static void work(uint32_t microseconds) {
  uint64_t rounds = 600ul * microseconds;
  if (rounds > 0) __asm__ volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
}

__attribute__((noreturn)) static void serve(unsigned slots) {
  for (;;) {
    uint8_t bytes[16];
    struct address from;
    long size = receive(&from, bytes, sizeof bytes);
    if (size >= 1 && bytes[0] == 'W') tell_clients('J', slots);
    if (size < 9 || bytes[0] != 'Q') continue;
    work((uint32_t)bytes[5] << 24 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 8 | bytes[8]);
    bytes[0] = 'A';
    reply(&from, bytes, 5);
  }
}

__attribute__((noreturn, used)) static void run(long *stack) {
  static const char interface[] = "eth0", joins[] = "A Linux server has joined the clients.\n";
  int yes = 1, leaves = stack[0] > 1;
  udp = (int)socket(AF_INET, SOCK_DGRAM);
  // Everybody is reached by an interface that is named, without a route.
  call(208, udp, SOL_SOCKET, SO_BINDTODEVICE, (long)interface, sizeof interface); // setsockopt
  call(208, udp, SOL_SOCKET, SO_BROADCAST, (long)&yes, sizeof yes);
  if (leaves) {
    tell_clients('L', 0);
    leave(0);
  }
  struct address own = {.family = AF_INET, .port = network_order(OWN_PORT)};
  if (call(200, udp, (long)&own, sizeof own, 0, 0) < 0) leave(1); // bind
  unsigned count = cpus(), slots = SLOTS_PER_CPU * count;
  tell_clients('J', slots);
  write(1, joins, sizeof joins - 1);
  for (unsigned i = 1; i < count; i++)
    if (fork() == 0) serve(slots);
  serve(slots);
}

// The stack at the start holds the number of arguments, then their addresses (sysvabi64, process initialization).
__asm__(".global _start\n_start: mov x29, xzr\nmov x30, xzr\nmov x0, sp\nand sp, x0, #-16\nb run\n");
