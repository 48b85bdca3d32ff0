import { assert } from '../../base/assert.ts';
import { bytesOf, type Hasher } from '../../base/hasher.ts';
import { type Machine, pageSize } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import { type Heap, Owner } from './heap.ts';

/** What a mapping is for. Xen keeps it in bits 58-55 of the descriptor, which the hardware ignores. */
export const P2mType = {
  invalid: 0,
  ramRw: 1,
  ramRo: 2,
  mmioDirectDevice: 3,
  mapForeignRw: 6,
  mapForeignRo: 7,
  grantMapRw: 8,
  grantMapRo: 9,
} as const;
export type P2mType = (typeof P2mType)[keyof typeof P2mType];

/** VTCR_EL2: 40-bit IPA and PA, 4 KiB granule, three levels. */
export const vtcr = 0x8002_3558;

/** The root is two pages, one after the other. */
const rootOrder = 1;
const rootPages = 2 ** rootOrder;
const levelBits = 9;
const entries = 2 ** levelBits;
/** Number of pages that an entry of a level maps, as a power of two. */
const orderOf = (level: number): number => (3 - level) * levelBits;

/** Bits in the low half of a descriptor. */
const valid = 1 << 0;
const tableBit = 1 << 1;
const writeBit = 1 << 7;
const accessed = 1 << 10;
const readBit = 1 << 6;
const normal = (0xf << 2) | (3 << 8);
const device = (0x1 << 2) | (2 << 8);
/** Bits in the high half. */
const executeNever = 1 << 22;
const typeShift = 23;
const typeMask = 0xf;

/** Types of pages that may be executed, and of those that may be written. */
const executable: ReadonlySet<P2mType> = new Set([P2mType.ramRw, P2mType.ramRo]);
const writable: ReadonlySet<P2mType> = new Set([
  P2mType.ramRw,
  P2mType.mmioDirectDevice,
  P2mType.mapForeignRw,
  P2mType.grantMapRw,
]);

export interface P2mHost {
  readonly machine: Machine;
  readonly heap: Heap;
}

export interface Mapping {
  readonly mfn: number;
  readonly type: P2mType;
  /** Number of pages that the entry maps, as a power of two. */
  readonly order: number;
}

/**
 * A domain's stage 2 tables, in frames of the heap. They map pages of 4 KiB, and blocks of 2 MiB and 1 GiB if both
 * addresses are aligned. Addresses are frame numbers: of the guest (GFN) and of the machine (MFN).
 */
export class P2m {
  /** The halves of VTTBR_EL2. */
  readonly vttbrLow: number;
  readonly vttbrHigh: number;
  private readonly machine: Machine;
  private readonly heap: Heap;
  private readonly root: number;
  /** Tables other than the root. */
  private readonly tables: number[] = [];
  /** Frames reserved for tables; null if tables come from the heap. */
  private readonly pool: number[] | null;
  private _poolPages = 0;
  /** By level: how many of its blocks were replaced by a table. */
  readonly shattered: [never: 0, gigabytes: number, megabytes: number] = [0, 0, 0];
  private _flush = false;
  /** Told when translations are gone, by who wants to know. */
  readonly onFlush = new Map<object, () => void>();
  /** By pCPU: the vCPU of the domain that it ran last; -1 if there is none. */
  readonly lastRan: Int32Array;

  private constructor({ machine, heap }: P2mHost, root: number, vmid: number, pooled: boolean) {
    this.machine = machine;
    this.heap = heap;
    this.root = root;
    this.pool = pooled ? [] : null;
    this.lastRan = new Int32Array(machine.cpus).fill(-1);
    this.vttbrLow = (root * pageSize) | 0;
    this.vttbrHigh = Math.floor((root * pageSize) / 2 ** 32) | (vmid << 16);
  }

  /**
   * Tables that map nothing. `pooled`: they come from a pool whose size the toolstack sets. Null if there is no memory.
   */
  static create(host: P2mHost, vmid: number, pooled: boolean): P2m | null {
    const root = host.heap.allocate(rootOrder, Owner.xen);
    return root === null ? null : new P2m(host, root, vmid, pooled);
  }

  get poolPages(): number {
    return this._poolPages;
  }

