import { milliseconds } from '../../xen/time/time.ts';

/**
 * CPU time that Dom0's programs take. Counted in instructions under QEMU (-icount, one core) with Debian's Xen 4.17, xl and
 * kernel, a cycle of 1.2 GHz each: most xl commands some 12 million, xl create of a 16 MiB guest 30 million, xl destroy 12 to 17
 * million, xenstore-ls below 3 million. What a MiB and a request take is this model's choice.
 */
export const dom0Costs = {
  /** Starting xl, with all its libraries, and what little most of its commands do. */
  xl: milliseconds(10),
  /** Starting one of the xenstore programs. */
  xenstoreClient: milliseconds(2),
  /** xl create, beyond its start: nodes, domain, image. */
  createDomain: milliseconds(14),
  destroyDomain: milliseconds(3),
  /** A MiB of a guest's memory populated, and of its images copied. */
  populateMiB: milliseconds(0.05),
  copyMiB: milliseconds(1),
  /** xenstored serves a request, xenconsoled a ring. */
  xenstoreRequest: milliseconds(0.05),
  consoleService: milliseconds(0.05),
} as const;
