// The console that `xl console` shows: a ring of bytes in a page shared with Dom0 (public/io/console.h).
#pragma once

#include <stdint.h>

/** Finds the ring and its event channel. Call this first. */
void console_start(void);

/**
 * Prints a text. `%d` and `%u` stand for an int, `%l` for an unsigned long, `%x` for one in hexadecimal, `%s` for a
 * text, `%c` for a character; a number between them and the `%` is a least width, as in `%8u`. A `\n` goes out as CR
 * LF.
 */
void print(const char *format, ...);

/** The next character that was typed, or -1 if there is none. */
int console_read(void);
