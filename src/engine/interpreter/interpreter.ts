import { decoder, type Operation } from '../../a64/decoder.ts';
import { CodePage, CodeTlb, Core, Exit, Status } from '../../a64/layout.ts';
import { Host } from '../../a64/runtime.ts';
import { DecodeCache, type Memory, StopPage } from '../../arch/state/memory.ts';
import type { Code, Label } from '../../wasm/code.ts';
import { callIndirect, type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { CodeTable } from '../code/table.ts';
import { handlerType, InterpretedInstruction } from './interpreted.ts';

/** How code goes on in a core, to an Exit. In the loop: (core base, Arrival), and Core.pc and Core.budget hold. */
const loopType = { params: ['i32', 'i32'], results: ['i32'] } as const;
/** Behind a jump, in a translation if there is one: (core base, pc, budget); those in memory are stale. */
export const dispatchType = { params: ['i32', 'i64', 'i32'], results: ['i32'] } as const;
/** In a translation: (core base, entry label, pc, budget). */
export const translationType = { params: ['i32', 'i32', 'i64', 'i32'], results: ['i32'] } as const;
export const executeType = { params: ['i32', 'i32', 'i32'], results: ['i32'] } as const;

/** How control comes to the address at which the loop is to go on, and what that means for it. */
export const Arrival = {
  /** From a translation, which cannot do the instruction, or from the one before: it is interpreted. */
  next: 0,
  /** Where something asked for TypeScript or a quantum happened to end: in a translation, if there is one. */
  resumed: 1,
  /** By a jump: the same, else it is counted. */
  jumped: 2,
} as const;

/** What the module of the interpreter's loop exports, by what `Interpreter` calls it. */
interface LoopExports {
  loop(cpu: number, arrival: number): number;
  interpretPage(cpu: number): number;
}

/**
 * The cold path: a loop in WebAssembly that fetches, looks the word up in a cache of decoded words, and calls the
 * function of its operation. Functions are generated from the table when their operation is first met. The decode cache
 * is keyed by the word alone, so changes of code or mappings cannot make it wrong.
 */
export class Interpreter {
  readonly #loop: WebAssembly.Module;
  #exports: LoopExports;
  readonly #handlers = new Map<Operation, number>();
  readonly #undefined: number;

  constructor(
    readonly memory: Memory,
    readonly table: CodeTable,
    /** See TranslationPolicy. */
    readonly hotThreshold: number,
  ) {
    const module = table.module('handlers', 'translations', 'runtime');
    const loop = module.function(loopType.params, loopType.results);
    const interpretPage = module.function(['i32'], ['i32']);
    this.#writeLoop(loop);
    this.#writeInterpretPage(interpretPage);
    module.exportFunction('loop', loop);
    module.exportFunction('interpretPage', interpretPage);
    this.#loop = new WebAssembly.Module(module.bytes());
    this.#exports = this.#instantiate();
    const undefinedModule = table.module('runtime');
    const f = undefinedModule.function(handlerType.params, handlerType.results);
    f.return(table.call(f, Host.undefined, [f.param('i32', 0), f.param('i32', 1)]));
    f.unreachable();
    this.#undefined = table.handlers.add(table.installOne(undefinedModule, f));
  }

  /** Runs a core until its budget is used up or something asks for TypeScript. */
  run(cpu: number): number {
    return this.#exports.loop(cpu, Arrival.resumed);
  }

  /** The same without translated code up to a jump: with a budget of one it executes one instruction. */
  interpret(cpu: number): number {
    return this.#exports.loop(cpu, Arrival.next);
  }

  /** The same within the page of StopPage alone, up to a stop. */
  interpretPage(cpu: number): number {
    return this.#exports.interpretPage(cpu);
  }

  /** After CodeTable.renew: the loop goes on with the new tables. It must not be running. */
  renew(): void {
    this.#exports = this.#instantiate();
  }

  #instantiate(): LoopExports {
    const exports = this.table.instantiate(this.#loop) as unknown as LoopExports;
    this.table.runtimeTable.set(CodeTable.loopSlot, exports.loop);
    return exports;
  }

  /** Fills a decode cache entry for a word (the function `decode` of the runtime). */
  decode(entry: number, word: number): void {
    const { u32 } = this.memory;
    const decoded = decoder.decode(word >>> 0);
    u32[(entry + DecodeCache.word) >>> 2] = word;
    u32[(entry + DecodeCache.handler) >>> 2] = decoded ? this.#handler(decoded.operation) : this.#undefined;
    const aux = decoded?.instruction.aux?.(decoded.instruction.pattern.fieldsOf(word));
    if (!aux) return;
    this.#setAux(entry + DecodeCache.aux0, aux[0]);
    this.#setAux(entry + DecodeCache.aux1, aux[1] ?? 0);
  }

  #setAux(address: number, value: bigint | number): void {
    const { u32, u64 } = this.memory;
    if (typeof value === 'bigint') u64[address >>> 3] = value;
    else {
      // Most are numbers, of which storing takes the low half.
      u32[address >>> 2] = value;
      u32[(address >>> 2) + 1] = Math.floor(value / 2 ** 32);
    }
  }

  #handler(operation: Operation): number {
    const known = this.#handlers.get(operation);
    if (known !== undefined) return known;
    const module = this.table.module('runtime');
    const code = module.function(handlerType.params, handlerType.results);
    InterpretedInstruction.generate(code, this.table, operation);
    const slot = this.table.handlers.add(this.table.installOne(module, code));
    this.#handlers.set(operation, slot);
    return slot;
  }

  /**
   * Writes dispatch(cpu, pc, budget): goes on behind a jump, in a translation if there is one. It lies in each module that
   * needs it: a call within a module costs half of one that leaves it. Only TypeScript asks a core to leave, and a translation
   * looks at the budget itself.
   */
  writeDispatch(code: Code): void {
    const cpu = code.param('i32', 0);
    const pc = code.param('i64', 1);
    const budget = code.param('i32', 2);
    const { entry, hits } = this.#lookUp(code, cpu, pc);
    code.likely(hits, () => this.#goToTranslation(code, cpu, i32.load(codeSlot(code, pc, entry)), pc, budget));
    code.store(cpu, pc, 8, Core.pc);
    code.store(cpu, budget, 4, Core.budget);
    returnToLoop(code, cpu, Arrival.jumped);
  }

  /**
   * Writes execute(cpu, word, slot): the system instruction at pc, by a function of the runtime that gives a Status. Addresses
   * and masks may not be the same behind it.
   */
  writeExecute(code: Code, dispatch: number): void {
    const cpu = code.param('i32', 0);
    const type = code.module.type(Host.system);
    const slot = code.param('i32', 2);
    const args = [cpu, code.param('i32', 1)];
    const status = code.let(callIndirect('i32', type, code.module.table('runtime'), slot, args));
    spend(code, cpu);
    code.if(i32.eqz(status), () => advance(code, cpu));
    leaveIfAsked(code, cpu);
    code.returnCall(dispatch, [cpu, i64.load(cpu, Core.pc), i32.load(cpu, Core.budget)]);
  }

  /**
   * loop(cpu, arrival): one instruction after the other until there is a translation. The address is translated when a page
   * begins, after jumps, and after instructions that may have changed the translation.
   */
  #writeLoop(code: Code): void {
    const cpu = code.param('i32', 0);
    const status = code.local('i32');
    const host = code.local('i32');
    const arrival = code.local('i32');
    code.set(arrival, code.param('i32', 1));
    code.loop((arrive) => {
      leaveIfAsked(code, cpu);
      const { pc, entry } = this.#fetch(code, cpu, arrive);
      code.if(code.get(arrival), () => {
        const slot = codeSlot(code, pc, entry);
        const target = code.let(i32.load(slot));
        this.#goToTranslation(code, cpu, target, pc, i32.load(cpu, Core.budget));
        code.if(i32.eq(code.get(arrival), i32.const(Arrival.jumped)), () => {
          code.store(slot, i32.sub(target, i32.const(1)), 4);
          const jumps = i32.sub(i32.const(1), target);
          const hot = i32.eqz(i32.and(jumps, i32.const(this.hotThreshold - 1)));
          code.unlikely(hot, () => code.return(i32.const(Exit.hot)));
        });
      });
      code.set(host, hostAddress(pc, entry));
      code.loop((next) => {
        code.set(status, this.#execute(code, cpu, i32.load(code.get(host))));
        spend(code, cpu);
        code.if(i32.ne(code.get(status), i32.const(Status.jumped)), () => {
          advance(code, cpu);
          code.set(host, i32.add(code.get(host), i32.const(4)));
          code.set(arrival, i32.const(Arrival.next));
          code.brIf(arrive, i32.or(code.get(status), i32.eqz(i32.and(code.get(host), i32.const(4095)))));
          leaveIfAsked(code, cpu);
          code.br(next);
        });
      });
      code.set(arrival, i32.const(Arrival.jumped));
      code.br(arrive);
    });
    code.unreachable();
  }

  /** interpretPage(cpu): one instruction after the other, also behind jumps. */
  #writeInterpretPage(code: Code): void {
    const cpu = code.param('i32', 0);
    code.loop((next) => {
      leaveIfAsked(code, cpu);
      const offset = code.let(i64.sub(i64.load(cpu, Core.pc), i64.load(i32.const(StopPage.address))));
      code.if(i64.gt_u(offset, i64.const(4095)), () => code.return(i32.const(Exit.request)));
      const stop = i32.load8_u(i32.shr_u(i32.wrap(offset), i32.const(2)), StopPage.stops);
      code.if(stop, () => code.return(i32.const(Exit.request)));
      const { pc, entry } = this.#fetch(code, cpu, next);
      const status = code.let(this.#execute(code, cpu, i32.load(hostAddress(pc, entry))));
      spend(code, cpu);
      code.if(i32.ne(status, i32.const(Status.jumped)), () => {
        advance(code, cpu);
      });
      code.br(next);
    });
    code.unreachable();
  }

  /** The entry of pc in the instruction TLB, and whether that hits. */
  #lookUp(code: Code, cpu: I32, pc: I64): { entry: I32; hits: I32 } {
    const context = code.let(i64.load(cpu, Core.context));
    const entry = code.let(codeTlbEntry(cpu, i32.wrap(pc), i32.wrap(context)));
    const tag = i64.or(i64.and(pc, i64.const(-4096 | 3)), context);
    return { entry, hits: i64.eq(tag, i64.load(entry, Core.codeTlb + CodeTlb.tag)) };
  }

  /** The same where it must hit: else has it filled and goes back to `again`. */
  #fetch(code: Code, cpu: I32, again: Label): { pc: I64; entry: I32 } {
    const pc = code.let(i64.load(cpu, Core.pc));
    const { entry, hits } = this.#lookUp(code, cpu, pc);
    code.unlikely(i32.eqz(hits), () => {
      code.if(this.table.call(code, Host.fetch, [cpu]), () => spend(code, cpu));
      code.br(again);
    });
    return { pc, entry };
  }

  /** Goes to the translation that a slot of CodePage names, if it does. */
  #goToTranslation(code: Code, cpu: I32, value: I32, pc: I64, budget: I32): void {
    const target = code.let(value);
    code.if(i32.gt_s(target, i32.const(0)), () => {
      const type = code.module.type(translationType);
      const label = i32.and(target, i32.const((1 << CodePage.labelBits) - 1));
      const index = i32.shr_u(target, i32.const(CodePage.labelBits));
      code.returnCallIndirect(type, code.module.table('translations'), index, [cpu, label, pc, budget]);
    });
  }

  /** Calls the function of a word's operation; gives its Status. */
  #execute(code: Code, cpu: I32, fetched: I32): I32 {
    const word = code.let(fetched);
    const hash = i32.shr_u(i32.mul(word, i32.const(0x9e3779b1)), i32.const(32 - Math.log2(DecodeCache.entries)));
    const place = i32.shl(hash, i32.const(Math.log2(DecodeCache.entrySize)));
    const entry = code.let(i32.add(i32.const(this.memory.decodeCache), place));
    const miss = i32.ne(i32.load(entry, DecodeCache.word), word);
    code.unlikely(miss, () => code.drop(this.table.call(code, Host.decode, [entry, word])));
    const handler = i32.load(entry, DecodeCache.handler);
    const type = code.module.type(handlerType);
    return callIndirect('i32', type, code.module.table('handlers'), handler, [cpu, word, entry]);
  }
}

