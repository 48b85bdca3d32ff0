import { CodePage, Core, SecondTlb } from '../../a64/layout.ts';
import { assert } from '../../base/assert.ts';
import { type HostAddr, type PhysAddr, physAddr } from '../../base/units.ts';
import { PagePool } from './page-pool.ts';

/**
 * A range of the physical address space that is RAM: DRAM banks and on-chip memory. Base and size are multiples of 4
 * KiB.
 */
export interface RamRegion {
  readonly base: PhysAddr;
  readonly size: number;
}

/**
 * Entries in the decode cache of the interpreter, and bytes in each: word, handler, two operands computed at decode
 * time.
 */
export const DecodeCache = { entries: 65536, entrySize: 32, word: 0, handler: 4, aux0: 8, aux1: 16 } as const;

/**
 * A page of code in which the debugger may stop, at fixed host addresses: its virtual address (8 bytes), and for each
 * instruction a byte that is not zero where it stops.
 */
export const StopPage = { address: 0x1000, stops: 0x1008, instructions: 1024 } as const;

/** What pages held, by their host page numbers; null is zeros. */
export type HeldPages = Map<number, Uint8Array | null>;

const pageSize = 4096;

/** Tables of code entries that can be live at once. When they run out, all translations are dropped. */
export const codePages = 8192;

/**
 * The one WebAssembly.Memory: core states first, then the decode cache, the tables of code entries, RAM, and what else the TLBs
 * need. It never grows, so the views stay valid; the host commits a page when it is first touched.
 */
export class Memory {
  readonly wasm: WebAssembly.Memory;
  readonly pages: number;
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly u16: Uint16Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly u64: BigUint64Array<ArrayBuffer>;
  readonly decodeCache: HostAddr;
  readonly codePageBase: HostAddr;
  readonly #secondTlbs: HostAddr;
  /** By host page: a byte that says whether code was translated from it. */
  readonly #pagesWithCode: HostAddr;
  readonly #ram: readonly (RamRegion & { readonly host: number })[];
  /** By host page: whether anything could have written to it. */
  readonly #touched: Uint8Array;
  /** What pages held before they were written; null as long as nobody asks. */
  #kept: HeldPages | null = null;
  /** By host page: whether it is among them. */
  readonly #isKept: Uint8Array;
  readonly #pool = new PagePool();
  /** By host page: whether it may have been written since `takeWritten`. */
  readonly #written: Uint8Array;

