// Domains as Dom0 knows them: `g` tells a domain's number and name, `l` that it is gone, `c` what it prints on its console, `i`
// what Xen says of all of them. Names come from xenstore by its own protocol (public/io/xs_wire.h); output from the logs of
// xenconsoled, so that `xl console` can be used besides; keys go to the terminal that xenstore names.

#include "agent.h"

enum { DOMAINS = 64, NAME_SIZE = 128 };
enum { XS_DIRECTORY = 1, XS_READ = 2, XS_WATCH = 4, XS_WATCH_EVENT = 15 };

static const char logs[] = "/var/log/xen/console";

struct domain { unsigned id; char name[NAME_SIZE]; int log; int seen; };
static struct domain domains[DOMAINS];
static size_t count;
/** How much of each log has been passed on; a log belongs to a name, and its domains come one after the other. */
static struct log { char name[NAME_SIZE]; long read; } kept[DOMAINS];
static size_t kept_count;
static int store = -1, notes = -1, hypervisor = -1;
static int changed = 1;

struct message { uint32_t type, request, transaction, length; };

static int read_all(int fd, char *to, size_t size) {
  for (long got; size > 0; to += got, size -= got)
    if ((got = read(fd, to, size)) <= 0) return 0;
  return 1;
}

/** Reads a message's contents, up to `room` - 1 bytes, and ends them with 0. */
static long contents(const struct message *message, char *to, size_t room) {
  size_t kept_size = message->length < room ? message->length : room - 1;
  if (!read_all(store, to, kept_size)) leave(1);
  to[kept_size] = 0;
  char rest;
  for (size_t i = kept_size; i < message->length; i++) read_all(store, &rest, 1);
  return kept_size;
}

/** Asks xenstored; returns the length of the answer, -1 for an error. Watches that fire meanwhile are noted. */
static long ask(uint32_t type, const char *path, const char *token, char *to, size_t room) {
  struct message message = {type, 1, 0, length(path) + 1 + (token ? length(token) + 1 : 0)};
  write(store, &message, sizeof message);
  write(store, path, length(path) + 1);
  if (token) write(store, token, length(token) + 1);
  for (;;) {
    if (!read_all(store, (char *)&message, sizeof message)) leave(1);
    long size = contents(&message, to, room);
    if (message.type == XS_WATCH_EVENT) changed = 1;
    else return message.type == type ? size : -1;
  }
}

static const char *decimal(unsigned number) {
  static char text[11];
  char *at = text + 10;
  do *--at = '0' + number % 10;
  while ((number /= 10) > 0);
  return at;
}

static long ask_domain(unsigned id, const char *what, char *to, size_t room) {
  char path[PATH_SIZE];
  join(path, sizeof path, (const char *const[]){"/local/domain/", decimal(id), what, NULL});
  return ask(XS_READ, path, NULL, to, room);
}

static int log_of(const char *name) {
  for (size_t i = 0; i < kept_count; i++)
    if (equal(kept[i].name, name)) return i;
  if (kept_count == DOMAINS) return -1;
  join(kept[kept_count].name, NAME_SIZE, (const char *const[]){name, NULL});
  kept[kept_count].read = 0;
  return kept_count++;
}

/** Passes on what a domain has printed, and gives the memory back that it took in the log. */
static void pass_on(struct domain *domain) {
  static char bytes[LARGEST - 2];
  char path[PATH_SIZE];
  if (domain->log < 0) return;
  struct log *log = &kept[domain->log];
  if (!join(path, sizeof path, (const char *const[]){logs, "/guest-", log->name, ".log", NULL})) return;
  int fd = open(path, O_RDWR, 0);
  if (fd < 0) return;
  lseek(fd, log->read, 0);
  uint8_t id[2] = {domain->id, domain->id >> 8};
  for (long got; (got = read(fd, bytes, sizeof bytes)) > 0; log->read += got) send('c', id, 2, bytes, got);
  fallocate(fd, 3, 0, log->read & ~4095L); // FALLOC_FL_PUNCH_HOLE, FALLOC_FL_KEEP_SIZE
  close(fd);
}

static void tell(const struct domain *domain) {
  uint8_t id[2] = {domain->id, domain->id >> 8};
  send('g', id, 2, domain->name, length(domain->name));
}

/** Compares what xenstore has with what is known. A domain without a name is looked at again later. */
static void scan(void) {
  static char numbers[4096], name[NAME_SIZE], path[PATH_SIZE], answer[16];
  changed = 0;
  long size = ask(XS_DIRECTORY, "/local/domain", NULL, numbers, sizeof numbers);
  for (size_t i = 0; i < count; i++) domains[i].seen = 0;
  for (char *at = numbers; at < numbers + size; at += length(at) + 1) {
    unsigned id = 0;
    for (char *digit = at; *digit >= '0' && *digit <= '9'; digit++) id = 10 * id + *digit - '0';
    if (ask_domain(id, "/name", name, sizeof name) <= 0) {
      changed = 1;
      continue;
    }
    size_t i = 0;
    while (i < count && domains[i].id != id) i++;
    if (i == DOMAINS) continue;
    if (i == count) {
      domains[count++] = (struct domain){.id = id, .log = id == 0 ? -1 : log_of(name)};
      join(path, sizeof path, (const char *const[]){"/local/domain/", decimal(id), "/name", NULL});
      ask(XS_WATCH, path, "n", answer, sizeof answer);
    }
    domains[i].seen = 1;
    if (equal(domains[i].name, name)) continue;
    join(domains[i].name, NAME_SIZE, (const char *const[]){name, NULL});
    tell(&domains[i]);
  }
  for (size_t i = 0; i < count; i++) {
    pass_on(&domains[i]);
    if (domains[i].seen) continue;
    uint8_t id[2] = {domains[i].id, domains[i].id >> 8};
    send('l', id, 2, NULL, 0);
    domains[i--] = domains[--count];
  }
}

