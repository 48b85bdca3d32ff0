import type { Operation } from '../../a64/decoder.ts';
import { Core, FlagKind, Status } from '../../a64/layout.ts';
import type { Comparison, StoredValues } from '../../a64/meaning.ts';
import type { Pattern } from '../../a64/pattern.ts';
import { HostFunction, type RuntimeFunction } from '../../a64/runtime.ts';
import { DecodeCache } from '../../arch/state/memory.ts';
import { assert, defined } from '../../base/assert.ts';
import type { Code, Local } from '../../wasm/code.ts';
import { type Expr, type I32, type I64, i32, i64, type V128 } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import type { CodeTable } from '../code/code-table.ts';
import { storedFlags } from '../code/flags.ts';
import { conditionFromFlags, InstructionEmitter } from '../code/instruction-emitter.ts';
import { floatTrap, stackAlignment } from '../code/level-change.ts';
import { missInterpreted } from '../code/second-tlb.ts';
import { ruledAccess } from '../code/system-access.ts';
import { type ElementAccess, missKey } from '../code/tlb.ts';

/** A handler, the interpreter's function for an operation: (core base, word, entry in the decode cache) to a Status. */
export const handlerType = { params: ['i32', 'i32', 'i32'], results: ['i32'] } as const;

/**
 * Writes the handler of one operation of the table. Registers are in memory and operands are extracted from the word at
 * run time, so one handler serves all words of the operation.
 */
export class HandlerEmitter extends InstructionEmitter {
  override readonly cpu: I32;
  readonly #word: I32;
  readonly #entry: I32;
  readonly #pattern: Pattern;
  readonly #writes: { address: I32; value: Expr; bytes: number; offset: number }[] = [];
  #writesX = false;
  #flow: (() => void) | undefined;

  constructor(code: Code, table: CodeTable, pattern: Pattern) {
    super(code, table);
    this.cpu = code.param('i32', 0);
    this.#word = code.param('i32', 1);
    this.#entry = code.param('i32', 2);
    this.#pattern = pattern;
  }