  /** Sets the size of the pool: 0, or -ENOMEM. */
  setPool(pages: number): 0 | -12 {
    const pool = this.pool;
    if (!pool) return 0;
    while (this._poolPages < pages) {
      const page = this.heap.allocate(0, Owner.xen);
      if (page === null) return -Errno.ENOMEM as -12;
      pool.push(page);
      this._poolPages++;
    }
    while (this._poolPages > pages) {
      const page = pool.shift();
      if (page === undefined) return -Errno.ENOMEM as -12;
      this.heap.free(page, 0);
      this._poolPages--;
    }
    return 0;
  }

  /** Maps `count` pages: 0, or -ENOMEM if there is no memory for a table. Some pages may be mapped then. */
  map(gfn: number, count: number, mfn: number, type: P2mType): number {
    return this.setAll(gfn, count, mfn, type);
  }

  /** Unmaps `count` pages: 0, or -ENOMEM if a block has to be split and there is no memory for a table. */
  unmap(gfn: number, count: number): number {
    const status = this.setAll(gfn, count, -1, P2mType.invalid);
    if (this._flush) this.flush();
    return status;
  }

  /** Adds where its tables are; what they map lies in memory. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.vttbrLow, this.vttbrHigh, this.tables, this.pool, this._poolPages, this._flush);
    hasher.add(bytesOf(this.lastRan));
  }

  lookUp(gfn: number): Mapping | null {
    if (gfn < 0 || gfn >= rootPages * entries ** 3) return null;
    const { u32 } = this.machine;
    let table = this.machine.hostPage(this.root + Math.floor(gfn / entries ** 3)) * 1024;
    for (let level = 1; ; level++) {
      const at = table + 2 * index(gfn, level);
      const low = u32[at] as number;
      if ((low & valid) === 0) return null;
      const frame = frameOf(low, u32[at + 1] as number);
      if (level < 3 && (low & tableBit) !== 0) {
        table = this.machine.hostPage(frame) * 1024;
        continue;
      }
      const order = orderOf(level);
      const type = (((u32[at + 1] as number) >>> typeShift) & typeMask) as P2mType;
      return { mfn: frame + (gfn % 2 ** order), type, order };
    }
  }

  /** Calls `visit` for each entry that maps pages, lowest address first. */
  forEach(visit: (gfn: number, mapping: Mapping) => void): void {
    for (let page = 0; page < rootPages; page++) this.visit(this.root + page, 1, page * entries ** 3, visit);
  }

  private visit(table: number, level: number, first: number, visit: (gfn: number, mapping: Mapping) => void): void {
    const { u32 } = this.machine;
    const base = this.machine.hostPage(table) * 1024;
    for (let i = 0; i < entries; i++) {
      const low = u32[base + 2 * i] as number;
      if ((low & valid) === 0) continue;
      const high = u32[base + 2 * i + 1] as number;
      const order = orderOf(level);
      const gfn = first + i * 2 ** order;
      if (level < 3 && (low & tableBit) !== 0) this.visit(frameOf(low, high), level + 1, gfn, visit);
      else visit(gfn, { mfn: frameOf(low, high), type: ((high >>> typeShift) & typeMask) as P2mType, order });
    }
  }

  /** Invalidates the TLB entries of these tables on all cores. */
  flush(): void {
    this._flush = false;
    this.machine.flushGuest(this.vttbrLow, this.vttbrHigh);
    for (const told of this.onFlush.values()) told();
  }

  /** Frees all tables and the pool. */
  teardown(): void {
    this.flush();
    for (const table of this.tables) this.heap.free(table, 0);
    for (const page of this.pool ?? []) this.heap.free(page, 0);
    this.heap.free(this.root, rootOrder);
  }

  private setAll(gfn: number, count: number, mfn: number, type: P2mType): number {
    let from = gfn;
    let to = mfn;
    for (let left = count; left > 0; ) {
      const mask = (to >= 0 ? to : 0) | from | left;
      const order = (mask & 0x3_ffff) === 0 ? 18 : (mask & 0x1ff) === 0 ? 9 : 0;
      const status = this.set(from, order, to, type);
      if (status !== 0) return status;
      from += 2 ** order;
      if (to >= 0) to += 2 ** order;
      left -= 2 ** order;
    }
    return 0;
  }

