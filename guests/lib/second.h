// A second core.
#pragma once

#include <stdint.h>

/** The entry point for PSCI to start the second core at; it calls second_main. */
void second_start(void);

/** The guest's code for the second core, with the context that PSCI passes on. */
void second_main(uint64_t context);
