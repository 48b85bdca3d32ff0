// The front end of a virtual disk: the block protocol between a domain and Dom0 (public/io/blkif.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SECTOR = 512, SECTORS_IN_PAGE = 8 };

/** What the back end says of the disk. */
struct disk {
  uint64_t sectors;
  bool is_read_only;
  bool has_flush;
};

/** Finds the first disk and connects to its back end; false if the domain has none. */
bool disk_start(struct disk *disk);

/** Reads or writes `count` sectors, 1 to 8, and waits until that is done. False if the back end refuses. */
bool disk_read(uint64_t sector, unsigned count, void *data);
bool disk_write(uint64_t sector, unsigned count, const void *data);

/** What has been written is kept from now on, whatever happens to this domain. */
bool disk_flush(void);
