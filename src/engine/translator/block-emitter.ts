import type { Decoded } from '../../a64/decoder.ts';
import type { Aux } from '../../a64/instruction.ts';
import { AccessKind, Core, FlagKind } from '../../a64/layout.ts';
import type { Comparison } from '../../a64/meaning.ts';
import { extract, type Field } from '../../a64/pattern.ts';
import type { RuntimeFunction } from '../../a64/runtime.ts';
import type { PlainAccess } from '../../arch/registers/plain-access.ts';
import { assert } from '../../base/assert.ts';
import type { Code, Local } from '../../wasm/code.ts';
import { call, constantOf, type Expr, type I32, type I64, i32, i64, type V128 } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import type { CodeTable } from '../code/code-table.ts';
import { conditionAfter, conditionOfConstant } from '../code/conditions.ts';
import { lazyFlags } from '../code/flags.ts';
import {
  changeMasks,
  checkAccess,
  checkZeroBlock,
  isMaskChange,
  isZeroBlock,
  readPlain,
  writePlain,
} from '../code/inline-system.ts';
import { conditionFromFlags, InstructionEmitter } from '../code/instruction-emitter.ts';
import { ordinarily } from '../code/level-change.ts';
import { systemAccess } from '../code/system-access.ts';
import { type ElementAccess, isDevice, missKey } from '../code/tlb.ts';
import { auxOf } from './region.ts';
import { onDemand, RegisterLocals } from './register-locals.ts';

/** Where a translation is placed, and what it can use. */
export interface Placement {
  readonly table: CodeTable;
  /** Its slot in the table of translations. */
  readonly slot: number;
  /** Host address of the entry for an offset of its span in the tables of code entries, or 0 if its page has none. */
  entryAddress(offset: number): number;
  /** Indexes in its module of copies of `miss` (see tlb.ts), and of `dispatch` and `execute` (see dispatch.ts). */
  readonly miss: number;
  readonly dispatch: number;
  readonly execute: number;
  /** How generated code can execute the MRS or MSR of a word itself, if it can. */
  plainAccess(word: number): PlainAccess | undefined;
  /** The AccessRule of the MRS, MSR or SYS of a word. */
  accessRule(word: number): number;
}

/** What set the flags last, if that is known while the code is written. */
type KnownFlags =
  | { readonly kind: FlagKind }
  /** By a conditional comparison: `kind` where `taken`, else constant. */
  | { readonly kind: FlagKind; readonly taken: Local<'i32'>; readonly otherwise: number };

/** What the code of a region has in common, whichever part of it is being written. */
export class RegionFrame {
  readonly cpu: I32;
  readonly registers: RegisterLocals;
  /** Virtual address of the span. */
  readonly span: Local<'i64'>;
  /** TLB tag bits of the current context; set where the function begins, if any instruction can access memory. */
  readonly context: () => Local<'i64'>;

  constructor(
    readonly code: Code,
    readonly placement: Placement,
  ) {
    this.cpu = code.param('i32', 0);
    this.registers = new RegisterLocals(code);
    this.span = code.local('i64');
    this.context = onDemand(code, 'i64');
  }
}

/** How an instruction leaves control flow to the end of its block. */
export type InstructionEnd =
  /** It goes on to the next instruction, or jumps to a constant target. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'branchIf'; readonly condition: I32 }
  | { readonly kind: 'branchTo'; readonly target: Local<'i64'> }
  /** A runtime function executes it and says where to go on. */
  | { readonly kind: 'system'; readonly run: RuntimeFunction<'i32'> };

const plain: InstructionEnd = { kind: 'plain' };

/** Writes the instructions of a region's blocks: operands are constants, registers and flags are locals. */
export class BlockEmitter extends InstructionEmitter {
  override readonly cpu: I32;
  readonly #frame: RegionFrame;
  readonly #registers: RegisterLocals;
  readonly #leave: (index: number) => void;

  // The block and the instruction that are being written.
  #start = 0;
  #decoded: Decoded | undefined;
  #index = 0;
  #end: InstructionEnd = plain;
  #aux: Aux | undefined;
  #fpChecked = false;
  #flags: KnownFlags | undefined;
  #writes: { local: Local; value: Expr }[] = [];
  #newFlags: KnownFlags | undefined;

