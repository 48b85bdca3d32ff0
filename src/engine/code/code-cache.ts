import { CodePage } from '../../a64/layout.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { assert } from '../../base/assert.ts';

/** Pieces of a page for which it is remembered whether translated code came from them. */
const chunkShift = 6;

/**
 * Pages that are mapped together as a block of 2 MiB at least have tables of their own: code translated for them may run
 * from one page into the next, which under mappings of single pages would be wrong.
 */
export const blockSizeLog2 = 21;

/** Where code is: a run of physical pages that are mapped together, and an offset in it. */
export interface CodeSpan {
  /** First physical page; a multiple of 512 for blocks. */
  readonly page: number;
  /** Whether the span is a block of 2 MiB or one page. */
  readonly block: boolean;
}

/** A translated region that can be dropped. */
interface PublishedRegion {
  readonly slot: number;
  /** Host addresses of its entries in the tables. */
  readonly entries: number[];
}

/** A physical page that code ran from. */
interface Page {
  /** Host addresses of its tables of code entries, when mapped alone and as part of a block; 0 before there is one. */
  single: number;
  block: number;
  /** Which 64-byte pieces translated code came from: bits 0-31 and 32-63. Both zero: none. */
  low: number;
  high: number;
  readonly regions: Set<PublishedRegion>;
}

/**
 * The tables of code entries, for each physical page that code ran from (see CodePage). All ways into translated code lead
 * through them: to drop a translation, its entries are cleared.
 */
export class CodeCache {
  readonly #pages = new Map<number, Page>();
  #tables = 0;

  constructor(
    readonly memory: Memory,
    /** Tables that may be live at once. */
    readonly tableLimit: number,
    /** Called when the tables have run out: all translations must go, and every instruction TLB. */
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

  /** Host address of the entry for an offset of a span, or 0 if code was never seen to run from that page. */
  entryAddress(span: CodeSpan, offset: number): number {
    const table = this.#pages.get(span.page + (offset >>> 12))?.[span.block ? 'block' : 'single'];
    return table ? table + (offset & (CodePage.size - 4)) : 0;
  }

  /** Entry for an offset of a span: see CodePage. */
  entry(span: CodeSpan, offset: number): number {
    const address = this.entryAddress(span, offset);
    return address === 0 ? 0 : (this.memory.u32[address >>> 2] as number) | 0;
  }

  /** Offsets of the same page of a span that are translated or were jumped to at least so often. */
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

  /** Whether translated code came from a page. */
  hasCode(page: number): boolean {
    const p = this.#pages.get(page);
    return p !== undefined && (p.low | p.high) !== 0;
  }

  /** Whether translated code came from near some bytes of a page. */
  hasCodeAt(page: number, offset: number, size: number): boolean {
    const p = this.#pages.get(page);
    if (!p) return false;
    for (let chunk = offset >>> chunkShift; chunk <= (offset + size - 1) >>> chunkShift; chunk++) {
      if ((((chunk < 32 ? p.low : p.high) >>> (chunk & 31)) & 1) !== 0) return true;
    }
    return false;
  }

  /**
   * Makes a translation reachable. `entries`: offsets in the span that it can be entered at, by label; those that another
   * one serves already are left to it, but for the first, and nothing comes to those in pages that have no table. `code`:
   * the bytes it came from. Returns its pages.
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
      const number = span.page + (start >>> 12);
      const page = this.#page(number);
      pages.add(number);
      page.regions.add(region);
      for (let chunk = (start & 4095) >>> chunkShift; chunk <= ((end - 1) & 4095) >>> chunkShift; chunk++) {
        if (chunk < 32) page.low |= 1 << chunk;
        else page.high |= 1 << (chunk - 32);
      }
    }
    return pages;
  }

  /** Bytes of a page are about to be written: its translations go if they came from near those bytes. */
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
