// rtos: a real-time operating system with one duty: its control task must run once a millisecond. It measures how late
// the task runs, which shows the effect of other domains and of Xen's scheduler.
//
// On its console: `stat` shows the latencies, `help` the rest.
// In the config file: with extra = "load=20" it also computes for 20 % of the time, at a lower priority.
// Beside a monitor (guests/xen/monitor) each run of the control task is a heartbeat.

#include "command-line.h"
#include "console.h"
#include "gic.h"
#include "heartbeat.h"
#include "kernel.h"
#include "latency.h"
#include "time.h"
#include "xen.h"
#include "xenstore.h"

enum priority { IDLE, LOAD, SECONDS, CONSOLE, CONTROL, RUNAWAY };

static volatile unsigned long load;
static volatile unsigned long seconds, missed;

/**
 * When the next period begins. All tasks begin theirs at multiples of it, on a grid that their delays do not shift, so that
 * one interrupt releases all that are due. An alarm shortly before another makes that one late: Xen's timers are at least
 * 50 µs apart (timer_slop on its command line).
 */
static uint64_t next_multiple_of(uint64_t period) { return (now() / period + 1) * period; }

/** The control task: released each millisecond. */
static void control(void) {
  const uint64_t period = ticks_per_second() / 1000;
  uint64_t release = next_multiple_of(period);
  for (;;) {
    task_sleep_until(release);
    latency_add((now() - release) * 1000000000 / ticks_per_second());
    heartbeat_beat();
    release += period;
    // Releases that passed meanwhile are lost; a real controller would have missed their samples.
    while (release <= now()) {
      missed++;
      release += period;
    }
  }
}

/** Shows that it is alive. */
static void count_seconds(void) {
  for (;; seconds++) task_sleep_until(next_multiple_of(ticks_per_second()));
}

/** A task that never sleeps again when it has been woken, and none below it runs. */
static void runaway(void) {
  task_sleep_until(NEVER);
  for (;;) {
  }
}

/** Some arithmetic, for a microsecond or two. */
static void compute(void) {
  for (unsigned i = 0; i < 1000; i++) __asm__ volatile("" ::: "memory");
}

/** Computes for `load` percent of each 10 ms. */
static void background(void) {
  const uint64_t period = ticks_per_second() / 100;
  for (;;) {
    uint64_t start = next_multiple_of(period);
    task_sleep_until(start);
    while (now() - start < period * load / 100) compute();
  }
}

static void idle(void) {
  for (;;) wait_for_interrupt();
}

static void print_time(const char *name, uint64_t nanoseconds) {
  print("%s %l.%l us", name, nanoseconds / 1000, nanoseconds / 100 % 10);
}

static void stat(void) {
  print("control: %l releases, %l missed;", latency_count(), missed);
  print_time(" latency p50", latency_percentile(500));
  print_time(", p99", latency_percentile(990));
  print_time(", p99.9", latency_percentile(999));
  print_time(", max", latency_max());
  print("\nalive: %l s; load %l %%\n", seconds, load);
  for (unsigned i = CONTROL; i > IDLE; i--) print("  %s: %l ms\n", task_name(i), microseconds(task_time(i)) / 1000);
}

static unsigned long number_in(const char *text) {
  unsigned long number = 0;
  for (; *text != 0; text++)
    if (*text >= '0' && *text <= '9') number = 10 * number + (unsigned long)(*text - '0');
  return number;
}

static bool begins(const char *line, const char *word) {
  while (*word != 0 && *line == *word) line++, word++;
  return *word == 0 && (*line == 0 || *line == ' ');
}

static void obey(const char *line) {
  if (*line == 0) return;
  if (begins(line, "stat")) stat();
  else if (begins(line, "reset")) latency_reset(), missed = 0;
  else if (begins(line, "load")) load = number_in(line) > 95 ? 95 : number_in(line);
  else if (begins(line, "hang")) {
    print("Hanging with interrupts masked.\n");
    mask_interrupts();
    for (;;) {
    }
  } else if (begins(line, "crash")) {
    print("Writing where nothing is.\n");
    *(volatile uint32_t *)0x10000000 = 1;
  } else if (begins(line, "livelock")) {
    print("A task of the highest priority runs away.\n");
    task_wake(RUNAWAY);
  } else if (begins(line, "lose")) {
    print("Disabling the timer's interrupt.\n");
    gic_disable(VIRTUAL_TIMER);
  } else if (begins(line, "corrupt")) {
    print("Overwriting the table of outputs.\n");
    heartbeat_corrupt();
  } else if (begins(line, "reboot")) xen_shutdown(SHUTDOWN_reboot);
  else if (begins(line, "poweroff")) xen_shutdown(SHUTDOWN_poweroff);
  else {
    print("stat      latencies of the control task since the start or the last reset\n"
          "reset     begin to measure again\n"
          "load N    compute for N %% of the time at low priority\n"
          "hang      stop answering\n"
          "crash     fault, and end as crashed\n"
          "livelock  a task of the highest priority never sleeps again\n"
          "lose      lose the timer's interrupt\n"
          "corrupt   overwrite the memory that outputs come from\n"
          "reboot, poweroff\n");
  }
}

/** What xl and the monitor want. */
static void look_into_xenstore(void) {
  if (!xenstore_changed()) return;
  obey_toolstack();
  heartbeat_join();
}

/** Reads lines; looks for keys, and into xenstore, fifty times a second. */
static void console(void) {
  char line[64];
  unsigned length = 0;
  xenstore_write("control/feature-poweroff", "1");
  xenstore_write("control/feature-reboot", "1");
  xenstore_watch("control/shutdown");
  xenstore_watch("data/monitor");
  for (;;) {
    print("rtos> ");
    for (int key = 0; key != '\r' && key != '\n';) {
      key = console_read();
      if (key < 0) {
        look_into_xenstore();
        task_sleep_until(next_multiple_of(ticks_per_second() / 50));
      }
      else if ((key == 8 || key == 127) && length > 0) length--, print("\b \b");
      else if (key >= ' ' && key < 127 && length < sizeof line - 1) {
        line[length++] = (char)key;
        print("%c", key);
      }
    }
    line[length] = 0;
    length = 0;
    print("\n");
    obey(line);
  }
}

void main(const void *device_tree) {
  load = option(command_line(device_tree), "load", 0);
  console_start();
  xenstore_start();
  print("RTOS: control task at 1 kHz. Type stat or help.\n");
  task_create(IDLE, "idle", idle);
  task_create(LOAD, "load", background);
  task_create(SECONDS, "seconds", count_seconds);
  task_create(CONSOLE, "console", console);
  task_create(CONTROL, "control", control);
  task_create(RUNAWAY, "runaway", runaway);
  kernel_start();
}
