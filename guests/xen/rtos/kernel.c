// Every task switch happens at the end of an exception: the timer's interrupt, or an SVC by which a task goes to sleep.
// The handlers get the frame of the interrupted task and return the frame of the task to run (start.S).

#include "kernel.h"

#include "console.h"
#include "frame.h"
#include "gic.h"
#include "time.h"
#include "xen.h"

struct task {
  const char *name;
  /** Its registers while it does not run. */
  struct frame *frame;
  /** When it is ready again. */
  uint64_t wakes;
  uint64_t time;
};

static struct task tasks[MAX_TASKS];
static _Alignas(16) uint8_t stacks[MAX_TASKS][STACK_SIZE];
static unsigned running;
static uint64_t since;

void task_create(unsigned priority, const char *name, void (*function)(void)) {
  struct frame *frame = (struct frame *)(stacks[priority] + STACK_SIZE - FRAME_SIZE);
  // All other registers are 0, like the stack. A task runs at EL1 with this stack and with interrupts unmasked.
  frame->pc = (uint64_t)function;
  frame->pstate = 0x5;
  tasks[priority] = (struct task){.name = name, .frame = frame};
}

uint64_t task_time(unsigned priority) { return tasks[priority].time; }

const char *task_name(unsigned priority) { return tasks[priority].name; }

/** The ready task of the highest priority. Priority 0 never sleeps. */
static unsigned highest_ready(uint64_t time) {
  unsigned best = 0;
  for (unsigned i = 1; i < MAX_TASKS; i++)
    if (tasks[i].name != 0 && tasks[i].wakes <= time) best = i;
  return best;
}

/**
 * Sets the timer for the next wake-up of a task with a higher priority than `running`: no other task could preempt it.
 */
static void set_next_alarm(uint64_t time) {
  uint64_t next = NEVER;
  for (unsigned i = running + 1; i < MAX_TASKS; i++)
    if (tasks[i].name != 0 && tasks[i].wakes > time && tasks[i].wakes < next) next = tasks[i].wakes;
  if (next == NEVER) stop_alarm();
  else set_alarm(next);
}

static struct frame *schedule(struct frame *interrupted) {
  uint64_t time = now();
  tasks[running].frame = interrupted;
  tasks[running].time += time - since;
  since = time;
  running = highest_ready(time);
  set_next_alarm(time);
  return tasks[running].frame;
}

struct frame *on_irq(struct frame *frame) {
  unsigned interrupt = gic_acknowledge();
  if (interrupt == NO_INTERRUPT) return frame;
  stop_alarm();
  gic_done(interrupt);
  return schedule(frame);
}

struct frame *on_synchronous(struct frame *frame) {
  enum { SVC_AARCH64 = 0x15 };
  if (frame->syndrome >> 26 == SVC_AARCH64) return schedule(frame);
  mask_interrupts();
  print("\nPanic in task %s: exception 0x%x at 0x%x, address 0x%x\n", tasks[running].name, frame->syndrome, frame->pc,
        frame->fault_address);
  xen_shutdown(SHUTDOWN_crash);
}

static void reschedule(void) { __asm__ volatile("svc #0" ::: "memory"); }

void task_sleep_until(uint64_t at) {
  tasks[running].wakes = at;
  reschedule();
}

void task_wake(unsigned priority) {
  tasks[priority].wakes = 0;
  reschedule();
}

void kernel_start(void) {
  gic_enable(VIRTUAL_TIMER);
  since = now();
  running = highest_ready(since);
  set_next_alarm(since);
  resume(tasks[running].frame);
}
