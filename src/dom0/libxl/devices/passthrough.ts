/** I/O ports, interrupts and memory of the board for a new domain, in libxl's order (docs/xen/passthrough.md). */
import type { Domain } from '../../../xen/domain/domain.ts';
import { mapFrames, permitFrames } from '../../../xen/passthrough/frames.ts';
import { Errno } from '../../../xen/public/errno.ts';
import type { Xen } from '../../../xen/xen.ts';
import type { Passthrough } from '../../config/domain-config.ts';
import { destroyed } from '../libxl-lines.ts';

const reasons: Readonly<Record<number, string>> = {
  [Errno.EPERM]: 'Operation not permitted',
  [Errno.ENOMEM]: 'Cannot allocate memory',
  [Errno.EBUSY]: 'Device or resource busy',
  [Errno.EINVAL]: 'Invalid argument',
};

/** Returns libxl's lines at the first refusal, after which the domain is to be destroyed; null if all is given. */
export const giveOfHost = (xen: Xen, domain: Domain, given: Passthrough): string[] | null => {
  const { domainId: domid } = domain;
  const fail = (line: number, what: string, reason: string): string[] => [
    `libxl: error: libxl_create.c:${line}:domcreate_launch_dm: Domain ${domid}:failed ${what}: ${reason}`,
    ...destroyed(domid),
  ];
  const [ports] = given.ioports;
  if (ports) {
    const first = Number(ports.first);
    const last = (first + Number(ports.number) - 1) >>> 0;
    return fail(
      1685,
      `give domain access to ioports ${first.toString(16)}-${last.toString(16)}`,
      'Function not implemented',
    );
  }
  for (const irq of given.irqs) {
    const status = xen.guestInterrupts.give(domain, irq);
    if (status !== 0) return fail(1701, `give domain access to irq ${irq}`, reasons[-status] ?? '');
  }
  for (const { first, count, guest } of given.iomem) {
    const last = BigInt.asUintN(64, first + count - 1n);
    const range = `${first.toString(16)}-${last.toString(16)}`;
    const permitted = permitFrames(xen.board, first, count);
    if (permitted !== 0) return fail(1716, `give domain access to iomem range ${range}`, reasons[-permitted] ?? '');
    const gfn = guest ?? first;
    const mapped = mapFrames(xen, domain, gfn, first, Number(count));
    if (mapped !== 0) {
      const what = `to map to domain iomem range ${range} to guest address ${gfn.toString(16)}`;
      return fail(1726, what, reasons[-mapped] ?? '');
    }
  }
  return null;
};

/** Nodes of the board's tree whose DMA a new domain gets. Returns libxl's lines at the first refusal; null if all is given. */
export const assignNodes = (xen: Xen, domain: Domain, nodes: readonly string[]): string[] | null => {
  const { domainId: domid } = domain;
  if (nodes.every((node) => xen.iommu.assign(domain, node) === 0)) return null;
  return [
    `libxl: error: libxl_create.c:1857:libxl__add_dtdevs: Domain ${domid}:xc_assign_dtdevice failed: -1`,
    `libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain ${domid}:unable to add none devices`,
  ];
};
