import type { Decoded, Operation } from '../../a64/decoder.ts';
import { Core } from '../../a64/layout.ts';
import { Meaning } from '../../a64/meaning.ts';
import { extract, type Field, type Pattern } from '../../a64/pattern.ts';
import type { RuntimeFunction } from '../../a64/runtime.ts';
import type { Code } from '../../wasm/code.ts';
import { type Expr, f32, f64, type I32, type I64, i32, i64, type V128, type ValType } from '../../wasm/expr.ts';
import { Module } from '../../wasm/module.ts';
import { v128 } from '../../wasm/simd.ts';

/** A set of registers: X0-X30 and SP (bit 31), V0-V31, and the flags (bit 0). */
export interface RegisterSet {
  x: number;
  v: number;
  flags: number;
}

export const noRegisters = (): RegisterSet => ({ x: 0, v: 0, flags: 0 });

/** Adds the registers of `b` that are not in `except` to `a`. Returns whether any were new. */
export function addRegisters(a: RegisterSet, b: RegisterSet, except?: RegisterSet): boolean {
  const x = a.x | (b.x & ~(except?.x ?? 0));
  const v = a.v | (b.v & ~(except?.v ?? 0));
  const flags = a.flags | (b.flags & ~(except?.flags ?? 0));
  const changed = x !== a.x || v !== a.v || flags !== a.flags;
  a.x = x;
  a.v = v;
  a.flags = flags;
  return changed;
}

/** The operands that an operation reads and writes, and whether it can leave before its end. */
interface Operands {
  readonly reads: OperandUse[];
  readonly writes: OperandUse[];
  readsFlags: boolean;
  writesFlags: boolean;
  writesLink: boolean;
  canLeave: boolean;
}

interface OperandUse {
  readonly field: Field;
  /** Register file, and what number 31 means: nothing for 'x', SP for 'xsp'. */
  readonly file: 'x' | 'xsp' | 'v';
  readonly plus: number;
}

/** What one instruction does to the registers. */
export interface Effects {
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
  readonly canLeave: boolean;
}

const known = new Map<Operation, Operands>();

/** Effects of an instruction word, from its meaning. */
export function effectsOf({ operation, word }: Decoded): Effects {
  let operands = known.get(operation);
  if (!operands) {
    operands = Recorder.record(operation);
    known.set(operation, operands);
  }
  const reads = noRegisters();
  const writes = noRegisters();
  for (const use of operands.reads) addUse(reads, use, word);
  for (const use of operands.writes) addUse(writes, use, word);
  if (operands.readsFlags) reads.flags = 1;
  if (operands.writesFlags) writes.flags = 1;
  if (operands.writesLink) writes.x |= 1 << 30;
  return { reads, writes, canLeave: operands.canLeave };
}

function addUse(set: RegisterSet, { field, file, plus }: OperandUse, word: number): void {
  const n = (extract(word, field) + plus) & 31;
  if (file === 'v') set.v |= 1 << n;
  else if (n !== 31 || file === 'xsp') set.x |= 1 << n;
}

/** Runs an instruction's meaning to record the operands it uses; its code is thrown away. */
class Recorder extends Meaning {
  override readonly code: Code = new Module().function([], []);
  override readonly cpu: I32 = i32.const(0);
  readonly operands: Operands = {
    reads: [],
    writes: [],
    readsFlags: false,
    writesFlags: false,
    writesLink: false,
    canLeave: false,
  };
  readonly #pattern: Pattern;

  constructor(pattern: Pattern) {
    super();
    this.#pattern = pattern;
  }

  static record({ instruction, choices, fp }: Operation): Operands {
    const recorder = new Recorder(instruction.pattern);
    if (fp) recorder.operands.canLeave = true;
    instruction.run(recorder, choices);
    return recorder.operands;
  }

  #use(list: OperandUse[], name: string, file: OperandUse['file'], plus = 0): void {
    const field = this.#pattern.field(name);
    if (field) list.push({ field, file, plus });
  }

  override x(field: string): I64 {
    this.#use(this.operands.reads, field, 'x');
    return i64.const(0);
  }
  override xsp(field: string): I64 {
    this.#use(this.operands.reads, field, 'xsp');
    return i64.const(0);
  }
  override setX(field: string): void {
    this.#use(this.operands.writes, field, 'x');
  }
  override setXsp(field: string): void {
    this.#use(this.operands.writes, field, 'xsp');
  }
  override setLink(): void {
    this.operands.writesLink = true;
  }
  override v(field: string): V128 {
    this.#use(this.operands.reads, field, 'v');
    return v128.zero();
  }
  override setV(field: string): void {
    this.#use(this.operands.writes, field, 'v');
  }
  override vPlus(field: string, add: number): V128 {
    this.#use(this.operands.reads, field, 'v', add);
    return v128.zero();
  }
  override setVPlus(field: string, add: number): void {
    this.#use(this.operands.writes, field, 'v', add);
  }
  override field(): I32 {
    return i32.const(0);
  }
  override sameField(): I32 {
    return i32.const(0);
  }
  override aux(): I64 {
    return i64.const(0);
  }
  override pc(): I64 {
    return i64.const(0);
  }
  override setFlags(): void {
    this.operands.writesFlags = true;
  }
  override setConditionalFlags(): void {
    this.operands.writesFlags = true;
    this.operands.readsFlags = true;
  }
  override nzcv(): I32 {
    this.operands.readsFlags = true;
    return i32.const(0);
  }
  override condition(): I32 {
    this.operands.readsFlags = true;
    return i32.const(0);
  }
  protected override loadAddress(): I32 {
    this.operands.canLeave = true;
    return i32.const(Core.scratch);
  }
  protected override storeElements(): void {
    this.operands.canLeave = true;
  }
  protected override markExclusive(): void {}
  override storeExclusive(): I32 {
    this.operands.canLeave = true;
    return i32.const(0);
  }
  override clearExclusive(): void {}
  override branch(): void {}
  override branchIf(): void {}
  override branchTo(): void {}
  override system(): void {}
  override supervisorCall(): void {}
  override hypervisorCall(): void {}
  override softwareBreakpoint(): void {}
  override exceptionReturn(): void {}
  override writeProcessState(): void {
    this.operands.canLeave = true;
  }
  override systemOperation(): void {
    this.#use(this.operands.reads, 'Rt', 'x');
    this.operands.canLeave = true;
  }
  override readSystemRegister(): void {
    this.#use(this.operands.writes, 'Rt', 'x');
    this.operands.canLeave = true;
  }
  override writeSystemRegister(): void {
    this.#use(this.operands.reads, 'Rt', 'x');
    this.operands.canLeave = true;
  }
  override base(field: string): I64 {
    this.operands.canLeave = true;
    return this.xsp(field);
  }
  override call<T extends ValType>(f: RuntimeFunction<T>): Expr<T> {
    return zeroOf(f.result);
  }
}

function zeroOf<T extends ValType>(type: T): Expr<T>;
function zeroOf(type: ValType): Expr {
  switch (type) {
    case 'i32':
      return i32.const(0);
    case 'i64':
      return i64.const(0);
    case 'f32':
      return f32.const(0);
    case 'f64':
      return f64.const(0);
    case 'v128':
      return v128.zero();
  }
}
