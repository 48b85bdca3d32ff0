// The SMMU-500, seen by the DMA that goes through it. Arm IHI 0062D; UG1087, modules SMMU500 and SMMU_REG.
//
// Each printed line is what one scenario observed; 0x1xxx are interrupts by their IDs.

#include "../dma/channel.h"
#include "notes.h"
#include "uart.h"

#define SMMU 0xfd800000ul
#define GR0(offset) WORD(SMMU + (offset))
#define GR1(offset) WORD(SMMU + 0x1000 + (offset))
#define CB(n, offset) WORD(SMMU + 0x10000 + 0x1000 * (n) + (offset))

#define sCR0 GR0(0x0)
#define sGFAR GR0(0x40)
#define sGFSR GR0(0x48)
#define sGFSYNR0 GR0(0x50)
#define sGFSYNR1 GR0(0x54)
#define TLBIVMID GR0(0x64)
#define sTLBGSYNC GR0(0x70)
#define sTLBGSTATUS GR0(0x74)
#define SMR(n) GR0(0x800 + 4 * (n))
#define S2CR(n) GR0(0xc00 + 4 * (n))
#define CBAR(n) GR1(4 * (n))
#define CBFRSYNRA(n) GR1(0x400 + 4 * (n))
#define CBA2R(n) GR1(0x800 + 4 * (n))
#define SCTLR(n) CB(n, 0x0)
#define RESUME(n) CB(n, 0x8)
#define TCR2(n) CB(n, 0x10)
#define TTBR0(n, half) CB(n, 0x20 + 4 * (half))
#define TCR(n) CB(n, 0x30)
#define MAIR0(n) CB(n, 0x38)
#define FSR(n) CB(n, 0x58)
#define FAR(n) CB(n, 0x60)
#define FSYNR0(n) CB(n, 0x68)
#define IPAFAR(n) CB(n, 0x70)
#define TLBIVA(n, half) CB(n, 0x600 + 4 * (half))
#define TLBIASID(n) CB(n, 0x610)
#define TLBSYNC(n) CB(n, 0x7f0)
#define TLBSTATUS(n) CB(n, 0x7f4)
#define SMMU_REG_ISR WORD(0xfd5f0010ul)

enum { SMMU_ID = 32 + 155 };
enum { CLIENTPD = 1 << 0, GFRE = 1 << 1, GFIE = 1 << 2, USFCFG = 1 << 10 };
/** FSYNR0: the fault was on a table walk. */
enum { PTWF = 1 << 10 };
enum { M = 1 << 0, CFRE = 1 << 5, CFIE = 1 << 6, CFCFG = 1 << 7 };
#define VALID (1u << 31)
enum { S2CR_BYPASS = 1 << 16, S2CR_FAULT = 2 << 16 };
enum { CBAR_STAGE1 = 1 << 16, CBAR_NESTED = 3 << 16 };
enum { GDMA_STREAMS = 0x14e8, ADMA_STREAMS = 0x868 };
enum { STAGE1 = 2, STAGE2 = 9, VMID = 5, ASID = 3 };

/** Addresses of mapped pages: two to read, one to write, one read-only. */
enum { VA = 0x40040000, IPA = 0x180000 };

static uint64_t first[3][512] __attribute__((aligned(4096)));
static uint64_t second[3][512] __attribute__((aligned(4096)));

/** Stage 1 page: Normal memory, access flag, for all. */
static uint64_t page1(const void *at) { return (uintptr_t)at | 0x743; }
static uint64_t page1_of_ipa(uint64_t at) { return at | 0x743; }
static uint64_t table(const void *at) { return (uintptr_t)at | 3; }
/** Stage 2 page: Normal memory, access flag, to read and write. */
static uint64_t page2(const void *at) { return (uintptr_t)at | 0x7ff; }
enum { READ_ONLY1 = 0x80, NO_WRITE2 = 0x80 };

static void barrier(void) { __asm__ volatile("dsb sy" : : : "memory"); }

static void invalidate(void) {
  barrier();
  GR0(0x68) = 0;  // TLBIALLNSNH
  sTLBGSYNC = 0;
  while (sTLBGSTATUS & 1) {
  }
}

void on_interrupt(unsigned id) {
  (void)id;
  note(0x3000 | SMMU_REG_ISR);
  if (sGFSR) {
    note(sGFSR);
    note(sGFAR - (uintptr_t)source);
    note(sGFSYNR0);
    note(sGFSYNR1);
    sGFSR = 0xffffffff;
  }
  for (unsigned i = 0; i < 16; i++) {
    if (FSR(i) == 0) continue;
    note(0x4000 | i);
    note(FSR(i));
    note(FAR(i));
    note(FSYNR0(i));
    note(CBFRSYNRA(i));
    if (i == STAGE2) note(IPAFAR(i) - (FSYNR0(i) & PTWF ? (uintptr_t)first : 0));
    FSR(i) = FSR(i);
  }
}

