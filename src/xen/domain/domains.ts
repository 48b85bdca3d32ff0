import type { Hasher } from '../../base/hasher.ts';
import type { ChangeCount, Domain } from './domain.ts';

/** Numbers from here on mean something else (DOMID_FIRST_RESERVED in public/xen.h). */
const firstReserved = 0x7ff0;
/** VMIDs of 8 bits. VMID 0 is never given to a domain. */
const vmids = 256;

/** All domains by number, and the numbers and VMIDs of new ones. */
export class Domains {
  /** Counts what has changed in the list of domains: their coming and going, states and memory. */
  readonly changes: ChangeCount = { value: 0 };
  private readonly byNumber = new Map<number, Domain>();
  /** The number that was given last. */
  private last = 0;

  get size(): number {
    return this.byNumber.size;
  }

  get(domainId: number): Domain | undefined {
    return this.byNumber.get(domainId);
  }

  /** The numbers of all domains, in the order in which they were made. */
  keys(): IterableIterator<number> {
    return this.byNumber.keys();
  }

  /** All domains, in the same order. */
  values(): IterableIterator<Domain> {
    return this.byNumber.values();
  }

  add(domain: Domain): void {
    this.byNumber.set(domain.domainId, domain);
    domain.changed();
  }

  remove(domain: Domain): void {
    this.byNumber.delete(domain.domainId);
    domain.changed();
  }

  /** Whether a domain may be given this number. */
  isFree(domainId: number): boolean {
    return domainId < firstReserved && !this.byNumber.has(domainId);
  }

  /** The number that the next domain gets if none is asked for: the next free one after the last. */
  get nextNumber(): number {
    let number = this.last;
    do number = (number % (firstReserved - 1)) + 1;
    while (this.byNumber.has(number));
    return number;
  }

  /** Gives out the next number. */
  takeNumber(): number {
    this.last = this.nextNumber;
    return this.last;
  }

  /** The lowest VMID that no domain has; null if all are in use. */
  freeVmid(): number | null {
    const used = new Set([...this.values()].map(({ vmid }) => vmid));
    for (let vmid = 1; vmid < vmids; vmid++) if (!used.has(vmid)) return vmid;
    return null;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.last, this.size);
    for (const domain of this.values()) domain.fingerprint(hasher);
  }
}
