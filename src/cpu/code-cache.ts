import { CodePage } from '../a64/layout.ts';
import { assert } from '../base/assert.ts';
import { codePages, type Memory } from './memory.ts';

/** Pieces of a page for which it is remembered whether translated code came from them. */
const chunkShift = 6;

/** A physical page that code ran from. */
interface Page {
  /** Host address of its table of code entries. */
  readonly table: number;
  /** Which 64-byte pieces translated code came from: bits 0-31 and 32-63. Both zero: no translation. */
  low: number;
  high: number;
}

/**
 * The tables of code entries, one for each physical page that code ran from (see CodePage). All ways into translated
 * code lead through them: to drop the translations of a page, its table is cleared.
 */
export class CodeCache {
  readonly #pages = new Map<number, Page>();

  constructor(
    readonly memory: Memory,
    /** Called when the tables have run out: all translations must go, and every instruction TLB. */
    readonly onFull: () => void,
  ) {}

  /** Host address of a physical page's table; a new one is empty. */
  tableFor(page: number): number {
    const known = this.#pages.get(page);
    if (known) return known.table;
    if (this.#pages.size === codePages) {
      this.onFull();
      this.#pages.clear();
    }
    const table = this.memory.codePageBase + this.#pages.size * CodePage.size;
    this.#pages.set(page, { table, low: 0, high: 0 });
    return table;
  }

  /** Whether translated code came from a page. */
  hasCode(page: number): boolean {
    const p = this.#pages.get(page);
    return p !== undefined && (p.low | p.high) !== 0;
  }

  /** Entry of an offset in a page's table: see CodePage. */
  entry(page: number, offset: number): number {
    return (this.memory.u32[(this.tableFor(page) + offset) >>> 2] as number) | 0;
  }

  /** Offsets of a page that are translated or were jumped to at least so often. */
  frequent(page: number, jumps: number): number[] {
    const table = this.tableFor(page) >>> 2;
    const offsets: number[] = [];
    for (let i = 0; i < CodePage.size / 4; i++) {
      const entry = (this.memory.u32[table + i] as number) | 0;
      if (entry > 0 || entry <= -jumps) offsets.push(4 * i);
    }
    return offsets;
  }

  /** Makes a translation reachable at an offset of a page. */
  setEntry(page: number, offset: number, slot: number, label: number): void {
    assert(label < 1 << CodePage.labelBits, 'the label fits its field');
    this.memory.u32[(this.tableFor(page) + offset) >>> 2] = (slot << CodePage.labelBits) | label;
  }

  /** Notes that a translation came from the bytes [start, end) of a page. */
  addCode(page: number, start: number, end: number): void {
    const p = this.#pages.get(page);
    assert(p, 'code was seen to run from the page');
    for (let chunk = start >>> chunkShift; chunk <= (end - 1) >>> chunkShift; chunk++) {
      if (chunk < 32) p.low |= 1 << chunk;
      else p.high |= 1 << (chunk - 32);
    }
  }

  /** Whether translated code came from near these bytes of a page. */
  hasCodeAt(page: number, offset: number, size: number): boolean {
    const p = this.#pages.get(page);
    if (!p) return false;
    const last = (offset + size - 1) >>> chunkShift;
    for (let chunk = offset >>> chunkShift; chunk <= last; chunk++) {
      const bits = chunk < 32 ? p.low >>> chunk : p.high >>> (chunk - 32);
      if ((bits & 1) !== 0) return true;
    }
    return false;
  }

  /** Bytes of a page are about to be written: its translations go if they came from near those bytes. */
  written(page: number, offset: number, size: number): void {
    if (this.hasCodeAt(page, offset, size)) this.invalidate(page);
  }

  /** Memory was written from outside the cores. */
  invalidate(page: number): void {
    const p = this.#pages.get(page);
    if (p) this.#drop(p);
  }

  /** Makes all translations unreachable. */
  dropAll(): void {
    for (const p of this.#pages.values()) this.#drop(p);
  }

  #drop(p: Page): void {
    p.low = 0;
    p.high = 0;
    this.memory.u32.fill(0, p.table >>> 2, (p.table + CodePage.size) >>> 2);
  }
}
