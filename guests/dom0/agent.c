// Joins Domain-0 under the real Xen to the program that runs the simulator, by the board's second serial port: a terminal,
// files, and the domains' consoles. It is a Linux program without a C library.
//
// A frame on the line: type, 0, length (16 bits, little-endian), contents. To Dom0: `r` runs a shell on the terminal, or a
// script; `k` keys for it; `c` keys for a domain's console; `o d e u m p` files (files.c). From it: `h` hello; `t` output of
// the terminal; `x` its shell has ended, with an exit code; `c` output of a domain; `g l i` domains (domains.c); files.

#include "agent.h"

static int line;
static int terminal = -1;
static int shell = -1; // a pidfd
static long shell_pid;

size_t length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}

int equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

void *memcpy(void *to, const void *from, size_t size) {
  for (size_t i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int byte, size_t size) {
  for (size_t i = 0; i < size; i++) ((char *)to)[i] = byte;
  return to;
}

size_t join(char *to, size_t room, const char *const *pieces) {
  size_t n = 0;
  for (; *pieces; pieces++) {
    size_t size = length(*pieces);
    if (n + size >= room) return 0;
    memcpy(to + n, *pieces, size);
    n += size;
  }
  to[n] = 0;
  return n;
}

static void put(const char *from, size_t size) {
  while (size > 0) {
    long done = write(line, from, size);
    if (done == -EAGAIN) {
      struct pollfd poll = {line, 4, 0}; // POLLOUT
      ppoll(&poll, 1, NULL);
    } else if (done <= 0) {
      leave(1);
    } else {
      from += done;
      size -= done;
    }
  }
}

void send(char type, const void *first, size_t first_size, const void *second, size_t second_size) {
  static char frame[4 + LARGEST];
  size_t size = first_size + second_size;
  if (size > LARGEST) return;
  frame[0] = type;
  frame[1] = 0;
  frame[2] = size;
  frame[3] = size >> 8;
  memcpy(frame + 4, first, first_size);
  memcpy(frame + 4 + first_size, second, second_size);
  put(frame, 4 + size);
}

/** The line carries bytes as they are, at 4 Mbaud, which UART_REF_CLK of 100 MHz divides to. */
static void open_line(const char *path) {
  line = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
  if (line < 0) leave(1);
  struct termios raw;
  memset(&raw, 0, sizeof raw);
  raw.cflag = 0x100f | 0x30 | 0x80 | 0x800; // B4000000, CS8, CREAD, CLOCAL
  raw.cc[6] = 1; // VMIN
  if (ioctl(line, 0x5402, &raw) < 0) leave(1); // TCSETS
}

static void put_number(char *to, unsigned number) {
  char digits[10];
  size_t n = 0;
  do digits[n++] = '0' + number % 10;
  while ((number /= 10) > 0);
  while (n > 0) *to++ = digits[--n];
  *to = 0;
}

/** Starts bash on a new terminal: a script, or with an empty path a shell to type in. */
static void start_shell(const char *script) {
  static const char *const environment[] = {
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/xen-4.17/bin", "HOME=/root", "TERM=xterm-256color", "LANG=C.UTF-8", NULL,
  };
  terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
  int unlocked = 0, number = 0;
  char path[32] = "/dev/pts/";
  if (terminal < 0 || ioctl(terminal, 0x40045431, &unlocked) < 0 || ioctl(terminal, 0x80045430, &number) < 0) return;
  put_number(path + 9, number);
  struct winsize size = {24, 80, 0, 0};
  ioctl(terminal, 0x5414, &size); // TIOCSWINSZ
  shell_pid = fork();
  if (shell_pid == 0) {
    setsid();
    int own = open(path, O_RDWR, 0); // becomes the controlling terminal
    for (int fd = 0; fd < 3; fd++) dup3(own, fd);
    for (int fd = 3; fd < 32; fd++) close(fd);
    call(49, (long)"/root", 0, 0, 0, 0); // chdir
    const char *const typed[] = {"bash", "-l", NULL};
    const char *const given[] = {"bash", script, NULL};
    execve("/bin/bash", *script ? given : typed, environment);
    leave(127);
  }
  shell = pidfd_open(shell_pid);
}

/** Passes on what the terminal shows; false when there is nothing more. */
static int show(void) {
  static char bytes[LARGEST];
  long got = read(terminal, bytes, sizeof bytes);
  if (got <= 0) return 0;
  send('t', bytes, got, NULL, 0);
  return 1;
}

static void shell_ended(void) {
  int status = 0;
  wait4(shell_pid, &status, 0);
  while (show()) continue;
  close(shell);
  close(terminal);
  shell = terminal = -1;
  char code = (status & 0x7f) ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
  send('x', &code, 1, NULL, 0);
}

static void receive(char type, char *data, size_t size) {
  data[size] = 0;
  switch (type) {
    case 'r':
      if (shell < 0) start_shell(data);
      break;
    case 'k':
      if (terminal >= 0) write(terminal, data, size);
      break;
    case 'c':
      if (size >= 2) domains_type((uint8_t)data[0] | (uint8_t)data[1] << 8, data + 2, size - 2);
      break;
    default:
      files_frame(type, data, size);
  }
}

/** Takes what has come, and the frames that are whole. */
static void take_frames(void) {
  static char bytes[4096];
  static size_t filled;
  long got = read(line, bytes + filled, sizeof bytes - filled);
  if (got <= 0) return;
  filled += got;
  size_t at = 0;
  while (filled - at >= 4) {
    size_t size = (uint8_t)bytes[at + 2] | (uint8_t)bytes[at + 3] << 8;
    if (size > LARGEST) leave(1);
    if (filled - at < 4 + size) break;
    static char data[LARGEST + 1];
    memcpy(data, bytes + at + 4, size);
    receive(bytes[at], data, size);
    at += 4 + size;
  }
  filled -= at;
  memcpy(bytes, bytes + at, filled);
}

__attribute__((noreturn, used)) static void run(long *stack) {
  open_line(stack[0] > 1 ? (const char *)stack[2] : "/dev/ttyPS1");
  int files = files_start(), store = domains_start();
  send('h', "1", 1, NULL, 0);
  for (long looked = 0;;) {
    struct pollfd polls[] = {
      {line, POLLIN, 0}, {files, POLLIN, 0}, {store, POLLIN, 0}, {domains_logs(), POLLIN, 0}, {terminal, POLLIN, 0}, {shell, POLLIN, 0},
    };
    struct timespec tenth = {0, 100000000}; // in memory that can be written: the kernel leaves there what was left
    ppoll(polls, 6, &tenth);
    if (polls[0].revents) take_frames();
    if (polls[1].revents) files_changed();
    if (polls[2].revents & POLLIN) domains_event();
    if (polls[3].revents) domains_logged();
    if (polls[4].revents & POLLIN && terminal >= 0) show();
    if (polls[5].revents && shell >= 0) shell_ended();
    struct timespec now;
    call(113, 1, (long)&now, 0, 0, 0); // clock_gettime(CLOCK_MONOTONIC)
    long tenths = now.seconds * 10 + now.nanoseconds / 100000000;
    if (tenths != looked || polls[2].revents) domains_look();
    looked = tenths;
  }
}

// The stack at the start holds the number of arguments, then their addresses (sysvabi64, process initialization).
__asm__(".global _start\n_start: mov x29, xzr\nmov x30, xzr\nmov x0, sp\nand sp, x0, #-16\nb run\n");
