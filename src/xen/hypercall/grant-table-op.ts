/** grant_table_op (public/grant_table.h; xen/common/grant_table.c): version 1. */
import type { Domain } from '../domain/domain.ts';
import { pageSize } from '../machine/machine.ts';
import { GrantStatus } from '../mm/grant-table.ts';
import { P2mType } from '../mm/p2m.ts';
import type { Call, HypercallResult } from './call.ts';
import { anyDomain, self } from './domain-id.ts';
import { Errno } from './errno.ts';

/** GNTTABOP_* */
const Command = { map: 0, unmap: 1, setup: 2, copy: 5, querySize: 6, setVersion: 8, getVersion: 10 } as const;

/** GNTMAP_* and GNTCOPY_* */
const deviceMap = 1 << 0;
const hostMap = 1 << 1;
const mapReadOnly = 1 << 2;
const sourceIsGrant = 1 << 0;
const destinationIsGrant = 1 << 1;

/** What is done with one structure: most put a status into it, a few end the call with an error. */
type Operation = (call: Call, argument: DataView) => number | undefined;

export const grantTableOp = (call: Call): HypercallResult => {
  const operation = operations[call.low(0)];
  if (!operation) return -Errno.ENOSYS;
  const { size, run, isSingle } = operation;
  const count = call.low(2);
  if (count > 0x7fff_ffff || (isSingle === 'checked' && count !== 1)) return -Errno.EINVAL;
  const steps = isSingle ? 1 : count;
  for (let i = 0; i < steps; i++) {
    if (call.takesLong(i)) return call.goOn(20, call.low(0), call.long(1) + BigInt(i * size), count - i);
    call.xen.machine.spend(call.xen.costs.grant);
    const argument = call.copyFrom(1, size, i * size);
    if (!argument) return -Errno.EFAULT;
    const error = run(call, argument);
    if (call.copyTo(1, argument, i * size) !== 0) return -Errno.EFAULT;
    if (error !== undefined) return error;
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
  const finish = (status: number): undefined => argument.setInt16(18, status, true) as undefined;
  if ((flags & (hostMap | deviceMap)) === 0) return finish(GrantStatus.badReference);
  // Domains are all translated: their devices are given pages by other ways.
  if ((flags & deviceMap) !== 0) return finish(GrantStatus.generalError);
  const owner = call.xen.domains.get(argument.getUint16(16, true));
  if (!owner) return finish(GrantStatus.badDomain);
  if (!mayShare(domain, owner)) return finish(GrantStatus.permissionDenied);
  const gfn = Math.floor(address / pageSize);
  const readOnly = (flags & mapReadOnly) !== 0;
  const taken = owner.grants.acquire(reference, domain.domainId, !readOnly);
  if (typeof taken === 'number') return finish(taken);
  const letGo = (status: number): undefined => {
    owner.grants.release(reference, !readOnly);
    return finish(status);
  };
  const page = owner.p2m.lookUp(taken.gfn);
  if (!page || call.xen.heap.owner(page.mfn) !== owner.domainId) return letGo(GrantStatus.badPage);
  const handle = domain.grants.track({ owner: owner.domainId, reference, gfn, mfn: page.mfn, readOnly });
  if (handle < 0) return letGo(GrantStatus.noSpace);
  const type = readOnly ? P2mType.grantMapRo : P2mType.grantMapRw;
  // create_grant_host_mapping
  const isPlain = (flags & ~mapReadOnly) === hostMap && gfn < 2 ** 28 && !owner.isDying;
  if (!isPlain || domain.p2m.map(gfn, 1, page.mfn, type) !== 0) {
    domain.grants.untrack(handle);
    return letGo(GrantStatus.generalError);
  }
  call.xen.heap.hold(page.mfn);
  argument.setUint32(20, handle, true);
  argument.setBigUint64(24, BigInt(page.mfn * pageSize), true);
  return finish(GrantStatus.okay);
};

const unmap: Operation = (call, argument) => {
  const { domain, xen } = call;
  const handle = argument.getUint32(16, true);
  const address = Number(argument.getBigUint64(0, true));
  const finish = (status: number): undefined => argument.setInt16(20, status, true) as undefined;
  const mapping = domain.grants.tracked(handle);
  if (!mapping) return finish(GrantStatus.badHandle);
  // Without an address there is nothing to unmap, and the handle remains.
  if (address === 0) return finish(GrantStatus.okay);
  const gfn = Math.floor(address / pageSize);
  if (domain.p2m.lookUp(gfn)?.mfn !== mapping.mfn) return finish(GrantStatus.generalError);
  if (domain.p2m.unmap(gfn, 1) !== 0) return finish(GrantStatus.generalError);
  domain.grants.untrack(handle);
  xen.heap.letGo(mapping.mfn);
  xen.domains.get(mapping.owner)?.grants.release(mapping.reference, !mapping.readOnly);
  return finish(GrantStatus.okay);
};

/** GNTTABOP_setup_table: says where the frames are; on Arm they are mapped by XENMEM_add_to_physmap. */
const setup: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  const frames = argument.getUint32(4, true);
  const finish = (status: number): undefined => argument.setInt16(8, status, true) as undefined;
  if (!target) return finish(GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(GrantStatus.permissionDenied);
  if (!target.grants.grow(frames)) return finish(GrantStatus.generalError);
  const gfns = new DataView(new ArrayBuffer(8 * frames));
  for (let i = 0; i < frames; i++) {
    const gfn = target.xenFrames.get(target.grants.frame(i) as number);
    gfns.setBigInt64(8 * i, gfn === undefined ? -1n : BigInt(gfn), true);
  }
  const list = { low: argument.getUint32(16, true), high: argument.getUint32(20, true) };
  const told = call.memory.write(list.low, list.high, new Uint8Array(gfns.buffer));
  return finish(told ? GrantStatus.okay : GrantStatus.badVirtualAddress);
};

const querySize: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  const finish = (status: number): undefined => argument.setInt16(12, status, true) as undefined;
  if (!target) return finish(GrantStatus.badDomain);
  if (target !== call.domain && !call.domain.isPrivileged) return finish(GrantStatus.permissionDenied);
  argument.setUint32(4, target.grants.frames, true);
  argument.setUint32(8, target.grants.maxFrames, true);
  return finish(GrantStatus.okay);
};