  constructor(
    readonly cores: number,
    ram: readonly RamRegion[],
  ) {
    // The first 64 KiB hold nothing but StopPage, so that host address 0 can mean "none".
    let end = 0x10000 + cores * Core.size;
    this.decodeCache = end as HostAddr;
    end += DecodeCache.entries * DecodeCache.entrySize;
    this.codePageBase = end as HostAddr;
    end += codePages * CodePage.size;
    this.#ram = ram.map((region) => {
      assert(region.base % 4096 === 0 && region.size % 4096 === 0, 'RAM regions are whole pages');
      const placed = { base: region.base, size: region.size, host: end };
      end += region.size;
      return placed;
    });
    this.#secondTlbs = end as HostAddr;
    end += cores * SecondTlb.size;
    this.#pagesWithCode = end as HostAddr;
    end += Math.ceil(end / 4096);
    assert(end <= 2 ** 32, 'RAM and tables fit in 4 GiB');
    this.pages = Math.ceil(end / 65536);
    this.#touched = new Uint8Array(Math.ceil(end / 4096));
    this.#isKept = new Uint8Array(this.#touched.length);
    this.#written = new Uint8Array(this.#touched.length);
    this.wasm = new WebAssembly.Memory({ initial: this.pages, maximum: this.pages });
    const buffer = this.wasm.buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    // An empty entry of the decode cache must not hit. Empty entries hold word 0, whose own entry is this one, so it
    // gets another word.
    this.u32[this.decodeCache >>> 2] = 1;
    for (let i = 0; i < cores; i++) {
      this.u32[(this.core(i) + Core.secondTlb) >>> 2] = this.secondTlb(i);
      this.u32[(this.core(i) + Core.pagesWithCode) >>> 2] = this.#pagesWithCode;
    }
  }

  get ram(): readonly RamRegion[] {
    return this.#ram;
  }

  /** Base of a core's state. */
  core(index: number): HostAddr {
    return (0x10000 + index * Core.size) as HostAddr;
  }

  /** Base of the second level of a core's TLBs. */
  secondTlb(core: number): HostAddr {
    return (this.#secondTlbs + core * SecondTlb.size) as HostAddr;
  }

  /** Host address of a physical address, or 0 where there is no RAM. */
  host(pa: PhysAddr): number {
    for (const region of this.#ram) {
      const offset = pa - region.base;
      if (offset >= 0 && offset < region.size) return region.host + offset;
    }
    return 0;
  }

  /** Physical address of a host address in RAM; null for others. */
  physical(host: number): PhysAddr | null {
    const region = this.#ram.find((each) => host >= each.host && host < each.host + each.size);
    return region ? physAddr(region.base + host - region.host) : null;
  }

  /** A view of RAM. Throws RangeError unless all of it is RAM. */
  view(pa: PhysAddr, length: number): Uint8Array {
    for (const region of this.#ram) {
      const offset = pa - region.base;
      if (offset >= 0 && offset + length <= region.size)
        return this.u8.subarray(region.host + offset, region.host + offset + length);
    }
    throw new RangeError(`0x${pa.toString(16)}+0x${length.toString(16)} is not RAM`);
  }

  /** Notes whether code was translated from a page of RAM. */
  setHasCode(page: number, hasCode: boolean): void {
    this.u8[this.#pagesWithCode + (this.host(physAddr(page * 4096)) >>> 12)] = hasCode ? 1 : 0;
  }

  /** Notes that a page, by its host page number, may be written from now on. */
  touch(hostPage: number): void {
    if (this.#kept && !this.#isKept[hostPage]) {
      this.#isKept[hostPage] = 1;
      this.#kept.set(hostPage, this.#touched[hostPage] ? this.#copy(hostPage) : null);
    }
    this.#touched[hostPage] = 1;
    this.#written[hostPage] = 1;
  }

  /** By host page: whether it may have been written since the last call. */
  takeWritten(): Uint8Array {
    const written = this.#written.slice();
    // Those that do not come to `touch` again before they are written count the next time, too.
    if (this.#kept) {
      this.#written.fill(0);
      for (const hostPage of this.#kept.keys()) this.#written[hostPage] = 1;
    } else this.#written.set(this.#touched);
    return written;
  }

  /** Whether a page is to come to `touch` before it is written. */
  isHeld(hostPage: number): boolean {
    return this.#kept !== null && !this.#isKept[hostPage];
  }

  /** How many pages have been kept since `holdPages`. */
  get keptPages(): number {
    return this.#kept?.size ?? 0;
  }

  /**
   * Begins to keep what pages hold before they are written; nothing may be able to write them past `touch`. Returns those
   * that have changed since the last call.
   */
  holdPages(): HeldPages {
    const kept: HeldPages = this.#kept ?? new Map();
    this.#kept = new Map();
    this.#isKept.fill(0);
    for (const [hostPage, held] of kept) {
      if (!this.#holds(hostPage, held)) continue;
      if (held) this.#pool.give(held);
      kept.delete(hostPage);
    }
    return kept;
  }

  /** Nobody needs any more what these pages held. */
  releasePages(pages: HeldPages): void {
    for (const held of pages.values()) if (held) this.#pool.give(held);
    pages.clear();
  }

  /** Gives a page other contents, which are gone then, and returns what it had; both are null for zeros. */
  exchange(hostPage: number, held: Uint8Array | null): Uint8Array | null {
    const page = this.#page(hostPage);
    const before = isZero(page) ? null : this.#copy(hostPage);
    if (held) {
      page.set(held);
      this.#pool.give(held);
    } else page.fill(0);
    this.#touched[hostPage] = 1;
    this.#written[hostPage] = 1;
    return before;
  }

  #copy(hostPage: number): Uint8Array {
    const copy = this.#pool.take();
    copy.set(this.#page(hostPage));
    return copy;
  }

  #page(hostPage: number): Uint8Array {
    return this.u8.subarray(hostPage * pageSize, (hostPage + 1) * pageSize);
  }

  #holds(hostPage: number, held: Uint8Array | null): boolean {
    const page = this.#page(hostPage);
    if (!held) return isZero(page);
    const [a, b] = [words(page), words(held)];
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }

  /** Clears a page that nothing can write to any more. Returns whether it may have held anything but zeros. */
  clear(hostPage: number): boolean {
    if (!this.#touched[hostPage]) return false;
    this.touch(hostPage);
    this.#touched[hostPage] = 0;
    this.u8.fill(0, hostPage * 4096, (hostPage + 1) * 4096);
    return true;
  }

  /** Pages of RAM that may hold something other than zeros, by physical page number. */
  *touchedPages(): Generator<{ readonly number: number; readonly host: number }> {
    for (const region of this.#ram) {
      for (let offset = 0; offset < region.size; offset += 4096) {
        const host = region.host + offset;
        if (this.#touched[host >>> 12]) yield { number: (region.base + offset) / 4096, host };
      }
    }
  }
}

/** A page by words. */
const words = ({ buffer, byteOffset }: Uint8Array): Uint32Array => new Uint32Array(buffer, byteOffset, pageSize / 4);

function isZero(page: Uint8Array): boolean {
  const all = words(page);
  for (let i = 0; i < all.length; i++) if (all[i] !== 0) return false;
  return true;
}
