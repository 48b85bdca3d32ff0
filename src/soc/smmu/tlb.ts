/** The SMMU's TLB, and the invalidations that are pending (Arm IHI 0062, chapter 4; DDI 0517, 2.2). */

/** The stages that a translation went through. Operations select entries by this, VMID and ASID. */
export type TlbKind = 'stage 1' | 'stage 2' | 'nested';

export interface TlbTag {
  readonly kind: TlbKind;
  readonly vmid: number;
  /** 0 for stage 2. */
  readonly asid: number;
  readonly privileged: boolean;
}

export interface TlbEntry extends TlbTag {
  /** Page of the address that came in. */
  readonly page: number;
  /** Log2 of the bytes that its descriptor maps. */
  readonly sizeLog2: number;
  /** Physical page. */
  readonly target: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** Which entries to drop: those that match every field that is given. */
export interface Invalidation {
  /** Entries of any kind, those with a stage 1, or those of stage 2 alone. */
  readonly of: 'any' | 'first' | 'second';
  readonly vmid?: number;
  readonly asid?: number;
  readonly page?: number;
}

export interface TlbState {
  /** In the order in which they came. */
  entries: TlbEntry[];
  /** Invalidations that wait for a sync. */
  pending: Invalidation[];
}

const capacity = 512;
/** How many invalidations wait for a sync at most; beyond that the oldest takes effect. */
const maxPending = 64;

/**
 * An entry lasts until it is invalidated, or evicted as the oldest. An invalidation takes effect at the next sync, as
 * late as the architecture allows, so that a missing invalidation or sync in software shows.
 */
export class SmmuTlb {
  readonly #state: TlbState;
  /** The entries by their keys. */
  readonly #index = new Map<string, TlbEntry>();

  /** `state` is part of the SMMU's. */
  constructor(state: TlbState) {
    this.#state = state;
  }

  find(tag: TlbTag, page: number): TlbEntry | undefined {
    return this.#index.get(keyOf(tag, page));
  }

  add(entry: TlbEntry): void {
    const oldest = this.#state.entries[0];
    if (oldest && this.#state.entries.length >= capacity) this.drop(oldest);
    this.#state.entries.push(entry);
    this.#index.set(keyOf(entry, entry.page), entry);
  }

  drop(entry: TlbEntry): void {
    this.#state.entries.splice(this.#state.entries.indexOf(entry), 1);
    this.#index.delete(keyOf(entry, entry.page));
  }

  invalidate(invalidation: Invalidation): void {
    const { pending } = this.#state;
    pending.push(invalidation);
    if (pending.length > maxPending) this.#apply(pending.splice(0, 1));
  }

  /** Completes all invalidations. */
  sync(): void {
    this.#apply(this.#state.pending.splice(0));
  }

  /** After the state has been loaded. */
  loaded(): void {
    this.#index.clear();
    for (const entry of this.#state.entries) this.#index.set(keyOf(entry, entry.page), entry);
  }

  #apply(invalidations: readonly Invalidation[]): void {
    for (const invalidation of invalidations)
      for (const entry of [...this.#state.entries]) if (isMeant(entry, invalidation)) this.drop(entry);
  }
}

const keyOf = ({ kind, vmid, asid, privileged }: TlbTag, page: number): string =>
  `${kind} ${vmid} ${asid} ${privileged} ${page}`;

const isMeant = (entry: TlbEntry, { of, vmid, asid, page }: Invalidation): boolean => {
  if (of !== 'any' && (entry.kind === 'stage 2') !== (of === 'second')) return false;
  if (vmid !== undefined && vmid !== entry.vmid) return false;
  if (asid !== undefined && asid !== entry.asid) return false;
  const pages = 2 ** (entry.sizeLog2 - 12);
  return page === undefined || Math.floor(page / pages) === Math.floor(entry.page / pages);
};
