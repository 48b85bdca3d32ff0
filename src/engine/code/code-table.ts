import type { RuntimeFunction } from '../../a64/runtime.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { assert } from '../../base/assert.ts';
import type { Code } from '../../wasm/code.ts';
import { call, callIndirect, type Expr, i32, type ValType } from '../../wasm/expr.ts';
import { Module } from '../../wasm/module.ts';

/** TypeScript functions that generated code calls, by the names in their RuntimeFunction. */
export type HostFunctions = Readonly<Record<string, (...args: number[]) => number>>;

/** Initial number of slots. */
const initialSize = 256;

const newTable = (): WebAssembly.Table => new WebAssembly.Table({ element: 'anyfunc', initial: initialSize });

export type TableName = 'runtime' | 'translations' | 'handlers';

/** One table of functions, which grows up to `size`; slot 0 stays empty and means "no code". */
class FunctionTable {
  #wasm = newTable();
  /** The functions, by slot. */
  #functions: unknown[] = [];
  #next = 1;

  constructor(
    readonly name: TableName,
    readonly size: number,
  ) {}

  get wasm(): WebAssembly.Table {
    return this.#wasm;
  }

  /** Slots given out, slot 0 included. */
  get used(): number {
    return this.#next;
  }

  reserve(count: number): number {
    const first = this.#next;
    this.#next += count;
    assert(this.#next <= this.size, `the table '${this.name}' is full`);
    this.#grow();
    return first;
  }

  add(f: unknown): number {
    const slot = this.reserve(1);
    this.set(slot, f);
    return slot;
  }

  /** Puts a function into a slot that has been reserved. */
  set(slot: number, f: unknown): void {
    this.#functions[slot] = f;
    this.#wasm.set(slot, f);
  }

  /** Starts a new table, with the same functions or with none. */
  renew(functions: 'same' | 'none'): void {
    this.#wasm = newTable();
    if (functions === 'none') {
      this.#functions = [];
      this.#next = 1;
    }
    this.#grow();
    this.#functions.forEach((f, slot) => {
      this.#wasm.set(slot, f);
    });
  }

  #grow(): void {
    const { length } = this.#wasm;
    if (this.#next > length) this.#wasm.grow(Math.min(Math.max(2 * length, this.#next), this.size) - length);
  }
}

/**
 * The function tables by which pieces of generated code call each other. An engine may copy every imported table into
 * each instance, and keep an instance alive as long as any table that it imports (V8 before 2024 does both). So tables
 * are no larger than necessary, and temporary code has tables of its own, which `renew` replaces. Temporary code is the
 * translations and the interpreter's loop, which calls them; lasting code is the functions that both call.
 */
export class CodeTable {
  readonly runtimeTable = new FunctionTable('runtime', 512);
  readonly translations: FunctionTable;
  readonly handlers = new FunctionTable('handlers', 8192);
  /** The runtime's functions for lasting code. */
  readonly #lasting = new FunctionTable('runtime', 512);
  readonly #runtime = new Map<string, number>();

  constructor(
    readonly memory: Memory,
    /** Translations that may be live at once. */
    translations: number,
    readonly host: HostFunctions,
  ) {
    this.translations = new FunctionTable('translations', translations + 1);
    const slots = [this.runtimeTable.reserve(1), this.#lasting.reserve(1)];
    assert(
      slots.every((slot) => slot === CodeTable.loopSlot),
      "the first slot is the loop's",
    );
  }

  /** Slot of the runtime's table where temporary code finds the interpreter's loop. */
  static readonly loopSlot = 1;

  /**
   * Forgets all translations. Code compiled from now on sees new tables; the interpreter's loop must be renewed too.
   */
  renew(): void {
    this.runtimeTable.renew('same');
    this.handlers.renew('same');
    this.translations.renew('none');
  }

  /**
   * A module that imports the memory and some tables. V8 reaches the first table with fewer loads. A module with the
   * runtime's table only is for lasting code.
   */
  module(...tables: readonly TableName[]): Module {
    const module = new Module();
    module.importMemory('core', 'memory', this.memory.pages, this.memory.pages);
    for (const name of tables) module.importTable('core', name, 1);
    return module;
  }

  /** Compiles and instantiates a module of more than one table; functions placed in tables are live from here on. */
  install(module: Module): void {
    this.instantiate(new WebAssembly.Module(module.bytes()));
  }

  instantiate(module: WebAssembly.Module): WebAssembly.Exports {
    return this.#instantiate(module, this.runtimeTable);
  }

  #instantiate(module: WebAssembly.Module, runtime: FunctionTable): WebAssembly.Exports {
    const instance = new WebAssembly.Instance(module, {
      core: {
        memory: this.memory.wasm,
        runtime: runtime.wasm,
        translations: this.translations.wasm,
        handlers: this.handlers.wasm,
      },
      host: this.host,
    });
    return instance.exports;
  }

  /** Compiles a module of one function for lasting code and returns it. */
  installOne(module: Module, code: Code): unknown {
    module.exportFunction('f', code);
    return this.installLasting(module).f;
  }

  /** Compiles a module of lasting code. */
  installLasting(module: Module): WebAssembly.Exports {
    return this.#instantiate(new WebAssembly.Module(module.bytes()), this.#lasting);
  }

  /** Table slot of a runtime function, which is built when first asked for. */
  runtime(f: RuntimeFunction): number {
    const known = this.#runtime.get(f.name);
    if (known !== undefined) return known;
    const module = this.module('runtime');
    const { build } = f;
    let code: Code;
    if (build) {
      code = module.function(f.params, f.results);
      build(code, (g, args) => this.call(code, g, args));
    } else {
      assert(this.host[f.name], `the core supplies no function '${f.name}'`);
      const imported = module.importFunction('host', f.name, f.params, f.results);
      code = module.function(f.params, f.results);
      const params = f.params.map((type, i) => code.param(type, i));
      code.return(call(f.result, imported, params));
      code.unreachable();
    }
    const built = this.installOne(module, code);
    const slot = this.runtimeTable.add(built);
    const same = this.#lasting.add(built);
    assert(same === slot, 'both tables of the runtime are alike');
    this.#runtime.set(f.name, slot);
    return slot;
  }

  /** An expression that calls a runtime function. */
  call<T extends ValType>(code: Code, f: RuntimeFunction<T>, args: readonly Expr[]): Expr<T> {
    const { module } = code;
    const target = { typeIndex: module.type(f), table: module.table('runtime'), element: i32.const(this.runtime(f)) };
    return callIndirect(f.result, target, args);
  }
}
