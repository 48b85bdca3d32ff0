import type { Decoded } from '../a64/instruction.ts';
import { CodeTlb, Core, codeTlbIndex } from '../a64/layout.ts';
import type { Code } from '../wasm/code.ts';
import type { CodeCache } from './code-cache.ts';
import { CodeTable } from './code-table.ts';
import type { CoreState } from './core.ts';
import { type Interpreter, runType, translationType } from './interpreter.ts';
import type { Memory } from './memory.ts';
import { findRegion, type Region, type RegionSource } from './region.ts';
import { RegionGraph } from './region-flow.ts';
import { type PlainRegister, TranslatedRegion } from './translated.ts';

/** Hot places that are translated together: compiling a module costs far more than a function in it. */
const batchSize = 24;

/** Jumps to a place that make it a likely target of branches to registers in its page. */
const frequentThreshold = 8;

/** Bytes of WebAssembly in all translations, before all are dropped; an engine makes about three times as much of it. */
const codeLimit = 48 * 2 ** 20;

export interface TranslatorHost {
  /** Sees to it that stores to a physical page are noticed. */
  protectPage(page: number): void;
  /** A system register that generated code may reach itself, by the instruction word of an MRS or MSR. */
  plainRegister(word: number): PlainRegister | undefined;
}

/** A place in a physical page that jumps often come to. */
interface HotPlace {
  readonly page: number;
  /** Host address of the page. */
  readonly host: number;
  readonly offset: number;
}

export interface TranslatorStats {
  /** Regions, blocks and instructions translated, and bytes of WebAssembly written, since the beginning. */
  regions: number;
  blocks: number;
  instructions: number;
  bytes: number;
  /** Times that all translations were dropped to make room. */
  evictions: number;
}

/** Collects hot places and turns them into WebAssembly functions, many to a module. */
export class Translator {
  readonly stats: TranslatorStats = { regions: 0, blocks: 0, instructions: 0, bytes: 0, evictions: 0 };
  #queue: HotPlace[] = [];
  #liveBytes = 0;

  constructor(
    readonly memory: Memory,
    readonly table: CodeTable,
    readonly interpreter: Interpreter,
    readonly cache: CodeCache,
    readonly host: TranslatorHost,
  ) {}

  /** The place at a core's pc has become hot. */
  request(core: CoreState): void {
    const pc = core.word(Core.pc);
    const entry = Core.codeTlb + codeTlbIndex(pc, core.word(Core.context)) * CodeTlb.entrySize;
    const offset = pc & 4092;
    const page = core.word(entry + CodeTlb.physicalPage);
    const host = (core.word(entry + CodeTlb.addend) + pc - offset) >>> 0;
    this.#queue.push({ page, host, offset });
    if (this.#queue.length >= batchSize) this.flush();
  }

  /** Translates what has been collected. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const places = this.#queue;
    this.#queue = [];
    const { translations } = this.table;
    if (translations.used + places.length > translations.size || this.#liveBytes > codeLimit) this.dropAll();
    const regions: { readonly region: Region; readonly place: HotPlace }[] = [];
    const covered = new Set<number>();
    for (const place of places) {
      if (this.cache.entry(place.page, place.offset) > 0 || covered.has(place.page * 4096 + place.offset)) continue;
      const region = findRegion(this.#source(place), place.page, place.host, place.offset);
      if (!region.blocks[region.entries[0] as number]?.instructions.length) continue;
      regions.push({ region, place });
      for (const entry of region.entries) covered.add(place.page * 4096 + (region.blocks[entry]?.start ?? 0));
    }
    if (regions.length === 0) return;
    const module = this.table.module(2);
    const dispatch = module.function(runType.params, runType.results);
    this.interpreter.writeDispatch(dispatch);
    const first = translations.reserve(regions.length);
    const codes = regions.map(({ region }, i): Code => {
      const code = module.function(translationType.params, translationType.results);
      TranslatedRegion.generate(code, new RegionGraph(region), {
        table: this.table,
        slot: first + i,
        codePage: this.cache.tableFor(region.page),
        dispatch: dispatch.index,
        interpretSlot: this.interpreter.interpretSlot,
        plainRegister: (word) => this.host.plainRegister(word),
      });
      return code;
    });
    module.placeInTable(CodeTable.translationsIndex, first, codes);
    this.table.install(module);
    regions.forEach(({ region }, i) => {
      const code = codes[i] as Code;
      this.#publish(region, first + i);
      this.stats.bytes += code.size;
      this.#liveBytes += code.size;
    });
  }

  /** Drops every translation. Nothing translated may be running. */
  dropAll(): void {
    this.cache.dropAll();
    this.table.translations.clear();
    this.#queue = [];
    this.#liveBytes = 0;
    this.stats.evictions++;
  }

  #publish(region: Region, slot: number): void {
    const { cache } = this;
    region.entries.forEach((block, label) => {
      const { start } = region.blocks[block] as Region['blocks'][number];
      if (label === 0 || cache.entry(region.page, start) <= 0) cache.setEntry(region.page, start, slot, label);
    });
    for (const block of region.blocks) {
      if (block.instructions.length === 0) continue;
      cache.addCode(region.page, block.start, block.start + 4 * block.instructions.length);
      this.stats.blocks++;
      this.stats.instructions += block.instructions.length;
    }
    this.host.protectPage(region.page);
    this.stats.regions++;
  }

  #source(place: HotPlace): RegionSource {
    return {
      memory: this.memory,
      decoder: this.interpreter.decoder,
      inlines: (decoded: Decoded) => this.host.plainRegister(decoded.word) !== undefined,
      seen: (offset) => this.cache.entry(place.page, offset) !== 0,
      frequent: () => this.cache.frequent(place.page, frequentThreshold),
    };
  }
}
