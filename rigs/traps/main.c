// Executes system instructions at EL0, EL1 and EL2 under several settings of the trap controls, and writes how each
// ended to the UART: `level setting word`, then `-` if it completed, or the target level and ESR. What was UNDEFINED is
// left out. rigs/traps/traps.ts names the same words and settings.

#include "program.h"

struct result {
  u64 esr2, esr1;
};
void run(u64 spsr, u64 x0, struct result *result);

enum { settings = 5, undefined = 0x02000000 };

static void set(int setting) {
  static const u64 hcr[] = {0x80000000, 0x87ffe000, 0xc4000000, 0x88000000, 0x80000000};
  u64 sctlr = 0x30d00800, user = 0x0400c200;
  int traps = setting == 1, open = setting == 1 || setting == 2;
  WRITE(hcr_el2, hcr[setting]);
  WRITE(sctlr_el1, open ? sctlr | user : sctlr);
  WRITE(cntkctl_el1, open ? 0x303 : 0);
  WRITE(pmuserenr_el0, open ? 1 : 0);
  WRITE(cnthctl_el2, traps ? 0 : 3);
  WRITE(mdcr_el2, traps ? 0xe66 : 6);
  WRITE(cptr_el2, traps ? 0x800033ff : setting == 4 ? 0x37ff : 0x33ff);
  WRITE(hstr_el2, setting == 4 ? 0xbfef : 0);
  WRITE(cpacr_el1, 0x300000);
  __asm__ volatile("isb");
}

static int completed(u32 word, int level, int setting, int report) {
  struct result result;
  slot[0] = word;
  __asm__ volatile("dc cvau, %0; dsb sy; ic ivau, %0; dsb sy; isb" ::"r"(slot));
  set(setting);
  // MSR writes zero; for SYS, x0 is the address of unused RAM.
  run(spsr[level], (word & 0xfff00000) == 0xd5000000 || (word & 0xfff80000) == 0xd5080000 ? 0x47000000 : 0, &result);
  set(0);
  int to_el1 = result.esr2 == hvc;
  u64 esr = to_el1 ? result.esr1 : result.esr2;
  int expected_el1 = level == 1 || (level == 0 && setting != 3);
  if (report && !(esr == undefined && to_el1 == expected_el1)) {
    put('0' + level);
    put(' ');
    put('0' + setting);
    put(' ');
    hex(word);
    put(' ');
    if (esr == svc) {
      put('-');
    } else {
      put(to_el1 ? '1' : '2');
      put(' ');
      hex(esr);
    }
    put('\n');
  }
  return esr == svc;
}

static void each(u32 word) {
  for (int level = 0; level < 3; level++)
    for (int setting = 0; setting < settings; setting++) {
      // EL1 does not exist under TGE; EL2 is not subject to the traps but that of FP.
      if ((level == 1 && setting == 3) || (level == 2 && setting != 0 && setting != 4)) continue;
      // At EL2 writes would take the ground from under this program, and change what is read later.
      if (level == 2 && (word & 0xfff00000) == 0xd5100000) continue;
      completed(word, level, setting, 1);
    }
}

void main(void) {
  for (u32 encoding = 0x8000; encoding < 0x10000; encoding++) {
    each(0xd5200000 | encoding << 5);
    // MSR of what can be read, but VBAR_EL1.
    if (encoding != 0xc600 && completed(0xd5200000 | encoding << 5, 2, 0, 0)) each(0xd5000000 | encoding << 5);
  }
  for (u32 encoding = 0; encoding < 0x8000; encoding++) {
    u32 op0 = encoding >> 14, crn = (encoding >> 7) & 15;
    u32 word = 0xd5000000 | encoding << 5;
    if (op0 == 1 && (crn == 7 || crn == 8)) {
      each(word);
      each(word | 0x00200000);
    }
    // WFE and WFI would wait.
    if (op0 == 0 && crn >= 2 && crn <= 4 && word != 0xd5032040 && word != 0xd5032060) each(word | 31);
  }
  for (u32 choice = 0; choice < 0x100; choice++) {
    u32 opc = choice >> 5, ll = choice & 0x1f;
    // Not HVC and SMC, which call QEMU's firmware.
    if (opc != 0 || (ll != 2 && ll != 3)) each(0xd4000000 | opc << 21 | 5 << 5 | ll);
  }
  each(0xd6bf03e0);
}
