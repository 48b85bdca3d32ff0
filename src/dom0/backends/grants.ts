/** Pages that guests grant to Dom0, as its kernel uses them (Linux: gnttab_map_refs, gnttab_batch_copy). */
import { defined } from '../../base/assert.ts';
import { constant } from '../../base/held-objects.ts';
import { physAddr } from '../../base/units.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import { claimGrant, mapGrant, unmapGrant } from '../../xen/domain/grant-mappings.ts';
import { type Machine, pageSize } from '../../xen/machine/machine.ts';
import { GrantStatus } from '../../xen/mm/grant-table.ts';
import type { Xen } from '../../xen/xen.ts';

/** A guest's page that Dom0 has mapped. */
export class GrantedPage {
  /** Its bytes, only to be read. */
  readonly bytes: Uint8Array;
  readonly handle: number;
  readonly reference: number;
  private readonly machine: Machine;
  private readonly mfn: number;

  constructor(machine: Machine, mfn: number, handle: number, reference: number) {
    this.machine = machine;
    this.mfn = mfn;
    this.handle = handle;
    this.reference = reference;
    // Who writes it says so each time.
    this.bytes = constant(machine.page(mfn, true));
  }

  /** Its bytes, which are about to be written. Ask again before each write: the guest may run code from the page. */
  writable(): Uint8Array {
    this.machine.written(physAddr(this.mfn * pageSize), pageSize);
    return this.bytes;
  }
}

/** Dom0's mappings. Its model reaches a page by its frame, so that a mapping needs no address in Dom0. */
export class Grants {
  private readonly xen: Xen;

  constructor(xen: Xen) {
    this.xen = xen;
  }

  /** Maps a page. Returns it, or a GrantStatus. */
  map(owner: number, reference: number, readOnly = false): GrantedPage | number {
    const mapped = mapGrant(this.xen, this.dom0, { owner, reference, readOnly, gfn: 0 }, () => true);
    return typeof mapped === 'number'
      ? mapped
      : new GrantedPage(this.xen.machine, mapped.mfn, mapped.handle, reference);
  }

  unmap({ handle }: GrantedPage): void {
    unmapGrant(this.xen, this.dom0, handle);
  }

  /** Ends the mappings of a domain's page. */
  unmapAll(owner: number, reference: number): void {
    for (const [handle, mapping] of this.dom0.grants.mappings)
      if (mapping.owner === owner && mapping.reference === reference) unmapGrant(this.xen, this.dom0, handle);
  }

  /** Copies bytes out of a granted page, from an offset on. Returns a GrantStatus. */
  copyFrom(owner: number, reference: number, offset: number, into: Uint8Array): number {
    return this.copy(owner, reference, false, offset + into.length, (mfn) => {
      into.set(this.xen.machine.page(mfn, true).subarray(offset, offset + into.length));
    });
  }

  /** Copies bytes into a granted page, from an offset on. Returns a GrantStatus. */
  copyTo(owner: number, reference: number, offset: number, from: Uint8Array): number {
    return this.copy(owner, reference, true, offset + from.length, (mfn) => {
      this.xen.machine.page(mfn).set(from, offset);
    });
  }

  private copy(domid: number, reference: number, writes: boolean, end: number, copy: (mfn: number) => void): number {
    const owner = this.xen.domains.get(domid);
    if (!owner || owner.isDying) return GrantStatus.badDomain;
    const claimed = claimGrant(this.xen, owner, this.dom0, reference, writes);
    if (typeof claimed === 'number') return claimed;
    const fits = end <= pageSize;
    if (fits) copy(claimed.mfn);
    claimed.letGo();
    return fits ? GrantStatus.okay : GrantStatus.badCopyArgument;
  }

  private get dom0(): Domain {
    return defined(this.xen.domains.get(0), 'Domain-0');
  }
}
