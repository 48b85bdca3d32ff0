// A second core.
#pragma once

#include <stdint.h>

/** Where PSCI is to start the second core: it calls second_main. */
void second_start(void);

/** The guest's code for the second core; what PSCI was told to hand over. */
void second_main(uint64_t context);
