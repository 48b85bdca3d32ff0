/** Grant tables, version 1 (public/grant_table.h): pages that a domain lets others use. */
import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { type Machine, pageSize } from '../machine/machine.ts';
import type { Heap } from './heap.ts';
import { Owner } from './heap.ts';

/** GNTST_* */
export const GrantStatus = {
  okay: 0,
  generalError: -1,
  badDomain: -2,
  badReference: -3,
  badHandle: -4,
  badVirtualAddress: -5,
  permissionDenied: -8,
  badPage: -9,
  badCopyArgument: -10,
  noSpace: -13,
} as const;

/** GTF_* */
const permitAccess = 1;
const typeMask = 3;
const readOnly = 1 << 2;
export const Reading = 1 << 3;
export const Writing = 1 << 4;

/** Bytes of struct grant_entry_v1 (flags, domid, frame), and entries in a frame. */
const entrySize = 8;
const perFrame = pageSize / entrySize;

/** A page that a domain has mapped from another. */
export interface Maptrack {
  readonly owner: number;
  readonly reference: number;
  readonly gfn: number;
  /** The frame, which this mapping holds. */
  readonly mfn: number;
  readonly readOnly: boolean;
}

export class GrantTable {
  private readonly machine: Machine;
  private readonly heap: Heap;
  readonly maxFrames: number;
  private readonly maxHandles: number;
  private readonly _frames: number[] = [];
  /** The mappings of this domain by handle. */
  private readonly maptrack: (Maptrack | undefined)[] = [];
  /** No handle below it is free. */
  private firstFree = 0;
  /** By reference: how many mappings of others read the page, and how many write it. */
  private readonly uses = new Map<number, { readers: number; writers: number }>();

  constructor(machine: Machine, heap: Heap, maxFrames: number, maxMaptrackFrames: number) {
    this.machine = machine;
    this.heap = heap;
    this.maxFrames = maxFrames;
    // struct grant_mapping has 16 bytes.
    this.maxHandles = (maxMaptrackFrames * pageSize) / 16;
    this.grow(1);
  }

  get frames(): number {
    return this._frames.length;
  }

  /** The machine frames that it is in. */
  get tableFrames(): readonly number[] {
    return this._frames;
  }

  /** Grows the table to a number of frames; false if there is no room. */
  grow(frames: number): boolean {
    if (frames > this.maxFrames) return false;
    while (this._frames.length < frames) {
      const frame = this.heap.allocate(0, Owner.xen);
      if (frame === null) return false;
      // Flags are written at host addresses: memory has to know, to clear the frame for the next owner.
      this.machine.page(frame);
      this._frames.push(frame);
    }
    return true;
  }

  /** The machine frame of a part of the table, which grows up to it; null if the table cannot be as large. */
  frame(index: number): number | null {
    return index < this.maxFrames && this.grow(index + 1) ? (this._frames[index] as number) : null;
  }

  has(mfn: number): boolean {
    return this._frames.includes(mfn);
  }

  /** Grants a domain a frame by an entry, as the domain itself would. */
  seed(reference: number, domid: number, gfn: number): void {
    const at = defined(this.entry(reference) ?? undefined, 'the entry');
    const { u16, u32 } = this.machine;
    u16[at >>> 1] = permitAccess;
    u16[(at >>> 1) + 1] = domid;
    u32[(at >>> 2) + 1] = gfn;
  }

  /**
   * Takes an entry into use for a domain, and sets the flags that show this to the owner. Returns the guest frame, or a
   * GrantStatus.
   */
  acquire(reference: number, domid: number, writes: boolean): { readonly gfn: number } | number {
    const at = this.entry(reference);
    if (at === null) return GrantStatus.badReference;
    const { u16, u32 } = this.machine;
    const flags = u16[at >>> 1] as number;
    if ((flags & typeMask) !== permitAccess || u16[(at >>> 1) + 1] !== domid) return GrantStatus.generalError;
    if (writes && (flags & readOnly) !== 0) return GrantStatus.generalError;
    const uses = this.uses.get(reference) ?? { readers: 0, writers: 0 };
    if (writes) uses.writers++;
    else uses.readers++;
    this.uses.set(reference, uses);
    u16[at >>> 1] = flags | Reading | (writes ? Writing : 0);
    return { gfn: u32[(at >>> 2) + 1] as number };
  }