  /** Writes the whole function. */
  static generate(code: Code, table: CodeTable, { instruction, choices, fp }: Operation): void {
    const m = new HandlerEmitter(code, table, instruction.pattern);
    if (fp) {
      code.if(i32.load(m.cpu, Core.fpTrap), () => code.return(m.call(floatTrap, m.cpu, m.#word)));
    }
    instruction.run(m, choices);
    m.#commit();
    if (m.#flow) m.#flow();
    else code.return(i32.const(Status.next));
    code.unreachable();
  }

  override field(name: string): I32 {
    const f = defined(this.#pattern.field(name), `field ${name}`);
    assert(f.operand, `${name} chooses the operation; it is in f`);
    return i32.and(i32.shr_u(this.#word, i32.const(f.low)), i32.const((1 << f.width) - 1));
  }

  override sameField(a: string, b: string): I32 {
    return i32.eq(this.field(a), this.field(b));
  }

  override aux(slot: 0 | 1): I64 {
    return i64.load(this.#entry, slot === 0 ? DecodeCache.aux0 : DecodeCache.aux1);
  }

  override pc(): I64 {
    return i64.load(this.cpu, Core.pc);
  }

  #slot(index: I32, shift: number): I32 {
    return i32.add(this.cpu, i32.shl(index, i32.const(shift)));
  }

  /** Number 31 becomes 32, the slot of SP. */
  #orSp(field: string): I32 {
    const index = this.code.let(this.field(field));
    return i32.add(index, i32.shr_u(i32.add(index, i32.const(1)), i32.const(5)));
  }

  override x(field: string): I64 {
    return i64.load(this.#slot(this.field(field), 3), Core.x);
  }

  override xsp(field: string): I64 {
    return i64.load(this.#slot(this.#orSp(field), 3), Core.x);
  }

  override setX(field: string, value: I64): void {
    this.#writes.push({ address: this.#slot(this.field(field), 3), value, bytes: 8, offset: Core.x });
    this.#writesX = true;
  }

  override setXsp(field: string, value: I64): void {
    this.#writes.push({ address: this.#slot(this.#orSp(field), 3), value, bytes: 8, offset: Core.x });
  }

  override setLink(): void {
    this.#writes.push({
      address: this.cpu,
      value: i64.add(this.pc(), i64.const(4)),
      bytes: 8,
      offset: Core.x + 8 * 30,
    });
  }

  override v(field: string): V128 {
    return v128.load(this.#slot(this.field(field), 4), Core.v);
  }

  override setV(field: string, value: V128): void {
    this.#writes.push({ address: this.#slot(this.field(field), 4), value, bytes: 16, offset: Core.v });
  }

  #plus(field: string, add: number): I32 {
    return i32.and(i32.add(this.field(field), i32.const(add)), i32.const(31));
  }

  override vPlus(field: string, add: number): V128 {
    return v128.load(this.#slot(this.#plus(field, add), 4), Core.v);
  }

  override setVPlus(field: string, add: number, value: V128): void {
    this.#writes.push({ address: this.#slot(this.#plus(field, add), 4), value, bytes: 16, offset: Core.v });
  }

  override setFlags(kind: FlagKind, a: I64, b: I64): void {
    this.#setFlags(i32.const(kind), a, b);
  }

  #setFlags(kind: I32, a: I64, b: I64): void {
    this.#writes.push({ address: this.cpu, value: kind, bytes: 4, offset: Core.flagKind });
    this.#writes.push({ address: this.cpu, value: a, bytes: 8, offset: Core.flagA });
    this.#writes.push({ address: this.cpu, value: b, bytes: 8, offset: Core.flagB });
  }

  override setConditionalFlags(condition: I32, { subtract, wide, a, b }: Comparison, nzcv: number): void {
    const yes = this.let(condition);
    const kind = subtract ? (wide ? FlagKind.sub64 : FlagKind.sub32) : wide ? FlagKind.add64 : FlagKind.add32;
    this.#setFlags(
      this.select(yes, i32.const(kind), i32.const(FlagKind.packed)),
      this.select(yes, a, i64.const(BigInt(nzcv) << 28n)),
      b,
    );
  }

  override nzcv(): I32 {
    return this.call(storedFlags, this.cpu);
  }

  override condition(code: number): I32 {
    return conditionFromFlags(this.let(this.nzcv()), code);
  }

  override base(field: string): I64 {
    const value = this.let(this.xsp(field));
    const isSp = i32.eq(this.field(field), i32.const(31));
    const misaligned = i64.ne(i64.and(value, i64.const(15)), i64.const(0));
    const checked = i32.ne(i32.load(this.cpu, Core.spCheck), i32.const(0));
    this.code.if(i32.and(i32.and(isSp, misaligned), checked), () =>
      this.code.return(this.call(stackAlignment, this.cpu)),
    );
    return value;
  }

  override branch(): void {
    this.#flow = () => this.#jump(i64.add(this.pc(), this.aux(0)));
  }

  override branchIf(condition: I32): void {
    const taken = this.let(condition);
    this.#flow = () => {
      this.code.if(taken, () => this.#jump(i64.add(this.pc(), this.aux(0))));
      this.code.return(i32.const(Status.next));
    };
  }

  override branchTo(address: I64): void {
    this.#flow = () => this.#jump(address);
  }

  #jump(target: I64): void {
    this.store64(Core.pc, target);
    this.code.return(i32.const(Status.jumped));
  }

  protected override systemBy(f: RuntimeFunction<'i32'>): void {
    // Maps Status.next to Status.changed, and jumped to jumped.
    this.#flow = () => this.code.return(i32.sub(i32.const(Status.changed), this.call(f, this.cpu, this.#word)));
  }

  override readSystemRegister(): void {
    this.#accessRegister();
  }

  override writeSystemRegister(): void {
    this.#accessRegister();
  }

  /** Translations leave accesses that are trapped or UNDEFINED to the interpreter. Aux 0 is the AccessRule. */
  #accessRegister(): void {
    const rule = i32.wrap(this.aux(0));
    this.#flow = () =>
      this.code.return(i32.sub(i32.const(Status.changed), this.call(ruledAccess, this.cpu, this.#word, rule)));
  }

  protected override context(unprivileged: boolean): I64 {
    return i64.load(this.cpu, unprivileged ? Core.contextUnprivileged : Core.context);
  }

  protected override missed(address: I64, access: ElementAccess): I32 {
    return this.call(missInterpreted, this.cpu, address, i32.const(missKey(access)));
  }

  protected override slowAccess(host: Local<'i32'>, { bytes, count }: ElementAccess, stored?: StoredValues): void {
    const { code } = this;
    if (stored) this.storeAt(this.cpu, stored.bytes, stored.values, Core.scratch);
    code.if(this.call(HostFunction.access, this.cpu, i32.const(bytes), i32.const(count)), () =>
      code.return(i32.const(Status.jumped)),
    );
    code.set(host, i32.add(this.cpu, i32.const(Core.scratch)));
  }

  protected override markExclusive(host: I32, bytes: number): void {
    const slow = i32.eq(host, i32.add(this.cpu, i32.const(Core.scratch)));
    super.markExclusive(this.select(slow, i32.load(this.cpu, Core.exclusiveResult), host), bytes);
  }

  /** Writes the registers, together, after everything has been read. */
  #commit(): void {
    const { code } = this;
    const values =
      this.#writes.length > 1 ? this.#writes.map((w) => code.let(w.value)) : this.#writes.map((w) => w.value);
    this.#writes.forEach((w, i) => {
      code.store(w.address, values[i] as Expr, w.bytes, w.offset);
    });
    if (this.#writesX) this.store64(Core.x + 8 * 31, i64.const(0));
  }
}
