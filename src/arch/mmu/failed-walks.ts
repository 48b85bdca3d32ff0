import { Core, FailedWalk, pageLog2 } from '../../a64/layout.ts';
import type { CoreState } from '../state/core.ts';
import { FaultType, faultStatus, Iss } from './faults.ts';
import type { TlbKey } from './tlb/tlb.ts';
import type { Need, View, Walker } from './walk.ts';

const entryWords = FailedWalk.size / 4;

/** A tag that no access can form: its low bits are no Need. */
const never = 0xffff_ffff;

/**
 * Walks of a core that have failed more than once, with the descriptors that they read, so that generated code can know
 * that another would fail likewise: it compares the descriptors with memory, because no fault may outlive a change of
 * the tables (Arm ARM D4.9.1). A change of any register that translation depends on, and a TLBI, empties the cache.
 * Where stage 1 reads its tables by translations that stage 2 has cached, those are as old as the architecture allows.
 * A walk to a page where nothing answers has failed, too: the access is an external abort.
 */
export class FailedWalks {
  readonly #u32: Uint32Array;
  readonly #core: number;
  readonly #walker: Walker;
  /** By slot: the low and high words of the tag of the walk that failed last. */
  readonly #last = new Uint32Array(2 * (FailedWalk.entries + 1));

  /** The first address that leads to the same descriptors as the one that has failed. */
  readonly #first: TlbKey = { low: 0, high: 0, context: 0 };

  constructor(state: CoreState, walker: Walker) {
    this.#u32 = state.memory.u32;
    this.#core = state.base >>> 2;
    this.#walker = walker;
    this.#u32[this.#core + Core.anyFailedWalk / 4] = 1;
    this.forget();
  }

  /** Empties the cache. */
  forget(): void {
    const any = this.#core + Core.anyFailedWalk / 4;
    if (this.#u32[any] === 0) return;
    this.#u32[any] = 0;
    for (let slot = 0; slot <= wide; slot++) this.#u32[this.#entry(slot) + FailedWalk.tag / 4] = never;
  }

  /** A walk has found a translation. */
  succeeded({ low, high, context }: TlbKey, need: Need): void {
    if (this.#u32[this.#core + Core.anyFailedWalk / 4] === 0) return;
    this.#drop(slotOf(low, need), tagLow(low, context, need), high);
    const sizeLog2 = this.#u32[this.#entry(wide) + FailedWalk.sizeLog2 / 4] as number;
    this.#drop(wide, tagLow(alignedLow(low, sizeLog2), context, need), alignedHigh(high, sizeLog2));
  }

  #drop(slot: number, tag: number, high: number): void {
    const at = this.#entry(slot) + FailedWalk.tag / 4;
    if (this.#u32[at] === tag && this.#u32[at + 1] === high >>> 0) this.#u32[at] = never;
  }

  /** The walker has failed at an aligned access. It is kept from the second time on, which walks again. */
  add(key: TlbKey, view: View, need: Need): void {
    const { low, high, context } = key;
    const { sizeLog2, faultStage } = this.#walker;
    if (this.#isRepeated(slotOf(low, need), tagLow(low, context, need), high))
      this.#record(slotOf(low, need), key, view, need);
    else if (faultStage === 1 && sizeLog2 > pageLog2) {
      const first = this.#first;
      first.low = alignedLow(low, sizeLog2);
      first.high = alignedHigh(high, sizeLog2);
      first.context = context;
      if (this.#isRepeated(wide, tagLow(first.low, context, need), first.high)) this.#record(wide, first, view, need);
    }
  }

  /** The walker has found a page in which nothing answers. */
  addSilent(key: TlbKey, view: View, need: Need, page: number): void {
    const { low, high, context } = key;
    const slot = slotOf(low, need);
    if (this.#isRepeated(slot, tagLow(low, context, need), high)) this.#record(slot, key, view, need, page);
  }

  /** Whether a tag is the one that was last asked about in its slot. */
  #isRepeated(slot: number, tag: number, high: number): boolean {
    const last = this.#last;
    const repeated = last[2 * slot] === tag && last[2 * slot + 1] === high >>> 0;
    last[2 * slot] = tag;
    last[2 * slot + 1] = high;
    return repeated;
  }

  /** Walks again, which fails likewise or finds the silent page, and keeps what it reads. */
  #record(slot: number, { low, high, context }: TlbKey, view: View, need: Need, silent?: number): void {
    const tag = tagLow(low, context, need);
    const walker = this.#walker;
    const { descriptors } = walker;
    descriptors.recorded = 0;
    const found = walker.translate(low, high, view, need) ? walker.page : undefined;
    const count = descriptors.recorded;
    descriptors.recorded = -1;
    // The page may come from a TLB entry that is older than the tables.
    if (found !== silent || count > FailedWalk.descriptors) return;
    const u32 = this.#u32;
    const entry = this.#entry(slot);
    u32[entry + FailedWalk.tag / 4] = tag;
    u32[entry + FailedWalk.tag / 4 + 1] = high;
    if (silent === undefined) writeFault(u32, entry + FailedWalk.fault / 4, walker);
    else {
      u32[entry + FailedWalk.fault / 4] = FaultType.external;
      u32[entry + FailedWalk.fault / 4 + 1] = 1;
    }
    u32[entry + FailedWalk.count / 4] = count;
    u32[entry + FailedWalk.sizeLog2 / 4] = walker.sizeLog2;
    for (let i = 0; i < count; i++) {
      const at = descriptors.places[i] as number;
      u32[entry + FailedWalk.addresses / 4 + i] = at * 4;
      u32[entry + FailedWalk.values / 4 + 2 * i] = u32[at] as number;
      u32[entry + FailedWalk.values / 4 + 2 * i + 1] = u32[at + 1] as number;
    }
    u32[this.#core + Core.anyFailedWalk / 4] = 1;
  }

  #entry(slot: number): number {
    return this.#core + Core.failedWalks / 4 + slot * entryWords;
  }
}

/** The slot of the entry that is not about one page. */
const wide = FailedWalk.entries;

/** Slot of an access: see FailedWalk. */
const slotOf = (low: number, need: Need): number =>
  ((low >>> pageLog2) + FailedWalk.needSpread * need) & (FailedWalk.entries - 1);

const tagLow = (low: number, context: number, need: Need): number => ((low & ~0xfff) | context | need) >>> 0;

/** The halves of an address without its bits below a size's. */
const alignedLow = (low: number, sizeLog2: number): number => (sizeLog2 >= 32 ? 0 : (low & (-1 << sizeLog2)) >>> 0);
const alignedHigh = (high: number, sizeLog2: number): number =>
  (sizeLog2 > 32 ? high & (-1 << (sizeLog2 - 32)) : high) >>> 0;

/** Writes what a walker has found wrong into the words of a FaultField. */
export function writeFault(u32: Uint32Array, at: number, walker: Walker): void {
  const { faultType: type, faultLevel: level, faultIpa } = walker;
  const page = Math.floor(faultIpa / 4096);
  u32[at] = faultStatus({ type, level }) | (walker.faultS1ptw ? Iss.S1PTW : 0);
  u32[at + 1] = walker.faultStage;
  u32[at + 2] = page << 4;
  u32[at + 3] = Math.floor(page / 2 ** 28);
}
