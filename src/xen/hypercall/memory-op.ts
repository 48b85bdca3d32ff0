/** memory_op (public/memory.h; xen/common/memory.c, xen/arch/arm/mm.c). */
import type { Domain } from '../domain/domain.ts';
import { LogLevel } from '../log.ts';
import { P2mType } from '../mm/p2m.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain } from './domain-id.ts';
import { Errno } from './errno.ts';

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
const Space = { sharedInfo: 0, grantTable: 1, deviceMmio: 5 } as const;

/** Largest extent that a domain may ask for: CONFIG_DOMU_MAX_ORDER and, for the hardware domain, CONFIG_HWDOM_MAX_ORDER. */
const maxOrder = (domain: Domain): number => (domain.isPrivileged ? 10 : 9);
/** MEMOP_EXTENT_SHIFT: where the number of extents done lies in the command of a call that is made again. */
const extentShift = 6;
const maxExtents = 0xffff_ffff >>> extentShift;

export const memoryOp = (call: Call): HypercallResult => {
  const command = call.low(0) & 0x3f;
  const start = call.low(0) >>> extentShift;
  switch (command) {
    case Command.increaseReservation:
    case Command.decreaseReservation:
    case Command.populatePhysmap:
      return reservation(call, command, start);
    case Command.addToPhysmap:
      return start > 0xffff ? -Errno.EDOM : addToPhysmap(call);
    case Command.maximumRamPage:
      return start > 0 ? -Errno.EINVAL : call.xen.heap.base + call.xen.heap.frames;
    case Command.currentReservation:
    case Command.maximumReservation:
    case Command.maximumGpfn:
      return start > 0 ? -Errno.EINVAL : query(call, command);
    case Command.removeFromPhysmap:
      return start > 0 ? -Errno.EINVAL : removeFromPhysmap(call);
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

/** struct xen_memory_reservation: gives or takes extents, one after the other; the result is how many, whatever is wrong. */
const reservation = (call: Call, command: number, start: number): HypercallResult => {
  const argument = call.copyFrom(1, 32);
  if (!argument) return start;
  const list = argument.getBigUint64(0, true);
  const count = Number(argument.getBigUint64(8, true));
  const order = argument.getUint32(16, true);
  const target = targetOf(call, argument.getUint16(24, true));
  if (count > maxExtents || typeof target === 'number' || order > maxOrder(call.domain)) return start;
  let done = start;
  for (; done < count; done++) {
    if (call.takesLong(done - start)) return call.goOn(12, command | (done << extentShift), call.long(1));
    const pages = command === Command.decreaseReservation ? 2 ** order : 1;
    call.xen.machine.spend(call.xen.costs.mapping * pages);
    if (command === Command.increaseReservation) {
      // Memory without a place: an Arm guest cannot use it, but it is its own.
      if (isOver(call, target, order) || target.allocate(order) === null) break;
      continue;
    }
    const at = list + BigInt(8 * done);
    const bytes = call.memory.read(Number(at & 0xffff_ffffn), Number(BigInt.asUintN(32, at >> 32n)), 8);
    if (!bytes) break;
    const gfn = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    if (gfn + 2 ** order > 2 ** 28) break;
    const ok =
      command === Command.populatePhysmap
        ? !isOver(call, target, order) && target.populate(gfn, order) === 0
        : take(target, gfn, order);
    if (!ok) break;
  }
  return done;
};

/** assign_pages: whether an extent is more than a domain may have. */
const isOver = (call: Call, target: Domain, order: number): boolean => {
  const wanted = target.pages + 2 ** order;
  if (wanted <= target.maxPages) return false;
  call.xen.log.gprintk(call.vcpu, LogLevel.info, `Over-allocation for ${target}: ${wanted} > ${target.maxPages}`);
  return true;
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
  switch (argument.getUint32(4, true)) {
    case Space.sharedInfo:
      return index === 0 ? target.mapXenFrame(gfn, target.sharedInfo) : -Errno.EINVAL;
    case Space.grantTable: {
      const frame = target.grants.frame(index);
      return frame === null ? -Errno.EINVAL : target.mapXenFrame(gfn, frame);
    }
    case Space.deviceMmio:
      // map_dev_mmio_page: a domain without access to the device maps nothing, and is not told.
      return target === call.domain ? 0 : -Errno.EACCES;
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
  return target.p2m.lookUp(gfn) ? target.p2m.unmap(gfn, 1) : -Errno.ENOENT;
};