static void identification(void) {
  note(GR0(0x20));
  note(GR0(0x24));
  note(GR0(0x28));
  note(GR0(0x3c));
  note(sCR0);
  SMR(47) = 0x7fff7fff;
  note(SMR(47));
  SMR(47) = 0;
  report("identification");
}

static void streams(void) {
  prepare();
  sCR0 = GFRE | GFIE | USFCFG;
  start_copy(GDMA(1), (uintptr_t)source, (uintptr_t)target, 64);
  wait_for_notes(6);
  note(ISR(GDMA(1)));
  ISR(GDMA(1)) = 0xfff;
  report("unknown stream");
  SMR(0) = VALID | 7 << 16 | GDMA_STREAMS;
  S2CR(0) = S2CR_BYPASS;
  note(copy(GDMA(6), (uintptr_t)source, (uintptr_t)target, 64));
  note(differences(0, 0, 64));
  start_copy(ADMA(3), (uintptr_t)source, (uintptr_t)target, 64);
  wait_for_notes(8);
  ISR(ADMA(3)) = 0xfff;
  report("a mask of streams");
  S2CR(0) = S2CR_FAULT;
  start_copy(GDMA(6), (uintptr_t)source, (uintptr_t)target, 64);
  wait_for_notes(6);
  S2CR(0) = S2CR_BYPASS;
  SMR(1) = VALID | GDMA_STREAMS;
  start_copy(GDMA(0), (uintptr_t)source, (uintptr_t)target, 64);
  wait_for_notes(12);
  ISR(GDMA(0)) = ISR(GDMA(6)) = 0xfff;
  SMR(1) = 0;
  report("faults of streams");
  sCR0 = CLIENTPD;
  note(copy(ADMA(3), (uintptr_t)source, (uintptr_t)target + 64, 64));
  note(differences(64, 0, 64));
  sCR0 = GFRE | GFIE | USFCFG;
  report("off");
}

static void set_up(unsigned bank, uint32_t cbar, uint64_t root, uint32_t tcr) {
  CBAR(bank) = cbar;
  CBA2R(bank) = 1;
  TTBR0(bank, 0) = (uint32_t)root;
  TTBR0(bank, 1) = (uint32_t)(root >> 32);
  TCR(bank) = tcr;
  TCR2(bank) = 7 << 15 | 2;
  MAIR0(bank) = 0xff;
  barrier();
  SCTLR(bank) = M | CFRE | CFIE;
}

static void stage1(void) {
  prepare();
  first[0][1] = table(first[1]);
  first[1][0] = table(first[2]);
  first[2][0x40] = page1(source);
  first[2][0x41] = page1(target + 4096);
  first[2][0x42] = page1(source + 4096) | READ_ONLY1;
  set_up(STAGE1, CBAR_STAGE1, (uintptr_t)first[0] | (uint64_t)ASID << 48, 1 << 23 | 25);
  S2CR(0) = STAGE1;
  note(copy(GDMA(0), VA, VA + 0x1000, 4096));
  note(differences(4096, 0, 4096));
  note(copy(GDMA(7), VA + 0x2ffc, VA + 0x1000, 4));
  note(differences(4096, 8188, 4));
  report("stage 1");
  start_copy(GDMA(2), VA + 0x3456, VA + 0x1000, 64);
  wait_for_notes(7);
  note(ISR(GDMA(2)));
  report("a page that is not there");
  ISR(GDMA(2)) = 0xfff;
  start_copy(GDMA(2), VA + 0xff8, VA + 0x2ff8, 8);
  wait_for_notes(7);
  note(ISR(GDMA(2)));
  report("a page to read only");
  ISR(GDMA(2)) = 0xfff;
  start_copy(GDMA(2), VA, 0x1000, 8);
  wait_for_notes(7);
  ISR(GDMA(2)) = 0xfff;
  report("no table");
  static uint64_t descriptors[4] __attribute__((aligned(32)));
  target[0] = 0;
  descriptors[0] = VA;
  descriptors[1] = 64 | (uint64_t)(2 << 3) << 32;
  descriptors[2] = VA + 0x1400;
  descriptors[3] = 64;
  first[2][0x44] = page1((const void *)((uintptr_t)descriptors & ~4095ul));
  barrier();
  uint32_t at = VA + 0x4000 + ((uintptr_t)descriptors & 4095);
  SRC_START(GDMA(2), 0) = at;
  DST_START(GDMA(2), 0) = at + 16;
  CTRL0(GDMA(2)) = LISTS;
  CTRL2(GDMA(2)) = 1;
  note(finish(GDMA(2)));
  ISR(GDMA(2)) = 0xfff;
  CTRL0(GDMA(2)) = 0;
  note(differences(4096 + 0x400, 0, 64));
  report("descriptors too");
}

