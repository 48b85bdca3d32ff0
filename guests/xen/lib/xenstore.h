// Xenstore: the tree of values that Dom0 keeps for all domains (public/io/xs_wire.h). Paths are relative to the
// domain's own part of it. Dom0 answers requests when it has the CPU.
#pragma once

#include <stdbool.h>

/** Finds the ring and its event channel. Call this first. */
void xenstore_start(void);

/** What is done while Dom0 does not answer: at least wait for an event. At first, nothing else. */
extern void (*xenstore_meanwhile)(void);

/** Reads a value of at most `size` - 1 characters; false if there is none. */
bool xenstore_read(const char *path, char *value, unsigned size);

/** Writes a value; false if not permitted. */
bool xenstore_write(const char *path, const char *value);

/** Sends a value without waiting for Dom0; lost if Dom0 takes nothing any more. */
void xenstore_tell(const char *path, const char *value);

/** Watches a path for changes. */
bool xenstore_watch(const char *path);

/** Whether a watched path has changed since the last call. Never waits. */
bool xenstore_changed(void);

/** Stops if `xl shutdown` or `xl reboot` has asked through xenstore. Removing the request accepts it. */
void obey_toolstack(void);
