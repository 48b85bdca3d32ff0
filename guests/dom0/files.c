// Dom0's files, kept equal on both sides. To Dom0: `o` opens a file by its path, `d` writes to it, `e` puts it into its place; `u`
// removes a file or an empty directory, `m` moves one (two paths), `p` makes a directory. From it the same frames tell what
// programs here have done in the folders that are watched; `o` then has the file's size behind the path.

#include "agent.h"

enum { WATCHES = 128, LARGEST_FILE = 1 << 20 };

static const char *const roots[] = {"/etc/xen", "/guests", "/root"};
static const char suffix[] = ".el2lab";

static int notes = -1;
static char watched[WATCHES][PATH_SIZE]; // by watch descriptor
static int written = -1;
static char path_now[PATH_SIZE];
static char path_then[PATH_SIZE + sizeof suffix];

static void make_path(const char *path) {
  static char part[PATH_SIZE];
  for (size_t i = 0; path[i] && i < PATH_SIZE - 1; i++) {
    if (i > 0 && path[i] == '/') {
      part[i] = 0;
      mkdir(part);
    }
    part[i] = path[i];
  }
}

static int is_own(const char *name) {
  size_t n = length(name);
  return n >= sizeof suffix && equal(name + n - (sizeof suffix - 1), suffix);
}

static void watch(const char *path) {
  long wd = inotify_add_watch(notes, path, IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE);
  if (wd < 0 || wd >= WATCHES) return;
  join(watched[wd], PATH_SIZE, (const char *const[]){path, NULL});
  int fd = open(path, O_RDONLY, 0);
  static char below[PATH_SIZE];
  char entries[1024];
  for (long got; (got = getdents(fd, entries, sizeof entries)) > 0;) {
    for (long at = 0; at < got;) {
      struct dirent *entry = (struct dirent *)(entries + at);
      at += entry->length;
      if (entry->type != DT_DIR || entry->name[0] == '.' || equal(entry->name, "scripts")) continue;
      if (join(below, sizeof below, (const char *const[]){path, "/", entry->name, NULL})) watch(below);
    }
  }
  close(fd);
}

int files_start(void) {
  notes = inotify_init();
  for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) watch(roots[i]);
  return notes;
}

static void send_file(const char *path) {
  int fd = open(path, O_RDONLY | O_NONBLOCK, 0);
  if (fd < 0) return;
  long size = lseek(fd, 0, 2);
  lseek(fd, 0, 0);
  if (size >= 0 && size <= LARGEST_FILE) {
    send('o', path, length(path), NULL, 0);
    static char bytes[LARGEST];
    for (long got; (got = read(fd, bytes, sizeof bytes)) > 0;) send('d', bytes, got, NULL, 0);
    send('e', NULL, 0, NULL, 0);
  }
  close(fd);
}

void files_changed(void) {
  static char events[4096] __attribute__((aligned(8)));
  static char path[PATH_SIZE];
  static uint32_t own; // the move of a file that the other side has written
  for (long got; (got = read(notes, events, sizeof events)) > 0;) {
    for (long at = 0; at < got;) {
      struct inotify_event *event = (struct inotify_event *)(events + at);
      at += sizeof *event + event->length;
      if (event->length == 0 || event->wd < 0 || event->wd >= WATCHES) continue;
      if (is_own(event->name)) {
        if (event->mask & IN_MOVED_FROM) own = event->cookie;
        continue;
      }
      if (!join(path, sizeof path, (const char *const[]){watched[event->wd], "/", event->name, NULL})) continue;
      if (event->mask & (IN_DELETE | IN_MOVED_FROM)) send('u', path, length(path), NULL, 0);
      else if (event->mask & IN_ISDIR) send('p', path, length(path), NULL, 0), watch(path);
      else if (event->mask & IN_CLOSE_WRITE || (event->mask & IN_MOVED_TO && event->cookie != own)) send_file(path);
    }
  }
}

void files_frame(char type, const char *data, size_t size) {
  switch (type) {
    case 'o':
      if (written >= 0 || !join(path_now, sizeof path_now, (const char *const[]){data, NULL})) break;
      join(path_then, sizeof path_then, (const char *const[]){data, suffix, NULL});
      make_path(path_now);
      written = open(path_then, O_WRONLY | O_CREAT | O_TRUNC, 0644);
      break;
    case 'd':
      if (written >= 0) write(written, data, size);
      break;
    case 'e':
      if (written >= 0) close(written), rename(path_then, path_now);
      written = -1;
      break;
    case 'u':
      if (unlink(data) < 0) rmdir(data);
      break;
    case 'm':
      rename(data, data + length(data) + 1);
      break;
    case 'p':
      make_path(data);
      mkdir(data);
  }
}