int domains_start(void) {
  struct { uint16_t family; char path[108]; } address = {1, "/run/xenstored/socket"};
  static char answer[16];
  store = socket(1, 1); // AF_UNIX, SOCK_STREAM
  if (connect(store, &address, sizeof address) < 0) leave(1);
  ask(XS_WATCH, "@introduceDomain", "i", answer, sizeof answer);
  ask(XS_WATCH, "@releaseDomain", "r", answer, sizeof answer);
  notes = inotify_init();
  inotify_add_watch(notes, logs, 2); // IN_MODIFY
  hypervisor = open("/dev/xen/privcmd", O_RDWR, 0);
  return store;
}

int domains_logs(void) { return notes; }

void domains_event(void) {
  struct message message;
  static char answer[PATH_SIZE];
  if (!read_all(store, (char *)&message, sizeof message)) leave(1);
  contents(&message, answer, sizeof answer);
  changed = 1;
}

void domains_logged(void) {
  static char events[4096] __attribute__((aligned(8)));
  while (read(notes, events, sizeof events) > 0) continue;
  for (size_t i = 0; i < count; i++) pass_on(&domains[i]);
}

void domains_type(unsigned id, const char *data, size_t size) {
  static char path[PATH_SIZE];
  if (ask_domain(id, "/console/tty", path, sizeof path) <= 0) return;
  int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK, 0);
  if (fd < 0) return;
  write(fd, data, size);
  close(fd);
}

/** A hypercall (struct privcmd_hypercall, IOCTL_PRIVCMD_HYPERCALL). */
static long hypercall(uint64_t number, void *with) {
  uint64_t request[6] = {number, (uint64_t)with};
  return ioctl(hypervisor, 0x305000, request);
}

// public/domctl.h and public/sysctl.h of Xen 4.17, whose interface versions are both 0x15.
struct getdomaininfo {
  uint16_t domain, pad1;
  uint32_t flags;
  uint64_t tot_pages, max_pages, outstanding_pages, shr_pages, paged_pages, shared_info_frame, cpu_time;
  uint32_t nr_online_vcpus, max_vcpu_id, ssidref;
  uint8_t handle[16];
  uint32_t cpupool;
  uint8_t gpaddr_bits, pad2[7];
  uint64_t arch_config[2];
};

/** Sends a record of each domain: number, flags, pages, CPU time, pool, vCPUs; of each vCPU: state, pCPU, CPU time. */
static void tell_states(void) {
  static struct getdomaininfo infos[DOMAINS];
  static struct { uint32_t command, version; uint16_t first; uint32_t most; uint64_t buffer; uint32_t found; uint8_t rest[128]; } list;
  static struct { uint32_t command, version; uint16_t domain; uint8_t gap[6]; uint32_t vcpu; uint8_t online, blocked, running; uint64_t time; uint32_t cpu; uint8_t rest[128]; } one;
  list.command = 6; // XEN_SYSCTL_getdomaininfolist
  list.version = 0x15;
  list.first = 0;
  list.most = DOMAINS;
  list.buffer = (uint64_t)infos;
  memset(infos, 0, sizeof infos); // so that its pages are there
  if (hypervisor < 0 || hypercall(35, &list) < 0) return;
  for (uint32_t i = 0; i < list.found; i++) {
    struct getdomaininfo *info = &infos[i];
    struct { uint16_t domain, vcpus; uint32_t flags; uint64_t pages, time; uint32_t pool, last; struct { uint32_t state, cpu; uint64_t time; } vcpu[32]; } record;
    uint32_t vcpus = info->max_vcpu_id + 1 < 32 ? info->max_vcpu_id + 1 : 32;
    record.domain = info->domain;
    record.vcpus = vcpus;
    record.flags = info->flags;
    record.pages = info->tot_pages;
    record.time = info->cpu_time;
    record.pool = info->cpupool;
    record.last = i + 1 == list.found;
    for (uint32_t v = 0; v < vcpus; v++) {
      one.command = 14; // XEN_DOMCTL_getvcpuinfo
      one.version = 0x15;
      one.domain = info->domain;
      one.vcpu = v;
      if (hypercall(36, &one) < 0) one.online = 0;
      record.vcpu[v].state = one.online | one.blocked << 1 | one.running << 2;
      record.vcpu[v].cpu = one.cpu;
      record.vcpu[v].time = one.time;
    }
    send('i', &record, 32 + 16 * vcpus, NULL, 0);
  }
}

void domains_look(void) {
  if (changed) scan();
  tell_states();
}
