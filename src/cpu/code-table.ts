import type { RuntimeFunction } from '../a64/runtime.ts';
import { assert } from '../base/assert.ts';
import type { Code } from '../wasm/code.ts';
import { call, callIndirect, type Expr, type I32, i32, type ValType } from '../wasm/expr.ts';
import { Module } from '../wasm/module.ts';
import type { Memory } from './memory.ts';

/** TypeScript functions that generated code calls, by the names in their RuntimeFunction. */
export type HostFunctions = Readonly<Record<string, (...args: number[]) => number>>;

/** Slots that a table has at first. */
const initialSize = 256;

/** One table of functions, which grows up to `size`; slot 0 stays empty and means "no code". */
class FunctionTable {
  readonly wasm: WebAssembly.Table;
  #next = 1;

  constructor(
    readonly name: string,
    readonly size: number,
  ) {
    this.wasm = new WebAssembly.Table({ element: 'anyfunc', initial: Math.min(initialSize, size), maximum: size });
  }

  /** Slots given out, slot 0 included. */
  get used(): number {
    return this.#next;
  }

  reserve(count: number): number {
    const first = this.#next;
    this.#next += count;
    assert(this.#next <= this.size, `the table '${this.name}' is full`);
    const { length } = this.wasm;
    if (this.#next > length) this.wasm.grow(Math.min(Math.max(2 * length, this.#next), this.size) - length);
    return first;
  }

  add(f: unknown): number {
    const slot = this.reserve(1);
    this.wasm.set(slot, f);
    return slot;
  }

  /** Empties the table. */
  clear(): void {
    for (let i = 1; i < this.#next; i++) this.wasm.set(i, null);
    this.#next = 1;
  }
}

/**
 * The tables through which all generated code meets. An engine may keep a copy of every imported table in each instance
 * (V8 before 2024 does), so they are no larger than need be and a module imports only those it calls through: every module the
 * runtime's, translations and the loop of the interpreter that of the translations, the loop also the handlers'.
 */
export class CodeTable {
  readonly runtimeTable = new FunctionTable('runtime', 512);
  readonly translations: FunctionTable;
  readonly handlers = new FunctionTable('handlers', 8192);
  readonly #runtime = new Map<string, number>();

  constructor(
    readonly memory: Memory,
    /** Translations that may be live at once. */
    translations: number,
    readonly host: HostFunctions,
  ) {
    this.translations = new FunctionTable('translations', translations + 1);
  }

  /** Indexes of the tables in a module that imports them. */
  static readonly runtimeIndex = 0;
  static readonly translationsIndex = 1;
  static readonly handlersIndex = 2;

  /** A module that imports the memory and the first `tables` tables. */
  module(tables: 1 | 2 | 3): Module {
    const module = new Module();
    module.importMemory('core', 'memory', this.memory.pages, this.memory.pages);
    for (const t of [this.runtimeTable, this.translations, this.handlers].slice(0, tables)) {
      module.importTable('core', t.name, 1);
    }
    return module;
  }

  /** Compiles and instantiates a module; functions placed in tables are live from here on. */
  install(module: Module): Record<string, unknown> {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      core: {
        memory: this.memory.wasm,
        runtime: this.runtimeTable.wasm,
        translations: this.translations.wasm,
        handlers: this.handlers.wasm,
      },
      host: this.host,
    });
    return instance.exports;
  }

  /** Compiles a module of one function and returns it. */
  installOne(module: Module, code: Code): unknown {
    module.exportFunction('f', code);
    return this.install(module).f;
  }

  /** Table slot of a runtime function, which is built when first asked for. */
  runtime(f: RuntimeFunction): number {
    const known = this.#runtime.get(f.name);
    if (known !== undefined) return known;
    const module = this.module(1);
    const { build } = f;
    let code: Code;
    if (build) {
      code = module.function(f.params, [f.result]);
      build(code, (g, args) => this.call(code, g, args));
    } else {
      assert(this.host[f.name], `the core supplies no function '${f.name}'`);
      const imported = module.importFunction('host', f.name, f.params, [f.result]);
      code = module.function(f.params, [f.result]);
      const params = f.params.map((type, i) => code.param(type, i));
      code.return(call(f.result, imported, params));
      code.unreachable();
    }
    const slot = this.runtimeTable.add(this.installOne(module, code));
    this.#runtime.set(f.name, slot);
    return slot;
  }

  /** An expression that calls a runtime function. */
  call<T extends ValType>(code: Code, f: RuntimeFunction<T>, args: readonly Expr[]): Expr<T> {
    const type = code.module.type(f.params, [f.result]);
    return callIndirect(f.result, type, CodeTable.runtimeIndex, i32.const(this.runtime(f)), args);
  }
}

/** True where a host address expression is the answer "not here". */
export const isNowhere = (host: I32): I32 => i32.eq(host, i32.const(-1));
