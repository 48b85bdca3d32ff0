/** memory_op (public/memory.h; xen/common/memory.c, xen/arch/arm/mm.c). */
import type { Domain } from '../domain.ts';
import { Errno } from '../errno.ts';
import { Level } from '../log.ts';
import { P2mType } from '../p2m.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain } from './domain-id.ts';

/** XENMEM_* */
const Command = {
  increaseReservation: 0,
  decreaseReservation: 1,
  maximumRamPage: 2,
  currentReservation: 3,
  maximumReservation: 4,
  populatePhysmap: 6,
  addToPhysmap: 7,
  maximumGpfn: 14,
  removeFromPhysmap: 15,
} as const;

/** XENMAPSPACE_* */
const Space = { sharedInfo: 0, grantTable: 1 } as const;

/** Largest extent that a domain may ask for: CONFIG_DOMU_MAX_ORDER and, for the hardware domain, CONFIG_HWDOM_MAX_ORDER. */
const maxOrder = (domain: Domain): number => (domain.isPrivileged ? 10 : 9);
/** MEMOP_EXTENT_SHIFT: where the number of extents done lies in the command of a call that is made again. */
const extentShift = 6;

export const memoryOp = (call: Call): HypercallResult => {
  const command = call.low(0) & 0x3f;
  switch (command) {
    case Command.increaseReservation:
      // Arm's domains are all translated: memory without a place is of no use.
      return 0;
    case Command.decreaseReservation:
    case Command.populatePhysmap:
      return reservation(call, command === Command.populatePhysmap);
    case Command.maximumRamPage:
      return call.xen.heap.base + call.xen.heap.frames;
    case Command.currentReservation:
    case Command.maximumReservation:
    case Command.maximumGpfn:
      return query(call, command);
    case Command.addToPhysmap:
      return addToPhysmap(call);
    case Command.removeFromPhysmap:
      return removeFromPhysmap(call);
    default:
      return -Errno.ENOSYS;
  }
};

/** The domain of a request, which must be the caller's own or one that Dom0 manages; or an error. */
const targetOf = (call: Call, id: number): Domain | number => {
  const target = anyDomain(call, id);
  if (!target) return -Errno.ESRCH;
  return target === call.domain || call.domain.isPrivileged ? target : -Errno.EPERM;
};

/** struct xen_memory_reservation: gives or takes extents, one after the other; the result is how many. */
const reservation = (call: Call, populates: boolean): HypercallResult => {
  const argument = call.copyFrom(1, 32);
  if (!argument) return -Errno.EFAULT;
  const list = argument.getBigUint64(0, true);
  const count = Number(argument.getBigUint64(8, true));
  const order = argument.getUint32(16, true);
  const target = targetOf(call, argument.getUint16(24, true));
  const start = call.low(0) >>> extentShift;
  if (typeof target === 'number') return start > 0 ? start : target;
  if (count > 2 ** (31 - extentShift) || order > maxOrder(call.domain)) return start;
  for (let done = start; done < count; done++) {
    if (call.takesLong(done - start)) {
      return call.goOn(12, (call.low(0) & 0x3f) | (done << extentShift), call.long(1));
    }
    const at = list + BigInt(8 * done);
    const bytes = call.memory.read(Number(at & 0xffff_ffffn), Number(BigInt.asUintN(32, at >> 32n)), 8);
    if (!bytes) return done;
    const gfn = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    if (gfn + 2 ** order > 2 ** 28) return done;
    call.xen.machine.spend(call.xen.costs.mapping * (populates ? 1 : 2 ** order));
    const ok = populates ? populate(call, target, gfn, order) : take(target, gfn, order);
    if (!ok) return done;
  }
  return count;
};

const populate = (call: Call, target: Domain, gfn: number, order: number): boolean => {
  const wanted = target.pages + 2 ** order;
  if (wanted > target.maxPages) {
    call.xen.guestPrintk(call.vcpu, Level.info, `Over-allocation for ${target}: ${wanted} > ${target.maxPages}`);
    return false;
  }
  return gfn % 2 ** order === 0 && target.populate(gfn, order) === 0;
};

/** guest_remove_page for each page of an extent. */
const take = (target: Domain, gfn: number, order: number): boolean => {
  const frames: number[] = [];
  for (let page = gfn; page < gfn + 2 ** order; page++) {
    const mapping = target.p2m.lookUp(page);
    if (mapping?.type !== P2mType.ramRw) break;
    frames.push(mapping.mfn);
  }
  if (target.p2m.unmap(gfn, frames.length) !== 0) return false;
  // The shared info page belongs to Xen, and only its mapping goes.
  for (const mfn of frames) target.releaseOwn(mfn);
  return frames.length === 2 ** order;
};

const query = (call: Call, command: number): number => {
  const argument = call.copyFrom(1, 2);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.getUint16(0, true));
  if (typeof target === 'number') return target;
  if (command === Command.currentReservation) return target.pages;
  if (command === Command.maximumReservation) return target.maxPages;
  let highest = 0;
  target.p2m.forEach((gfn, { order }) => {
    highest = Math.max(highest, gfn + 2 ** order - 1);
  });
  return highest;
};

const addToPhysmap = (call: Call): number => {
  // struct xen_add_to_physmap
  const argument = call.copyFrom(1, 24);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.getUint16(0, true));
  if (typeof target === 'number') return target;
  const index = Number(argument.getBigUint64(8, true));
  const gfn = Number(argument.getBigUint64(16, true));
  if (gfn >= 2 ** 28) return -Errno.EINVAL;
  switch (argument.getUint32(4, true)) {
    case Space.sharedInfo:
      return index === 0 ? target.p2m.map(gfn, 1, target.sharedInfo, P2mType.ramRw) : -Errno.EINVAL;
    case Space.grantTable: {
      const frame = target.grants.frame(index);
      return frame === null ? -Errno.EINVAL : target.p2m.map(gfn, 1, frame, P2mType.ramRw);
    }
    default:
      return -Errno.ENOSYS;
  }
};

const removeFromPhysmap = (call: Call): number => {
  const argument = call.copyFrom(1, 16);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.getUint16(0, true));
  if (typeof target === 'number') return target;
  const gfn = Number(argument.getBigUint64(8, true));
  return target.p2m.lookUp(gfn) ? target.p2m.unmap(gfn, 1) : -Errno.EINVAL;
};
