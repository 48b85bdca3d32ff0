import {
  CodeTlb,
  Core,
  codeTlbIndex,
  codeTlbPlaces,
  contextShift,
  SecondTlb,
  secondTlbIndex,
  Tlb,
  TlbFlag,
} from '../../../a64/layout.ts';
import type { Memory } from '../../state/memory.ts';

const dataWords = Tlb.entrySize >>> 2;
const codeWords = CodeTlb.entrySize >>> 2;
const never = 0xffff_ffff;

/** Translations of device pages that the slow path keeps, and words in each: two tags and the page. */
const devices = 16;
const deviceWords = 5;

/** What an entry is found by: the two halves of an address in a context (a number << contextShift). */
export interface TlbKey {
  low: number;
  high: number;
  context: number;
}

/** What an entry says of its page: the result of a walk. */
export interface TlbPage {
  readonly page: number;
  /** Log2 of the bytes that stage 1 maps alike. */
  readonly sizeLog2: number;
  /**
   * Log2 of the aligned bytes around the page that are mapped alike and in one piece of RAM; for instruction entries.
   */
  readonly pieceLog2: number;
  /** For all ASIDs. */
  readonly global: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly device: boolean;
}

/**
 * The TLBs of one core, as src/a64/layout.ts lays them out. An entry maps 4 KiB, whatever the mapping's size, so a
 * larger mapping has many entries. `dropPage` returns false if some may be left; the caller then empties the TLBs.
 */
export class CoreTlb {
  readonly #u32: Uint32Array;
  readonly #data: number;
  readonly #second: number;
  readonly #code: number;
  readonly #globalContexts: number;
  /** Whether entries came from 64 KiB pages. */
  #pages64K = false;
  /** Parts of the address space, hashed, where entries came from blocks: of up to 2 MiB, and larger. */
  readonly #blocks = new Uint8Array(4096);
  readonly #largeBlocks = new Uint8Array(256);
  #anyBlocks = false;
  readonly #devices = new Uint32Array(devices * deviceWords).fill(never);

  constructor(memory: Memory, core: number) {
    this.#u32 = memory.u32;
    this.#data = (memory.core(core) + Core.tlb) >>> 2;
    this.#second = memory.secondTlb(core) >>> 2;
    this.#code = (memory.core(core) + Core.codeTlb) >>> 2;
    this.#globalContexts = (memory.core(core) + Core.globalContexts) >>> 2;
  }

  /** First word of the data entry for an address. */
  dataEntry(low: number): number {
    return this.#data + ((low >>> 12) & (Tlb.entries - 1)) * dataWords;
  }