  /** @param leave writes a jump that leaves to the interpreter at an instruction of the block, by its index */
  constructor(frame: RegionFrame, leave: (index: number) => void) {
    super(frame.code, frame.placement.table);
    this.cpu = frame.cpu;
    this.#frame = frame;
    this.#registers = frame.registers;
    this.#leave = leave;
  }

  /** Begins a block. Control may come to it from several places, so nothing is known about its flags. */
  beginBlock(start: number): void {
    this.#start = start;
    this.#flags = undefined;
    this.#fpChecked = false;
  }

  /** Writes one instruction of the block. */
  write(decoded: Decoded, index: number): InstructionEnd {
    const { code } = this;
    const { instruction, operation } = decoded;
    this.#decoded = decoded;
    this.#index = index;
    this.#end = plain;
    this.#aux = undefined;
    this.#writes = [];
    this.#newFlags = undefined;
    if (operation.fp && !this.#fpChecked) {
      this.#fpChecked = true;
      this.#leaveIf(i32.load(this.cpu, Core.fpTrap));
    }
    instruction.run(this, operation.choices);
    const writes = this.#writes;
    if (writes.length > 1) for (const write of writes) write.value = this.#copy(write.value);
    for (const write of writes) code.set(write.local, write.value);
    if (this.#newFlags) this.#flags = this.#newFlags;
    return this.#end;
  }

  #leaveIf(condition: I32): void {
    this.code.unlikely(condition, () => this.#leave(this.#index));
  }

  #operand(name: string): Field {
    const f = this.#decoded?.instruction.pattern.field(name);
    assert(f?.operand, `${name} is not an operand`);
    return f;
  }

