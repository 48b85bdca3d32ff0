/** memory_op (public/memory.h). */
import type { Domain } from '../domain/domain.ts';
import { LogLevel } from '../log.ts';
import { P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import { Hypercall, XENMAPSPACE, XENMEM } from '../public/hypercalls.ts';
import { u64 } from '../public/layout.ts';
import * as structures from '../public/structures.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain } from './domain-id.ts';

/** The largest extent that a domain may ask for, as a power of two of pages. */
const maxOrder = (domain: Domain): number => (domain.isPrivileged ? 10 : 9);
/** In a call that is made again, the number of extents that are done stands in the command from this bit on. */
const extentShift = 6;
const maxExtents = 0xffff_ffff >>> extentShift;

export const memoryOp = (call: Call): HypercallResult => {
  const command = call.low(0) & 0x3f;
  const start = call.low(0) >>> extentShift;
  switch (command) {
    case XENMEM.increase_reservation:
    case XENMEM.decrease_reservation:
    case XENMEM.populate_physmap:
      return reservation(call, command, start);
    case XENMEM.add_to_physmap:
      return start > 0xffff ? -Errno.EDOM : addToPhysmap(call);
    case XENMEM.maximum_ram_page:
      return start > 0 ? -Errno.EINVAL : call.xen.heap.base + call.xen.heap.frames;
    case XENMEM.current_reservation:
    case XENMEM.maximum_reservation:
    case XENMEM.maximum_gpfn:
      return start > 0 ? -Errno.EINVAL : query(call, command);
    case XENMEM.remove_from_physmap:
      return start > 0 ? -Errno.EINVAL : removeFromPhysmap(call);
    default:
      return -Errno.ENOSYS;
  }
};

/** The domain that a request concerns, or an error: only Dom0 may name another than itself. */
const targetOf = (call: Call, id: number): Domain | number => {
  const target = anyDomain(call, id);
  if (!target) return -Errno.ESRCH;
  return target === call.domain || call.domain.isPrivileged ? target : -Errno.EPERM;
};

/** Gives or takes extents, one after the other. The result is how many, whatever is wrong with the next. */
const reservation = (call: Call, command: number, start: number): HypercallResult => {
  const argument = call.read(1, structures.xen_memory_reservation);
  if (!argument) return start;
  const { extent_start: extents, extent_order: order } = argument;
  const count = Number(argument.nr_extents);
  const target = targetOf(call, argument.domid);
  if (count > maxExtents || typeof target === 'number' || order > maxOrder(call.domain)) return start;
  let done = start;
  for (; done < count; done++) {
    if (call.takesLong(done - start))
      return call.goOn(Hypercall.memory_op, command | (done << extentShift), call.long(1));
    const pages = command === XENMEM.decrease_reservation ? 2 ** order : 1;
    call.xen.machine.spend(call.xen.costs.mapping * pages);
    if (command === XENMEM.increase_reservation) {
      // The memory has no address, so an Arm guest cannot use it, but it counts as the guest's.
      if (isOver(call, target, order) || target.allocate(order) === null) break;
      continue;
    }
    const extent = call.entry(extents, u64, done);
    if (extent === null) break;
    const gfn = Number(extent);
    if (gfn + 2 ** order > 2 ** 28) break;
    const ok =
      command === XENMEM.populate_physmap
        ? !isOver(call, target, order) && target.populate(gfn, order) === 0
        : take(target, gfn, order);
    if (!ok) break;
  }
  return done;
};

/** Whether an extent is more than a domain may have. */
const isOver = (call: Call, target: Domain, order: number): boolean => {
  const wanted = target.pages + 2 ** order;
  if (wanted <= target.maxPages) return false;
  call.xen.log.gprintk(call.vcpu, LogLevel.info, `Over-allocation for ${target}: ${wanted} > ${target.maxPages}`);
  return true;
};

/** Takes the pages of an extent from a domain. */
const take = (target: Domain, gfn: number, order: number): boolean => {
  const frames: number[] = [];
  for (let page = gfn; page < gfn + 2 ** order; page++) {
    const mapping = target.p2m.lookUp(page);
    if (mapping?.type !== P2mType.ramRw) break;
    frames.push(mapping.mfn);
  }
  if (target.p2m.unmap(gfn, frames.length) !== 0) return false;
  // The shared info page belongs to Xen: only its mapping goes.
  for (const mfn of frames) target.releaseOwn(mfn);
  return frames.length === 2 ** order;
};

const query = (call: Call, command: number): number => {
  const argument = call.read(1, structures.domid);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.domid);
  if (typeof target === 'number') return target;
  if (command === XENMEM.current_reservation) return target.pages;
  if (command === XENMEM.maximum_reservation) return target.maxPages;
  let highest = 0;
  target.p2m.forEach((gfn, { order }) => {
    highest = Math.max(highest, gfn + 2 ** order - 1);
  });
  return highest;
};

const addToPhysmap = (call: Call): number => {
  const argument = call.read(1, structures.xen_add_to_physmap);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.domid);
  if (typeof target === 'number') return target;
  const index = Number(argument.idx);
  const gfn = Number(argument.gpfn);
  switch (argument.space) {
    case XENMAPSPACE.shared_info:
      return index === 0 ? target.mapXenFrame(gfn, target.sharedInfo) : -Errno.EINVAL;
    case XENMAPSPACE.grant_table: {
      const frame = target.grants.frame(index);
      return frame === null ? -Errno.EINVAL : target.mapXenFrame(gfn, frame);
    }
    case XENMAPSPACE.dev_mmio:
      // A domain without access to the device maps nothing, and is not told.
      return target === call.domain ? 0 : -Errno.EACCES;
    default:
      return -Errno.ENOSYS;
  }
};

const removeFromPhysmap = (call: Call): number => {
  const argument = call.read(1, structures.xen_remove_from_physmap);
  if (!argument) return -Errno.EFAULT;
  const target = targetOf(call, argument.domid);
  if (typeof target === 'number') return target;
  const gfn = Number(argument.gpfn);
  return target.p2m.lookUp(gfn) ? target.p2m.unmap(gfn, 1) : -Errno.ENOENT;
};
