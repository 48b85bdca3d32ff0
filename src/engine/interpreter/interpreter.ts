import { decoder, type Operation } from '../../a64/decoder.ts';
import { Core, Exit, Status } from '../../a64/layout.ts';
import { HostFunction } from '../../a64/runtime.ts';
import { isRegisterAccess } from '../../a64/system-encoding.ts';
import { DecodeCache, type Memory, StopPage } from '../../arch/state/memory.ts';
import type { Code, Label } from '../../wasm/code.ts';
import { callIndirect, type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { failFetch, takeAbort } from '../code/aborts.ts';
import { CodeTable } from '../code/code-table.ts';
import {
  Arrival,
  advance,
  codeSlot,
  enterTranslation,
  hostAddress,
  ifAsked,
  leaveAtEnd,
  leaveIfAsked,
  lookUp,
  loopType,
  spend,
} from '../code/dispatch.ts';
import { undefinedInstruction } from '../code/level-change.ts';
import { missFetch } from '../code/second-tlb.ts';
import { takePending } from '../code/take-pending.ts';
import { HandlerEmitter, handlerType } from './handler-emitter.ts';

/** Exports of the module with the interpreter's loop. */
interface LoopExports {
  loop(cpu: number, arrival: number): number;
  interpretPage(cpu: number): number;
}

/**
 * The cold path: a loop in WebAssembly that fetches a word, looks it up in the decode cache, and calls the handler of
 * its operation. Handlers are generated from the table when their operation is first executed. The decode cache is
 * keyed by the word only, so changes of code or mappings cannot make it wrong.
 */
export class Interpreter {
  readonly #loop: WebAssembly.Module;
  #exports: LoopExports;
  readonly #handlers = new Map<Operation, number>();
  /**
   * The number of handlers at which they are gathered in one module. A module has code pages and an instance of its own, so
   * handlers that are scattered over hundreds of them miss the host's caches at every instruction.
   */
  #gatherAt = 64;
  readonly #undefined: number;

  constructor(
    readonly memory: Memory,
    readonly table: CodeTable,
    /** See TranslationPolicy. */
    readonly hotThreshold: number,
    /** The AccessRule of an MRS or MSR. */
    readonly accessRule: (word: number) => number,
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
    f.return(table.call(f, undefinedInstruction, [f.param('i32', 0), f.param('i32', 1)]));
    f.unreachable();
    this.#undefined = table.handlers.add(table.installOne(undefinedModule, f));
  }

  /** Runs a core until its budget is used up or something asks for TypeScript. */
  run(cpu: number): number {
    return this.#exports.loop(cpu, Arrival.resumed);
  }

  /** The same, but without translated code until the first jump. With a budget of one it executes one instruction. */
  interpret(cpu: number): number {
    return this.#exports.loop(cpu, Arrival.next);
  }

  /** The same, but only in the page of StopPage and only up to a stop. */
  interpretPage(cpu: number): number {
    return this.#exports.interpretPage(cpu);
  }

  /** Makes the loop use the new tables after CodeTable.renew. The loop must not be running. */
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
    if (isRegisterAccess(word)) this.#setAux(entry + DecodeCache.aux0, this.accessRule(word));
    const aux = decoded?.instruction.aux?.(decoded.instruction.pattern.fieldsOf(word));
    if (!aux) return;
    this.#setAux(entry + DecodeCache.aux0, aux[0]);
    this.#setAux(entry + DecodeCache.aux1, aux[1] ?? 0);
  }

  #setAux(address: number, value: bigint | number): void {
    const { u32, u64 } = this.memory;
    if (typeof value === 'bigint') u64[address >>> 3] = value;
    else {
      // Storing a number takes its low half.
      u32[address >>> 2] = value;
      u32[(address >>> 2) + 1] = Math.floor(value / 2 ** 32);
    }
  }

  #handler(operation: Operation): number {
    const known = this.#handlers.get(operation);
    if (known !== undefined) return known;
    const module = this.table.module('runtime');
    const code = module.function(handlerType.params, handlerType.results);
    HandlerEmitter.generate(code, this.table, operation);
    const slot = this.table.handlers.add(this.table.installOne(module, code));
    this.#handlers.set(operation, slot);
    if (this.#handlers.size === this.#gatherAt) this.#gather();
    return slot;
  }

  /** Compiles all handlers again, in one module. */
  #gather(): void {
    this.#gatherAt *= 2;
    const module = this.table.module('runtime');
    for (const [operation, slot] of this.#handlers) {
      const code = module.function(handlerType.params, handlerType.results);
      HandlerEmitter.generate(code, this.table, operation);
      module.exportFunction(String(slot), code);
    }
    const exports = this.table.installLasting(module);
    for (const slot of this.#handlers.values()) this.table.handlers.set(slot, exports[slot]);
  }

  /**
   * loop(cpu, arrival): executes one instruction after another until there is a translation. It translates the address
   * at the start of a page, after jumps, and after instructions that may have changed the translation.
   */
  #writeLoop(code: Code): void {
    const cpu = code.param('i32', 0);
    const status = code.local('i32');
    const host = code.local('i32');
    const arrival = code.local('i32');
    code.set(arrival, code.param('i32', 1));
    code.loop((arrive) => {
      leaveAtEnd(code, cpu);
      ifAsked(code, cpu, () => {
        code.if(i32.eqz(this.table.call(code, takePending, [cpu])), () => code.return(i32.const(Exit.request)));
        code.set(arrival, i32.const(Arrival.jumped));
        code.br(arrive);
      });
      // A translation has left at an access that faults.
      code.unlikely(i32.load(cpu, Core.failed), () => {
        code.if(this.table.call(code, takeAbort, [cpu]), () => {
          spend(code, cpu);
          code.set(arrival, i32.const(Arrival.jumped));
        });
        code.br(arrive);
      });
      const { pc, entry } = this.#fetch(code, cpu, arrive);
      code.if(code.get(arrival), () => {
        const slot = codeSlot(code, pc, entry);
        const target = code.let(i32.load(slot));
        enterTranslation(code, target, { cpu, pc, budget: i32.load(cpu, Core.budget) });
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
          code.brIf(arrive, i32.load(cpu, Core.exitRequest));
          leaveAtEnd(code, cpu);
          code.br(next);
        });
      });
      code.set(arrival, i32.const(Arrival.jumped));
      code.br(arrive);
    });
    code.unreachable();
  }

  /** interpretPage(cpu): executes one instruction after another, also after jumps. */
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

  /** The entry of Core.pc in the instruction TLB. On a miss, has it filled and goes back to `again`. */
  #fetch(code: Code, cpu: I32, again: Label): { pc: I64; entry: I32 } {
    const pc = code.let(i64.load(cpu, Core.pc));
    const { entry, hits } = lookUp(code, cpu, pc);
    code.unlikely(i32.eqz(hits), () => {
      const fails = i32.or(i32.load(cpu, Core.anyFailedWalk), i32.and(i32.wrap(pc), i32.const(3)));
      code.if(fails, () => {
        code.if(this.table.call(code, failFetch, [cpu]), () => {
          spend(code, cpu);
          code.br(again);
        });
      });
      code.brIf(again, this.table.call(code, missFetch, [cpu]));
      code.if(this.table.call(code, HostFunction.fetch, [cpu]), () => spend(code, cpu));
      code.br(again);
    });
    return { pc, entry };
  }

  /** Calls the handler of a word; its result is a Status. */
  #execute(code: Code, cpu: I32, fetched: I32): I32 {
    const word = code.let(fetched);
    const hash = i32.shr_u(i32.mul(word, i32.const(0x9e3779b1)), i32.const(32 - Math.log2(DecodeCache.entries)));
    const place = i32.shl(hash, i32.const(Math.log2(DecodeCache.entrySize)));
    const entry = code.let(i32.add(i32.const(this.memory.decodeCache), place));
    const miss = i32.ne(i32.load(entry, DecodeCache.word), word);
    code.unlikely(miss, () => code.drop(this.table.call(code, HostFunction.decode, [entry, word])));
    const { module } = code;
    const handler = {
      typeIndex: module.type(handlerType),
      table: module.table('handlers'),
      element: i32.load(entry, DecodeCache.handler),
    };
    return callIndirect('i32', handler, [cpu, word, entry]);
  }
}
