/** CPU time that Dom0's programs take: what Debian's took under QEMU, counted in instructions, a cycle each. */
import { milliseconds } from '../xen/time.ts';

export const dom0Costs = {
  /** Starting xl, with all its libraries, and what little most of its commands do. */
  xl: milliseconds(20),
  /** Starting one of the xenstore programs. */
  xenstoreClient: milliseconds(5),
  /** xl create, beyond its start: nodes, domain, memory, image. */
  createDomain: milliseconds(60),
  destroyDomain: milliseconds(30),
  /** A MiB of a guest's memory populated, and of its images copied. */
  populateMiB: milliseconds(0.05),
  copyMiB: milliseconds(1),
  /** xenstored serves a request, xenconsoled a ring. */
  xenstoreRequest: milliseconds(0.05),
  consoleService: milliseconds(0.05),
} as const;
