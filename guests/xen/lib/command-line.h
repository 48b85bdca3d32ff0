// The kernel command line of the domain: `extra = "..."` in its config file.
#pragma once

#include <stdint.h>

/**
 * The command line in the device tree that xl has written: the property `bootargs` of /chosen. Empty if there is none.
 */
const char *command_line(const void *device_tree);

/** The number after `name=` in a command line, or `otherwise`. */
unsigned long option(const char *line, const char *name, unsigned long otherwise);
