/** The shadow tables of a domain without acceleration: docs/xen/unaccelerated.md, section 2. */
import type { Hasher } from '../../base/hasher.ts';
import { physAddr } from '../../base/units.ts';
import type { Costs } from '../costs.ts';
import { type Machine, pageSize } from '../machine/machine.ts';
import { type Heap, Owner } from '../mm/heap.ts';
import { type Mapping, P2m, P2mType } from '../mm/p2m.ts';
import {
  type Descriptor,
  EntryKind,
  entries,
  holeOf,
  holes,
  indexOf,
  invalid,
  isOutOfRange,
  kindOf,
  lastHole,
  orderOf,
  outside,
  pageOf,
  partOf,
  toPage,
  toTable,
} from './shadow-entry.ts';

/** The most shadow tables of a domain. When they are used up, all are thrown away. */
const maxTables = 1024;

/** In a descriptor's low half. */
const accessFlag = 1 << 10;

/** A table that the hardware walks in the place of a guest's. */
export interface ShadowTable {
  /** Where it is. */
  readonly frame: number;
  readonly level: number;
  /** The guest's table, by its address and by its frame; or the guest's block that it splits. */
  readonly gfn: number;
  mfn: number;
  readonly block: Descriptor | null;
  /** Indices, into the machine's words, of the entries that lead to it. */
  readonly parents: number[];
  /** Whether it knows nothing of the guest's table any more. */
  isStale: boolean;
}

/** Where the walk of an address begins: a root, and the entry in its page. */
export interface Start {
  readonly table: ShadowTable;
  readonly index: number;
}

export interface ShadowHost {
  readonly machine: Machine;
  readonly heap: Heap;
  readonly costs: Costs;
}

/** What has become of an address: its entry may lead further now, or the guest's tables are where no memory is. */
export type Filled = 'changed' | 'unreachable';

export class ShadowTables {
  /**
   * Stage 2 of the domain while its MMU is on. It translates nothing: each frame that the domain may use, and each shadow
   * table, has its own address there. Accesses that are not for the guest alone end there, in EL2.
   */
  readonly filter: P2m;
  private readonly machine: Machine;
  private readonly heap: Heap;
  private readonly costs: Costs;
  private readonly p2m: P2m;
  private readonly isRoot: (table: ShadowTable) => boolean;
  private readonly tables = new Map<number, ShadowTable>();
  /** By frame of the guest: the tables that shadow it. The guest cannot write such a frame. */
  private readonly byGuest = new Map<number, ShadowTable[]>();
  /** TCR_EL1.IPS, which all of the domain's vCPUs share. */
  private ips = 2;

  private constructor(
    { machine, heap, costs }: ShadowHost,
    p2m: P2m,
    filter: P2m,
    isRoot: (table: ShadowTable) => boolean,
  ) {
    this.machine = machine;
    this.heap = heap;
    this.costs = costs;
    this.p2m = p2m;
    this.filter = filter;
    this.isRoot = isRoot;
  }

  /** `isRoot`: whether a vCPU has a table in its TTBRs. Null if there is no memory. */
  static create(
    host: ShadowHost,
    p2m: P2m,
    vmid: number,
    isRoot: (table: ShadowTable) => boolean,
  ): ShadowTables | null {
    const filter = P2m.create(host, vmid, false);
    if (!filter) return null;
    const tables = new ShadowTables(host, p2m, filter, isRoot);
    p2m.onFlush.set(tables, () => tables.reset());
    return tables;
  }

  get count(): number {
    return this.tables.size;
  }

  set addressSize(ips: number) {
    if (ips === this.ips) return;
    this.ips = ips;
    this.reset();
  }

  /** The table of a level for a guest's table, as a root; null if there is no memory at its address. */
  root(gfn: number, level: number): ShadowTable | null {
    return this.tableFor(gfn, level);
  }

