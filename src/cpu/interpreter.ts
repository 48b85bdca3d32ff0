import { Decoder, fieldsOf, type Instruction } from '../a64/instruction.ts';
import { CodePage, CodeTlb, Core, Exit, Status } from '../a64/layout.ts';
import { Host } from '../a64/runtime.ts';
import { table as instructions } from '../a64/table/index.ts';
import type { Code, Label } from '../wasm/code.ts';
import { callIndirect, type I32, type I64, i32, i64 } from '../wasm/expr.ts';
import { CodeTable } from './code-table.ts';
import { handlerType, InterpretedInstruction } from './interpreted.ts';
import { DecodeCache, type Memory, StopPage } from './memory.ts';

/** How code enters a core: (core base) to Exit. Translations add an entry label. */
export const runType = { params: ['i32'], results: ['i32'] } as const;
export const translationType = { params: ['i32', 'i32'], results: ['i32'] } as const;
export const executeType = { params: ['i32', 'i32', 'i32'], results: ['i32'] } as const;

/** What the module of the interpreter's loop exports, by what `Interpreter` calls it. */
type LoopExports = Readonly<Record<'enter' | 'interpret' | 'interpretPage', (cpu: number) => number>>;

/**
 * The cold path: a loop in WebAssembly that fetches, looks the word up in a cache of decoded words, and calls the
 * function of its operation. Functions are generated from the table when their operation is first met. The decode cache
 * is keyed by the word alone, so changes of code or mappings cannot make it wrong.
 */
export class Interpreter {
  readonly decoder = new Decoder(instructions);
  readonly #loop: WebAssembly.Module;
  #exports: LoopExports;
  /** By row and choice: the Arm ARM's headings, which rows are named by, stand over several rows. */
  readonly #handlers = new Map<Instruction, Map<number, number>>();
  readonly #undefined: number;

  constructor(
    readonly memory: Memory,
    readonly table: CodeTable,
    /** See TranslationPolicy. */
    readonly hotThreshold: number,
  ) {
    const module = table.module(3);
    const enter = module.function(runType.params, runType.results);
    const dispatch = module.function(runType.params, runType.results);
    const interpret = module.function(runType.params, runType.results);
    const interpretPage = module.function(runType.params, runType.results);
    this.#writeDispatch(enter, false, (cpu) => enter.returnCall(interpret.index, [cpu]));
    this.#writeDispatch(dispatch, true, (cpu) => dispatch.returnCall(interpret.index, [cpu]));
    this.#writeInterpret(interpret, dispatch.index);
    this.#writeInterpretPage(interpretPage);
    module.exportFunction('enter', enter);
    module.exportFunction('interpret', interpret);
    module.exportFunction('interpretPage', interpretPage);
    this.#loop = new WebAssembly.Module(module.bytes());
    this.#exports = this.#instantiate();
    const undefinedModule = table.module(1);
    const f = undefinedModule.function(handlerType.params, handlerType.results);
    f.return(table.call(f, Host.undefined, [f.param('i32', 0), f.param('i32', 1)]));
    f.unreachable();
    this.#undefined = table.handlers.add(table.installOne(undefinedModule, f));
  }

  /** Runs a core until its budget is used up or something asks for TypeScript. */
  run(cpu: number): number {
    return this.#exports.enter(cpu);
  }

  /** The same without translated code: with a budget of one it executes one instruction. */
  interpret(cpu: number): number {
    return this.#exports.interpret(cpu);
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
    this.table.runtimeTable.set(CodeTable.interpretSlot, exports.interpret);
    return exports;
  }

  /** Fills a decode cache entry for a word (the function `decode` of the runtime). */
  decode(entry: number, word: number): void {
    const { u32, u64 } = this.memory;
    const decoded = this.decoder.decode(word >>> 0);
    u32[(entry + DecodeCache.word) >>> 2] = word;
    u32[(entry + DecodeCache.handler) >>> 2] = decoded ? this.#handler(decoded) : this.#undefined;
    const aux = decoded?.instruction.aux?.(fieldsOf(decoded.instruction.pattern, word));
    if (aux) {
      u64[(entry + DecodeCache.aux0) >>> 3] = BigInt(aux[0]);
      u64[(entry + DecodeCache.aux1) >>> 3] = BigInt(aux[1] ?? 0);
    }
  }

