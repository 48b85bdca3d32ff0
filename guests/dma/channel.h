// The general purpose DMA channels and interrupts, for scenarios. UG1087, module ZDMA.
#pragma once

#include <stdint.h>

#include "registers.h"

/** Channels of the full-power and the low-power domain. */
#define GDMA(n) (0xfd500000ul + 0x10000 * (n))
#define ADMA(n) (0xffa80000ul + 0x10000 * (n))

#define ISR(channel) WORD((channel) + 0x100)
#define IMR(channel) WORD((channel) + 0x104)
#define IEN(channel) WORD((channel) + 0x108)
#define CTRL0(channel) WORD((channel) + 0x110)
#define CTRL1(channel) WORD((channel) + 0x114)
#define STATUS(channel) WORD((channel) + 0x11c)
#define DATA_ATTR(channel) WORD((channel) + 0x120)
#define SRC_DSCR(channel, word) WORD((channel) + 0x128 + 4 * (word))
#define DST_DSCR(channel, word) WORD((channel) + 0x138 + 4 * (word))
#define WR_ONLY(channel, word) WORD((channel) + 0x148 + 4 * (word))
#define SRC_START(channel, word) WORD((channel) + 0x158 + 4 * (word))
#define DST_START(channel, word) WORD((channel) + 0x160 + 4 * (word))
#define TOTAL_BYTE(channel) WORD((channel) + 0x188)
#define IRQ_SRC_ACCT(channel) WORD((channel) + 0x190)
#define IRQ_DST_ACCT(channel) WORD((channel) + 0x194)
#define CTRL2(channel) WORD((channel) + 0x200)

/** ISR; the last: done, paused, or a bus error. */
enum { DMA_DONE = 1 << 10, ENDS = 0xfc0 };
/** CTRL0. */
enum { CONT = 1 << 1, WRITE_ONLY = 1 << 4, READ_ONLY = 2 << 4, LISTS = 1 << 6 };
/** Control words of descriptors. */
enum { LINKED = 1 << 1, INTERRUPT = 1 << 2, HALT = 1 << 3, STOP = 2 << 3 };

extern uint8_t source[8192], target[8192];

/** Fills the source with its pattern and clears the target. */
void prepare(void);

/** Starts a copy without lists. */
void start_copy(uintptr_t channel, uint64_t from, uint64_t to, uint32_t size);

/** Waits until the channel is done; clears its interrupt status and returns it. */
uint32_t finish(uintptr_t channel);

/** Makes a copy, and returns the status. */
uint32_t copy(uintptr_t channel, uint64_t from, uint64_t to, uint32_t size);

/** Counts the bytes of the target from `at` on that differ from the source's from `from` on. */
unsigned differences(unsigned at, unsigned from, unsigned size);

/** Takes interrupts at EL2. */
void start_interrupts(void);

/** Enables an interrupt, by its ID. */
void enable_interrupt(unsigned id);

/** Waits, with interrupts unmasked, until this much has been noted. */
void wait_for_notes(unsigned count);

/** Handles an interrupt, between its acknowledgement and its end. */
void on_interrupt(unsigned id);
