import { CodePage } from '../../a64/layout.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { assert, defined } from '../../base/assert.ts';

/** Log2 of the bytes in a chunk of a page. For each chunk it is known whether code was translated from it. */
const chunkShift = 6;

/**
 * Pages that are mapped together, as a block of at least 2 MiB, have tables of their own. Code translated for a block
 * may run from one page into the next, which is wrong where single pages are mapped.
 */
export const blockSizeLog2 = 21;

/**
 * Where code is: a piece of the address space, in which code is found by its offset from the first address. Either a block
 * of 2 MiB, whose pages are mapped together; or a page and whatever lies around it, of which pages may be mapped anywhere
 * and at any time elsewhere. Code that goes from one page of the latter to another must look whether it still is there.
 */
export interface CodeSpan {
  readonly block: boolean;
  /** Physical page at an offset, or undefined where it is not known. */
  pageAt(offset: number): number | undefined;
}

/** The block of 2 MiB around a physical page. */
export const blockSpan = (page: number): CodeSpan => {
  const first = page - (page % 512);
  return { block: true, pageAt: (offset) => (offset >>> blockSizeLog2 === 0 ? first + (offset >>> 12) : undefined) };
};

/** A page and what is around it: `neighbour` gives the physical page at a distance in pages. */
export const pageSpan = (page: number, neighbour: (distance: number) => number | undefined): CodeSpan => ({
  block: false,
  pageAt: (offset) => (offset >> 12 === 0 ? page : neighbour(offset >> 12)),
});

/** A translated region that can be dropped. */
interface PublishedRegion {
  readonly slot: number;
  /** Host addresses of its entries in the tables. */
  readonly entries: number[];
}

/** A physical page that code has run from. */
interface Page {
  /** Host addresses of its tables of code entries: as a single page, and as part of a block. 0: none yet. */
  single: number;
  block: number;
  /** The 64-byte chunks that code was translated from: bits 0-31 and 32-63. */
  low: number;
  high: number;
  readonly regions: Set<PublishedRegion>;
}

/**
 * The tables of code entries, for each physical page that code ran from (see CodePage). Every way into translated code
 * goes through them, so a region is dropped by clearing its entries.
 */
export class CodeCache {
  readonly #pages = new Map<number, Page>();
  #tables = 0;

  constructor(
    readonly memory: Memory,
    /** Tables that may be live at once. */
    readonly tableLimit: number,
    /** Called when the tables have run out: it must drop all translations and empty every instruction TLB. */
    readonly onFull: () => void,
  ) {}

  /** Host address of a physical page's table; a new one is empty. */
  tableFor(page: number, block: boolean): number {
    const kind = block ? 'block' : 'single';
    let p = this.#pages.get(page);
    if (p && p[kind] !== 0) return p[kind];
    if (this.#tables >= this.tableLimit) {
      this.onFull();
      this.#pages.clear();
      this.#tables = 0;
    }
    p = this.#page(page);
    p[kind] = this.memory.codePageBase + this.#tables++ * CodePage.size;
    this.memory.u32.fill(0, p[kind] >>> 2, (p[kind] + CodePage.size) >>> 2);
    return p[kind];
  }

  #page(number: number): Page {
    let page = this.#pages.get(number);
    if (!page) {
      page = { single: 0, block: 0, low: 0, high: 0, regions: new Set() };
      this.#pages.set(number, page);
    }
    return page;
  }

  /** Host address of the entry for an offset of a span, or 0 if no code has run from that page. */
  entryAddress(span: CodeSpan, offset: number): number {
    const table = this.#pages.get(span.pageAt(offset) ?? -1)?.[span.block ? 'block' : 'single'];
    return table ? table + (offset & (CodePage.size - 4)) : 0;
  }

  /** Entry for an offset of a span: see CodePage. */
  entry(span: CodeSpan, offset: number): number {
    const address = this.entryAddress(span, offset);
    return address === 0 ? 0 : (this.memory.u32[address >>> 2] as number) | 0;
  }

  /** Offsets in the same page of a span that are translated or have been jumped to at least `jumps` times. */
  frequent(span: CodeSpan, offset: number, jumps: number): number[] {
    const start = offset & ~4095;
    const table = this.entryAddress(span, start) >>> 2;
    if (table === 0) return [];
    const offsets: number[] = [];
    for (let i = 0; i < CodePage.size / 4; i++) {
      const entry = (this.memory.u32[table + i] as number) | 0;
      if (entry > 0 || entry <= -jumps) offsets.push(start + 4 * i);
    }
    return offsets;
  }

  /** Whether code was translated from a page. */
  hasCode(page: number): boolean {
    const p = this.#pages.get(page);
    return p !== undefined && (p.low | p.high) !== 0;
  }

  /** Whether code was translated from the chunks that hold some bytes of a page. */
  hasCodeAt(page: number, offset: number, size: number): boolean {
    const p = this.#pages.get(page);
    if (!p) return false;
    for (let chunk = offset >>> chunkShift; chunk <= (offset + size - 1) >>> chunkShift; chunk++) {
      if ((((chunk < 32 ? p.low : p.high) >>> (chunk & 31)) & 1) !== 0) return true;
    }
    return false;
  }

  /**
   * Makes a region reachable.
   * @param entries offsets in the span at which it can be entered, by label. An entry that another region serves stays
   * with that region, except the first; an entry in a page without a table is not reachable.
   * @param code the bytes it was translated from
   * @returns the pages of these bytes from which nothing was translated before
   */
  publish(
    span: CodeSpan,
    slot: number,
    entries: readonly number[],
    code: readonly { readonly start: number; readonly end: number }[],
  ): Set<number> {
    const region: PublishedRegion = { slot, entries: [] };
    entries.forEach((offset, label) => {
      assert(label < 1 << CodePage.labelBits, 'the label fits its field');
      const address = this.entryAddress(span, offset);
      if (address === 0 || (label > 0 && ((this.memory.u32[address >>> 2] as number) | 0) > 0)) return;
      this.memory.u32[address >>> 2] = (slot << CodePage.labelBits) | label;
      region.entries.push(address);
    });
    const pages = new Set<number>();
    for (const { start, end } of code) {
      const number = defined(span.pageAt(start), 'page of translated code');
      const page = this.#page(number);
      if ((page.low | page.high) === 0) {
        pages.add(number);
        this.memory.setHasCode(number, true);
      }
      page.regions.add(region);
      for (let chunk = (start & 4095) >>> chunkShift; chunk <= ((end - 1) & 4095) >>> chunkShift; chunk++) {
        if (chunk < 32) page.low |= 1 << chunk;
        else page.high |= 1 << (chunk - 32);
      }
    }
    return pages;
  }

  /** Bytes of a page are about to be written: drops its translations if they came from those chunks. */
  written(page: number, offset: number, size: number): void {
    if (this.hasCodeAt(page, offset, size)) this.invalidate(page);
  }

  /** Drops the translations that came from a page. */
  invalidate(page: number): void {
    const p = this.#pages.get(page);
    if (!p) return;
    for (const region of p.regions) this.#unpublish(region);
    p.regions.clear();
    p.low = 0;
    p.high = 0;
    this.memory.setHasCode(page, false);
  }

  /** Makes all translations unreachable. */
  dropAll(): void {
    for (const page of this.#pages.keys()) this.invalidate(page);
  }

  #unpublish({ slot, entries }: PublishedRegion): void {
    const { u32 } = this.memory;
    for (const address of entries) {
      if ((u32[address >>> 2] as number) >> CodePage.labelBits === slot) u32[address >>> 2] = 0;
    }
  }
}
