/** grant_table_op (public/grant_table.h; xen/common/grant_table.c): version 1. */
import type { Domain } from '../domain.ts';
import { Errno } from '../errno.ts';
import { GrantStatus } from '../grant-table.ts';
import { pageSize } from '../machine.ts';
import { P2mType } from '../p2m.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain } from './domain-id.ts';

/** GNTTABOP_* */
const Command = { map: 0, unmap: 1, setup: 2, copy: 5, querySize: 6, setVersion: 8, getVersion: 10 } as const;

/** GNTMAP_* and GNTCOPY_* */
const hostMap = 1 << 1;
const mapReadOnly = 1 << 2;
const sourceIsGrant = 1 << 0;
const destinationIsGrant = 1 << 1;

type Operation = (call: Call, argument: DataView) => void;

export const grantTableOp = (call: Call): HypercallResult => {
  const operation = operations[call.low(0)];
  if (!operation) return -Errno.ENOSYS;
  const count = call.low(2);
  if (count > 0x7fff_ffff) return -Errno.EINVAL;
  const { size, run } = operation;
  for (let i = 0; i < count; i++) {
    if (call.takesLong(i)) return call.goOn(20, call.low(0), call.long(1) + BigInt(i * size), count - i);
    call.xen.machine.spend(call.xen.costs.grant);
    const argument = call.copyFrom(1, size, i * size);
    if (!argument) return -Errno.EFAULT;
    run(call, argument);
    if (call.copyTo(1, argument, i * size) !== 0) return -Errno.EFAULT;
  }
  return 0;
};

/** Whether two domains may share pages: XSM's SILO mode. */
const mayShare = (a: Domain, b: Domain): boolean => a.isPrivileged || b.isPrivileged || a === b;

const map: Operation = (call, argument) => {
  const { domain } = call;
  const address = Number(argument.getBigUint64(0, true));
  const flags = argument.getUint32(8, true);
  const reference = argument.getUint32(12, true);
  const finish = (status: number): void => argument.setInt16(18, status, true);
  const owner = anyDomain(call, argument.getUint16(16, true));
  if (!owner || owner.isDying) return finish(GrantStatus.badDomain);
  if (!mayShare(domain, owner)) return finish(GrantStatus.permissionDenied);
  if ((flags & hostMap) === 0) return finish(GrantStatus.badReference);
  const gfn = address / pageSize;
  if (!Number.isInteger(gfn) || gfn >= 2 ** 28) return finish(GrantStatus.badAddress);
  const readOnly = (flags & mapReadOnly) !== 0;
  const taken = owner.grants.acquire(reference, domain.domainId, !readOnly);
  if (typeof taken === 'number') return finish(taken);
  const letGo = (status: number): void => {
    owner.grants.release(reference, !readOnly);
    finish(status);
  };
  const page = owner.p2m.lookUp(taken.gfn);
  if (!page || call.xen.heap.owner(page.mfn) !== owner.domainId) return letGo(GrantStatus.badPage);
  const handle = domain.grants.track({ owner: owner.domainId, reference, gfn, mfn: page.mfn, readOnly });
  if (handle < 0) return letGo(GrantStatus.noSpace);
  const type = readOnly ? P2mType.grantMapRo : P2mType.grantMapRw;
  if (domain.p2m.map(gfn, 1, page.mfn, type) !== 0) {
    domain.grants.untrack(handle);
    return letGo(GrantStatus.generalError);
  }
  call.xen.heap.hold(page.mfn);
  argument.setUint32(20, handle, true);
  argument.setBigUint64(24, BigInt(page.mfn * pageSize), true);
  finish(GrantStatus.okay);
};

const unmap: Operation = (call, argument) => {
  const { domain, xen } = call;
  const handle = argument.getUint32(16, true);
  const gfn = Number(argument.getBigUint64(0, true)) / pageSize;
  const finish = (status: number): void => argument.setInt16(20, status, true);
  const mapping = domain.grants.tracked(handle);
  if (!mapping) return finish(GrantStatus.badHandle);
  if (gfn !== mapping.gfn) return finish(GrantStatus.generalError);
  domain.p2m.unmap(mapping.gfn, 1);
  domain.grants.untrack(handle);
  xen.heap.letGo(mapping.mfn);
  xen.domains.get(mapping.owner)?.grants.release(mapping.reference, !mapping.readOnly);
  finish(GrantStatus.okay);
};

