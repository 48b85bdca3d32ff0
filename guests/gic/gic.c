// What the GIC-400 does, seen by software at EL2 and, through its virtual interface, by a guest at EL1. Each printed
// line is what one scenario observed: interrupts by their IDs in the order in which they were taken, and registers. ARM
// IHI 0048B; DDI 0471.

#include <stdint.h>

#include "notes.h"
#include "registers.h"
#include "second.h"
#include "uart.h"

#define BYTE(address) (*(volatile uint8_t *)(address))

#define GICD 0xf9010000ul
#define GICD_CTLR WORD(GICD)
#define GICD_ISENABLER(n) WORD(GICD + 0x100 + 4 * (n))
#define GICD_ICENABLER(n) WORD(GICD + 0x180 + 4 * (n))
#define GICD_ISPENDR(n) WORD(GICD + 0x200 + 4 * (n))
#define GICD_ICPENDR(n) WORD(GICD + 0x280 + 4 * (n))
#define GICD_ISACTIVER(n) WORD(GICD + 0x300 + 4 * (n))
#define GICD_IPRIORITYR(id) BYTE(GICD + 0x400 + (id))
#define GICD_ITARGETSR(id) BYTE(GICD + 0x800 + (id))
#define GICD_ICFGR(n) WORD(GICD + 0xc00 + 4 * (n))
#define GICD_SGIR WORD(GICD + 0xf00)
#define GICD_SPENDSGIR(id) BYTE(GICD + 0xf20 + (id))

#define GICC 0xf9020000ul
#define GICH 0xf9040000ul
#define GICV 0xf9060000ul
#define CTLR(cpu) WORD((cpu) + 0x00)
#define PMR(cpu) WORD((cpu) + 0x04)
#define BPR(cpu) WORD((cpu) + 0x08)
#define IAR(cpu) WORD((cpu) + 0x0c)
#define EOIR(cpu) WORD((cpu) + 0x10)
#define RPR(cpu) WORD((cpu) + 0x14)
#define HPPIR(cpu) WORD((cpu) + 0x18)
#define ABPR(cpu) WORD((cpu) + 0x1c)
#define DIR(cpu) WORD((cpu) + 0x10000)

#define GICH_HCR WORD(GICH + 0x00)
#define GICH_VTR WORD(GICH + 0x04)
#define GICH_VMCR WORD(GICH + 0x08)
#define GICH_MISR WORD(GICH + 0x10)
#define GICH_EISR0 WORD(GICH + 0x20)
#define GICH_ELRSR0 WORD(GICH + 0x30)
#define GICH_APR WORD(GICH + 0xf0)
#define GICH_LR(n) WORD(GICH + 0x100 + 4 * (n))

enum { HCR_EN = 1, HCR_UIE = 2, HCR_LRENPIE = 4, HCR_NPIE = 8 };
enum { GROUP0 = 1, GROUP1 = 2, ACKCTL = 4, FIQEN = 8, EOIMODE = 1 << 9 };
enum { LR_EOI = 1 << 19, LR_PENDING = 1 << 28, LR_GROUP1 = 1 << 30 };
#define LR_HARDWARE(physical) (1u << 31 | (physical) << 10)
#define LR_PRIORITY(priority) ((uint32_t)(priority) >> 3 << 23)
#define LR_STATE(lr) ((lr) >> 28 & 3)

enum { MAINTENANCE = 25, CNTHP = 26, CNTV = 27, CNTP = 30, UART0 = 53 };
enum { SPURIOUS = 1023 };
// Milliseconds: under QEMU, which runs in real time, each interrupt ends well before the next.
enum { TICKS = 500000 };

#define UART0_REGISTER(offset) WORD(0xff000000ul + (offset))

void call_at_el1(void (*function)(void));
extern const char vectors_el1[], vectors_el2[];

// Masks and waits. Both levels have the same names for these.

static void unmask(void) { __asm__ volatile("msr daifclr, #3\n\tisb" : : : "memory"); }
static void mask(void) { __asm__ volatile("msr daifset, #3\n\tisb" : : : "memory"); }

/** Takes pending interrupts. */
static void breathe(void) {
  __asm__ volatile("dsb sy\n\tisb" : : : "memory");
  unmask();
  for (volatile int i = 0; i < 100; i++) {
  }
  mask();
}

/** Waits, with interrupts unmasked, until this much has been noted. */
static void wait_for_notes(unsigned count) {
  while (noted() < count) {
    __asm__ volatile("dsb sy\n\twfi" : : : "memory");
    unmask();
    mask();
  }
}

static void wait_for_change(volatile uint32_t *word) {
  while (*word == 0) {
  }
  __asm__ volatile("dmb sy" : : : "memory");
}

