// disk: a domain with a disk, without an operating system. It shows the disk's first sectors, and keeps a note there that
// outlives it: how often it has been started. front.c has the protocol between it and Dom0's driver.
//
// Try: xl create -c /etc/xen/disk.cfg    then q, and the same again.

#include "console.h"
#include "events.h"
#include "front.h"
#include "grants.h"
#include "time.h"
#include "xenstore.h"

static struct disk disk;
static uint8_t sectors[SECTORS_IN_PAGE * SECTOR];

/** The note: a line of text in a sector that partition tables and file systems leave alone. */
enum { NOTE_SECTOR = 1 };
static const char mark[] = "el2lab started ";

static char shown(uint8_t byte) { return byte >= ' ' && byte < 127 ? (char)byte : '.'; }

/** A sector's first bytes, in hexadecimal and as text. */
static void show(uint64_t sector) {
  if (!disk_read(sector, 1, sectors)) {
    print("Sector %l cannot be read.\n", (unsigned long)sector);
    return;
  }
  print("Sector %l:\n", (unsigned long)sector);
  for (unsigned line = 0; line < 4; line++) {
    for (unsigned i = 0; i < 16; i++) {
      static const char digits[] = "0123456789abcdef";
      uint8_t byte = sectors[16 * line + i];
      char text[4] = {digits[byte >> 4], digits[byte & 15], ' ', 0};
      print("%s", text);
    }
    char text[17] = {0};
    for (unsigned i = 0; i < 16; i++) text[i] = shown(sectors[16 * line + i]);
    print(" %s\n", text);
  }
}

/** Counts this start in the note; the number is kept when the flush is done. */
static void count_start(void) {
  if (!disk_read(NOTE_SECTOR, 1, sectors)) return;
  unsigned length = 0, starts = 0;
  while (mark[length] != 0 && sectors[length] == (uint8_t)mark[length]) length++;
  bool is_noted = mark[length] == 0;
  if (is_noted) for (; sectors[length] >= '0' && sectors[length] <= '9'; length++) starts = starts * 10 + sectors[length] - '0';
  else for (unsigned i = 0; i < SECTOR; i++) {
    if (sectors[i] == 0) continue;
    print("Sector 1 is in use: nothing is noted there.\n");
    return;
  }
  if (disk.is_read_only) {
    print("The disk is read-only. It has seen %u starts.\n", starts);
    return;
  }
  char digits[11] = {0};
  char *digit = digits + sizeof digits - 1;
  unsigned value = ++starts;
  do *--digit = (char)('0' + value % 10); while ((value /= 10) != 0);
  for (unsigned i = 0; i < SECTOR; i++) sectors[i] = 0;
  for (length = 0; mark[length] != 0; length++) sectors[length] = (uint8_t)mark[length];
  for (; *digit != 0; digit++) sectors[length++] = (uint8_t)*digit;
  bool is_kept = disk_write(NOTE_SECTOR, 1, sectors) && (!disk.has_flush || disk_flush());
  print(is_kept ? "This is start number %u of this disk.\n" : "The note of start %u cannot be written.\n", starts);
}

/** Reads the disk from its start, a page at a time, and says how long that took. */
static void measure(void) {
  uint64_t end = disk.sectors < 2048 ? disk.sectors : 2048, before = now();
  for (uint64_t sector = 0; sector + SECTORS_IN_PAGE <= end; sector += SECTORS_IN_PAGE) {
    if (!disk_read(sector, SECTORS_IN_PAGE, sectors)) {
      print("Sector %l cannot be read.\n", (unsigned long)sector);
      return;
    }
  }
  unsigned long time = (unsigned long)microseconds(now() - before);
  print("%l KiB read, 4 KiB at a time, in %l us: %l us each.\n", (unsigned long)end / 2, time, time / (end / SECTORS_IN_PAGE));
}

/** A sector that is not there: the back end has to refuse it. */
static void ask_too_much(void) {
  print(disk_read(disk.sectors, 1, sectors) ? "A sector behind the last was read!\n" : "Sector %l is refused.\n", (unsigned long)disk.sectors);
}

/** False: q was typed. */
static bool obey_key(int key, uint64_t *sector) {
  if (key == 'n' && *sector + 1 < disk.sectors) show(++*sector);
  if (key == 'm') measure();
  if (key == 'e') ask_too_much();
  return key != 'q';
}

void main(const void *device_tree) {
  (void)device_tree;
  console_start();
  xenstore_start();
  events_start();
  grants_start();
  if (!disk_start(&disk)) {
    print("This domain has no disk: its config needs a line such as disk = [\"/var/lib/xen/images/disk.img,raw,xvda,w\"].\n");
    return;
  }
  print("%l sectors of 512 bytes, %s.\n", (unsigned long)disk.sectors, disk.is_read_only ? "read-only" : "writable");
  show(0);
  count_start();
  print("n shows the next sector, m measures, e asks for a sector that is not there, q powers off.\n");
  xenstore_write("control/feature-poweroff", "1");
  xenstore_write("control/feature-reboot", "1");
  xenstore_watch("control/shutdown");
  for (uint64_t sector = 0;;) {
    for (int key; (key = console_read()) != -1;) {
      if (!obey_key(key, &sector)) return;
    }
    if (xenstore_changed()) obey_toolstack();
    // Keys and requests of the toolstack come with an event.
    event_wait_until(now() + ticks_per_second());
  }
}
