import type { Decoded } from '../../a64/decoder.ts';
import { CodeTlb, Core, codeTlbIndex, pageLog2 } from '../../a64/layout.ts';
import type { PlainAccess } from '../../arch/registers/plain-access.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { codePages, type Memory } from '../../arch/state/memory.ts';
import { defined } from '../../base/assert.ts';
import type { Code } from '../../wasm/code.ts';
import { blockSizeLog2, blockSpan, type CodeCache, type CodeSpan, pageSpan } from '../code/code-cache.ts';
import type { CodeTable } from '../code/code-table.ts';
import { dispatchType, executeType, translationType, writeDispatch, writeExecute } from '../code/dispatch.ts';
import { isInline } from '../code/inline-system.ts';
import { miss } from '../code/second-tlb.ts';
import type { Interpreter } from '../interpreter/interpreter.ts';
import { findRegion, type RegionSource } from './region.ts';
import { RegionEmitter } from './region-emitter.ts';
import { RegionGraph } from './region-graph.ts';

/** When code is translated, and how much of it is kept. */
export interface TranslationPolicy {
  /** Jumps that make a place hot, and hot again if it was not translated; a power of two. */
  readonly hotThreshold: number;
  /** Hot places that are translated together: compiling a module costs far more than a function in it. */
  readonly batchSize: number;
  /** Ticks after which fewer are translated. */
  readonly patience: number;
  /**
   * Bytes of WebAssembly after which all translations are dropped. An engine makes about three times as much machine
   * code.
   */
  readonly codeLimit: number;
  /** Translated regions that may be live at once. */
  readonly regionLimit: number;
  /**
   * Modules that may be live at once. Where an engine copies the table of translations into each (see CodeTable), their
   * memory and the time that the next one takes grow with the product of both numbers.
   */
  readonly moduleLimit: number;
  /** Tables of code entries that may be live at once, at most `codePages`; when they run out all translations go. */
  readonly tableLimit: number;
}

export const defaultPolicy: TranslationPolicy = {
  hotThreshold: 1024,
  batchSize: 64,
  patience: 24,
  codeLimit: 48 * 2 ** 20,
  regionLimit: 16383,
  moduleLimit: 1536,
  tableLimit: codePages,
};

/** Jumps to a place that make it a likely target of branches to registers in its page. */
const frequentThreshold = 8;

export interface TranslatorHost {
  /** Makes sure that stores to a physical page are noticed. */
  protectPage(page: number): void;
  /** How generated code can execute the MRS or MSR of a word itself, if it can. */
  plainAccess(word: number): PlainAccess | undefined;
  /** The AccessRule of the MRS, MSR or SYS of a word. */
  accessRule(word: number): number;
}

/** The parts of the engine that translations are made for. */
export interface TranslatorEngine {
  readonly memory: Memory;
  readonly table: CodeTable;
  readonly interpreter: Interpreter;
  readonly cache: CodeCache;
}

/** A place that jumps often come to. */
interface HotPlace {
  readonly span: CodeSpan;
  readonly offset: number;
}

/** A region that has been translated. */
interface TranslatedRegion {
  readonly span: CodeSpan;
  readonly slot: number;
  readonly code: Code;
  /** Offsets in the span at which it can be entered, by label; and the ranges of its instructions. */
  readonly offsets: readonly number[];
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

function publicParts({ region: { blocks }, labels }: RegionGraph): Pick<TranslatedRegion, 'offsets' | 'ranges'> {
  return {
    offsets: labels.map((block) => blocks[block]?.start ?? 0),
    ranges: blocks.flatMap(({ start, instructions: { length } }) =>
      length > 0 ? [{ start, end: start + 4 * length }] : [],
    ),
  };
}

const keyOf = (span: CodeSpan, offset: number): number =>
  (defined(span.pageAt(offset), 'page of code') * 4096 + (offset & 4095)) * 2 + (span.block ? 1 : 0);

/** The page at a core's pc with what is around it, as far as the core's instruction TLB knows it. */
function spanAround(core: CoreState, page: number): CodeSpan {
  const context = core.word(Core.context);
  const number = core.word(Core.pc + 4) * 2 ** 20 + (core.word(Core.pc) >>> pageLog2);
  return pageSpan(page, (distance) => {
    const low = (number + distance) * 2 ** pageLog2;
    const entry = Core.codeTlb + codeTlbIndex(low, context) * CodeTlb.entrySize;
    const hits =
      core.word(entry + CodeTlb.tag) === (low | context) >>> 0 &&
      core.word(entry + CodeTlb.tag + 4) === Math.floor((number + distance) / 2 ** 20);
    const alone = core.word(entry + CodeTlb.sizeLog2) < blockSizeLog2;
    return hits && alone ? core.word(entry + CodeTlb.physicalPage) : undefined;
  });
}

export interface TranslatorStats {
  /** Modules, regions, blocks and instructions translated, and bytes of WebAssembly written, since the beginning. */
  modules: number;
  regions: number;
  blocks: number;
  instructions: number;
  bytes: number;
  /** Times that all translations were dropped to make room. */
  evictions: number;
}

/** Collects hot places and turns them into WebAssembly functions, many to a module. */
export class Translator {
  readonly stats: TranslatorStats = { modules: 0, regions: 0, blocks: 0, instructions: 0, bytes: 0, evictions: 0 };
  readonly #queue = new Map<number, HotPlace>();
  #liveBytes = 0;
  #liveModules = 0;
  #waited = 0;
  /** Whether all translations have been dropped since the last tick. */
  #dropped = false;

