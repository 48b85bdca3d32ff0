/** The SMMU's translations that it remembers, and the invalidations that have been asked for (Arm IHI 0062, chapter 4; DDI 0517, 2.2). */

/** What a translation went through: by that, VMID and ASID the operations choose. */
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

/** Which entries to drop: those that are like this in all that is given. */
export interface Invalidation {
  /** Of what: all, what stage 1 was in, or stage 2 alone. */
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
/** Invalidations that wait for a sync before the oldest is done of itself. */
const maxPending = 64;

/**
 * An entry lasts until it is invalidated or the oldest of too many. Invalidations are done at the sync that follows, as late as the
 * architecture lets them be, so that software which forgets one of the two sees it.
 */
export class SmmuTlb {
  readonly #state: TlbState;
  /** The entries by what they are found by. */
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