  /** Makes the entries for an address lead as far as the guest's do. */
  fill(start: Start | null, low: number, high: number): Filled {
    const { u32 } = this.machine;
    for (let from = start; from; ) {
      const { table, index: i } = from;
      this.machine.spend(this.costs.software.walk);
      if (table.isStale && !this.refresh(table)) return 'unreachable';
      const at = this.at(table, i);
      const [entryLow, entryHigh] = [u32[at] as number, u32[at + 1] as number];
      if (kindOf(table.level, entryLow) !== EntryKind.table) return 'changed';
      const page = pageOf(entryLow, entryHigh);
      if (page < holes) {
        const next = this.tables.get(page);
        if (!next) return 'changed';
        from = startIn(next, low, high);
        continue;
      }
      const { count } = this;
      const child = this.childOf(table, i);
      if (!child) return 'unreachable';
      // There may have been no room for one more: then all have gone, and the guest comes again.
      if (this.count < count) return 'changed';
      this.write(at, toTable(child.frame, entryHigh));
      child.parents.push(at);
      from = startIn(child, low, high);
    }
    return 'unreachable';
  }

  /** An address whose page was not there when its entry was made: reads the guest's entry again. */
  reread(start: Start | null, low: number, high: number): void {
    const last = this.lastOf(start, low, high);
    if (last) this.update(last.table, last.index);
  }

  /** The frame that an address leads to in one piece; -1 if it leads to EL2. */
  frameAt(start: Start | null, low: number, high: number): number {
    const last = this.lastOf(start, low, high);
    if (!last) return -1;
    const { table, index } = last;
    const at = this.at(table, index);
    const { u32 } = this.machine;
    const [entryLow, entryHigh] = [u32[at] as number, u32[at + 1] as number];
    if (kindOf(table.level, entryLow) !== EntryKind.leaf) return -1;
    return pageOf(entryLow, entryHigh) + (((high << 20) | (low >>> 12)) & (2 ** orderOf(table.level) - 1));
  }

  /** Where an address's walk ends. */
  private lastOf(start: Start | null, low: number, high: number): Start | null {
    for (let from = start; from && !from.table.isStale; ) {
      const at = this.at(from.table, from.index);
      const word = this.machine.u32[at] as number;
      const child = this.tables.get(pageOf(word, this.machine.u32[at + 1] as number));
      if (kindOf(from.table.level, word) !== EntryKind.table || !child) return from;
      from = startIn(child, low, high);
    }
    return null;
  }

  /** Whether the guest cannot write a frame because there are tables in it. */
  isProtected(mfn: number): boolean {
    return this.byGuest.has(mfn);
  }

  /**
   * Makes a guest's store to a frame with tables, at an offset that is a multiple of its size. Returns false if the
   * frame is no longer protected, and the guest can store by itself.
   */
  store(mfn: number, offset: number, bytes: number, low: number, high: number): boolean {
    // Nothing leads to a root that no vCPU uses: the guest does something else with its memory by now.
    this.each(mfn, (table) => {
      if (table.parents.length === 0 && !this.isRoot(table)) this.free(table);
    });
    if (!this.isProtected(mfn)) return false;
    const machine = this.machine;
    machine.spend(this.costs.software.store);
    machine.written(physAddr(mfn * pageSize + offset), bytes);
    const { u8 } = machine;
    const host = machine.hostPage(mfn) * pageSize + offset;
    for (let i = 0; i < bytes; i++) u8[host + i] = (i < 4 ? low : high) >>> (8 * (i & 3));
    for (let i = offset >>> 3; i <= (offset + bytes - 1) >>> 3; i++) this.each(mfn, (table) => this.update(table, i));
    return true;
  }

  /** Lets the guest write a frame again: its tables are shadowed anew when they are next used. */
  drop(mfn: number): void {
    this.each(mfn, (table) => {
      if (this.isRoot(table)) this.makeStale(table);
      else this.free(table);
    });
  }

  /** The domain's memory has changed, or there is no room: all tables go, except that roots in use become stale. */
  reset(): void {
    const kept: ShadowTable[] = [];
    for (const table of [...this.tables.values()]) {
      table.parents.length = 0;
      if (this.isRoot(table)) kept.push(table);
      else {
        this.tables.delete(table.frame);
        this.heap.free(table.frame, 0);
      }
    }
    this.byGuest.clear();
    const mapped: [first: number, count: number][] = [];
    this.filter.forEach((first, { order }) => {
      mapped.push([first, 2 ** order]);
    });
    for (const [first, count] of mapped) this.filter.unmap(first, count);
    for (const table of kept) {
      this.filter.map(table.frame, 1, table.frame, P2mType.ramRo);
      this.empty(table);
    }
  }

