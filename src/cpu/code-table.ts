import type { RuntimeFunction } from '../a64/runtime.ts';
import { assert } from '../base/assert.ts';
import type { Code } from '../wasm/code.ts';
import { call, callIndirect, type Expr, type I32, i32, type ValType } from '../wasm/expr.ts';
import { Module } from '../wasm/module.ts';
import type { Memory } from './memory.ts';

/** TypeScript functions that generated code calls, by the names in their RuntimeFunction. */
export type HostFunctions = Readonly<Record<string, (...args: number[]) => number>>;

/** Slots of the table; the engine's limit is 10 million. */
const tableSize = 1 << 20;

/**
 * The one table of functions through which all generated code meets: the runtime's functions, the interpreter's, and
 * translations. So a generated module imports the memory and the table, and nothing else.
 */
export class CodeTable {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: tableSize, maximum: tableSize });
  readonly #runtime = new Map<string, number>();
  /** Slot 0 stays empty: it means "no code". */
  #next = 1;
  readonly #free: number[] = [];

  constructor(
    readonly memory: Memory,
    readonly host: HostFunctions,
  ) {}

  /** A module that imports the memory and the table. */
  module(): Module {
    const module = new Module();
    module.importMemory('core', 'memory', this.memory.pages, this.memory.pages);
    module.importTable('core', 'table', tableSize);
    return module;
  }

  /** Reserves `count` adjacent slots. */
  reserve(count: number): number {
    const first = this.#next;
    this.#next += count;
    assert(this.#next <= tableSize, 'the function table is full');
    return first;
  }

  /** Slots from the first that was never reserved. */
  get used(): number {
    return this.#next;
  }

  /** Takes back the slots from `first` on and drops what is in them. */
  release(first: number): void {
    for (let i = first; i < this.#next; i++) this.table.set(i, null);
    this.#next = first;
    this.#free.length = 0;
  }

  /** Compiles and instantiates a module; functions placed in the table are live from here on. */
  install(module: Module): WebAssembly.Exports {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      core: { memory: this.memory.wasm, table: this.table },
      host: this.host,
    });
    return instance.exports;
  }

  /** Table slot of a runtime function, which is built when first asked for. */
  runtime(f: RuntimeFunction): number {
    const known = this.#runtime.get(f.name);
    if (known !== undefined) return known;
    const slot = this.reserve(1);
    this.#runtime.set(f.name, slot);
    const module = this.module();
    const { build } = f;
    if (build) {
      const code = module.function(f.params, [f.result]);
      build(code, (other) => this.runtime(other));
      module.placeInTable(slot, [code]);
    } else {
      assert(this.host[f.name], `the core supplies no function '${f.name}'`);
      const imported = module.importFunction('host', f.name, f.params, [f.result]);
      const code = module.function(f.params, [f.result]);
      code.return(
        call(
          f.result,
          imported,
          f.params.map((t, i) => code.param(t, i)),
        ),
      );
      code.unreachable();
      module.placeInTable(slot, [code]);
    }
    this.install(module);
    return slot;
  }

  /** An expression that calls a runtime function. */
  call<T extends ValType>(code: Code, f: RuntimeFunction<T>, args: readonly Expr[]): Expr<T> {
    return callIndirect(f.result, code.module.type(f.params, [f.result]), this.runtime(f), args);
  }
}

/** True where a host address expression is the answer "not here". */
export const isNowhere = (host: I32): I32 => i32.eq(host, i32.const(-1));