  constructor(
    readonly engine: TranslatorEngine,
    readonly policy: TranslationPolicy,
    readonly host: TranslatorHost,
  ) {}

  /** The place at a core's pc has become hot. */
  request(core: CoreState): void {
    const pc = core.word(Core.pc);
    const entry = Core.codeTlb + codeTlbIndex(pc, core.word(Core.context)) * CodeTlb.entrySize;
    const page = core.word(entry + CodeTlb.physicalPage);
    const block = core.word(entry + CodeTlb.sizeLog2) >= blockSizeLog2;
    const inPage = pc & 4092;
    const offset = block ? (page % 512) * 4096 + inPage : inPage;
    const span = block ? blockSpan(page) : spanAround(core, page);
    this.#queue.set(keyOf(span, offset), { span, offset });
  }

  /** Called when no translation is running: translates if much has been collected, or if it has waited long. */
  tick(): void {
    if (this.#dropped) this.#renew();
    if (this.#queue.size === 0) return;
    const { batchSize, patience } = this.policy;
    if (this.#queue.size >= batchSize || ++this.#waited >= patience) this.flush();
  }

  /** Translates what has been collected. */
  flush(): void {
    this.#waited = 0;
    const { codeLimit, regionLimit, moduleLimit } = this.policy;
    const places = [...this.#queue.values()].slice(0, regionLimit);
    const regions = this.engine.table.translations.used - 1 + places.length;
    if (regions > regionLimit || this.#liveModules >= moduleLimit || this.#liveBytes > codeLimit) {
      this.dropAll();
      this.#renew();
      return;
    }
    this.#queue.clear();
    const covered = new Set<number>();
    const module = this.engine.table.module('translations', 'runtime');
    const missed = module.function(miss.params, miss.results);
    missed.return(
      this.engine.table.call(missed, miss, [missed.param('i32', 0), missed.param('i64', 1), missed.param('i32', 2)]),
    );
    missed.unreachable();
    const dispatch = module.function(dispatchType.params, dispatchType.results);
    writeDispatch(dispatch);
    const execute = module.function(executeType.params, executeType.results);
    writeExecute(execute, dispatch.index);
    // One region at a time, so that little memory is live: garbage collection costs by what survives it.
    const done: TranslatedRegion[] = [];
    for (const { span, offset } of places) {
      const isTaken = (o: number): boolean => this.engine.cache.entry(span, o) > 0 || covered.has(keyOf(span, o));
      if (isTaken(offset)) continue;
      const region = findRegion(this.#source(span, isTaken), span, offset);
      if (!region.blocks[region.entries[0] as number]?.instructions.length) continue;
      for (const block of region.blocks) covered.add(keyOf(span, block.start));
      const graph = new RegionGraph(region);
      const code = module.function(translationType.params, translationType.results);
      const slot = this.engine.table.translations.reserve(1);
      RegionEmitter.generate(code, graph, {
        table: this.engine.table,
        slot,
        entryAddress: (o) => this.engine.cache.entryAddress(span, o),
        miss: missed.index,
        dispatch: dispatch.index,
        execute: execute.index,
        plainAccess: (word) => this.host.plainAccess(word),
        accessRule: (word) => this.host.accessRule(word),
      });
      done.push({ span, slot, code, ...publicParts(graph) });
    }
    const [first] = done;
    if (!first) return;
    const codes = done.map(({ code }) => code);
    module.placeInTable(module.table('translations'), first.slot, codes);
    this.engine.table.install(module);
    this.stats.modules++;
    this.#liveModules++;
    for (const region of done) this.#publish(region);
  }

  /** Makes every translation unreachable. Their code is released at the next tick. */
  dropAll(): void {
    this.engine.cache.dropAll();
    this.#queue.clear();
    this.#dropped = true;
    this.stats.evictions++;
  }

  #renew(): void {
    this.#dropped = false;
    if (this.#liveModules === 0) return;
    this.#liveModules = 0;
    this.#liveBytes = 0;
    this.engine.table.renew();
    this.engine.interpreter.renew();
  }

  #publish({ span, slot, code: { size }, offsets, ranges }: TranslatedRegion): void {
    for (const page of this.engine.cache.publish(span, slot, offsets, ranges)) this.host.protectPage(page);
    this.stats.bytes += size;
    this.#liveBytes += size;
    this.stats.regions++;
    this.stats.blocks += ranges.length;
    for (const { start, end } of ranges) this.stats.instructions += (end - start) / 4;
  }

  #source(span: CodeSpan, isTaken: (offset: number) => boolean): RegionSource {
    return {
      memory: this.engine.memory,
      inlines: ({ word }: Decoded) => isInline(word, (access) => this.host.plainAccess(access)),
      isTaken,
      seen: (offset) => this.engine.cache.entry(span, offset) !== 0,
      frequent: (offset) => this.engine.cache.frequent(span, offset, frequentThreshold),
    };
  }
}
