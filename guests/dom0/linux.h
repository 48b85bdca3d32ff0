// System calls of Linux on arm64: what the agent needs, without a C library. Numbers and structures are those of the
// kernel's headers for programs (include/uapi), whose names are in the comments.
#pragma once

#include <stddef.h>
#include <stdint.h>

static inline long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory", "cc");
  return x0;
}

enum { AT_FDCWD = -100, EAGAIN = 11, SIGCHLD = 17, SIGPIPE = 13, WNOHANG = 1 };
enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_NOCTTY = 0400, O_TRUNC = 01000, O_NONBLOCK = 04000 };
enum { POLLIN = 1, POLLERR = 8, POLLHUP = 16 };

struct pollfd { int fd; short events, revents; };
struct timespec { long seconds, nanoseconds; };
struct termios { uint32_t iflag, oflag, cflag, lflag; uint8_t line, cc[19]; };
struct winsize { uint16_t rows, columns, x, y; };
struct inotify_event { int wd; uint32_t mask, cookie, length; char name[]; };
enum {
  IN_CLOSE_WRITE = 0x8, IN_MOVED_FROM = 0x40, IN_MOVED_TO = 0x80, IN_CREATE = 0x100, IN_DELETE = 0x200,
  IN_ISDIR = 0x40000000, IN_NONBLOCK = 04000,
};
struct dirent { uint64_t inode, offset; uint16_t length; uint8_t type; char name[]; };
enum { DT_DIR = 4, DT_REG = 8 };

static inline long open(const char *path, int flags, int mode) { return call(56, AT_FDCWD, (long)path, flags, mode, 0); }
static inline long close(int fd) { return call(57, fd, 0, 0, 0, 0); }
static inline long read(int fd, void *to, size_t size) { return call(63, fd, (long)to, size, 0, 0); }
static inline long write(int fd, const void *from, size_t size) { return call(64, fd, (long)from, size, 0, 0); }
static inline long ioctl(int fd, unsigned long request, void *with) { return call(29, fd, request, (long)with, 0, 0); }
static inline long mkdir(const char *path) { return call(34, AT_FDCWD, (long)path, 0755, 0, 0); }
static inline long unlink(const char *path) { return call(35, AT_FDCWD, (long)path, 0, 0, 0); }
static inline long rmdir(const char *path) { return call(35, AT_FDCWD, (long)path, 0x200, 0, 0); } // AT_REMOVEDIR
static inline long rename(const char *from, const char *to) { return call(276, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0); }
static inline long getdents(int fd, void *to, size_t size) { return call(61, fd, (long)to, size, 0, 0); }
static inline long lseek(int fd, long offset, int from) { return call(62, fd, offset, from, 0, 0); }
static inline long fallocate(int fd, int mode, long offset, long length) { return call(47, fd, mode, offset, length, 0); }
static inline long dup3(int from, int to) { return call(24, from, to, 0, 0, 0); }
static inline long setsid(void) { return call(157, 0, 0, 0, 0, 0); }
static inline long fork(void) { return call(220, SIGCHLD, 0, 0, 0, 0); } // clone
static inline long execve(const char *path, const char *const *args, const char *const *environment) {
  return call(221, (long)path, (long)args, (long)environment, 0, 0);
}
static inline long wait4(long pid, int *status, int options) { return call(260, pid, (long)status, options, 0, 0); }
static inline long pidfd_open(long pid) { return call(434, pid, 0, 0, 0, 0); }
static inline long kill(long pid, int signal) { return call(129, pid, signal, 0, 0, 0); }
static inline long ppoll(struct pollfd *fds, size_t count, struct timespec *timeout) {
  return call(73, (long)fds, count, (long)timeout, 0, 8);
}
static inline long inotify_init(void) { return call(26, IN_NONBLOCK, 0, 0, 0, 0); }
static inline long inotify_add_watch(int fd, const char *path, uint32_t mask) { return call(27, fd, (long)path, mask, 0, 0); }
static inline long socket(int family, int type) { return call(198, family, type, 0, 0, 0); }
static inline long connect(int fd, const void *address, size_t size) { return call(203, fd, (long)address, size, 0, 0); }
__attribute__((noreturn)) static inline void leave(int code) {
  for (;;) call(94, code, 0, 0, 0, 0); // exit_group
}
