import { milliseconds } from '../../xen/time/time.ts';

/**
 * CPU time of Dom0's programs. It was counted in instructions under QEMU (-icount, one core) with Debian's Xen 4.17, xl
 * and kernel, at one cycle of 1.2 GHz each: about 12 million for most xl commands, 30 million for xl create of a 16 MiB
 * guest, 12 to 17 million for xl destroy, below 3 million for xenstore-ls. The costs of a MiB and of a request are
 * estimates.
 */
export const dom0Costs = {
  /** Starting xl with its libraries, and the little work that most of its commands do. */
  xl: milliseconds(10),
  /** Starting a small program: about a BusyBox applet. */
  smallProgram: milliseconds(0.5),
  /** The shell's own work for a round of a loop; an estimate. */
  shellRound: milliseconds(0.01),
  /** Starting one of the xenstore programs. */
  xenstoreClient: milliseconds(2),
  /** xl create after its start: nodes, domain, image. */
  createDomain: milliseconds(14),
  destroyDomain: milliseconds(3),
  /** pygrub: Python's start and the little that it then does; an estimate. */
  pygrub: milliseconds(150),
  /** Populating a MiB of a guest's memory, and copying a MiB of its images. */
  populateMiB: milliseconds(0.05),
  copyMiB: milliseconds(1),
  /** xenstored serves one request; xenconsoled serves one ring. */
  xenstoreRequest: milliseconds(0.05),
  consoleService: milliseconds(0.05),
  /** A packet passes netback, and each page of it is copied. */
  networkPacket: milliseconds(0.006),
  networkSlot: milliseconds(0.002),
  /** A shell script that sets up a device. */
  hotplugScript: milliseconds(100),
  /** The kernel's xenbus driver looks at a change of xenstore. */
  xenbusEvent: milliseconds(0.05),
  /** blkback takes a request and answers it; maps a page of one; and copies a page from or to the disk. */
  blockRequest: milliseconds(0.02),
  blockMap: milliseconds(0.002),
  blockPage: milliseconds(0.004),
} as const;

/** How long Dom0's disks take: a solid-state drive at the board's SATA port. */
export const diskTimes = {
  latency: milliseconds(0.08),
  flush: milliseconds(0.5),
  /** A page of 4 KiB at 500 MB/s. */
  page: milliseconds(0.008),
} as const;