  teardown(): void {
    this.p2m.onFlush.delete(this);
    for (const { frame } of this.tables.values()) this.heap.free(frame, 0);
    this.tables.clear();
    this.byGuest.clear();
    this.filter.teardown();
  }

  fingerprint(hasher: Hasher): void {
    this.filter.fingerprint(hasher);
    hasher.add(this.ips);
    for (const { frame, level, gfn, mfn, block, parents, isStale } of this.tables.values())
      hasher.add(frame, level, gfn, mfn, block, parents, isStale);
  }

  /** Visits the tables of a frame. One of them may lead to another, and so end it. */
  private each(mfn: number, visit: (table: ShadowTable) => void): void {
    for (const table of [...(this.byGuest.get(mfn) ?? [])]) if (this.byGuest.get(mfn)?.includes(table)) visit(table);
  }

  private at({ frame }: ShadowTable, i: number): number {
    return this.machine.hostPage(frame) * 1024 + 2 * i;
  }

  /** The table that entry `i` leads to, which the guest has not used yet; null if there is no memory. */
  private childOf(table: ShadowTable, i: number): ShadowTable | null {
    const [low, high] = this.guestEntry(table, i);
    if (kindOf(table.level, low) === EntryKind.table) return this.tableFor(pageOf(low, high), table.level + 1);
    this.makeRoom();
    return this.newTable({ level: table.level + 1, gfn: -1, mfn: -1, block: [low, high] });
  }

  private tableFor(gfn: number, level: number): ShadowTable | null {
    const mapping = this.p2m.lookUp(gfn);
    if (!isMemory(mapping)) return null;
    const known = this.byGuest.get(mapping.mfn)?.find((table) => table.level === level);
    if (known) return known;
    this.makeRoom();
    this.allow(gfn, mapping);
    return this.newTable({ level, gfn, mfn: mapping.mfn, block: null });
  }

  private makeRoom(): void {
    if (this.count >= maxTables) this.reset();
  }

  private newTable(of: Pick<ShadowTable, 'level' | 'gfn' | 'mfn' | 'block'>): ShadowTable | null {
    const frame = this.heap.allocate(0, Owner.xen);
    if (frame === null) return null;
    const table: ShadowTable = { ...of, frame, parents: [], isStale: false };
    this.tables.set(frame, table);
    this.filter.map(frame, 1, frame, P2mType.ramRo);
    this.machine.spend(this.costs.mapping);
    this.readAll(table);
    return table;
  }

  /** A stale table is to be used: reads the guest's again. Returns false if there is no memory any more. */
  private refresh(table: ShadowTable): boolean {
    const mapping = this.p2m.lookUp(table.gfn);
    if (!isMemory(mapping)) return false;
    this.allow(table.gfn, mapping);
    table.mfn = mapping.mfn;
    table.isStale = false;
    this.readAll(table);
    return true;
  }

  private readAll(table: ShadowTable): void {
    if (table.mfn >= 0) this.protect(table);
    for (let i = 0; i < entries; i++) this.update(table, i);
  }

  /** Sets entry `i` by what the guest's is now. */
  private update(table: ShadowTable, i: number): void {
    const at = this.at(table, i);
    this.unlinkAt(table, at);
    this.write(at, this.translate(table.level, ...this.guestEntry(table, i)));
  }

  /** The descriptor of a shadow table for one of the guest's. Tables below are found when they are used. */
  private translate(level: number, low: number, high: number): Descriptor {
    const kind = kindOf(level, low);
    const { software } = this.costs;
    const isOutside = kind !== EntryKind.invalid && isOutOfRange(high, this.ips);
    if (kind === EntryKind.invalid || isOutside) {
      this.machine.spend(software.entry);
      return isOutside ? outside(low) : invalid;
    }
    const page = pageOf(low, high);
    if (kind === EntryKind.table) {
      this.machine.spend(software.entryOfTable);
      return toTable(holeOf(page), high);
    }
    const order = orderOf(level);
    const gfn = page - (page % 2 ** order);
    const mapping = this.p2m.lookUp(gfn);
    const lookUp = mapping?.order === 0 ? software.entryOfPage : software.entryOfBlock;
    this.machine.spend(mapping ? lookUp : software.entryOfDevice);
    if (mapping && mapping.order >= order) {
      this.allow(gfn, mapping);
      return toPage(mapping.mfn, low, high);
    }
    // Memory is in smaller pieces, or here is none. Without the access flag the guest has its fault anyway.
    return level === 3 || (low & accessFlag) === 0 ? toPage(holeOf(gfn), low, high) : toTable(lastHole, 0);
  }