  #handler(decoded: NonNullable<ReturnType<Decoder['decode']>>): number {
    const { instruction, choice } = decoded;
    const ofRow = this.#handlers.get(instruction) ?? new Map<number, number>();
    this.#handlers.set(instruction, ofRow);
    const known = ofRow.get(choice);
    if (known !== undefined) return known;
    const module = this.table.module(1);
    const code = module.function(handlerType.params, handlerType.results);
    InterpretedInstruction.generate(code, this.table, decoded);
    const slot = this.table.handlers.add(this.table.installOne(module, code));
    ofRow.set(choice, slot);
    return slot;
  }

  /** Writes a copy of `dispatch` into another module: a call within a module costs half of one that leaves it. */
  writeDispatch(code: Code): void {
    const type = code.module.type(runType.params, runType.results);
    this.#writeDispatch(code, true, (cpu) =>
      code.returnCallIndirect(type, CodeTable.runtimeIndex, i32.const(CodeTable.interpretSlot), [cpu]),
    );
  }

  /**
   * Writes execute(cpu, word, slot): the system instruction at pc, by a function of the runtime that gives a Status. Addresses
   * and masks may not be the same behind it.
   */
  writeExecute(code: Code, dispatch: number): void {
    const cpu = code.param('i32', 0);
    const type = code.module.type(Host.system.params, [Host.system.result]);
    const slot = code.param('i32', 2);
    const args = [cpu, code.param('i32', 1)];
    const status = code.let(callIndirect('i32', type, CodeTable.runtimeIndex, slot, args));
    spend(code, cpu);
    code.if(i32.eqz(status), () => advance(code, cpu));
    code.returnCall(dispatch, [cpu]);
  }

  /**
   * dispatch(cpu): goes on where pc is, in a translation if there is one. A jump to a cold place is counted; coming back to
   * where a quantum happened to end is not, or blocks would be cut everywhere.
   */
  #writeDispatch(code: Code, counts: boolean, interpret: (cpu: I32) => void): void {
    const cpu = code.param('i32', 0);
    leaveIfAsked(code, cpu);
    const pc = code.let(i64.load(cpu, Core.pc));
    const context = code.let(i64.load(cpu, Core.context));
    const entry = code.let(codeTlbEntry(cpu, i32.wrap(pc), i32.wrap(context)));
    const tag = i64.or(i64.and(pc, i64.const(-4096 | 3)), context);
    code.if(i64.eq(tag, i64.load(entry, Core.codeTlb + CodeTlb.tag)), () => {
      const slot = code.let(
        i32.add(i32.load(entry, Core.codeTlb + CodeTlb.codePage), i32.and(i32.wrap(pc), i32.const(CodePage.size - 4))),
      );
      const target = code.let(i32.load(slot));
      code.if(i32.gt_s(target, i32.const(0)), () => {
        const type = code.module.type(translationType.params, translationType.results);
        const label = i32.and(target, i32.const((1 << CodePage.labelBits) - 1));
        code.returnCallIndirect(type, CodeTable.translationsIndex, i32.shr_u(target, i32.const(CodePage.labelBits)), [
          cpu,
          label,
        ]);
      });
      if (!counts) return;
      code.store(slot, i32.sub(target, i32.const(1)), 4);
      const jumps = i32.sub(i32.const(1), target);
      code.if(i32.eqz(i32.and(jumps, i32.const(this.hotThreshold - 1))), () => code.return(i32.const(Exit.hot)));
    });
    interpret(cpu);
  }

  /**
   * interpret(cpu): one instruction after the other until a jump. The address is translated when a page begins and after
   * instructions that may have changed the translation.
   */
  #writeInterpret(code: Code, dispatch: number): void {
    const cpu = code.param('i32', 0);
    const status = code.local('i32');
    const host = code.local('i32');
    code.loop((translate) => {
      leaveIfAsked(code, cpu);
      code.set(host, this.#fetch(code, cpu, code.let(i64.load(cpu, Core.pc)), translate));
      code.loop((next) => {
        code.set(status, this.#execute(code, cpu, i32.load(code.get(host))));
        spend(code, cpu);
        code.if(i32.ne(code.get(status), i32.const(Status.jumped)), () => {
          advance(code, cpu);
          code.set(host, i32.add(code.get(host), i32.const(4)));
          code.brIf(translate, i32.or(code.get(status), i32.eqz(i32.and(code.get(host), i32.const(4095)))));
          leaveIfAsked(code, cpu);
          code.br(next);
        });
      });
    });
    code.returnCall(dispatch, [cpu]);
  }

  /** interpretPage(cpu): one instruction after the other, also behind jumps. */
  #writeInterpretPage(code: Code): void {
    const cpu = code.param('i32', 0);
    code.loop((next) => {
      leaveIfAsked(code, cpu);
      const pc = code.let(i64.load(cpu, Core.pc));
      const offset = code.let(i64.sub(pc, i64.load(i32.const(StopPage.address))));
      code.if(i64.gt_u(offset, i64.const(4095)), () => code.return(i32.const(Exit.request)));
      const stop = i32.load8_u(i32.shr_u(i32.wrap(offset), i32.const(2)), StopPage.stops);
      code.if(stop, () => code.return(i32.const(Exit.request)));
      const status = code.let(this.#execute(code, cpu, i32.load(this.#fetch(code, cpu, pc, next))));
      spend(code, cpu);
      code.if(i32.ne(status, i32.const(Status.jumped)), () => {
        advance(code, cpu);
      });
      code.br(next);
    });
    code.unreachable();
  }

  /** Host address of the instruction at pc. Where the instruction TLB does not hit, has it filled and goes back to `again`. */
  #fetch(code: Code, cpu: I32, pc: I64, again: Label): I32 {
    const context = code.let(i64.load(cpu, Core.context));
    const tlb = code.let(codeTlbEntry(cpu, i32.wrap(pc), i32.wrap(context)));
    const tag = i64.or(i64.and(pc, i64.const(-4096 | 3)), context);
    code.if(i64.ne(tag, i64.load(tlb, Core.codeTlb + CodeTlb.tag)), () => {
      code.if(this.table.call(code, Host.fetch, [cpu]), () => spend(code, cpu));
      code.br(again);
    });
    return i32.add(i32.wrap(pc), i32.load(tlb, Core.codeTlb + CodeTlb.addend));
  }

  /** Calls the function of a word's operation; gives its Status. */
  #execute(code: Code, cpu: I32, fetched: I32): I32 {
    const word = code.let(fetched);
    const hash = i32.shr_u(i32.mul(word, i32.const(0x9e3779b1)), i32.const(32 - Math.log2(DecodeCache.entries)));
    const place = i32.shl(hash, i32.const(Math.log2(DecodeCache.entrySize)));
    const entry = code.let(i32.add(i32.const(this.memory.decodeCache), place));
    const handler = i32.load(entry, DecodeCache.handler);
    const hit = i32.and(i32.eq(i32.load(entry, DecodeCache.word), word), i32.ne(handler, i32.const(0)));
    code.if(i32.eqz(hit), () => code.drop(this.table.call(code, Host.decode, [entry, word])));
    const type = code.module.type(handlerType.params, handlerType.results);
    return callIndirect('i32', type, CodeTable.handlersIndex, handler, [cpu, word, entry]);
  }
}

/** Counts one instruction. */
const spend = (code: Code, cpu: I32): void =>
  code.store(cpu, i32.sub(i32.load(cpu, Core.budget), i32.const(1)), 4, Core.budget);

const advance = (code: Code, cpu: I32): void =>
  code.store(cpu, i64.add(i64.load(cpu, Core.pc), i64.const(4)), 8, Core.pc);

const leaveIfAsked = (code: Code, cpu: I32): void => {
  code.if(i32.le_s(i32.load(cpu, Core.budget), i32.const(0)), () => code.return(i32.const(Exit.budget)));
  code.if(i32.load(cpu, Core.exitRequest), () => code.return(i32.const(Exit.request)));
};

/** Base such that the entry's fields lie at Core.codeTlb + field (see codeTlbIndex). */
const codeTlbEntry = (cpu: I32, pc: I32, context: I32): I32 => {
  const index = i32.xor(i32.shr_u(pc, i32.const(7)), i32.shl(context, i32.const(4)));
  return i32.add(cpu, i32.and(index, i32.const((CodeTlb.entries - 1) * CodeTlb.entrySize)));
};