// Physical interrupts.

static void enable(unsigned id, unsigned priority) {
  GICD_IPRIORITYR(id) = (uint8_t)priority;
  if (id >= 32) GICD_ITARGETSR(id) = 1;
  GICD_ISENABLER(id / 32) = 1u << id % 32;
}
static void disable(unsigned id) { GICD_ICENABLER(id / 32) = 1u << id % 32; }
static void pend(unsigned id) { GICD_ISPENDR(id / 32) = 1u << id % 32; }
static unsigned is_active(unsigned id) { return GICD_ISACTIVER(id / 32) >> id % 32 & 1; }
static unsigned is_pending(unsigned id) { return GICD_ISPENDR(id / 32) >> id % 32 & 1; }

/** What a handler does between an interrupt's acknowledgement and its end. */
static void (*volatile body)(unsigned id);
/** The same at EL1. */
static void (*volatile guest_body)(unsigned id);

static volatile uint32_t second_answers, second_took;

void irq_at_el2(void) {
  uint32_t iar = IAR(GICC);
  if ((READ(mpidr_el1) & 3) == 1) {
    second_took = iar;
    if ((iar & 1023) < 16) GICD_SGIR = 1 << 16 | 9;
    EOIR(GICC) = iar;
    second_answers++;
    return;
  }
  note(iar);
  if ((iar & 1023) == SPURIOUS) return;
  if (body) body(iar & 1023);
  EOIR(GICC) = iar;
}

void irq_at_el1(void) {
  uint32_t iar = IAR(GICV);
  note(0xa0000 | iar);
  if ((iar & 1023) == SPURIOUS) return;
  if (guest_body) guest_body(iar & 1023);
  EOIR(GICV) = iar;
}

void fiq_at_el1(void) {
  uint32_t iar = IAR(GICV);
  note(0xf0000 | iar);
  EOIR(GICV) = iar;
}

void unexpected_exception(void) {
  uart_print("unexpected exception, ESR_EL2 ");
  print_hex((uint32_t)READ(esr_el2));
  uart_print("\n");
  uart_flush();
}

static void start_interface(void) {
  WRITE(vbar_el2, vectors_el2);
  WRITE(hcr_el2, 1ul << 31 | 1 << 4 | 1 << 3);  // EL1 is AArch64; IRQs and FIQs are taken at EL2
  PMR(GICC) = 0xf0;
  CTLR(GICC) = 1;
}

static void stop_timer(unsigned id) {
  if (id == CNTHP) WRITE(cnthp_ctl_el2, 0);
  if (id == CNTV) WRITE(cntv_ctl_el0, 0);
  if (id == CNTP) WRITE(cntp_ctl_el0, 0);
}

static void registers(void) {
  note(WORD(GICC + 0xfc) & 0xff0fff);
  note(GICH_VTR);
  report("identification");
  GICD_IPRIORITYR(40) = 0xff;
  note(GICD_IPRIORITYR(40));
  WORD(GICD + 0x428) = 0x10203040;
  GICD_IPRIORITYR(41) = 0x80;
  note(WORD(GICD + 0x428));
  report("priority bytes");
  GICD_ITARGETSR(40) = 0xff;
  note(GICD_ITARGETSR(40));
  note(GICD_ITARGETSR(3));
  report("targets");
  GICD_ICENABLER(0) = 0xffffffff;
  note(GICD_ISENABLER(0));
  note(GICD_ICFGR(0));
  report("private");
  note(CTLR(GICC) & EOIMODE);
  note(RPR(GICC));
  note(IAR(GICC));
  note(HPPIR(GICC));
  report("idle interface");
}

static void timers(void) {
  body = stop_timer;
  enable(CNTHP, 0x80);
  enable(CNTV, 0x80);
  enable(CNTP, 0x80);
  WRITE(cntvoff_el2, 0);
  WRITE(cnthp_tval_el2, TICKS);
  WRITE(cnthp_ctl_el2, 1);
  wait_for_notes(1);
  WRITE(cntv_tval_el0, TICKS);
  WRITE(cntv_ctl_el0, 1);
  wait_for_notes(2);
  WRITE(cntp_tval_el0, TICKS);
  WRITE(cntp_ctl_el0, 1);
  wait_for_notes(3);
  note(is_pending(CNTP));
  note(is_active(CNTP));
  report("timers");
}

static void level_body(unsigned id) {
  (void)id;
  note(is_pending(UART0) << 4 | is_active(UART0));
  static unsigned times;
  if (++times == 2) UART0_REGISTER(0x0c) = 1 << 3;  // the second time it masks it in the UART
}