  private guestEntry(table: ShadowTable, i: number): Descriptor {
    if (table.block) return partOf(...table.block, table.level - 1, i);
    const { u32 } = this.machine;
    const at = this.machine.hostPage(table.mfn) * 1024 + 2 * i;
    return [u32[at] as number, u32[at + 1] as number];
  }

  /** Lets the domain's accesses pass to a piece of its memory. */
  private allow(gfn: number, { mfn, type, order }: Mapping): void {
    if (this.filter.lookUp(mfn)) return;
    const first = mfn - (gfn % 2 ** order);
    this.machine.spend(this.costs.mapping);
    this.filter.map(first, 2 ** order, first, type);
  }

  private protect(table: ShadowTable): void {
    const others = this.byGuest.get(table.mfn);
    if (others) {
      others.push(table);
      return;
    }
    this.byGuest.set(table.mfn, [table]);
    this.setType(table.mfn, readOnly);
  }

  private unprotect(table: ShadowTable): void {
    const tables = this.byGuest.get(table.mfn);
    if (!tables) return;
    tables.splice(tables.indexOf(table), 1);
    if (tables.length > 0) return;
    this.byGuest.delete(table.mfn);
    this.setType(table.mfn, readWrite);
  }

  private setType(mfn: number, types: ReadonlyMap<P2mType, P2mType>): void {
    const now = this.filter.lookUp(mfn)?.type;
    const type = now === undefined ? undefined : types.get(now);
    if (type === undefined) return;
    this.machine.spend(this.costs.mapping);
    this.filter.map(mfn, 1, mfn, type);
  }

  /** An entry does not lead to a table any more. One that nothing leads to goes. */
  private unlink(frame: number, at: number): void {
    const table = this.tables.get(frame);
    if (!table) return;
    table.parents.splice(table.parents.indexOf(at), 1);
    if (table.parents.length === 0 && !this.isRoot(table)) this.free(table);
  }

  private free(table: ShadowTable): void {
    if (!table.isStale) this.unprotect(table);
    this.tables.delete(table.frame);
    for (let i = 0; table.level < 3 && i < entries; i++) {
      const at = this.at(table, i);
      this.unlinkAt(table, at);
    }
    for (const at of table.parents) this.write(at, toTable(lastHole, this.machine.u32[at + 1] as number));
    this.filter.unmap(table.frame, 1);
    this.heap.free(table.frame, 0);
  }

  private makeStale(table: ShadowTable): void {
    this.unprotect(table);
    this.empty(table);
  }

  /** All entries lead to EL2. */
  private empty(table: ShadowTable): void {
    table.isStale = true;
    this.machine.spend(this.costs.software.clear);
    for (let i = 0; i < entries; i++) {
      const at = this.at(table, i);
      this.unlinkAt(table, at);
      this.write(at, toTable(lastHole, 0));
    }
  }

  /** An entry is about to be overwritten. */
  private unlinkAt({ level }: ShadowTable, at: number): void {
    const { u32 } = this.machine;
    const low = u32[at] as number;
    if (kindOf(level, low) === EntryKind.table) this.unlink(pageOf(low, u32[at + 1] as number), at);
  }

  private write(at: number, [low, high]: Descriptor): void {
    this.machine.writeDescriptor(at, low, high);
  }
}

const startIn = (table: ShadowTable, low: number, high: number): Start => ({
  table,
  index: indexOf(table.level, low, high),
});

const readOnly: ReadonlyMap<P2mType, P2mType> = new Map([
  [P2mType.ramRw, P2mType.ramRo],
  [P2mType.mapForeignRw, P2mType.mapForeignRo],
  [P2mType.grantMapRw, P2mType.grantMapRo],
]);
const readWrite: ReadonlyMap<P2mType, P2mType> = new Map([...readOnly].map(([rw, ro]) => [ro, rw]));

const isMemory = (mapping: Mapping | null): mapping is Mapping =>
  mapping !== null && mapping.type !== P2mType.mmioDirectDevice;