/** Counts one instruction. */
const spend = (code: Code, cpu: I32): void =>
  code.store(cpu, i32.sub(i32.load(cpu, Core.budget), i32.const(1)), 4, Core.budget);

const advance = (code: Code, cpu: I32): void =>
  code.store(cpu, i64.add(i64.load(cpu, Core.pc), i64.const(4)), 8, Core.pc);

const leaveIfAsked = (code: Code, cpu: I32): void => {
  code.unlikely(i32.le_s(i32.load(cpu, Core.budget), i32.const(0)), () => code.return(i32.const(Exit.budget)));
  code.unlikely(i32.load(cpu, Core.exitRequest), () => code.return(i32.const(Exit.request)));
};

/** Goes on in the interpreter's loop. */
export const returnToLoop = (code: Code, cpu: I32, arrival: number): void => {
  const type = code.module.type(loopType);
  code.returnCallIndirect(type, code.module.table('runtime'), i32.const(CodeTable.loopSlot), [cpu, i32.const(arrival)]);
};

/** Host address of the word of CodePage for pc, by its entry in the instruction TLB. */
const codeSlot = (code: Code, pc: I64, entry: I32): I32 => {
  const offset = i32.and(i32.wrap(pc), i32.const(CodePage.size - 4));
  return code.let(i32.add(i32.load(entry, Core.codeTlb + CodeTlb.codePage), offset));
};

const hostAddress = (pc: I64, entry: I32): I32 => i32.add(i32.wrap(pc), i32.load(entry, Core.codeTlb + CodeTlb.addend));

/** Base such that the entry's fields lie at Core.codeTlb + field (see codeTlbIndex). */
const codeTlbEntry = (cpu: I32, pc: I32, context: I32): I32 => {
  const entryLog2 = Math.log2(CodeTlb.entrySize);
  const spread = i32.shl(context, i32.const(CodeTlb.spreadLog2 + entryLog2 - 4));
  const index = i32.xor(i32.shr_u(pc, i32.const(12 - entryLog2)), spread);
  return i32.add(cpu, i32.and(index, i32.const((CodeTlb.entries - 1) * CodeTlb.entrySize)));
};