static void level(void) {
  body = level_body;
  uart_flush();
  enable(UART0, 0x80);
  UART0_REGISTER(0x08) = 1 << 3;  // TEMPTY
  wait_for_notes(4);
  breathe();
  disable(UART0);
  note(is_pending(UART0));
  report("level");
}

static void edge(void) {
  body = 0;
  GICD_ICFGR(2) = GICD_ICFGR(2) | 2u << 16;
  enable(40, 0x80);
  pend(40);
  note(is_pending(40));
  breathe();
  breathe();
  note(is_pending(40));
  pend(40);
  GICD_ICPENDR(1) = 1 << 8;
  breathe();
  report("edge");
}

static void preempting_body(unsigned id) {
  note(0x1000 | RPR(GICC));
  if (id != 40) return;
  pend(42);
  pend(41);
  note(0x2000 | HPPIR(GICC));
  breathe();
  note(0x1000 | RPR(GICC));
}

static void preemption(void) {
  body = preempting_body;
  enable(40, 0xa0);
  enable(41, 0x60);
  enable(42, 0xa0);
  pend(40);
  breathe();
  note(0x1000 | RPR(GICC));
  report("preemption");

  BPR(GICC) = 5;  // bits 7-6 count
  enable(40, 0xb0);
  enable(41, 0x90);
  enable(42, 0x70);
  pend(40);
  breathe();
  BPR(GICC) = 3;
  report("binary point");

  PMR(GICC) = 0x90;
  body = 0;
  pend(40);
  pend(41);
  breathe();
  note(IAR(GICC));
  PMR(GICC) = 0xa0;
  breathe();
  PMR(GICC) = 0xc0;
  breathe();
  PMR(GICC) = 0xf0;
  report("priority mask");

  enable(43, 0x80);
  enable(44, 0x80);
  pend(44);
  pend(43);
  breathe();
  report("equal priorities");
}

static void split_body(unsigned id) {
  if (id != 40) return;
  EOIR(GICC) = 40;  // once more when the handler has finished: nothing is active then
  note(0x1000 | RPR(GICC));
  note(is_active(40));
  pend(40);
  pend(43);
  breathe();
}

static void split(void) {
  body = split_body;
  CTLR(GICC) = 1 | EOIMODE;
  pend(40);
  breathe();
  note(is_active(40));
  note(is_pending(40));
  body = 0;
  DIR(GICC) = 40;
  DIR(GICC) = 43;
  breathe();
  DIR(GICC) = 40;
  note(is_active(40));
  CTLR(GICC) = 1;
  report("end without deactivation");
}

static void sgis(void) {
  body = 0;
  GICD_IPRIORITYR(3) = 0x80;
  GICD_IPRIORITYR(4) = 0x40;
  GICD_SGIR = 2u << 24 | 3;
  GICD_SGIR = 1u << 16 | 4;
  breathe();
  note(GICD_SPENDSGIR(3));
  GICD_SPENDSGIR(3) = 6;
  note(GICD_SPENDSGIR(3));
  breathe();
  report("SGIs");
}

void second_main(uint64_t context) {
  (void)context;
  start_interface();
  second_answers = 1;
  for (;;) {
    __asm__ volatile("wfi");
    unmask();
    mask();
  }
}

static void second_core(void) {
  GICD_IPRIORITYR(9) = 0x80;
  note((uint32_t)smc(0xc4000003, 1, (uintptr_t)second_start, 0));  // PSCI CPU_ON
  wait_for_change(&second_answers);
  second_answers = 0;
  GICD_SGIR = 1u << 24 | 5;  // to all others
  wait_for_notes(2);
  wait_for_change(&second_answers);
  note(second_took);
  report("SGI to the second core and back");

  second_answers = 0;
  GICD_ITARGETSR(40) = 2;
  pend(40);
  breathe();
  wait_for_change(&second_answers);
  note(second_took);
  GICD_ITARGETSR(40) = 1;
  report("SPI to the second core");
}

// Virtual interrupts.

static void finish_guest(void) {
  breathe();
  note(RPR(GICV));
}

static void start_guest(uint32_t control, uint32_t hcr, void (*guest)(void)) {
  GICH_HCR = hcr;
  GICH_APR = 0;
  CTLR(GICV) = control;
  PMR(GICV) = 0xf8;
  BPR(GICV) = 2;
  ABPR(GICV) = 3;
  WRITE(vbar_el1, vectors_el1);
  call_at_el1(guest);
}

static void clear_lists(void) {
  for (int i = 0; i < 4; i++) GICH_LR(i) = 0;
  GICH_HCR = 0;
}

