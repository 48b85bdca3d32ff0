import type { Code } from '../wasm/code.ts';
import {
  type Expr,
  type F32,
  type F64,
  type I32,
  type I64,
  i32,
  i64,
  select,
  type V128,
  type ValType,
} from '../wasm/expr.ts';
import { f32x4, f64x2, i64x2, v128 } from '../wasm/simd.ts';
import { AccessKind, FlagKind } from './layout.ts';
import type { RuntimeFunction } from './runtime.ts';

/** A condition code of the architecture (Arm ARM C1.2.4). */
export const Condition = {
  eq: 0,
  ne: 1,
  cs: 2,
  cc: 3,
  mi: 4,
  pl: 5,
  vs: 6,
  vc: 7,
  hi: 8,
  ls: 9,
  ge: 10,
  lt: 11,
  gt: 12,
  le: 13,
  al: 14,
  nv: 15,
} as const;

/** A comparison whose flags are set: a - b, or a + b unless `subtract`; of 64 bits if `wide`, else of the low 32. */
export interface Comparison {
  readonly subtract: boolean;
  readonly wide: boolean;
  readonly a: I64;
  readonly b: I64;
}

/** Values of `bytes` each, stored as elements of as many or fewer bytes. An element is what must be aligned. */
export interface StoredValues {
  readonly values: readonly Expr[];
  readonly bytes: number;
  readonly elementBytes: number;
}

/**
 * The interface in which the meaning of an instruction is written. The interpreter and the translator implement it: for
 * the interpreter an operand is a field to extract at run time, for the translator a constant.
 *
 * All register and flag writes take effect together when the instruction completes, so that reads always give the old
 * values and an instruction that faults has written nothing. Memory is written at once, in order. Expressions are
 * trees, emitted where they are used: put a value that is used twice in a `let`.
 */
export abstract class Meaning {
  abstract readonly code: Code;
  /** Base address of the core's state. */
  abstract readonly cpu: I32;

  /** Xn by the name of its field; 31 is XZR. */
  abstract x(field: string): I64;
  /** Xn; 31 is SP. */
  abstract xsp(field: string): I64;
  abstract setX(field: string, value: I64): void;
  abstract setXsp(field: string, value: I64): void;
  /** X30 gets the address of the next instruction. */
  abstract setLink(): void;
  abstract v(field: string): V128;
  abstract setV(field: string, value: V128): void;
  /** V of register number (field + add) mod 32, for register lists. */
  abstract vPlus(field: string, add: number): V128;
  abstract setVPlus(field: string, add: number, value: V128): void;
  /** An operand field's value, zero-extended. */
  abstract field(field: string): I32;
  /** An operand computed when the word is decoded. */
  abstract aux(slot: 0 | 1): I64;
  /** Address of this instruction. */
  abstract pc(): I64;
  /** Whether two operand fields name the same register; a constant when translating. */
  abstract sameField(a: string, b: string): I32;

  /** Sets NZCV lazily: the operation and its operands are kept. Operands must be cheap to use more than once. */
  abstract setFlags(kind: FlagKind, a: I64, b: I64): void;
  /** CCMP and CCMN: sets the flags of a comparison if the condition holds, else a constant (N Z C V in bits 3-0). */
  abstract setConditionalFlags(condition: I32, comparison: Comparison, nzcv: number): void;
  /** NZCV in bits 31-28. */
  abstract nzcv(): I32;
  /** Whether a condition holds: 0 or 1. */
  abstract condition(code: number): I32;

  /** Host address of `count` elements of `bytes` each, readable now; leaves the instruction when they are not. */
  protected abstract loadAddress(address: I64, bytes: number, count: number, kind: number): I32;
  protected abstract storeElements(address: I64, stored: StoredValues, kind: number): void;
  /** Marks the location for the exclusive monitor and returns its host address. */
  protected abstract markExclusive(host: I32, bytes: number): void;
  /**
   * Stores if the monitor marks the location; 0 if it did, 1 if not. `pair`: for two registers, perhaps in one value.
   */
  abstract storeExclusive(address: I64, bytes: number, values: readonly I64[], pair?: boolean): I32;

