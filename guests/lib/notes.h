// What a guest has observed, in its order, printed as lines of hexadecimal numbers.
#pragma once

#include <stdint.h>

void note(uint32_t value);

/** How much has been noted since the last report. */
unsigned noted(void);

void print_hex(uint32_t value);

/** Prints what was noted and forgets it. */
void report(const char *name);
