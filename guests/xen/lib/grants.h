// Grants: pages that this domain lets another one use (public/grant_table.h, version 1).
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Maps the first page of the grant table. Call this first. */
void grants_start(void);

/** Lets a domain use a page. Returns the reference by which the other finds it. */
uint32_t grant_page(const void *page, unsigned domain, bool read_only);
