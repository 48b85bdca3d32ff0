// Notes of what a guest observes, in order, printed as lines of hexadecimal numbers.
#pragma once

#include <stdint.h>

void note(uint32_t value);

/** Count of notes since the last report. */
unsigned noted(void);

void print_hex(uint32_t value);

/** Prints the notes and clears them. */
void report(const char *name);