  /** First word of the second level's data entry for bits [43:12] of an address. */
  #secondEntry(page: number): number {
    return this.#second + secondTlbIndex(page, SecondTlb.entriesLog2) * dataWords;
  }

  /** First word of the second level's instruction entry for bits [43:12] of an address. */
  #secondCodeEntry(page: number): number {
    return this.#second + SecondTlb.code / 4 + secondTlbIndex(page, SecondTlb.codeEntriesLog2) * codeWords;
  }

  /** The context of a mapping's entry in the second level. */
  #secondContext(context: number, { global }: TlbPage): number {
    return global ? (this.#u32[this.#globalContexts + (context >>> contextShift)] as number) : context;
  }

  /** First word of the instruction entry for an address in a context (a number << contextShift). */
  codeEntry(low: number, context: number): number {
    return this.#code + codeTlbIndex(low, context) * codeWords;
  }

  /** Whether the data entry for an address is one of Normal memory. */
  isNormal(low: number): boolean {
    return ((this.#u32[this.dataEntry(low) + Tlb.flags / 4] as number) & TlbFlag.normal) !== 0;
  }

  /** Whether the data entry for an address would allow stores if there were no translated code in its page. */
  isGuarded(low: number): boolean {
    return ((this.#u32[this.dataEntry(low) + Tlb.flags / 4] as number) & TlbFlag.guarded) !== 0;
  }

  /**
   * Makes the data entries of both levels for a page of RAM at a host address. Loads hit if it is `readable`; stores hit
   * if it is `writable` and no translated code came from it (`hasCode`).
   */
  setData(key: TlbKey, mapping: TlbPage, host: number, hasCode: boolean): void {
    const { low, high, context } = key;
    this.#setEntry(this.dataEntry(low), low, high, context, mapping, host, hasCode);
    const second = this.#secondEntry((high << 20) | (low >>> 12));
    this.#setEntry(second, low, high, this.#secondContext(context, mapping), mapping, host, hasCode);
    if (mapping.sizeLog2 > 12) this.#noteSize(low, high, mapping.sizeLog2);
  }

  #setEntry(
    at: number,
    low: number,
    high: number,
    context: number,
    mapping: TlbPage,
    host: number,
    hasCode: boolean,
  ): void {
    const u32 = this.#u32;
    const { readable, writable } = mapping;
    const tag = (low & ~0xfff) | context;
    u32[at + Tlb.readTag / 4] = readable ? tag : never;
    u32[at + Tlb.readTag / 4 + 1] = readable ? high : never;
    const fast = writable && !hasCode;
    u32[at + Tlb.writeTag / 4] = fast ? tag : never;
    u32[at + Tlb.writeTag / 4 + 1] = fast ? high : never;
    u32[at + Tlb.addend / 4] = host - (low & ~0xfff);
    u32[at + Tlb.flags / 4] = (mapping.device ? 0 : TlbFlag.normal) | (writable && hasCode ? TlbFlag.guarded : 0);
    u32[at + Tlb.physicalPage / 4] = mapping.page;
    u32[at + Tlb.sizeLog2 / 4] = mapping.sizeLog2;
  }

  /** Makes an entry for a page that is not RAM. */
  setDevice({ low, high, context }: TlbKey, { page, sizeLog2, readable, writable }: TlbPage): void {
    const at = deviceSlot(low);
    const tag = (low & ~0xfff) | context;
    this.#devices[at] = readable ? tag : never;
    this.#devices[at + 1] = readable ? high : never;
    this.#devices[at + 2] = writable ? tag : never;
    this.#devices[at + 3] = writable ? high : never;
    this.#devices[at + 4] = page;
    if (sizeLog2 > 12) this.#noteSize(low, high, sizeLog2);
  }

  /** Physical page of a device that an access hits, or -1. */
  findDevice(low: number, high: number, context: number, write: boolean): number {
    const at = deviceSlot(low);
    const tag = at + (write ? 2 : 0);
    if (this.#devices[tag] !== ((low & ~0xfff) | context) >>> 0 || this.#devices[tag + 1] !== high) return -1;
    return this.#devices[at + 4] as number;
  }

  /**
   * Makes an instruction entry for a page at a host address, with the host address of its table of code entries; in both
   * levels if it may `stay`.
   */
  setCode(key: TlbKey, mapping: TlbPage, host: number, codePage: number, stay: boolean): void {
    const { low, high, context } = key;
    this.#setCodeEntry(this.codeEntry(low, context), low, high, context, mapping, host, codePage);
    if (stay) {
      const second = this.#secondCodeEntry((high << 20) | (low >>> 12));
      this.#setCodeEntry(second, low, high, this.#secondContext(context, mapping), mapping, host, codePage);
    }
    if (mapping.sizeLog2 > 12) this.#noteSize(low, high, mapping.sizeLog2);
  }

  #setCodeEntry(
    at: number,
    low: number,
    high: number,
    context: number,
    { page, pieceLog2 }: TlbPage,
    host: number,
    codePage: number,
  ): void {
    const u32 = this.#u32;
    u32[at + CodeTlb.tag / 4] = (low & ~0xfff) | context;
    u32[at + CodeTlb.tag / 4 + 1] = high;
    u32[at + CodeTlb.addend / 4] = host - (low & ~0xfff);
    u32[at + CodeTlb.codePage / 4] = codePage;
    u32[at + CodeTlb.physicalPage / 4] = page;
    u32[at + CodeTlb.sizeLog2 / 4] = pieceLog2;
  }

  #noteSize(low: number, high: number, sizeLog2: number): void {
    if (sizeLog2 === 16) {
      this.#pages64K = true;
      return;
    }
    this.#anyBlocks = true;
    const page = (high << 20) | (low >>> 12);
    if (sizeLog2 <= 21) this.#blocks[blockHash(page)] = 1;
    else this.#largeBlocks[largeBlockHash(page)] = 1;
  }

  /**
   * Drops what translates an address, given as bits [43:12], whatever its context. False if the address may lie in a
   * block mapping, whose entries are not found this way.
   */
  dropPage(page: number): boolean {
    if (this.#anyBlocks && (this.#blocks[blockHash(page)] || this.#largeBlocks[largeBlockHash(page)])) return false;
    if (this.#pages64K) {
      for (let i = 0; i < 16; i++) this.#dropIndex((page & ~15) | i);
    } else this.#dropIndex(page);
    return true;
  }

  #dropIndex(page: number): void {
    this.#dropEntry(this.dataEntry(page << 12));
    this.#dropEntry(this.#secondEntry(page));
    this.#dropCodeEntry(this.#secondCodeEntry(page));
    // All places where the contexts may have put it.
    for (let context = 0; context < codeTlbPlaces << contextShift; context += 1 << contextShift) {
      this.#dropCodeEntry(this.codeEntry(page << 12, context));
    }
    const device = deviceSlot(page << 12);
    this.#devices.fill(never, device, device + 4);
  }

  #dropEntry(at: number): void {
    const u32 = this.#u32;
    u32[at + Tlb.readTag / 4] = never;
    u32[at + Tlb.readTag / 4 + 1] = never;
    u32[at + Tlb.writeTag / 4] = never;
    u32[at + Tlb.writeTag / 4 + 1] = never;
  }

  #dropCodeEntry(at: number): void {
    this.#u32[at + CodeTlb.tag / 4] = never;
    this.#u32[at + CodeTlb.tag / 4 + 1] = never;
  }

  /** Empties both TLBs. */
  flush(): void {
    this.#u32.fill(never, this.#data, this.#data + Tlb.entries * dataWords);
    this.#u32.fill(never, this.#second, this.#second + SecondTlb.code / 4);
    this.flushCode();
    this.#devices.fill(never);
    this.#pages64K = false;
    if (!this.#anyBlocks) return;
    this.#anyBlocks = false;
    this.#blocks.fill(0);
    this.#largeBlocks.fill(0);
  }

  /** Empties the instruction TLB: its entries point to tables of code entries. */
  flushCode(): void {
    this.#u32.fill(never, this.#code, this.#code + CodeTlb.entries * codeWords);
    this.#u32.fill(never, this.#second + SecondTlb.code / 4, this.#second + SecondTlb.size / 4);
  }

  /** Makes stores to a physical page miss. The second level asks Core.pagesWithCode. */
  protectPage(page: number): void {
    const u32 = this.#u32;
    const end = this.#data + Tlb.entries * dataWords;
    for (let at = this.#data; at < end; at += dataWords)
      if (u32[at + Tlb.physicalPage / 4] === page) this.#protectEntry(at);
  }

  /** Makes stores to all pages miss. */
  protectAll(): void {
    for (let i = 0; i < Tlb.entries; i++) this.#protectEntry(this.#data + i * dataWords);
    for (let i = 0; i < SecondTlb.code / Tlb.entrySize; i++) this.#protectEntry(this.#second + i * dataWords);
  }

  #protectEntry(at: number): void {
    const u32 = this.#u32;
    if (u32[at + Tlb.writeTag / 4] === never) return;
    u32[at + Tlb.flags / 4] = (u32[at + Tlb.flags / 4] as number) | TlbFlag.guarded;
    u32[at + Tlb.writeTag / 4] = never;
    u32[at + Tlb.writeTag / 4 + 1] = never;
  }
}

/** Slots for a page number's 2 MiB and 1 GiB. */
const blockHash = (page: number): number => ((page >>> 9) ^ (page >>> 21)) & 4095;
const largeBlockHash = (page: number): number => ((page >>> 18) ^ (page >>> 26)) & 255;

const deviceSlot = (low: number): number => ((low >>> 12) & (devices - 1)) * deviceWords;