  /** Goes to pc + aux 0. */
  abstract branch(): void;
  abstract branchIf(condition: I32): void;
  abstract branchTo(address: I64): void;
  /** Leaves the instruction to TypeScript: exceptions, maintenance, hints that wait. */
  abstract system(): void;
  /** MSR (immediate) and SYS: like `system`, but a translation may execute plain ones itself. */
  abstract writeProcessState(): void;
  abstract systemOperation(): void;
  /** SVC, HVC, BRK and ERET: like `system`, but the plain cases need no TypeScript. */
  abstract supervisorCall(): void;
  abstract hypervisorCall(): void;
  abstract softwareBreakpoint(): void;
  abstract exceptionReturn(): void;
  /** MRS and MSR: like `system`, but a translation may access registers with plain storage itself. */
  abstract readSystemRegister(): void;
  abstract writeSystemRegister(): void;
  abstract clearExclusive(): void;
  /** The base address of an access. Checks SP alignment if the base register is SP. */
  abstract base(field: string): I64;
  /** Calls a function of the runtime. */
  abstract call<T extends ValType>(f: RuntimeFunction<T>, ...args: Expr[]): Expr<T>;

  /** Puts a value in a local, to be used more than once. */
  let<T extends ValType>(value: Expr<T>): Expr<T> {
    return this.code.let(value);
  }

  /** yes or no, by a condition; all three are evaluated. */
  select<T extends ValType>(condition: I32, yes: Expr<T>, no: Expr<T>): Expr<T> {
    return select(condition, yes, no);
  }

  w(field: string): I32 {
    return i32.wrap(this.x(field));
  }

  wsp(field: string): I32 {
    return i32.wrap(this.xsp(field));
  }

  setW(field: string, value: I32): void {
    this.setX(field, i64.extend_u(value));
  }

  setWsp(field: string, value: I32): void {
    this.setXsp(field, i64.extend_u(value));
  }

  /** Low lanes of a vector register. */
  d(field: string): F64 {
    return f64x2.extract_lane(this.v(field), 0);
  }

  s(field: string): F32 {
    return f32x4.extract_lane(this.v(field), 0);
  }

  /** Low 64 bits of a vector register as an integer. */
  dBits(field: string): I64 {
    return i64x2.extract_lane(this.v(field), 0);
  }

  /** Writes a scalar and clears the rest of the register. */
  setD(field: string, value: F64): void {
    this.setV(field, f64x2.replace_lane(v128.zero(), 0, value));
  }

  setS(field: string, value: F32): void {
    this.setV(field, f32x4.replace_lane(v128.zero(), 0, value));
  }

  setDBits(field: string, value: I64): void {
    this.setV(field, i64x2.replace_lane(v128.zero(), 0, value));
  }

  /** A zero-extended load of 1, 2, 4 or 8 bytes. */
  load(address: I64, bytes: number, kind: number = AccessKind.read): I64 {
    return this.let(loadInteger(this.loadAddress(address, bytes, 1, kind), bytes));
  }

  /** Two adjacent elements, loaded as one access. */
  loadPair(address: I64, bytes: number, kind: number = AccessKind.read): [I64, I64] {
    const host = this.loadAddress(address, bytes, 2, kind);
    return [this.let(loadInteger(host, bytes)), this.let(loadInteger(host, bytes, bytes))];
  }

  /** Loads 1 to 16 bytes into the low lanes of a vector and clears the rest. */
  loadVector(address: I64, bytes: number): V128 {
    return this.let(loadVector(this.loadAddress(address, bytes, 1, AccessKind.read), bytes));
  }

  loadVectorPair(address: I64, bytes: number): [V128, V128] {
    const host = this.loadAddress(address, bytes, 2, AccessKind.read);
    return [this.let(loadVector(host, bytes)), this.let(loadVector(host, bytes, bytes))];
  }

