import { assert } from '../../base/assert.ts';
import { bytesOf, type Hasher } from '../../base/hasher.ts';

/** Largest block: 2^18 pages, 1 GiB (MAX_ORDER on Arm). */
export const maxOrder = 18;

/** Owners of a page that are no domain. */
export const Owner = { none: 0xffff, xen: 0xfffe, formerDomain: 0xfffd } as const;

/** The end of a free list. */
const end = -1;

/**
 * Xen's page allocator: a binary buddy system over machine frames. A block is split by giving back its lower halves, so
 * that small blocks come from the top, as in Xen.
 */
export class Heap {
  /** The first frame of the heap, and the number of its frames. */
  readonly base: number;
  readonly frames: number;
  private readonly scrub: (mfn: number) => void;
  /** By frame, less `base`: the order of the free block that begins there, or -1. */
  private readonly order: Int8Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly _owner: Uint16Array;
  /** First free block of each order. */
  private readonly heads = new Int32Array(maxOrder + 1).fill(end);
  /** Frames that may not be reused even if their owner frees them, and the number of holds on each. */
  private readonly holds = new Map<number, number>();
  private _free = 0;
  private total = 0;

  /** `scrub` clears a frame that is freed. Xen owns all frames until `add`. */
  constructor(base: number, frames: number, scrub: (mfn: number) => void) {
    this.base = base;
    this.frames = frames;
    this.scrub = scrub;
    this.order = new Int8Array(frames).fill(-1);
    this.next = new Int32Array(frames);
    this.previous = new Int32Array(frames);
    this._owner = new Uint16Array(frames).fill(Owner.xen);
  }

  /** Frames that are free now, and frames that were ever given to the heap. */
  get freePages(): number {
    return this._free;
  }
  get totalPages(): number {
    return this.total;
  }

  /** Gives the heap a range of zeroed frames. */
  add(first: number, count: number): void {
    this.total += count;
    this.release(first, count);
  }

  /** A block of 2^order zeroed frames, aligned to its size, for an owner; null if there is none. */
  allocate(order: number, owner: number): number | null {
    for (let found = order; found <= maxOrder; found++) {
      let at = this.heads[found] as number;
      if (at === end) continue;
      this.unlink(at, found);
      for (let half = found - 1; half >= order; half--) {
        this.link(at, half);
        at += 2 ** half;
      }
      const size = 2 ** order;
      this._owner.fill(owner, at, at + size);
      this._free -= size;
      return at + this.base;
    }
    return null;
  }

  /** Frees a block of 2^order frames. Held frames become free when they are let go. */
  free(mfn: number, order: number): void {
    const count = 2 ** order;
    assert(this._owner[mfn - this.base] !== Owner.none, 'a frame is freed once');
    if (this.holds.size === 0) {
      this.scrubAll(mfn, count);
      return;
    }
    for (let frame = mfn; frame < mfn + count; frame++) this.freeOne(frame);
  }

  /** Holds a frame: it is not reused until it has been let go as often as it was held. */
  hold(mfn: number): void {
    this.holds.set(mfn, (this.holds.get(mfn) ?? 0) + 1);
  }

  /** Ends a hold of a frame. */
  letGo(mfn: number): void {
    const holds = this.holds.get(mfn);
    assert(holds !== undefined, `frame ${mfn} is held`);
    if (holds > 1) {
      this.holds.set(mfn, holds - 1);
      return;
    }
    this.holds.delete(mfn);
    if (this.owner(mfn) === Owner.formerDomain) this.scrubAll(mfn, 1);
  }

  /** Frees all frames of an owner. Returns their number. */
  freeAllOf(owner: number): number {
    let count = 0;
    for (let at = this._owner.indexOf(owner); at >= 0; at = this._owner.indexOf(owner, at)) {
      let last = at + 1;
      while (this._owner[last] === owner) last++;
      if (this.holds.size === 0) this.scrubAll(at + this.base, last - at);
      else for (let frame = at; frame < last; frame++) this.freeOne(frame + this.base);
      count += last - at;
      at = last;
    }
    return count;
  }

  /** The owner of a frame: a domain or one of `Owner`; `none` for frames outside the heap. */
  owner(mfn: number): number {
    return this._owner[mfn - this.base] ?? Owner.none;
  }

  /** Adds whose each frame is, and the free lists in their order. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this._free, this.total, bytesOf(this._owner), [...this.holds].flat());
    for (const head of this.heads) {
      const blocks: number[] = [];
      for (let at = head; at !== end; at = this.next[at] as number) blocks.push(at);
      hasher.add(blocks);
    }
  }

  private freeOne(mfn: number): void {
    if (this.holds.has(mfn)) this._owner[mfn - this.base] = Owner.formerDomain;
    else this.scrubAll(mfn, 1);
  }

  private scrubAll(mfn: number, count: number): void {
    for (let frame = mfn; frame < mfn + count; frame++) this.scrub(frame);
    this.release(mfn, count);
  }

  /** Frees a range, as the largest aligned blocks that fit into it. */
  private release(mfn: number, count: number): void {
    let at = mfn - this.base;
    const last = at + count;
    this._owner.fill(Owner.none, at, last);
    this._free += count;
    while (at < last) {
      const alignment = at + this.base === 0 ? maxOrder : 31 - Math.clz32((at + this.base) & -(at + this.base));
      const order = Math.min(maxOrder, alignment, 31 - Math.clz32(last - at));
      this.merge(at, order);
      at += 2 ** order;
    }
  }

  /** Puts a block into its free list, merged with its buddies as long as these are free. */
  private merge(block: number, blockOrder: number): void {
    let at = block;
    let order = blockOrder;
    for (; order < maxOrder; order++) {
      const buddy = ((at + this.base) ^ (2 ** order)) - this.base;
      if (buddy < 0 || buddy >= this.frames || this.order[buddy] !== order) break;
      this.unlink(buddy, order);
      at = Math.min(at, buddy);
    }
    this.link(at, order);
  }

  private link(at: number, order: number): void {
    const head = this.heads[order] as number;
    this.order[at] = order;
    this.next[at] = head;
    this.previous[at] = end;
    if (head !== end) this.previous[head] = at;
    this.heads[order] = at;
  }

  private unlink(at: number, order: number): void {
    const next = this.next[at] as number;
    const previous = this.previous[at] as number;
    if (previous === end) this.heads[order] = next;
    else this.next[previous] = next;
    if (next !== end) this.previous[next] = previous;
    this.order[at] = -1;
  }
}