static void tlb(void) {
  prepare();
  note(copy(GDMA(0), VA, VA + 0x1000, 16));
  first[2][0x41] = page1(target);
  barrier();
  note(copy(GDMA(0), VA + 16, VA + 0x1010, 16));
  note(differences(4096 + 16, 16, 16));
  note(differences(16, 16, 16));
  report("an entry outlives its descriptor");
  TLBIASID(STAGE1) = ASID + 1;
  TLBSYNC(STAGE1) = 0;
  note(copy(GDMA(0), VA + 32, VA + 0x1020, 16));
  note(differences(4096 + 32, 32, 16));
  TLBIVA(STAGE1, 0) = (VA + 0x1000) >> 12;
  TLBIVA(STAGE1, 1) = (uint32_t)ASID << 16;
  TLBSYNC(STAGE1) = 0;
  note(TLBSTATUS(STAGE1));
  note(copy(GDMA(0), VA + 32, VA + 0x1020, 16));
  note(differences(32, 32, 16));
  report("until it is invalidated");
  first[2][0x41] = page1(target + 4096);
  invalidate();
}

static void stalls(void) {
  prepare();
  first[2][0x45] = 0;
  SCTLR(STAGE1) = M | CFRE | CFIE | CFCFG;
  start_copy(GDMA(4), VA, VA + 0x5000, 64);
  wait_for_notes(7);
  note(STATUS(GDMA(4)));
  first[2][0x45] = page1(target);
  barrier();
  RESUME(STAGE1) = 0;
  note(finish(GDMA(4)));
  note(differences(0, 0, 64));
  ISR(GDMA(4)) = 0xfff;
  report("stalled and retried");
  start_copy(GDMA(4), VA, VA + 0x6000, 64);
  wait_for_notes(7);
  RESUME(STAGE1) = 1;
  note(STATUS(GDMA(4)));
  note(ISR(GDMA(4)));
  ISR(GDMA(4)) = 0xfff;
  SCTLR(STAGE1) = M | CFRE | CFIE;
  report("stalled and ended");
}

static void stage2(void) {
  prepare();
  second[0][0] = table(second[1]);
  second[1][0] = table(second[2]);
  second[2][IPA >> 12] = page2(source);
  second[2][(IPA >> 12) + 1] = page2(target);
  second[2][(IPA >> 12) + 2] = page2(source + 4096) & ~(uint64_t)NO_WRITE2;
  // As in Xen: 40 bits from level 1 on.
  set_up(STAGE2, VMID, (uintptr_t)second[0], VALID | 2 << 16 | 1 << 6 | 25);
  S2CR(0) = STAGE2;
  note(copy(GDMA(0), IPA, IPA + 0x1000, 4096));
  note(differences(0, 0, 4096));
  report("stage 2");
  start_copy(GDMA(3), IPA + 8, IPA + 0x2010, 8);
  wait_for_notes(8);
  note(ISR(GDMA(3)));
  ISR(GDMA(3)) = 0xfff;
  start_copy(GDMA(3), IPA + 0x3000, IPA, 8);
  wait_for_notes(16);
  ISR(GDMA(3)) = 0xfff;
  report("faults of stage 2");
  second[2][IPA >> 12] = page2(source + 4096);
  barrier();
  note(copy(GDMA(0), IPA, IPA + 0x1000, 64));
  note(differences(0, 0, 64));
  TLBIVMID = VMID;
  sTLBGSYNC = 0;
  note(copy(GDMA(0), IPA, IPA + 0x1000, 64));
  note(differences(0, 4096, 64));
  second[2][IPA >> 12] = page2(source);
  report("stage 2's TLB");
}

static void nested(void) {
  prepare();
  // The tables of stage 1 lie at IPAs that equal their addresses; the pages that they map are stage 2's.
  for (unsigned i = 0; i < 3; i++) second[2][((uintptr_t)first[i] >> 12) & 511] = page2(first[i]);
  first[2][0x40] = page1_of_ipa(IPA);
  first[2][0x41] = page1_of_ipa(IPA + 0x1000);
  first[2][0x42] = page1_of_ipa(IPA + 0x2000);
  CBAR(STAGE1) = CBAR_NESTED | STAGE2 << 8;
  S2CR(0) = STAGE1;
  invalidate();
  note(copy(GDMA(0), VA, VA + 0x1000, 4096));
  note(differences(0, 0, 4096));
  report("nested");
  start_copy(GDMA(0), VA, VA + 0x2008, 8);
  wait_for_notes(8);
  ISR(GDMA(0)) = 0xfff;
  report("nested, forbidden by stage 2");
  start_copy(GDMA(0), VA + 0x3000, VA, 8);
  wait_for_notes(7);
  ISR(GDMA(0)) = 0xfff;
  report("nested, not mapped by stage 1");
  second[2][((uintptr_t)first[2] >> 12) & 511] = 0;
  invalidate();
  start_copy(GDMA(0), VA, VA + 0x1000, 8);
  wait_for_notes(8);
  report("nested, a table not mapped by stage 2");
}

void main(void) {
  uart_start();
  start_interrupts();
  enable_interrupt(SMMU_ID);
  identification();
  streams();
  stage1();
  tlb();
  stalls();
  stage2();
  nested();
  uart_print("done\n");
  uart_flush();
}