static void note_lists(void) {
  for (int i = 0; i < 4; i++) note(0x3000 | LR_STATE(GICH_LR(i)));
}

static void guest_preempts(unsigned id) {
  note(0x1000 | RPR(GICV));
  if (id != 60) return;
  GICH_LR(3) = LR_PENDING | LR_PRIORITY(0x88) | 63;
  note(0x2000 | HPPIR(GICV));
  breathe();
}

static void lists(void) {
  guest_body = 0;
  note(GICH_ELRSR0);
  note(GICH_VMCR);
  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x98) | 60;
  GICH_LR(1) = LR_PENDING | LR_PRIORITY(0x40) | 61;
  GICH_LR(2) = LR_PENDING | LR_PRIORITY(0x48) | 1 << 10 | 2;
  note(GICH_ELRSR0);
  start_guest(GROUP0, HCR_EN, finish_guest);
  note_lists();
  report("list registers");

  guest_body = guest_preempts;
  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x90) | 60;
  GICH_LR(1) = LR_PENDING | LR_PRIORITY(0x90) | 61;
  start_guest(GROUP0, HCR_EN, finish_guest);
  note_lists();
  report("preemption in the guest");
  clear_lists();
}

static void guest_groups(void) {
  note(0x1000 | IAR(GICV));
  note(0x2000 | HPPIR(GICV));
  CTLR(GICV) |= ACKCTL;
  breathe();
}

static void groups(void) {
  guest_body = 0;
  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x40) | LR_GROUP1 | 60;
  GICH_LR(1) = LR_PENDING | LR_PRIORITY(0x80) | 61;
  start_guest(GROUP0 | GROUP1 | FIQEN, HCR_EN, guest_groups);
  note_lists();
  report("groups");
  clear_lists();
}

static void maintain(unsigned id) {
  if (id != MAINTENANCE) return;
  note(0x4000 | GICH_MISR);
  note(0x5000 | GICH_EISR0);
  note(0x6000 | GICH_ELRSR0);
  note(0x7000 | GICH_HCR >> 27);
  if (GICH_EISR0 & 1) GICH_LR(0) = 0;
  GICH_HCR = HCR_EN;
}

static void guest_loses_list(unsigned id) {
  (void)id;
  GICH_LR(0) = 0;
}

static void maintenance(void) {
  enable(MAINTENANCE, 0x40);
  body = maintain;
  guest_body = 0;
  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x80) | LR_EOI | 60;
  start_guest(GROUP0, HCR_EN, finish_guest);
  report("maintenance at the end");

  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x80) | 60;
  GICH_LR(1) = LR_PENDING | LR_PRIORITY(0x88) | 61;
  start_guest(GROUP0, HCR_EN | HCR_UIE, finish_guest);
  report("maintenance by underflow");

  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x80) | 60;
  start_guest(GROUP0, HCR_EN | HCR_NPIE, finish_guest);
  report("maintenance with none pending");

  guest_body = guest_loses_list;
  GICH_LR(0) = LR_PENDING | LR_PRIORITY(0x80) | 60;
  start_guest(GROUP0, HCR_EN | HCR_LRENPIE, finish_guest);
  report("maintenance without a list register");

  start_guest(GROUP0, HCR_EN | 0xf0, finish_guest);
  report("maintenance by group enables");
  clear_lists();
  disable(MAINTENANCE);
}

static void inject(unsigned id) {
  if (id == CNTV) GICH_LR(0) = LR_HARDWARE(CNTV) | LR_PENDING | LR_PRIORITY(0x80) | CNTV;
}

static void guest_timer_body(unsigned id) {
  note(is_active(id));
  static unsigned times;
  if (++times < 3) WRITE(cntv_tval_el0, TICKS);
  else WRITE(cntv_ctl_el0, 0);
}

static void guest_timer(void) {
  WRITE(cntv_tval_el0, TICKS);
  WRITE(cntv_ctl_el0, 1);
  wait_for_notes(9);  // three times: the hypervisor's interrupt, the guest's, the active state
  note(is_active(CNTV));
}

static void hardware(void) {
  body = inject;
  guest_body = guest_timer_body;
  CTLR(GICC) = 1 | EOIMODE;
  start_guest(GROUP0, HCR_EN, guest_timer);
  CTLR(GICC) = 1;
  note_lists();
  report("the guest's timer through a hardware list register");
  clear_lists();
}

int main(void) {
  uart_start();
  start_interface();
  GICD_CTLR = 1;
  registers();
  timers();
  level();
  edge();
  preemption();
  split();
  sgis();
  second_core();
  lists();
  groups();
  maintenance();
  hardware();
  uart_print("done\n");
  uart_flush();
  return 0;
}