/** One end of a copy: whose page, and by which number. */
interface CopyEnd {
  readonly domain: Domain;
  readonly isGrant: boolean;
  readonly at: number;
  readonly writes: boolean;
}

/** gnttab_copy_lock_domain */
const endOf = (call: Call, argument: DataView, at: number, isGrant: boolean, writes: boolean): CopyEnd | number => {
  const id = argument.getUint16(at + 8, true);
  if (id !== self && !isGrant) return GrantStatus.permissionDenied;
  const domain = anyDomain(call, id);
  return domain ? { domain, isGrant, at, writes } : GrantStatus.badDomain;
};

/** gnttab_copy_claim_buf: host address of the page, and how to let go of it; or a GrantStatus. */
const claim = (
  { domain: caller, xen }: Call,
  argument: DataView,
  { domain, isGrant, at, writes }: CopyEnd,
): { readonly address: number; letGo(): void } | number => {
  let gfn = Number(argument.getBigUint64(at, true));
  let letGo = (): void => {};
  if (isGrant) {
    const reference = argument.getUint32(at, true);
    const taken = domain.grants.acquire(reference, caller.domainId, writes);
    if (typeof taken === 'number') return taken;
    gfn = taken.gfn;
    letGo = () => domain.grants.release(reference, writes);
  }
  const page = domain.p2m.lookUp(gfn);
  if (!page || xen.heap.owner(page.mfn) !== domain.domainId || (writes && page.type !== P2mType.ramRw)) {
    letGo();
    return GrantStatus.badPage;
  }
  if (writes) xen.machine.page(page.mfn);
  return { address: xen.machine.hostPage(page.mfn) * pageSize, letGo };
};

const copy: Operation = (call, argument) => {
  const length = argument.getUint16(32, true);
  const flags = argument.getUint16(34, true);
  const finish = (status: number): undefined => argument.setInt16(36, status, true) as undefined;
  const from = endOf(call, argument, 0, (flags & sourceIsGrant) !== 0, false);
  if (typeof from === 'number') return finish(from);
  const to = endOf(call, argument, 16, (flags & destinationIsGrant) !== 0, true);
  if (typeof to === 'number') return finish(to);
  if (!call.domain.isPrivileged && !mayShare(from.domain, to.domain)) return finish(GrantStatus.permissionDenied);
  const source = claim(call, argument, from);
  if (typeof source === 'number') return finish(source);
  const destination = claim(call, argument, to);
  const offsets = { from: argument.getUint16(10, true), to: argument.getUint16(26, true) };
  let status: number = GrantStatus.okay;
  if (typeof destination === 'number') status = destination;
  else {
    if (Math.max(offsets.from, offsets.to) + length > pageSize) status = GrantStatus.badCopyArgument;
    else {
      const first = source.address + offsets.from;
      call.xen.machine.u8.copyWithin(destination.address + offsets.to, first, first + length);
    }
    destination.letGo();
  }
  source.letGo();
  return finish(status);
};

/** There is version 1 alone (GNTTAB_MAX_VERSION of Arm). */
const setVersion: Operation = (_, argument) => {
  const wanted = argument.getUint32(0, true);
  argument.setUint32(0, 1, true);
  return wanted === 1 ? undefined : wanted === 2 ? -Errno.ENOSYS : -Errno.EINVAL;
};

const getVersion: Operation = (call, argument) => {
  const target = anyDomain(call, argument.getUint16(0, true));
  if (!target) return -Errno.ESRCH;
  if (target !== call.domain && !call.domain.isPrivileged) return -Errno.EPERM;
  argument.setUint32(4, 1, true);
  return undefined;
};

interface Kind {
  /** Bytes of its structure. */
  readonly size: number;
  readonly run: Operation;
  /** Takes one structure: says so when given another number, or does not look at the number. */
  readonly isSingle?: 'checked' | 'unchecked';
}

const operations: Readonly<Record<number, Kind>> = {
  [Command.map]: { size: 32, run: map },
  [Command.unmap]: { size: 24, run: unmap },
  [Command.setup]: { size: 24, run: setup, isSingle: 'checked' },
  [Command.copy]: { size: 40, run: copy },
  [Command.querySize]: { size: 16, run: querySize, isSingle: 'checked' },
  [Command.setVersion]: { size: 4, run: setVersion, isSingle: 'unchecked' },
  [Command.getVersion]: { size: 8, run: getVersion, isSingle: 'unchecked' },
};
