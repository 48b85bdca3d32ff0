import { assert } from '../base/assert.ts';
import { Bytes } from './bytes.ts';
import { Code, type ModuleIndexes } from './code.ts';
import type { FunctionType, ValType } from './expr.ts';

const typeByte: Record<ValType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Writes one WebAssembly module (Core Specification 5.5): imports first, then functions, exports and table entries. */
export class Module implements ModuleIndexes {
  readonly #types: Bytes[] = [];
  readonly #typeKeys = new Map<string, number>();
  readonly #typeIndexes = new Map<FunctionType, number>();
  readonly #imports = new Bytes();
  #importCount = 0;
  #functionImports = 0;
  readonly #functions: { type: number; code: Code }[] = [];
  readonly #exports = new Bytes();
  #exportCount = 0;
  readonly #tables: string[] = [];
  #elements: { table: number; offset: number; functions: number[] } | undefined;

  /** The index of a function type. */
  type(type: FunctionType): number {
    let index = this.#typeIndexes.get(type);
    if (index === undefined) {
      index = this.#addType(type);
      this.#typeIndexes.set(type, index);
    }
    return index;
  }

  /** Equal types share an index. */
  #addType({ params, results }: FunctionType): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.#typeKeys.get(key);
    if (index === undefined) {
      const out = new Bytes(16);
      out.byte(0x60);
      out.u32(params.length);
      for (const t of params) out.byte(typeByte[t]);
      out.u32(results.length);
      for (const t of results) out.byte(typeByte[t]);
      index = this.#types.push(out) - 1;
      this.#typeKeys.set(key, index);
    }
    return index;
  }

  /** Imports a function; all imports come before the first `function`. Returns its index. */
  importFunction(module: string, name: string, params: readonly ValType[], results: readonly ValType[]): number {
    this.#importHeader(module, name, 0x00);
    this.#imports.u32(this.type({ params, results }));
    return this.#functionImports++;
  }

  /** Imports the memory, sizes in 64 KiB pages. */
  importMemory(module: string, name: string, initial: number, maximum: number): void {
    this.#importHeader(module, name, 0x02);
    this.#imports.byte(0x01);
    this.#imports.u32(initial);
    this.#imports.u32(maximum);
  }

  /** Imports a table of functions. An engine may be quicker with the first. */
  importTable(module: string, name: string, initial: number): void {
    this.#importHeader(module, name, 0x01);
    this.#imports.byte(0x70);
    this.#imports.byte(0x00);
    this.#imports.u32(initial);
    this.#tables.push(name);
  }

  /** Index of an imported table. */
  table(name: string): number {
    const index = this.#tables.indexOf(name);
    assert(index >= 0, `the module imports no table '${name}'`);
    return index;
  }

  /** Starts a function; its body is written through the Code returned. */
  function(params: readonly ValType[], results: readonly ValType[]): Code {
    const index = this.#functionImports + this.#functions.length;
    const code = new Code(this, index, params, results);
    this.#functions.push({ type: this.type({ params, results }), code });
    return code;
  }

  exportFunction(name: string, code: Code): void {
    this.#exports.name(name);
    this.#exports.byte(0x00);
    this.#exports.u32(code.index);
    this.#exportCount++;
  }

  /** Puts functions into an imported table from `offset` on, when the module is instantiated. */
  placeInTable(table: number, offset: number, functions: readonly Code[]): void {
    this.#elements = { table, offset, functions: functions.map((f) => f.index) };
  }

  #importHeader(module: string, name: string, kind: number): void {
    this.#imports.name(module);
    this.#imports.name(name);
    this.#imports.byte(kind);
    this.#importCount++;
  }

  /** The finished module. */
  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes(4096);
    for (const b of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(b);
    section(out, 1, this.#types.length, (s) => {
      for (const t of this.#types) s.append(t.view());
    });
    section(out, 2, this.#importCount, (s) => s.append(this.#imports.view()));
    section(out, 3, this.#functions.length, (s) => {
      for (const f of this.#functions) s.u32(f.type);
    });
    section(out, 7, this.#exportCount, (s) => s.append(this.#exports.view()));
    const elements = this.#elements;
    if (elements) {
      section(out, 9, 1, (s) => {
        // Active segment with an explicit table index and functions by index (flag 2, elemkind 0).
        s.u32(2);
        s.u32(elements.table);
        s.byte(0x41);
        s.s32(elements.offset);
        s.byte(0x0b);
        s.byte(0x00);
        s.u32(elements.functions.length);
        for (const f of elements.functions) s.u32(f);
      });
    }
    const hints = new Bytes(1024);
    let hinted = 0;
    const bodies = new Bytes(4096);
    for (const { code } of this.#functions) {
      const ofFunction = code.write(bodies, typeByte);
      if (ofFunction.length === 0) continue;
      hinted++;
      hints.u32(code.index);
      hints.u32(ofFunction.length);
      for (const { offset, taken } of ofFunction) {
        hints.u32(offset);
        hints.byte(1);
        hints.byte(taken ? 1 : 0);
      }
    }
    if (hinted > 0) customSection(out, 'metadata.code.branch_hint', hinted, hints);
    section(out, 10, this.#functions.length, (s) => s.append(bodies.view()));
    return out.view().slice();
  }
}

/**
 * A custom section with hints for `count` functions (Branch Hinting proposal). Engines without the proposal ignore it.
 */
const customSection = (out: Bytes, name: string, count: number, body: Bytes): void => {
  const s = new Bytes(body.length + 64);
  s.name(name);
  s.u32(count);
  s.append(body.view());
  out.byte(0);
  out.u32(s.length);
  out.append(s.view());
};

const section = (out: Bytes, id: number, count: number, body: (s: Bytes) => void): void => {
  if (count === 0) return;
  const s = new Bytes(1024);
  s.u32(count);
  body(s);
  out.byte(id);
  out.u32(s.length);
  out.append(s.view());
};
