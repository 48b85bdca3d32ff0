// spin: a noisy neighbour. Each of its vCPUs computes for a chosen part of the time and sleeps for the rest.
//
// In the config file:
//   extra = "load=30 period=10"     busy for 30 % of each 10 ms; without it, 100 %
//   vcpus = 2                       on this many vCPUs
//
// Once a second its console shows how many rounds it has done: with less CPU there are fewer.

#include "command-line.h"
#include "console.h"
#include "sleep.h"
#include "xen.h"

enum { MAX_VCPUS = 8 };

static unsigned long load, period;
static volatile unsigned long rounds[MAX_VCPUS];
static _Alignas(16) uint8_t stacks[MAX_VCPUS][4096];

/** Some arithmetic, for a few microseconds. */
static void compute(unsigned vcpu) {
  for (unsigned i = 0; i < 3000; i++) __asm__ volatile("" ::: "memory");
  rounds[vcpu]++;
}

/** What each vCPU does. The first one also prints. */
static void spin(unsigned long vcpu) {
  const uint64_t second = ticks_per_second();
  const uint64_t cycle = second * period / 1000;
  const uint64_t busy = cycle * load / 100;
  gic_enable(VIRTUAL_TIMER);
  uint64_t start = now();
  uint64_t report = start + second;
  unsigned long before = 0;
  for (;;) {
    while (load >= 100 || now() - start < busy) {
      compute((unsigned)vcpu);
      if (vcpu == 0 && now() >= report) {
        unsigned long sum = 0;
        for (unsigned i = 0; i < MAX_VCPUS; i++) sum += rounds[i];
        print("%l rounds a second\n", sum - before);
        before = sum;
        report += second;
      }
    }
    start += cycle;
    sleep_until(start);
  }
}

void main(const void *device_tree) {
  console_start();
  const char *line = command_line(device_tree);
  load = option(line, "load", 100);
  period = option(line, "period", 10);
  unsigned vcpus = 1;
  while (vcpus < MAX_VCPUS && start_vcpu(vcpus, stacks[vcpus] + sizeof stacks[vcpus], spin, vcpus) == 0) vcpus++;
  print("Spinning on %u vCPU(s), %l %% of each %l ms\n", vcpus, load, period);
  spin(0);
}