  /** Sets one entry; an `mfn` of -1 removes it. */
  private set(gfn: number, order: number, mfn: number, type: P2mType): number {
    const { u32 } = this.machine;
    const target = 3 - order / levelBits;
    const removes = mfn < 0;
    let table = this.machine.hostPage(this.root + Math.floor(gfn / entries ** 3)) * 1024;
    for (let level = 1; level < target; level++) {
      const at = table + 2 * index(gfn, level);
      if (((u32[at] as number) & valid) === 0) {
        if (removes) return 0;
        if (!this.newTable(at)) return -Errno.ENOMEM;
      } else if (((u32[at] as number) & tableBit) === 0 && !this.split(at, level)) return -Errno.ENOMEM;
      table = this.machine.hostPage(frameOf(u32[at] as number, u32[at + 1] as number)) * 1024;
    }
    const at = table + 2 * index(gfn, target);
    const low = u32[at] as number;
    const high = u32[at + 1] as number;
    const wasValid = (low & valid) !== 0;
    if (wasValid || removes) this.write(at, 0, 0);
    if (removes) {
      this._flush ||= wasValid;
    } else {
      // Break before make.
      if (wasValid) this.flush();
      this.write(at, ...leaf(mfn, type, target));
    }
    if (wasValid && target < 3 && (low & tableBit) !== 0) this.freeTable(frameOf(low, high), target + 1);
    return 0;
  }

  private allocateTable(): number | null {
    const page = this.pool ? (this.pool.shift() ?? null) : this.heap.allocate(0, Owner.xen);
    if (page === null) return null;
    this.tables.push(page);
    return page;
  }

  /** Puts a new table into an entry. */
  private newTable(at: number): boolean {
    const page = this.allocateTable();
    if (page === null) return false;
    this.write(at, ...tableEntry(page));
    return true;
  }

  /** Replaces the block of a level by a table that maps the same. */
  private split(at: number, level: number): boolean {
    const { u32 } = this.machine;
    const page = this.allocateTable();
    if (page === null) return false;
    if (level === 1 || level === 2) this.shattered[level]++;
    const low = u32[at] as number;
    const high = u32[at + 1] as number;
    const first = frameOf(low, high);
    const table = this.machine.hostPage(page) * 1024;
    const type = ((high >>> typeShift) & typeMask) as P2mType;
    for (let i = 0; i < entries; i++) {
      this.write(table + 2 * i, ...leaf(first + i * 2 ** orderOf(level + 1), type, level + 1));
    }
    this.write(at, 0, 0);
    this.flush();
    this.write(at, ...tableEntry(page));
    return true;
  }

  /** Frees a table that a block has replaced, and the tables below it. */
  private freeTable(page: number, level: number): void {
    const { u32 } = this.machine;
    const base = this.machine.hostPage(page) * 1024;
    for (let i = 0; level < 3 && i < entries; i++) {
      const low = u32[base + 2 * i] as number;
      if ((low & (valid | tableBit)) === (valid | tableBit)) {
        this.freeTable(frameOf(low, u32[base + 2 * i + 1] as number), level + 1);
      }
    }
    this.tables.splice(this.tables.indexOf(page), 1);
    if (!this.pool) this.heap.free(page, 0);
    else {
      this.machine.scrub(page);
      this.pool.push(page);
    }
  }

  private write(at: number, low: number, high: number): void {
    assert(at >= 1024, 'descriptors lie in RAM');
    this.machine.writeDescriptor(at, low, high);
  }
}

/** Index of a frame in the table of a level. */
const index = (gfn: number, level: number): number => Math.floor(gfn / 2 ** orderOf(level)) % entries;

/** The frame in a descriptor. */
const frameOf = (low: number, high: number): number => (low >>> 12) + (high & 0xff) * 2 ** 20;

const high = (mfn: number): number => Math.floor(mfn / 2 ** 20);

const leaf = (mfn: number, type: P2mType, level: number): [low: number, high: number] => {
  const attributes = type === P2mType.mmioDirectDevice ? device : normal;
  const low =
    (mfn << 12) |
    valid |
    readBit |
    accessed |
    attributes |
    (level === 3 ? tableBit : 0) |
    (writable.has(type) ? writeBit : 0);
  return [low, high(mfn) | (executable.has(type) ? 0 : executeNever) | (type << typeShift)];
};

const tableEntry = (mfn: number): [low: number, high: number] => {
  const [low, top] = leaf(mfn, P2mType.ramRw, 3);
  return [low, top];
};
