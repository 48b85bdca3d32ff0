import { Decoder, type Operation } from '../../a64/decoder.ts';
import type { Instruction } from '../../a64/instruction.ts';
import { Core, SecondTlb, Tlb } from '../../a64/layout.ts';
import { HostFunction } from '../../a64/runtime.ts';
import { softfloatFunctions } from '../../a64/softfloat/host.ts';
import { CoreState } from '../../arch/state/core.ts';
import { DecodeCache, Memory } from '../../arch/state/memory.ts';
import { assert, defined } from '../../base/assert.ts';
import { physAddr } from '../../base/units.ts';
import { CodeTable } from '../code/code-table.ts';
import { HandlerEmitter, handlerType } from './handler-emitter.ts';

/** For tests: single instructions as the interpreter's functions on a core without an MMU, over a page of memory. */
export class InstructionBench {
  readonly memory = new Memory(1, [{ base: physAddr(0), size: 0x1000 }]);
  readonly core = new CoreState(this.memory, 0);
  /** What loads and stores reach, from address 0 on. */
  readonly ram = this.memory.view(physAddr(0), 0x1000);
  readonly #decoder: Decoder;
  readonly #table: CodeTable;
  readonly #functions = new Map<Operation, (cpu: number, word: number, entry: number) => number>();

  constructor(instructions: readonly Instruction[]) {
    // No tag in the TLB matches, so that every access asks for its address.
    for (const [start, size] of [
      [this.core.base + Core.tlb, Tlb.entries * Tlb.entrySize],
      [this.memory.secondTlb(0), SecondTlb.size],
    ] as const)
      this.memory.u8.fill(0xff, start, start + size);
    this.#decoder = new Decoder(instructions);
    const host = Object.fromEntries(Object.values(HostFunction).map((f) => [f.name, () => this.#hostFunction(f.name)]));
    this.#table = new CodeTable(this.memory, 0, { ...host, ...softfloatFunctions(this.memory.u32, this.memory.u64) });
  }

  #hostFunction(name: string): number {
    assert(name === HostFunction.fill.name, `an instruction calls ${name}`);
    return this.ram.byteOffset + this.core.word(Core.accessAddress);
  }

  /** Executes a word, which must be allocated; pc stays. */
  run(word: number): void {
    const decoded = defined(this.#decoder.decode(word), `a row for ${word.toString(16)}`);
    const { instruction, operation } = decoded;
    let f = this.#functions.get(operation);
    if (!f) {
      const module = this.#table.module('runtime');
      const code = module.function(handlerType.params, handlerType.results);
      HandlerEmitter.generate(code, this.#table, operation);
      f = this.#table.installOne(module, code) as (cpu: number, word: number, entry: number) => number;
      this.#functions.set(operation, f);
    }
    const entry = this.memory.decodeCache;
    (instruction.aux?.(instruction.pattern.fieldsOf(word)) ?? []).forEach((value, i) => {
      this.memory.u64[(entry + (i === 0 ? DecodeCache.aux0 : DecodeCache.aux1)) >>> 3] = BigInt(value ?? 0);
    });
    f(this.core.base, word, entry);
  }

  get fpsr(): number {
    return this.core.word(Core.fpsr);
  }

  set fpsr(value: number) {
    this.core.setWord(Core.fpsr, value);
  }

  /** Vn as an unsigned 128-bit number. */
  v(n: number): bigint {
    const at = Core.v + 16 * n;
    return (this.core.long(at + 8) << 64n) | this.core.long(at);
  }

  setV(n: number, value: bigint): void {
    const at = Core.v + 16 * n;
    this.core.setLong(at, BigInt.asUintN(64, value));
    this.core.setLong(at + 8, BigInt.asUintN(64, value >> 64n));
  }
}
