/** Pages that one domain uses of another by a grant (public/grant_table.h, version 1). */
import { GrantStatus } from '../mm/grant-table.ts';
import type { Heap } from '../mm/heap.ts';
import { P2mType } from '../mm/p2m.ts';
import { type BurialHost, bury } from './burial.ts';
import type { Domain } from './domain.ts';
import type { Domains } from './domains.ts';
import type { MayReach } from './xsm.ts';

/** What a domain asks for. */
export interface GrantRequest {
  readonly owner: number;
  readonly reference: number;
  readonly readOnly: boolean;
  /** The guest frame at which it maps the page. */
  readonly gfn: number;
}

/**
 * Maps a granted page for a domain. `place` puts its frame into the domain's address space and returns whether that was
 * possible. Returns the frame and the mapping's handle, or a GrantStatus.
 */
export const mapGrant = (
  { heap, domains, mayReach }: { readonly heap: Heap; readonly domains: Domains; readonly mayReach: MayReach },
  mapper: Domain,
  { owner: domid, reference, readOnly, gfn }: GrantRequest,
  place: (mfn: number) => boolean,
): { readonly mfn: number; readonly handle: number } | number => {
  const owner = domains.get(domid);
  if (!owner) return GrantStatus.badDomain;
  if (!mayReach(mapper, owner)) return GrantStatus.permissionDenied;
  const taken = owner.grants.acquire(reference, mapper.domainId, !readOnly);
  if (typeof taken === 'number') return taken;
  const letGo = (status: number): number => {
    owner.grants.release(reference, !readOnly);
    return status;
  };
  const page = owner.p2m.lookUp(taken.gfn);
  if (!page || heap.owner(page.mfn) !== owner.domainId) return letGo(GrantStatus.badPage);
  const { mfn } = page;
  const handle = mapper.grants.track({ owner: owner.domainId, reference, gfn, mfn, readOnly });
  if (handle < 0) return letGo(GrantStatus.noSpace);
  if (owner.isDying || !place(mfn)) {
    mapper.grants.untrack(handle);
    return letGo(GrantStatus.generalError);
  }
  heap.hold(mfn);
  return { mfn, handle };
};

/** Ends a mapping that is in no address space any more. A dying domain goes with the last mapping of its pages. */
export const unmapGrant = (host: BurialHost, mapper: Domain, handle: number): void => {
  const mapping = mapper.grants.tracked(handle);
  if (!mapping) return;
  mapper.grants.untrack(handle);
  const owner = host.domains.get(mapping.owner);
  owner?.grants.release(mapping.reference, !mapping.readOnly);
  host.heap.letGo(mapping.mfn);
  if (owner?.life === 'zombie' && !owner.grants.isUsed) bury(host, owner);
};

/**
 * Uses a granted page for the time of a copy (GNTTABOP_copy). Returns its frame and how to let go of it, or a
 * GrantStatus.
 */
export const claimGrant = (
  { heap }: { readonly heap: Heap },
  owner: Domain,
  user: Domain,
  reference: number,
  writes: boolean,
): { readonly mfn: number; letGo(): void } | number => {
  const taken = owner.grants.acquire(reference, user.domainId, writes);
  if (typeof taken === 'number') return taken;
  const letGo = (): void => owner.grants.release(reference, writes);
  const page = owner.p2m.lookUp(taken.gfn);
  if (page && heap.owner(page.mfn) === owner.domainId && (!writes || page.type === P2mType.ramRw))
    return { mfn: page.mfn, letGo };
  letGo();
  return GrantStatus.badPage;
};
