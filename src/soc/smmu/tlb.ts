/** The SMMU's translations that it remembers, and the invalidations that have been asked for (Arm IHI 0062, chapter 4; DDI 0517, 2.2). */

/** What a translation went through: by that, VMID and ASID the operations choose. */
export type Regime = 'stage 1' | 'stage 2' | 'nested';

export interface TlbTag {
  readonly regime: Regime;
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
  readonly entries: readonly TlbEntry[];
  readonly pending: readonly Invalidation[];
}

const capacity = 512;
/** Invalidations that wait for a sync before the oldest is done of itself. */
const maxPending = 64;

/**
 * An entry lasts until it is invalidated or the oldest of too many. Invalidations are done at the sync that follows, as late as the
 * architecture lets them be, so that software which forgets one of the two sees it.
 */
export class SmmuTlb {
  /** In the order in which they came. */
  #entries = new Map<string, TlbEntry>();
  #pending: Invalidation[] = [];

  find(tag: TlbTag, page: number): TlbEntry | undefined {
    return this.#entries.get(keyOf(tag, page));
  }

  add(entry: TlbEntry): void {
    if (this.#entries.size >= capacity) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(keyOf(entry, entry.page), entry);
  }

  drop({ page, ...tag }: TlbEntry): void {
    this.#entries.delete(keyOf(tag, page));
  }

  invalidate(invalidation: Invalidation): void {
    this.#pending.push(invalidation);
    if (this.#pending.length > maxPending) this.#apply(this.#pending.splice(0, 1));
  }

  /** Completes all invalidations. */
  sync(): void {
    this.#apply(this.#pending.splice(0));
  }

  reset(): void {
    this.loadState({ entries: [], pending: [] });
  }

  saveState(): TlbState {
    return { entries: [...this.#entries.values()], pending: [...this.#pending] };
  }

  loadState({ entries, pending }: TlbState): void {
    this.#entries = new Map(entries.map((entry) => [keyOf(entry, entry.page), entry]));
    this.#pending = [...pending];
  }

  #apply(invalidations: readonly Invalidation[]): void {
    for (const invalidation of invalidations)
      for (const [key, entry] of this.#entries) if (isMeant(entry, invalidation)) this.#entries.delete(key);
  }
}

const keyOf = ({ regime, vmid, asid, privileged }: TlbTag, page: number): string =>
  `${regime} ${vmid} ${asid} ${privileged} ${page}`;

const isMeant = (entry: TlbEntry, { of, vmid, asid, page }: Invalidation): boolean => {
  if (of !== 'any' && (entry.regime === 'stage 2') !== (of === 'second')) return false;
  if (vmid !== undefined && vmid !== entry.vmid) return false;
  if (asid !== undefined && asid !== entry.asid) return false;
  const pages = 2 ** (entry.sizeLog2 - 12);
  return page === undefined || Math.floor(page / pages) === Math.floor(entry.page / pages);
};