/** GNTTABOP_setup_table: says where the frames are; on Arm they are mapped by XENMEM_add_to_physmap instead. */
const setup: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  const frames = argument.getUint32(4, true);
  const finish = (status: number): void => argument.setInt16(8, status, true);
  if (!target) return finish(GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(GrantStatus.permissionDenied);
  if (frames > target.grants.maxFrames) return finish(GrantStatus.generalError);
  finish(target.grants.grow(frames) ? GrantStatus.okay : GrantStatus.noSpace);
};

const querySize: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  const finish = (status: number): void => argument.setInt16(12, status, true);
  if (!target) return finish(GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(GrantStatus.permissionDenied);
  argument.setUint32(4, target.grants.frames, true);
  argument.setUint32(8, target.grants.maxFrames, true);
  finish(GrantStatus.okay);
};

/** One end of a copy: host address of its first byte, and how to let go of it; or a GrantStatus. */
const endOf = (
  call: Call,
  argument: DataView,
  at: number,
  isGrant: boolean,
  writes: boolean,
): { readonly address: number; letGo(): void } | number => {
  const { domain, xen } = call;
  const target = anyDomain(call, argument.getUint16(at + 8, true));
  if (!target || target.isDying) return GrantStatus.badDomain;
  if (!isGrant && target !== domain) return GrantStatus.permissionDenied;
  if (!mayShare(domain, target)) return GrantStatus.permissionDenied;
  let gfn = Number(argument.getBigUint64(at, true));
  let letGo = (): void => {};
  if (isGrant) {
    const reference = argument.getUint32(at, true);
    const taken = target.grants.acquire(reference, domain.domainId, writes);
    if (typeof taken === 'number') return taken;
    gfn = taken.gfn;
    letGo = () => target.grants.release(reference, writes);
  }
  const page = target.p2m.lookUp(gfn);
  if (!page || xen.heap.owner(page.mfn) !== target.domainId || (writes && page.type !== P2mType.ramRw)) {
    letGo();
    return GrantStatus.badPage;
  }
  if (writes) xen.machine.page(page.mfn);
  return { address: xen.machine.hostPage(page.mfn) * pageSize + argument.getUint16(at + 10, true), letGo };
};

const copy: Operation = (call, argument) => {
  const length = argument.getUint16(32, true);
  const flags = argument.getUint16(34, true);
  const finish = (status: number): void => argument.setInt16(36, status, true);
  const offsets = [argument.getUint16(10, true), argument.getUint16(26, true)];
  if (offsets.some((offset) => offset + length > pageSize)) return finish(GrantStatus.badCopyArgument);
  const source = endOf(call, argument, 0, (flags & sourceIsGrant) !== 0, false);
  if (typeof source === 'number') return finish(source);
  const destination = endOf(call, argument, 16, (flags & destinationIsGrant) !== 0, true);
  if (typeof destination !== 'number') {
    call.xen.machine.u8.copyWithin(destination.address, source.address, source.address + length);
    destination.letGo();
  }
  source.letGo();
  finish(typeof destination === 'number' ? destination : GrantStatus.okay);
};

/** GNTTABOP_set_version: there is version 1 alone. */
const setVersion: Operation = (_, argument) => argument.setUint32(0, 1, true);

const getVersion: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  argument.setUint32(4, target ? 1 : 0, true);
};

const operations: Readonly<Record<number, { readonly size: number; readonly run: Operation }>> = {
  [Command.map]: { size: 32, run: map },
  [Command.unmap]: { size: 24, run: unmap },
  [Command.setup]: { size: 24, run: setup },
  [Command.copy]: { size: 40, run: copy },
  [Command.querySize]: { size: 16, run: querySize },
  [Command.setVersion]: { size: 4, run: setVersion },
  [Command.getVersion]: { size: 8, run: getVersion },
};
