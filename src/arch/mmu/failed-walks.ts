import { Core, FailedWalk, pageLog2 } from '../../a64/layout.ts';
import type { CoreState } from '../state/core.ts';
import { faultStatus, Iss } from './faults.ts';
import type { Need, View, Walker } from './walk.ts';

const entryWords = FailedWalk.size / 4;

/** A tag that no access can form: its low bits are no Need. */
const never = 0xffff_ffff;

/**
 * Walks of a core that have failed more than once, with the descriptors that they read, so that generated code can know
 * that another would fail likewise: it compares the descriptors with memory, because no fault may outlive a change of
 * the tables (Arm ARM D4.9.1). A change of any register that translation depends on, and a TLBI, empties the cache.
 * Where stage 1 reads its tables by translations that stage 2 has cached, those are as old as the architecture allows.
 */
export class FailedWalks {
  readonly #u32: Uint32Array;
  readonly #core: number;
  readonly #walker: Walker;
  /** By slot: the low and high words of the tag of the walk that failed last. */
  readonly #last = new Uint32Array(2 * FailedWalk.entries);

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
    for (let slot = 0; slot < FailedWalk.entries; slot++) this.#u32[this.#entry(slot) + FailedWalk.tag / 4] = never;
  }

  /** A walk has found a translation. */
  succeeded(low: number, high: number, context: number, need: Need): void {
    if (this.#u32[this.#core + Core.anyFailedWalk / 4] === 0) return;
    const tag = this.#entry(slotOf(low, need)) + FailedWalk.tag / 4;
    if (this.#u32[tag] === tagLow(low, context, need) && this.#u32[tag + 1] === high >>> 0) this.#u32[tag] = never;
  }

  /** The walker has failed at an aligned access. It is kept from the second time on, which walks again. */
  add(low: number, high: number, context: number, view: View, need: Need): void {
    const slot = slotOf(low, need);
    const tag = tagLow(low, context, need);
    const last = this.#last;
    if (last[2 * slot] !== tag || last[2 * slot + 1] !== high >>> 0) {
      last[2 * slot] = tag;
      last[2 * slot + 1] = high;
      return;
    }
    const walker = this.#walker;
    const { descriptors } = walker;
    descriptors.recorded = 0;
    walker.translate(low, high, view, need);
    const count = descriptors.recorded;
    descriptors.recorded = -1;
    if (count > FailedWalk.descriptors) return;
    const u32 = this.#u32;
    const entry = this.#entry(slot);
    u32[entry + FailedWalk.tag / 4] = tag;
    u32[entry + FailedWalk.tag / 4 + 1] = high;
    writeFault(u32, entry + FailedWalk.fault / 4, walker);
    u32[entry + FailedWalk.count / 4] = count;
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

/** Slot of an access: see FailedWalk. */
const slotOf = (low: number, need: Need): number =>
  ((low >>> pageLog2) + FailedWalk.needSpread * need) & (FailedWalk.entries - 1);

const tagLow = (low: number, context: number, need: Need): number => ((low & ~0xfff) | context | need) >>> 0;

/** Writes what a walker has found wrong into the words of a FaultField. */
export function writeFault(u32: Uint32Array, at: number, walker: Walker): void {
  const { faultType: type, faultLevel: level, faultIpa } = walker;
  const page = Math.floor(faultIpa / 4096);
  u32[at] = faultStatus({ type, level }) | (walker.faultS1ptw ? Iss.S1PTW : 0);
  u32[at + 1] = walker.faultStage;
  u32[at + 2] = page << 4;
  u32[at + 3] = Math.floor(page / 2 ** 28);
}
