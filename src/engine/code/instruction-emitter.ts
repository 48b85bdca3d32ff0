import { AccessKind, Core, Tlb } from '../../a64/layout.ts';
import { Condition, Meaning, type StoredValues } from '../../a64/meaning.ts';
import { HostFunction, type RuntimeFunction } from '../../a64/runtime.ts';
import type { Code, Local } from '../../wasm/code.ts';
import { type Expr, type I32, type I64, i32, i64, type V128, type ValType } from '../../wasm/expr.ts';
import { i64x2 } from '../../wasm/simd.ts';
import type { CodeTable } from './code-table.ts';
import { exceptionReturn, hypervisorCall, softwareBreakpoint, supervisorCall } from './level-change.ts';
import { processStateWrite } from './system-access.ts';
import { dataTlbEntry, type ElementAccess } from './tlb.ts';

/**
 * Writes what the interpreter's and the translator's code have in common: calls, TLB, exclusive monitor, conditions.
 */
export abstract class InstructionEmitter extends Meaning {
  constructor(
    override readonly code: Code,
    protected readonly table: CodeTable,
  ) {
    super();
  }

  /** TLB tag bits of the current context. */
  protected abstract context(unprivileged: boolean): I64;
  /**
   * Written where an access has no host address. `stored` is what it stores, if it is a store. Sets `host`, or leaves
   * the instruction.
   */
  protected abstract slowAccess(host: Local<'i32'>, access: ElementAccess, stored?: StoredValues): void;

  /**
   * Ends the instruction with a call of a function (cpu, word) that returns a Status; it finds all registers in memory.
   */
  protected abstract systemBy(f: RuntimeFunction<'i32'>): void;

  override system(): void {
    this.systemBy(HostFunction.system);
  }

  override writeProcessState(): void {
    this.systemBy(processStateWrite);
  }

  override systemOperation(): void {
    this.system();
  }

  override supervisorCall(): void {
    this.systemBy(supervisorCall);
  }

  override hypervisorCall(): void {
    this.systemBy(hypervisorCall);
  }

  override softwareBreakpoint(): void {
    this.systemBy(softwareBreakpoint);
  }

  override exceptionReturn(): void {
    this.systemBy(exceptionReturn);
  }

  override call<T extends ValType>(f: RuntimeFunction<T>, ...args: Expr[]): Expr<T> {
    return this.table.call(this.code, f, args);
  }

  protected store32(offset: number, value: I32): void {
    this.code.store(this.cpu, value, 4, offset);
  }

  protected store64(offset: number, value: I64): void {
    this.code.store(this.cpu, value, 8, offset);
  }

  /** Host address of an access that misses the TLB, or -1 (see HostFunction.fill). */
  protected abstract missed(address: I64, access: ElementAccess): I32;

  /**
   * Looks an access up in the TLB (see Tlb in layout.ts); a miss asks TypeScript. The local gets the host address, or
   * -1: there `nowhere` writes what happens.
   */
  protected probe(address: I64, access: ElementAccess, nowhere?: (host: Local<'i32'>) => void): Local<'i32'> {
    const { code } = this;
    const { bytes, count, kind } = access;
    const va = code.let(address);
    const host = code.local('i32');
    const entry = code.let(dataTlbEntry(this.cpu, i32.wrap(va)));
    const last = i64.add(va, i64.const(bytes * (count - 1)));
    const page = i64.and(last, i64.const(-4096 | (bytes - 1)));
    const tag = i64.load(entry, Core.tlb + (kind & AccessKind.write ? Tlb.writeTag : Tlb.readTag));
    code.likely(
      i64.eq(i64.or(page, this.context((kind & AccessKind.unprivileged) !== 0)), tag),
      () => code.set(host, i32.add(i32.wrap(va), i32.load(entry, Core.tlb + Tlb.addend))),
      () => {
        code.set(host, this.missed(va, access));
        if (nowhere) code.unlikely(this.#isNowhere(host), () => nowhere(host));
      },
    );
    return host;
  }

  #isNowhere(host: Local<'i32'>): I32 {
    return i32.eq(this.code.get(host), i32.const(-1));
  }