  /** The guest frame that an entry grants; null if there is no such entry. */
  grantedFrame(reference: number): number | null {
    const at = this.entry(reference);
    return at === null ? null : (this.machine.u32[(at >>> 2) + 1] as number);
  }

  /** Ends a use of an entry. */
  release(reference: number, writes: boolean): void {
    const at = this.entry(reference);
    const uses = this.uses.get(reference);
    if (at === null || !uses) return;
    if (writes) uses.writers--;
    else uses.readers--;
    const { u16 } = this.machine;
    const flags = u16[at >>> 1] as number;
    const kept = (uses.writers > 0 ? Reading | Writing : 0) | (uses.readers > 0 ? Reading : 0);
    u16[at >>> 1] = (flags & ~(Reading | Writing)) | kept;
    if (uses.readers + uses.writers === 0) this.uses.delete(reference);
  }

  /** Records a mapping. Returns its handle, or -1 if there is no room. */
  track(mapping: Maptrack): number {
    let handle = this.firstFree;
    while (this.maptrack[handle]) handle++;
    this.firstFree = handle;
    if (handle >= this.maxHandles) return -1;
    this.maptrack[handle] = mapping;
    return handle;
  }

  tracked(handle: number): Maptrack | undefined {
    return this.maptrack[handle];
  }

  untrack(handle: number): void {
    this.maptrack[handle] = undefined;
    this.firstFree = Math.min(this.firstFree, handle);
  }

  /** All mappings of this domain by their handles. */
  get mappings(): Map<number, Maptrack> {
    const mappings = new Map<number, Maptrack>();
    for (const [handle, mapping] of this.maptrack.entries()) if (mapping) mappings.set(handle, mapping);
    return mappings;
  }

  /** Frames of its list of mappings, which has 256 in each. */
  get maptrackFrames(): number {
    return Math.ceil(this.maptrack.length / (pageSize / 16));
  }

  /** The entries that are in use, in order: how often, and what they hold now. */
  usage(): {
    readonly reference: number;
    readonly readers: number;
    readonly writers: number;
    readonly flags: number;
    readonly domid: number;
    readonly gfn: number;
  }[] {
    const { u16, u32 } = this.machine;
    return [...this.uses]
      .sort(([a], [b]) => a - b)
      .map(([reference, { readers, writers }]) => {
        const at = this.entry(reference) ?? 0;
        const [flags = 0, domid = 0] = u16.subarray(at >>> 1, (at >>> 1) + 2);
        return { reference, readers, writers, flags, domid, gfn: u32[(at >>> 2) + 1] ?? 0 };
      });
  }

  /** Whether others use pages of this domain. */
  get isUsed(): boolean {
    return this.uses.size > 0;
  }

  /** Adds what has been mapped; the entries lie in memory. */
  fingerprint(hasher: Hasher): void {
    hasher.add(
      this._frames,
      [...this.uses].map(([reference, { readers, writers }]) => [reference, readers, writers]),
    );
    for (const mapping of this.maptrack) hasher.add(mapping && { ...mapping });
  }

  /** Gives back the frames of a domain that is destroyed. */
  teardown(): void {
    for (const frame of this._frames.splice(0)) this.heap.free(frame, 0);
  }

  /** Host address of an entry. */
  private entry(reference: number): number | null {
    const frame = this._frames[Math.floor(reference / perFrame)];
    return frame === undefined ? null : this.machine.hostPage(frame) * pageSize + (reference % perFrame) * entrySize;
  }
}
