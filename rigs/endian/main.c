// Executes loads and stores at EL0, EL1 and EL2 with big-endian data at this level or at another, and writes the result
// of each to the UART: `level EE E0E offset word word hash`, the two instructions and a hash of registers and memory,
// and ESR if they took an exception. rigs/endian/endian.test.ts sets up the same. Translation tables are in the byte
// order of EE.

#include "program.h"

typedef unsigned char u8;

struct state {
  u64 x[8], v[16], esr2, esr1;
};
void run(u64 spsr, u64 sctlr2, struct state *state);
extern u32 tests[], tests_end[];

enum { ee = 1 << 25, e0e = 1 << 24, on = 1 };

// Level 1 and level 2 tables, little-endian and big-endian. 2 MiB of code that every level may execute, 2 MiB of data
// that every level may write.
static u64 tables[2][2][512] __attribute__((aligned(4096)));
static const u64 code = 0x40000000, data = 0x40400000;
static const u64 area = data + 0xf00, base = data + 0x1000;
enum { area_size = 0x300 };

static void set(int big, int level, int index, u64 descriptor) {
  tables[big][level][index] = big ? __builtin_bswap64(descriptor) : descriptor;
}

static u32 hash(u32 h, const volatile u8 *bytes, int count) {
  for (int i = 0; i < count; i++) h = (h ^ bytes[i]) * 0x01000193;
  return h;
}

static void each(int level, int big, int big0, int offset, const u32 *test) {
    static struct state state;
  volatile u8 *memory = (volatile u8 *)area;
  for (int i = 0; i < area_size; i++) memory[i] = i * 7 + (i >> 8);
  for (int i = 0; i < 8; i++) state.x[i] = 0x0123456789abcdef * (2 * i + 1);
  for (int i = 0; i < 16; i++) state.v[i] = 0xfedcba9876543210 * (2 * i + 1);
  state.x[0] = base + offset;
  slot[0] = test[0];
  slot[1] = test[1];
  __asm__ volatile("dc cvau, %0; dsb sy; ic ivau, %0; dsb sy" ::"r"(slot));
  WRITE(ttbr0_el1, tables[big]);
  WRITE(ttbr0_el2, tables[big]);
  WRITE(sctlr_el1, 0x30d00800 | on | (big ? ee : 0) | (big0 ? e0e : 0) | 1 << 14);
  __asm__ volatile("tlbi alle1; tlbi alle2; dsb sy; isb");
  run(spsr[level], level == 2 ? 0x30c50830 | on | (big ? ee : 0) : 0x30c50830, &state);
  u64 esr = state.esr2 == hvc ? state.esr1 : state.esr2;
  u32 h = hash(hash(0x811c9dc5, (u8 *)state.x, 64), (u8 *)state.v, 128);
  put('0' + level);
  put(' ');
  put('0' + big);
  put(' ');
  put('0' + big0);
  put(' ');
  hex(offset & 0xfff);
  put(' ');
  hex(test[0]);
  put(' ');
  hex(test[1]);
  put(' ');
  hex(hash(h, memory, area_size));
  if (esr != svc) {
    put(' ');
    hex(esr);
  }
  put('\n');
}

void main(void) {
  for (int big = 0; big < 2; big++) {
    set(big, 0, 1, (u64)tables[big][1] | 3);
    set(big, 1, 0, code | 0x7c1);
    set(big, 1, 2, data | 0x741);
  }
  u64 tcr = 25 | 2L << 32;
  WRITE(tcr_el1, tcr);
  WRITE(tcr_el2, 25 | 2 << 16 | 1u << 31 | 1 << 23);
  WRITE(mair_el1, 0xff);
  WRITE(mair_el2, 0xff);
  WRITE(hcr_el2, 0x80000000);
  WRITE(cptr_el2, 0x33ff);
  WRITE(cpacr_el1, 0x300000);
  __asm__ volatile("isb");
  static const u8 places[][3] = {{0, 0, 1}, {0, 1, 0}, {1, 1, 0}, {1, 0, 1}, {2, 1, 0}};
  static const int offsets[] = {0, 1, -3};
  for (u32 i = 0; i < sizeof places / sizeof *places; i++)
    for (u32 k = 0; k < sizeof offsets / sizeof *offsets; k++)
      for (const u32 *test = tests; test < tests_end; test += 2)
        each(places[i][0], places[i][1], places[i][2], offsets[k], test);
}
