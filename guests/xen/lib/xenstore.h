// Xenstore: the tree of values that Dom0 keeps for all domains (public/io/xs_wire.h). Paths are relative to the domain's own
// part of it. What is asked is answered by Dom0, when that has the CPU.
#pragma once

#include <stdbool.h>

/** Finds the ring and its event channel. Everything else here needs that. */
void xenstore_start(void);

/** Reads a value of at most `size` - 1 characters; false if there is none. */
bool xenstore_read(const char *path, char *value, unsigned size);

/** Writes a value; false if that is not allowed. */
bool xenstore_write(const char *path, const char *value);

/** Asks to be told of changes at a path. */
bool xenstore_watch(const char *path);

/** Whether something that is watched has changed since the last time. Never waits. */
bool xenstore_changed(void);
