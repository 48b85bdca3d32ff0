/** grant_table_op (public/grant_table.h): version 1. */
import type { Domain } from '../domain/domain.ts';
import { claimGrant, mapGrant, unmapGrant } from '../domain/grant-mappings.ts';
import { pageSize } from '../machine/machine.ts';
import { GrantStatus } from '../mm/grant-table.ts';
import { P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import { DOMID_SELF, GNTCOPY, GNTMAP, GNTTABOP, Hypercall } from '../public/hypercalls.ts';
import { array, type Fields, i64, type Struct, type Structure, type StructureOf, struct } from '../public/layout.ts';
import {
  gnttab_copy,
  type gnttab_copy_ptr,
  gnttab_get_version,
  gnttab_map_grant_ref,
  gnttab_query_size,
  gnttab_set_version,
  gnttab_setup_table,
  gnttab_unmap_grant_ref,
} from '../public/structures.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain } from './domain-id.ts';

/** Serves one structure. Most write a status into it; an error that is returned ends the call. */
type Step<S> = (call: Call, argument: S) => number | undefined;

interface Operation {
  /** Bytes of its structure. */
  readonly size: number;
  /** Serves entry `index` of the caller's list. */
  serve(call: Call, index: number): number | undefined;
  /** Whether it takes only one structure, and whether Xen checks that the caller gives one. */
  readonly isSingle: 'checked' | 'unchecked' | null;
}

export const grantTableOp = (call: Call): HypercallResult => {
  const command = call.low(0);
  const operation = operations.get(command);
  if (!operation) return -Errno.ENOSYS;
  const { size, isSingle } = operation;
  const count = call.low(2);
  if (count > 0x7fff_ffff || (isSingle === 'checked' && count !== 1)) return -Errno.EINVAL;
  const steps = isSingle ? 1 : count;
  for (let i = 0; i < steps; i++) {
    if (call.takesLong(i))
      return call.goOn(Hypercall.grant_table_op, command, call.long(1) + BigInt(i * size), count - i);
    call.xen.machine.spend(call.xen.costs.grant);
    const error = operation.serve(call, i);
    if (error !== undefined) return error;
  }
  return 0;
};

const each = <F extends Fields>(
  struct: Struct<F>,
  step: Step<Structure<F>>,
  isSingle: Operation['isSingle'] = null,
): Operation => ({
  size: struct.size,
  isSingle,
  serve(call, index) {
    const argument = call.read(1, struct, index);
    if (!argument) return -Errno.EFAULT;
    const error = step(call, argument);
    return call.write(1, argument, index) === 0 ? error : -Errno.EFAULT;
  },
});

/** Ends a step with a status. */
const finish = (argument: { status: number }, status: number): undefined => {
  argument.status = status;
};

const map: Step<StructureOf<typeof gnttab_map_grant_ref>> = (call, argument) => {
  const { domain, xen } = call;
  const { flags, ref: reference } = argument;
  const address = Number(argument.host_addr);
  if ((flags & (GNTMAP.host_map | GNTMAP.device_map)) === 0) return finish(argument, GrantStatus.badReference);
  // All domains are translated, and cannot map pages for devices in this way.
  if ((flags & GNTMAP.device_map) !== 0) return finish(argument, GrantStatus.generalError);
  const gfn = Math.floor(address / pageSize);
  const readOnly = (flags & GNTMAP.readonly) !== 0;
  const type = readOnly ? P2mType.grantMapRo : P2mType.grantMapRw;
  const isPlain = (flags & ~GNTMAP.readonly) === GNTMAP.host_map && gfn < 2 ** 28;
  const place = (mfn: number): boolean => isPlain && domain.p2m.map(gfn, 1, mfn, type) === 0;
  const mapped = mapGrant(xen, domain, { owner: argument.dom, reference, readOnly, gfn }, place);
  if (typeof mapped === 'number') return finish(argument, mapped);
  argument.handle = mapped.handle;
  argument.dev_bus_addr = BigInt(mapped.mfn * pageSize);
  return finish(argument, GrantStatus.okay);
};

const unmap: Step<StructureOf<typeof gnttab_unmap_grant_ref>> = (call, argument) => {
  const { domain, xen } = call;
  const { handle } = argument;
  const address = Number(argument.host_addr);
  const mapping = domain.grants.tracked(handle);
  if (!mapping) return finish(argument, GrantStatus.badHandle);
  // Without an address nothing is unmapped, and the handle remains.
  if (address === 0) return finish(argument, GrantStatus.okay);
  const gfn = Math.floor(address / pageSize);
  if (domain.p2m.lookUp(gfn)?.mfn !== mapping.mfn) return finish(argument, GrantStatus.generalError);
  if (domain.p2m.unmap(gfn, 1) !== 0) return finish(argument, GrantStatus.generalError);
  unmapGrant(xen, domain, handle);
  return finish(argument, GrantStatus.okay);
};

/** Says where the frames are; on Arm they are mapped by XENMEM_add_to_physmap. */
const setup: Step<StructureOf<typeof gnttab_setup_table>> = (call, argument) => {
  const target = anyDomain(call, argument.dom);
  const { nr_frames: frames } = argument;
  if (!target) return finish(argument, GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(argument, GrantStatus.permissionDenied);
  if (!target.grants.grow(frames)) return finish(argument, GrantStatus.generalError);
  const list = struct({ gfns: array(i64, frames) }).make();
  list.gfns = Array.from({ length: frames }, (_, i) =>
    BigInt(target.xenFrames.get(target.grants.frame(i) as number) ?? -1),
  );
  const told = call.memory.write(argument.frame_list, list.bytes);
  return finish(argument, told ? GrantStatus.okay : GrantStatus.badVirtualAddress);
};

const querySize: Step<StructureOf<typeof gnttab_query_size>> = (call, argument) => {
  const target = anyDomain(call, argument.dom);
  if (!target) return finish(argument, GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(argument, GrantStatus.permissionDenied);
  argument.nr_frames = target.grants.frames;
  argument.max_nr_frames = target.grants.maxFrames;
  return finish(argument, GrantStatus.okay);
};

/** One end of a copy. */
interface CopyEnd {
  readonly domain: Domain;
  readonly pointer: CopyPointer;
  readonly isGrant: boolean;
  readonly writes: boolean;
}

type CopyPointer = StructureOf<typeof gnttab_copy_ptr>;

/** An end of a copy, or a GrantStatus. */
const endOf = (call: Call, pointer: CopyPointer, isGrant: boolean, writes: boolean): CopyEnd | number => {
  if (pointer.domid !== DOMID_SELF && !isGrant) return GrantStatus.permissionDenied;
  const domain = anyDomain(call, pointer.domid);
  return domain ? { domain, pointer, isGrant, writes } : GrantStatus.badDomain;
};

/** The host address of the page of one end, and how to let go of it; or a GrantStatus. */
const claim = (
  { domain: caller, xen }: Call,
  { domain, pointer, isGrant, writes }: CopyEnd,
): { readonly address: number; letGo(): void } | number => {
  let used: { readonly mfn: number; letGo(): void };
  if (isGrant) {
    const taken = claimGrant(xen, domain, caller, pointer.u.ref, writes);
    if (typeof taken === 'number') return taken;
    used = taken;
  } else {
    const page = domain.p2m.lookUp(Number(pointer.u.gmfn));
    if (!page || xen.heap.owner(page.mfn) !== domain.domainId || (writes && page.type !== P2mType.ramRw))
      return GrantStatus.badPage;
    used = { mfn: page.mfn, letGo: () => {} };
  }
  if (writes) xen.machine.page(used.mfn);
  return { address: xen.machine.hostPage(used.mfn) * pageSize, letGo: used.letGo };
};

const copy: Step<StructureOf<typeof gnttab_copy>> = (call, argument) => {
  const { len: length, flags, source: sourcePointer, dest: destinationPointer } = argument;
  const from = endOf(call, sourcePointer, (flags & GNTCOPY.source_gref) !== 0, false);
  if (typeof from === 'number') return finish(argument, from);
  const to = endOf(call, destinationPointer, (flags & GNTCOPY.dest_gref) !== 0, true);
  if (typeof to === 'number') return finish(argument, to);
  if (!call.domain.isPrivileged && !call.xen.mayReach(from.domain, to.domain))
    return finish(argument, GrantStatus.permissionDenied);
  const source = claim(call, from);
  if (typeof source === 'number') return finish(argument, source);
  const destination = claim(call, to);
  let status: number = GrantStatus.okay;
  if (typeof destination === 'number') status = destination;
  else {
    const { offset: fromOffset } = sourcePointer;
    const { offset: toOffset } = destinationPointer;
    if (Math.max(fromOffset, toOffset) + length > pageSize) status = GrantStatus.badCopyArgument;
    else {
      const first = source.address + fromOffset;
      call.xen.machine.u8.copyWithin(destination.address + toOffset, first, first + length);
    }
    destination.letGo();
  }
  source.letGo();
  return finish(argument, status);
};

/** Arm has version 1 only. */
const setVersion: Step<StructureOf<typeof gnttab_set_version>> = (_, argument) => {
  const wanted = argument.version;
  argument.version = 1;
  return wanted === 1 ? undefined : wanted === 2 ? -Errno.ENOSYS : -Errno.EINVAL;
};

const getVersion: Step<StructureOf<typeof gnttab_get_version>> = (call, argument) => {
  const target = anyDomain(call, argument.dom);
  if (!target) return -Errno.ESRCH;
  if (target !== call.domain && !call.domain.isPrivileged) return -Errno.EPERM;
  argument.version = 1;
  return undefined;
};

const operations = new Map<number, Operation>([
  [GNTTABOP.map_grant_ref, each(gnttab_map_grant_ref, map)],
  [GNTTABOP.unmap_grant_ref, each(gnttab_unmap_grant_ref, unmap)],
  [GNTTABOP.setup_table, each(gnttab_setup_table, setup, 'checked')],
  [GNTTABOP.copy, each(gnttab_copy, copy)],
  [GNTTABOP.query_size, each(gnttab_query_size, querySize, 'checked')],
  [GNTTABOP.set_version, each(gnttab_set_version, setVersion, 'unchecked')],
  [GNTTABOP.get_version, each(gnttab_get_version, getVersion, 'unchecked')],
]);
