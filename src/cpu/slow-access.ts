import { AccessKind, Core, Status } from '../a64/layout.ts';
import { physAddr } from '../base/units.ts';
import type { PhysicalBus } from './bus.ts';
import { address, alignmentFault, type CoreMmu, externalAbort } from './core-mmu.ts';
import { watchpointMatches } from './debug.ts';
import { Reg } from './mmu-registers.ts';

/**
 * The access of `count` elements of `size` bytes at Core.accessAddress, complete: it may cross a page, reach a device, hit
 * translated code or a watchpoint, or fault. Values pass through Core.scratch, elements one after the other. Returns
 * Status.jumped if an exception was taken; then nothing has been read or written, unless a device refused a later part.
 */
export function slowAccess(mmu: CoreMmu, bus: PhysicalBus, size: number, count: number): number {
  const { state } = mmu;
  const low = state.word(Core.accessAddress);
  const high = state.word(Core.accessAddress + 4);
  const kind = state.word(Core.accessKind);
  const write = (kind & AccessKind.write) !== 0;
  const total = size * count;
  const unaligned = (low & (size - 1)) !== 0;
  if (unaligned && mmu.checksAlignment(kind)) {
    mmu.hooks.raiseDataAbort(state, alignmentFault(low, high, write));
    return Status.jumped;
  }

  // An access of at most 64 bytes touches at most two pages; both are translated before anything happens.
  const first = Math.min(total, 4096 - (low & 0xfff));
  if (!translate(mmu, low, high, kind, unaligned)) return Status.jumped;
  const { page } = mmu.walker;
  let page2 = 0;
  if (first < total) {
    const low2 = (low + first) >>> 0;
    const high2 = low2 === 0 ? (high + 1) >>> 0 : high;
    if (!translate(mmu, low2, high2, kind, unaligned)) return Status.jumped;
    page2 = mmu.walker.page;
  }
  if (watched(mmu, low, high, kind, total)) return Status.jumped;

  const transfer = new Transfer(mmu, bus, page, page2, low & 0xfff, write);
  if ((kind & AccessKind.exclusive) !== 0) return transfer.storeExclusive(size);
  if (write && mmu.bigEndian) transfer.reverse(size, count);
  for (let i = 0; i < count; i++) {
    if (transfer.element(i * size, size, unaligned)) continue;
    // The address is that of the element nobody answered for.
    const va = address(low, high) + BigInt(i * size);
    mmu.hooks.raiseDataAbort(
      state,
      externalAbort(Number(va & 0xffff_ffffn), Number((va >> 32n) & 0xffff_ffffn), write),
    );
    return Status.jumped;
  }
  if (!write && mmu.bigEndian) transfer.reverse(size, count);
  return Status.next;
}

function translate(mmu: CoreMmu, low: number, high: number, kind: number, unaligned: boolean): boolean {
  if (mmu.translate(low, high, kind, unaligned)) return true;
  mmu.hooks.raiseDataAbort(mmu.state, mmu.fault(low, high, (kind & AccessKind.write) !== 0));
  return false;
}

/** Takes the watchpoint exception if one matches. */
function watched(mmu: CoreMmu, low: number, high: number, kind: number, size: number): boolean {
  const { state } = mmu;
  if (state.memory.u32[(state.base >>> 2) + Reg.MDSCR_EL1] === 0) return false;
  const va = address(low, high);
  const write = (kind & AccessKind.write) !== 0;
  if (!watchpointMatches(state, va, size, write, (kind & AccessKind.unprivileged) !== 0)) return false;
  mmu.hooks.raiseWatchpoint(state, va, write, false);
  return true;
}

/** Moves the bytes of one access between Core.scratch and what lies at its one or two physical pages. */
class Transfer {
  readonly #u8: Uint8Array;
  readonly #view: DataView;
  readonly #scratch: number;

  constructor(
    readonly mmu: CoreMmu,
    readonly bus: PhysicalBus,
    readonly page: number,
    readonly page2: number,
    /** Offset of the access in its first page. */
    readonly start: number,
    readonly write: boolean,
  ) {
    const { memory, base } = mmu.state;
    this.#u8 = memory.u8;
    this.#scratch = base + Core.scratch;
    this.#view = new DataView(memory.u8.buffer, this.#scratch, 64);
  }

  /** Reverses the bytes of each element in Core.scratch. */
  reverse(size: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#u8.subarray(this.#scratch + i * size, this.#scratch + (i + 1) * size).reverse();
    }
  }

  /** One element at an offset from the access's start; false if nobody answers for it. */
  element(at: number, size: number, unaligned: boolean): boolean {
    const from = this.start + at;
    const crosses = from < 4096 && from + size > 4096;
    if (!crosses) return this.#run(at, size, unaligned);
    const before = 4096 - from;
    return this.#run(at, before, true) && this.#run(at + before, size - before, true);
  }

  /** Bytes within one page. */
  #run(at: number, size: number, unaligned: boolean): boolean {
    const from = this.start + at;
    const page = from < 4096 ? this.page : this.page2;
    const offset = from & 0xfff;
    const host = this.mmu.walker.hostPage(page);
    if (host === 0) return this.#device(page * 4096 + offset, at, size, unaligned ? 1 : size);
    const u8 = this.#u8;
    const scratch = this.#scratch + at;
    const place = host * 4096 + offset;
    if (!this.write) {
      u8.copyWithin(scratch, place, place + size);
      return true;
    }
    const { hooks } = this.mmu;
    if (hooks.codeIn(page)) hooks.onCodeWrite(page, offset, size);
    u8.copyWithin(place, scratch, scratch + size);
    return true;
  }

  /** Bytes of a device, in accesses of 1, 2 or 4 bytes, the lowest first. */
  #device(pa: number, at: number, size: number, unit: number): boolean {
    const step = unit === 1 || unit === 2 ? unit : 4;
    for (let i = 0; i < size; i += step) {
      if (this.write) {
        if (!this.bus.write(physAddr(pa + i), step, this.#get(at + i, step))) return false;
      } else {
        const value = this.bus.read(physAddr(pa + i), step);
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

  /** Stores if the monitor marks the location, which is RAM then; the status goes to Core.scratch + 56. */
  storeExclusive(size: number): number {
    const { state, walker } = this.mmu;
    const host = walker.hostPage(this.page) * 4096 + this.start;
    const marked = state.word(Core.exclusiveAddress) === host && state.word(Core.exclusiveSize) === size;
    if (marked) {
      if (this.mmu.bigEndian) this.reverse(size, 1);
      this.element(0, size, false);
    }
    state.setWord(Core.scratch + 56, marked ? 0 : 1);
    return Status.next;
  }
}
