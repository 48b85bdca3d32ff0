import { disassemble } from '../a64/disassemble.ts';
import { Core } from '../a64/layout.ts';
import type { Translation } from '../arch/mmu/explain.ts';
import type { MmuInspector } from '../arch/mmu/mmu-inspector.ts';
import { Need, type View, viewOf } from '../arch/mmu/walk.ts';
import type { CoreState } from '../arch/state/core.ts';
import type { SymbolTable } from '../boot/symbols.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Destination } from '../cluster/debugger.ts';
import { type Activation, afterCall, backtrace, type CodeView, caller } from '../cluster/inspect/backtrace.ts';
import {
  decodePstate,
  pstateOf,
  type SystemRegisterValue,
  stackPointers,
  systemRegisters,
  vectorRegisters,
} from '../cluster/inspect/registers.ts';
import type {
  Backtrace,
  CoreRegisters,
  MemoryRequest,
  MemoryWindow,
  TranslationRequest,
  ViewLevel,
} from './api/debug.ts';

/** Physical and intermediate physical addresses of the Cortex-A53 have 40 bits. */
const physicalEnd = 2n ** 40n;

/** A look at a core of a machine that stands still. It changes nothing. */
export class Inspection {
  readonly #cluster: Cluster;
  readonly #core: CoreState;
  readonly #symbols: SymbolTable;
  readonly #mmu: MmuInspector;

  constructor(cluster: Cluster, core: CoreState, symbols: SymbolTable) {
    this.#cluster = cluster;
    this.#core = core;
    this.#symbols = symbols;
    this.#mmu = cluster.mmu.inspector(core);
  }

  registers(): CoreRegisters {
    const core = this.#core;
    const pstate = pstateOf(core);
    const instruction = this.instruction();
    return {
      core: core.index,
      el: core.el,
      pc: core.pc,
      sp: core.sp,
      stackPointers: stackPointers(core),
      x: Array.from({ length: 31 }, (_, n) => core.x(n)),
      v: vectorRegisters(core),
      pstate,
      pstateFields: decodePstate(pstate),
      fpcr: core.word(Core.fpcr),
      fpsr: core.word(Core.fpsr),
      instruction,
      assembly: instruction === null ? null : disassemble(instruction, core.pc),
    };
  }

  systemRegisters(): SystemRegisterValue[] {
    return systemRegisters(this.#core, this.#cluster.system.registers);
  }

  memory({ space, el, address, length }: MemoryRequest): MemoryWindow {
    const read = (): Uint8Array => {
      if (space === 'virtual') return this.#mmu.readVirtual(address, length, this.#view(el));
      if (address >= physicalEnd) return new Uint8Array();
      return space === 'ipa'
        ? this.#mmu.readIpa(Number(address), length)
        : this.#mmu.readPhysical(Number(address), length);
    };
    // The caller may transfer the copy, which has a buffer of its own.
    return { address, bytes: read().slice() };
  }

  translation({ el, address, access }: TranslationRequest): Translation {
    return this.#mmu.explain(address, this.#view(el), Need[access]);
  }

  backtrace(): Backtrace {
    const { addresses, end } = backtrace(this.#activation, this.#code());
    const frames = addresses.map((address, i) => {
      // A function may end in a call that never returns. Then the return address is in the next function.
      const behindCall = i === 0 ? 0n : 4n;
      const symbol = this.#symbols.near(address - behindCall);
      return { address, symbol: symbol && { ...symbol, offset: symbol.offset + Number(behindCall) } };
    });
    return { frames, end };
  }

  /** Where the instruction at pc returns to, if it is a call. */
  afterCall(): Destination | null {
    const word = this.instruction();
    return word === null ? null : afterCall(this.#activation, word);
  }

  /** Where the current function returns to; null if that cannot be found. */
  caller(): Destination | null {
    return caller(this.#activation, this.#code());
  }

  /** The instruction word at pc, or null when it cannot be fetched. */
  instruction(): number | null {
    const { pc } = this.#core;
    if ((pc & 3n) !== 0n || !this.#mmu.explain(pc, this.#mmu.present, Need.execute).result.ok) return null;
    return this.#code().word(pc);
  }

  get #activation(): Activation {
    const { pc, el, sp } = this.#core;
    return { pc, el, sp, x29: this.#core.x(29), x30: this.#core.x(30) };
  }

  #view(el: ViewLevel): View {
    return el === null ? this.#mmu.present : viewOf(el);
  }

  /** Memory as the core's current level sees it, page by page. */
  #code(): CodeView {
    const pages = new Map<bigint, DataView>();
    const page = (address: bigint): DataView => {
      const start = address & ~0xfffn;
      let view = pages.get(start);
      if (!view) {
        const bytes = this.#mmu.readVirtual(start, 4096);
        view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        pages.set(start, view);
      }
      return view;
    };
    const within = (address: bigint): number => Number(address & 0xfffn);
    return {
      word: (address) => (page(address).byteLength === 0 ? null : page(address).getUint32(within(address), true)),
      long: (address) => (page(address).byteLength === 0 ? null : page(address).getBigUint64(within(address), true)),
      functionStart: (address) => this.#symbols.near(address)?.address ?? null,
    };
  }
}
