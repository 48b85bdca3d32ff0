// The agent's parts, and the line to the program that runs the simulator.
#pragma once

#include "linux.h"

enum { LARGEST = 1024, PATH_SIZE = 512 };

/** Sends a frame: its type, and its contents from two pieces. */
void send(char type, const void *first, size_t first_size, const void *second, size_t second_size);

size_t length(const char *text);
int equal(const char *a, const char *b);
/** Copies pieces one behind the other, up to a null pointer; returns the length, or 0 if there is no room. */
size_t join(char *to, size_t room, const char *const *pieces);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

// files.c: Dom0's files, as both sides change them.
int files_start(void);
void files_changed(void);
void files_frame(char type, const char *data, size_t size);

// domains.c: names and consoles of domains, from xenstore and xenconsoled; what Xen says of them.
int domains_start(void);
void domains_event(void);
void domains_logged(void);
int domains_logs(void);
/** Looks at what has no events. Called ten times a second. */
void domains_look(void);
void domains_type(unsigned domain, const char *data, size_t size);
