import { AccessKind, Core, Status } from '../../a64/layout.ts';
import { physAddr } from '../../base/units.ts';
import { watchpointMatches } from '../debug/debug.ts';
import { Reg } from '../registers/mmu-registers.ts';
import type { PhysicalBus } from '../state/bus.ts';
import { Mdscr } from '../state/control-bits.ts';
import { address, type CoreMmu, zeroBlockSize } from './core-mmu.ts';

/**
 * Accesses of one core that generated code cannot make itself. Values pass through Core.scratch, element by element.
 */
export class SlowAccess {
  readonly #mmu: CoreMmu;
  readonly #bus: PhysicalBus;
  readonly #u8: Uint8Array;
  /** Core.scratch. */
  readonly #scratch: number;
  readonly #view: DataView;
  // The current access.
  #low = 0;
  #high = 0;
  #kind = 0;
  #page = 0;
  #secondPage = 0;

  constructor(mmu: CoreMmu, bus: PhysicalBus) {
    const { memory, base } = mmu.state;
    this.#mmu = mmu;
    this.#bus = bus;
    this.#u8 = memory.u8;
    this.#scratch = base + Core.scratch;
    this.#view = new DataView(memory.u8.buffer, this.#scratch, 64);
  }

  /**
   * Makes the whole access of `count` elements of `size` bytes at Core.accessAddress: it may cross a page, reach a
   * device, hit translated code or a watchpoint, or fault. Returns Status.jumped if an exception was taken; then
   * nothing has been read or written, unless a device refused a later part.
   */
  access(size: number, count: number): number {
    const mmu = this.#mmu;
    const { state } = mmu;
    this.#low = state.word(Core.accessAddress);
    this.#high = state.word(Core.accessAddress + 4);
    this.#kind = state.word(Core.accessKind);
    const unaligned = (this.#low & (size - 1)) !== 0;
    if (unaligned && mmu.checksAlignment(this.#kind)) {
      mmu.hooks.raiseDataAbort(state, mmu.alignmentFault(this.#low, this.#high, this.#writes));
      return Status.jumped;
    }
    if (!this.#translate(size * count, unaligned)) return Status.jumped;
    if (!mmu.isBigEndian) return this.#perform(size, count, unaligned);
    const [valueSize, values] = (this.#kind & AccessKind.halves) !== 0 ? [size / 2, 2] : [size, count];
    if (this.#writes) this.#reverse(valueSize, values);
    const status = this.#perform(size, count, unaligned);
    if (!this.#writes) this.#reverse(valueSize, values);
    return status;
  }

  #perform(size: number, count: number, unaligned: boolean): number {
    if ((this.#kind & AccessKind.exclusive) === 0) return this.#transfer(size, count, unaligned);
    return this.#writes ? this.#storeExclusive(size) : this.#loadExclusive(size);
  }

  /** BigEndianReverse of each of the values that pass through Core.scratch. */
  #reverse(size: number, count: number): void {
    for (let at = this.#scratch; at < this.#scratch + size * count; at += size)
      this.#u8.subarray(at, at + size).reverse();
  }

  /** DC ZVA at Core.accessAddress. */
  zero(): number {
    const mmu = this.#mmu;
    const { state } = mmu;
    const low = state.word(Core.accessAddress);
    const start = low & -zeroBlockSize;
    state.setWord(Core.accessKind, AccessKind.write);
    state.setWord(Core.accessAddress, start);
    const host = mmu.fill(8, zeroBlockSize / 8);
    if (host !== -1 && mmu.tlb.isNormal(start)) {
      this.#u8.fill(0, host >>> 0, (host >>> 0) + zeroBlockSize);
      return Status.next;
    }
    // Faults report the address in the register; Device memory counts as unaligned (Arm ARM C6.2, DC ZVA).
    this.#low = low;
    this.#high = state.word(Core.accessAddress + 4);
    this.#kind = AccessKind.write;
    if (!this.#translate(1, true)) return Status.jumped;
    this.#low = start;
    this.#u8.fill(0, this.#scratch, this.#scratch + zeroBlockSize);
    return this.#transfer(8, zeroBlockSize / 8, false);
  }

  get #writes(): boolean {
    return (this.#kind & AccessKind.write) !== 0;
  }

  /**
   * Translates all bytes before any is accessed, and checks watchpoints. There are at most 64 bytes, so at most two
   * pages.
   */
  #translate(total: number, unaligned: boolean): boolean {
    const mmu = this.#mmu;
    const { state } = mmu;
    const low = this.#low;
    const high = this.#high;
    this.#page = this.#pageAt(low, high, unaligned);
    if (this.#page === -1) return false;
    const first = 4096 - (low & 0xfff);
    if (first < total) {
      const next = (low + first) >>> 0;
      this.#secondPage = this.#pageAt(next, next === 0 ? (high + 1) >>> 0 : high, unaligned);
      if (this.#secondPage === -1) return false;
    }
    const debug = state.memory.u32[(state.base >>> 2) + Reg.MDSCR_EL1] as number;
    if ((debug & Mdscr.MDE) === 0) return true;
    const va = address(low, high);
    const unprivileged = (this.#kind & AccessKind.unprivileged) !== 0;
    if (!watchpointMatches(state, { va, size: total, write: this.#writes, unprivileged })) return true;
    mmu.hooks.raiseWatchpoint(state, va, this.#writes, false);
    return false;
  }

  /** The physical page of an address, or -1 after the fault has been raised. */
  #pageAt(low: number, high: number, unaligned: boolean): number {
    const mmu = this.#mmu;
    const page = mmu.physicalPage(low, high, this.#kind, unaligned);
    if (page === -1) mmu.hooks.raiseDataAbort(mmu.state, mmu.fault(low, high, this.#writes));
    return page;
  }

  #transfer(size: number, count: number, unaligned: boolean): number {
    const { hooks, state } = this.#mmu;
    for (let i = 0; i < count; i++) {
      if (this.#element(i * size, size, unaligned)) continue;
      if (i === 0 && !unaligned && this.#bus.isSilent?.(physAddr(this.#page * 4096)))
        this.#mmu.foundSilent(this.#low, this.#high, this.#kind, this.#page);
      // The fault reports the address of the element that no device answered.
      const low = this.#low + i * size;
      const high = low >= 2 ** 32 ? this.#high + 1 : this.#high;
      hooks.raiseDataAbort(state, this.#mmu.externalAbort(low, high, this.#writes));
      return Status.jumped;
    }
    this.#tell(size * count);
    return Status.next;
  }

  /** Tells the hooks about bytes that have been read or written. */
  #tell(size: number): void {
    const { hooks, state } = this.#mmu;
    if (this.#writes) hooks.wasWritten(state, this.#low, this.#high, size);
    else hooks.wasRead(state, this.#low, this.#high, size);
  }

  /** One element at an offset from the access's start; false if no device answers. */
  #element(at: number, size: number, unaligned: boolean): boolean {
    const before = 4096 - ((this.#low & 0xfff) + at);
    if (before <= 0 || before >= size) return this.#run(at, size, unaligned);
    return this.#run(at, before, true) && this.#run(at + before, size - before, true);
  }

  /** Bytes within one page. */
  #run(at: number, size: number, unaligned: boolean): boolean {
    const from = (this.#low & 0xfff) + at;
    const page = from < 4096 ? this.#page : this.#secondPage;
    const offset = from & 0xfff;
    const { walker, hooks } = this.#mmu;
    const host = walker.hostPage(page);
    if (host === 0) return this.#device(page * 4096 + offset, at, size, unaligned ? 1 : size);
    const place = host * 4096 + offset;
    const scratch = this.#scratch + at;
    const u8 = this.#u8;
    if (this.#writes) {
      this.#mmu.state.memory.touch(host);
      if (hooks.codeIn(page)) hooks.onCodeWrite(page, offset, size);
      for (let i = 0; i < size; i++) u8[place + i] = u8[scratch + i] as number;
    } else for (let i = 0; i < size; i++) u8[scratch + i] = u8[place + i] as number;
    return true;
  }

  /** Bytes of a device, in accesses of 1, 2 or 4 bytes, lowest address first. */
  #device(pa: number, at: number, size: number, unit: number): boolean {
    const step = unit === 1 || unit === 2 ? unit : 4;
    for (let i = 0; i < size; i += step) {
      if (this.#writes) {
        if (!this.#bus.write(physAddr(pa + i), step, this.#get(at + i, step))) return false;
      } else {
        const value = this.#bus.read(physAddr(pa + i), step);
        if (value === null) return false;
        this.#set(at + i, step, value);
      }
    }
    return true;
  }

  #get(at: number, size: 1 | 2 | 4): number {
    if (size === 4) return this.#view.getUint32(at, true);
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint8(at);
  }

  #set(at: number, size: 1 | 2 | 4, value: number): void {
    if (size === 4) this.#view.setUint32(at, value, true);
    else if (size === 2) this.#view.setUint16(at, value, true);
    else this.#view.setUint8(at, value);
  }

  /** Loads; the host address that the monitor will mark goes to Core.exclusiveResult. */
  #loadExclusive(size: number): number {
    const { state, walker } = this.#mmu;
    const page = walker.hostPage(this.#page);
    const status = this.#transfer(size, 1, false);
    state.setWord(Core.exclusiveResult, page === 0 ? 0 : page * 4096 + (this.#low & 0xfff));
    return status;
  }

  /** Stores if the monitor marks the location, which is then in RAM. The status goes to Core.exclusiveResult. */
  #storeExclusive(size: number): number {
    const { state, walker } = this.#mmu;
    const page = walker.hostPage(this.#page);
    const host = page * 4096 + (this.#low & 0xfff);
    const marked = page !== 0 && state.word(Core.exclusiveAddress) === host && state.word(Core.exclusiveSize) === size;
    if (marked) {
      this.#element(0, size, false);
      this.#tell(size);
    }
    state.setWord(Core.exclusiveResult, marked ? 0 : 1);
    return Status.next;
  }
}
