// A small real-time kernel: tasks with fixed priorities, preemptive, one core. The ready task of the highest priority
// runs.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { MAX_TASKS = 8, STACK_SIZE = 8192 };

/** Priorities are 0 to MAX_TASKS - 1, each for one task; a higher number goes first. */
void task_create(unsigned priority, const char *name, void (*function)(void));

/** Starts the tasks; never returns. */
__attribute__((noreturn)) void kernel_start(void);

/** As a time to sleep until: until another task wakes it. */
#define NEVER UINT64_MAX

/** The running task sleeps until the counter of the generic timer reaches a value. */
void task_sleep_until(uint64_t at);

/** Wakes a task; one of a higher priority than the running one runs at once. */
void task_wake(unsigned priority);

/** CPU time of a task, in ticks of that counter. */
uint64_t task_time(unsigned priority);

const char *task_name(unsigned priority);