  /** Loads `count` vectors of 8 or 16 bytes, made of smaller elements, as one access. */
  loadVectors(address: I64, bytes: number, count: number, elementBytes: number): V128[] {
    const host = this.loadAddress(address, elementBytes, (bytes * count) / elementBytes, AccessKind.read);
    return Array.from({ length: count }, (_, i) => this.let(loadVector(host, bytes, i * bytes)));
  }

  storeVectors(address: I64, bytes: number, values: readonly V128[], elementBytes: number): void {
    this.storeElements(address, { values, bytes, elementBytes }, AccessKind.write);
  }

  /** Loads `count` adjacent elements of 1, 2, 4 or 8 bytes, zero-extended, as one access. */
  loadIntegers(address: I64, bytes: number, count: number): I64[] {
    const host = this.loadAddress(address, bytes, count, AccessKind.read);
    return Array.from({ length: count }, (_, i) => this.let(loadInteger(host, bytes, i * bytes)));
  }

  storeIntegers(address: I64, bytes: number, values: readonly I64[]): void {
    this.storeElements(address, { values, bytes, elementBytes: bytes }, AccessKind.write);
  }

  loadExclusive(address: I64, bytes: number): I64 {
    const host = this.loadAddress(address, bytes, 1, AccessKind.aligned | AccessKind.exclusive);
    this.markExclusive(host, bytes);
    return this.let(loadInteger(host, bytes));
  }

  loadExclusivePair(address: I64, bytes: number): [I64, I64] {
    const kind = AccessKind.aligned | AccessKind.exclusive | AccessKind.halves;
    const host = this.loadAddress(address, 2 * bytes, 1, kind);
    this.markExclusive(host, 2 * bytes);
    return [this.let(loadInteger(host, bytes)), this.let(loadInteger(host, bytes, bytes))];
  }

  /** Stores the low `bytes` of a value (I64, F32, F64 or V128). */
  store(address: I64, value: Expr, bytes: number, kind: number = AccessKind.write): void {
    this.storeElements(address, { values: [value], bytes, elementBytes: bytes }, kind);
  }

  /** Stores two adjacent elements as one access. */
  storePair(address: I64, first: Expr, second: Expr, bytes: number): void {
    const values = [first, second];
    this.storeElements(address, { values, bytes, elementBytes: bytes }, AccessKind.write);
  }

  /** Sets NZ from a result and clears CV. */
  setLogicFlags(sf: number, result: I64): void {
    this.setFlags(FlagKind.logic, sf ? result : i64.extend32_s(result), i64.const(0));
  }

  setPackedFlags(nzcv: I32): void {
    this.setFlags(FlagKind.packed, i64.extend_u(nzcv), i64.const(0));
  }

  /** The carry flag, 0 or 1. */
  carry(): I32 {
    return this.condition(Condition.cs);
  }
}

/** A zero-extended load of 1, 2, 4 or 8 bytes at a host address. */
export const loadInteger = (host: I32, bytes: number, offset = 0): I64 => {
  switch (bytes) {
    case 1:
      return i64.load8_u(host, offset);
    case 2:
      return i64.load16_u(host, offset);
    case 4:
      return i64.load32_u(host, offset);
    default:
      return i64.load(host, offset);
  }
};

/** Loads 1 to 16 bytes at a host address into the low lanes of a vector, the rest zero. */
export const loadVector = (host: I32, bytes: number, offset = 0): V128 => {
  switch (bytes) {
    case 16:
      return v128.load(host, offset);
    case 8:
      return v128.load64_zero(host, offset);
    case 4:
      return v128.load32_zero(host, offset);
    default:
      return i64x2.replace_lane(v128.zero(), 0, loadInteger(host, bytes, offset));
  }
};

/** Sign-extends the low `bits` of a value to 64. */
export const signExtend64 = (bits: number, e: I64): I64 =>
  bits === 8 ? i64.extend8_s(e) : bits === 16 ? i64.extend16_s(e) : bits === 32 ? i64.extend32_s(e) : e;