  #number(name: string): number {
    return extract((this.#decoded as Decoded).word, this.#operand(name));
  }

  override field(name: string): I32 {
    return i32.const(this.#number(name));
  }

  override sameField(a: string, b: string): I32 {
    return i32.const(this.#number(a) === this.#number(b) ? 1 : 0);
  }

  override aux(slot: 0 | 1): I64 {
    this.#aux ??= auxOf(this.#decoded as Decoded);
    return i64.const(this.#aux[slot] ?? 0);
  }

  override pc(): I64 {
    return i64.add(this.code.get(this.#frame.span), i64.const(this.#start + 4 * this.#index));
  }

  override x(field: string): I64 {
    const n = this.#number(field);
    return n === 31 ? i64.const(0) : this.code.get(this.#registers.x(n));
  }

  override xsp(field: string): I64 {
    return this.code.get(this.#registers.x(this.#number(field)));
  }

  override setX(field: string, value: I64): void {
    const n = this.#number(field);
    if (n !== 31) this.#writes.push({ local: this.#registers.x(n), value });
  }

  override setXsp(field: string, value: I64): void {
    this.#writes.push({ local: this.#registers.x(this.#number(field)), value });
  }

  override setLink(): void {
    this.#writes.push({ local: this.#registers.x(30), value: i64.add(this.pc(), i64.const(4)) });
  }

  override v(field: string): V128 {
    return this.code.get(this.#registers.v(this.#number(field)));
  }

  override setV(field: string, value: V128): void {
    this.#writes.push({ local: this.#registers.v(this.#number(field)), value });
  }

  override vPlus(field: string, add: number): V128 {
    return this.code.get(this.#registers.v((this.#number(field) + add) & 31));
  }

  override setVPlus(field: string, add: number, value: V128): void {
    this.#writes.push({ local: this.#registers.v((this.#number(field) + add) & 31), value });
  }

  override setFlags(kind: FlagKind, a: I64, b: I64): void {
    this.#setFlags(i32.const(kind), a, b);
    this.#newFlags = { kind };
  }

  #setFlags(kind: I32, a: I64, b: I64): void {
    this.#writes.push({ local: this.#registers.flagKind(), value: kind });
    this.#writes.push({ local: this.#registers.flagA(), value: a });
    this.#writes.push({ local: this.#registers.flagB(), value: b });
  }

  override setConditionalFlags(condition: I32, { subtract, wide, a, b }: Comparison, nzcv: number): void {
    const { code } = this;
    const taken = code.permanentLocal('i32');
    code.set(taken, condition);
    const yes = code.get(taken);
    const kind = subtract ? (wide ? FlagKind.sub64 : FlagKind.sub32) : wide ? FlagKind.add64 : FlagKind.add32;
    this.#setFlags(
      this.select(yes, i32.const(kind), i32.const(FlagKind.packed)),
      this.select(yes, a, i64.const(BigInt(nzcv) << 28n)),
      b,
    );
    this.#newFlags = { kind, taken, otherwise: nzcv };
  }

  override nzcv(): I32 {
    const { code } = this;
    return this.call(
      lazyFlags,
      code.get(this.#registers.flagKind()),
      code.get(this.#registers.flagA()),
      code.get(this.#registers.flagB()),
    );
  }

  override condition(number: number): I32 {
    const { code } = this;
    const known = this.#flags;
    const holds =
      known && conditionAfter(known.kind, code.get(this.#registers.flagA()), code.get(this.#registers.flagB()), number);
    if (!known || !holds) return conditionFromFlags(this.let(this.nzcv()), number);
    if (!('taken' in known)) return holds;
    return this.select(code.get(known.taken), holds, i32.const(conditionOfConstant(known.otherwise, number) ? 1 : 0));
  }

  override base(field: string): I64 {
    const value = this.xsp(field);
    // The interpreter finds out whether SP alignment is checked at all.
    if (this.#number(field) === 31) this.#leaveIf(i32.and(i32.wrap(value), i32.const(15)));
    return value;
  }

  override branch(): void {}

  override branchIf(condition: I32): void {
    this.#end = { kind: 'branchIf', condition };
  }

  override branchTo(address: I64): void {
    const target = this.code.local('i64');
    this.code.set(target, address);
    this.#end = { kind: 'branchTo', target };
  }

  protected override systemBy(f: RuntimeFunction<'i32'>): void {
    this.#end = { kind: 'system', run: f };
  }

  override readSystemRegister(): void {
    const access = this.#plainAccess();
    if (access) this.setX('Rt', readPlain(this.cpu, access));
    else this.#executeSystem();
  }

  override writeSystemRegister(): void {
    const access = this.#plainAccess();
    if (access) writePlain(this.code, this.cpu, access, this.x('Rt'));
    else this.#executeSystem();
  }

  override system(): void {
    this.systemBy(ordinarily((this.#decoded as Decoded).word));
  }

  /** Executes an access that is not plain. */
  #executeSystem(): void {
    const { word } = this.#decoded as Decoded;
    this.systemBy(systemAccess(word, this.#frame.placement.accessRule(word)));
  }

  #plainAccess(): PlainAccess | undefined {
    const access = this.#frame.placement.plainAccess((this.#decoded as Decoded).word);
    if (access) checkAccess(this.cpu, access, (condition) => this.#leaveIf(condition));
    return access;
  }

  override writeProcessState(): void {
    const { word } = this.#decoded as Decoded;
    if (isMaskChange(word)) changeMasks(this.code, this.cpu, word, (condition) => this.#leaveIf(condition));
    else this.system();
  }

  override systemOperation(): void {
    if (!isZeroBlock((this.#decoded as Decoded).word)) {
      this.#executeSystem();
      return;
    }
    checkZeroBlock(this.cpu, (condition) => this.#leaveIf(condition));
    const address = this.let(i64.and(this.x('Rt'), i64.const(-64)));
    const zeros = [v128.zero(), v128.zero(), v128.zero(), v128.zero()];
    const access = { bytes: 16, count: zeros.length, kind: AccessKind.write };
    const host = this.code.get(this.probe(address, access, () => this.#leave(this.#index)));
    this.#leaveIf(isDevice(this.cpu, i32.wrap(address)));
    this.storeAt(host, 16, zeros);
  }

  protected override context(unprivileged: boolean): I64 {
    return unprivileged ? i64.load(this.cpu, Core.contextUnprivileged) : this.code.get(this.#frame.context());
  }

  protected override missed(address: I64, access: ElementAccess): I32 {
    return call('i32', this.#frame.placement.miss, [this.cpu, address, i32.const(missKey(access))]);
  }

  protected override slowAccess(): void {
    this.#leave(this.#index);
  }

  /** A copy that later writes to registers do not change. */
  #copy(value: Expr): Expr {
    if (constantOf(value) !== undefined) return value;
    const l = this.code.local(value.type);
    this.code.set(l, value);
    return this.code.get(l);
  }
}