  protected override loadAddress(address: I64, bytes: number, count: number, kind: number): I32 {
    const access = { bytes, count, kind };
    return this.code.get(this.probe(address, access, (host) => this.slowAccess(host, access)));
  }

  protected override storeElements(address: I64, stored: StoredValues, kind: number): void {
    const { values, bytes, elementBytes } = stored;
    const access = { bytes: elementBytes, count: (bytes / elementBytes) * values.length, kind };
    const host = this.probe(address, access, (slow) => this.slowAccess(slow, access, stored));
    this.storeAt(this.code.get(host), bytes, values);
  }

  /** Stores the low bytes of each value at a host address, one after the other. */
  protected storeAt(host: I32, bytes: number, values: readonly Expr[], offset = 0): void {
    values.forEach((value, i) => {
      this.code.store(host, lowPart(value, bytes), bytes, offset + i * bytes);
    });
  }

  protected override markExclusive(host: I32, bytes: number): void {
    this.store32(Core.exclusiveAddress, host);
    this.store32(Core.exclusiveSize, i32.const(bytes));
  }

  override clearExclusive(): void {
    this.store32(Core.exclusiveAddress, i32.const(0));
  }

  override storeExclusive(address: I64, bytes: number, values: readonly I64[], pair = false): I32 {
    const { code } = this;
    const status = code.local('i32');
    const total = bytes * values.length;
    const access = { bytes: total, count: 1, kind: AccessKind.write | AccessKind.aligned };
    const host = this.probe(address, access);
    code.set(status, i32.const(1));
    code.if(
      this.#isNowhere(host),
      () => {
        const kind = AccessKind.write | AccessKind.aligned | AccessKind.exclusive | (pair ? AccessKind.halves : 0);
        this.store32(Core.accessKind, i32.const(kind));
        this.slowAccess(host, access, { values, bytes, elementBytes: total });
        code.set(status, i32.load(this.cpu, Core.exclusiveResult));
      },
      () => {
        // The monitor is opened whenever another core has run, so an equal address means that the sequence is unbroken.
        const marked = i32.and(
          i32.eq(i32.load(this.cpu, Core.exclusiveAddress), code.get(host)),
          i32.eq(i32.load(this.cpu, Core.exclusiveSize), i32.const(total)),
        );
        code.if(marked, () => {
          this.storeAt(code.get(host), bytes, values);
          code.set(status, i32.const(0));
        });
      },
    );
    this.clearExclusive();
    return code.get(status);
  }
}

/** An expression whose store of `bytes` stores the low bytes of an i64, f32, f64 or v128. */
const lowPart = (value: Expr, bytes: number): Expr =>
  isVector(value) && bytes < 16 ? i64x2.extract_lane(value, 0) : value;

const isVector = (e: Expr): e is V128 => e.type === 'v128';

/** Whether a condition holds, from NZCV in bits 31-28 (Arm ARM J1.3, ConditionHolds). */
export function conditionFromFlags(nzcv: I32, code: number): I32 {
  const bit = (n: number): I32 => i32.and(i32.shr_u(nzcv, i32.const(n)), i32.const(1));
  const signed = (): I32 => i32.ge_s(i32.xor(nzcv, i32.shl(nzcv, i32.const(3))), i32.const(0));
  const base = (): I32 => {
    switch (code & ~1) {
      case Condition.eq:
        return bit(30);
      case Condition.cs:
        return bit(29);
      case Condition.mi:
        return bit(31);
      case Condition.vs:
        return bit(28);
      case Condition.hi:
        return i32.eq(i32.and(nzcv, i32.const(0x60000000)), i32.const(0x20000000));
      case Condition.ge:
        return signed();
      case Condition.gt:
        return i32.and(signed(), i32.eqz(bit(30)));
      default:
        return i32.const(1);
    }
  };
  return code & 1 && code !== Condition.nv ? i32.eqz(base()) : base();
}
