// The interrupt controller that Xen gives its guests: a GICv2 (IHI 0048), at fixed addresses (public/arch-arm.h).
#pragma once

#include <stdint.h>

enum { VIRTUAL_TIMER = 27, EVENT_CHANNEL = 31, NO_INTERRUPT = 1023 };

#define GICD(offset) (*(volatile uint32_t *)(0x03001000ul + (offset)))
#define GICC(offset) (*(volatile uint32_t *)(0x03002000ul + (offset)))

/** Enables a private interrupt of this vCPU, and the controller. */
static inline void gic_enable(unsigned interrupt) {
  GICD(0x100) = 1u << interrupt;        // GICD_ISENABLER0
  GICD(0x000) = 1;                      // GICD_CTLR
  GICC(0x004) = 0xff;                   // GICC_PMR: every priority passes
  GICC(0x000) = 1;                      // GICC_CTLR
}

static inline void gic_disable(unsigned interrupt) { GICD(0x180) = 1u << interrupt; }  // GICD_ICENABLER0

/** Acknowledges the next interrupt; its ID, or NO_INTERRUPT. */
static inline unsigned gic_acknowledge(void) { return GICC(0x00c) & 1023; }  // GICC_IAR

static inline void gic_done(unsigned interrupt) { GICC(0x010) = interrupt; }  // GICC_EOIR

static inline void mask_interrupts(void) { __asm__ volatile("msr daifset, #2" ::: "memory"); }
static inline void unmask_interrupts(void) { __asm__ volatile("msr daifclr, #2" ::: "memory"); }
/** Waits until an interrupt is pending, masked or not; meanwhile Xen runs other domains. */
static inline void wait_for_interrupt(void) { __asm__ volatile("dsb sy\n\twfi" ::: "memory"); }
