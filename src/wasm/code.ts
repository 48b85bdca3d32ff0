import { assert } from '../base/assert.ts';
import { Bytes } from './bytes.ts';
import { type Expr, type FunctionType, type I32, local, Op, type ValType } from './expr.ts';

/** A place that a branch can go to: the end of a block or if, or the head of a loop. */
export interface Label {
  readonly depth: number;
}

/** A local of a function, with its type. */
export interface Local<T extends ValType = ValType> {
  readonly type: T;
  readonly index: number;
}

/** Which way an `if` usually goes. */
interface BranchHint {
  readonly offset: number;
  readonly taken: boolean;
}

/** What code needs to know of its module. */
export interface ModuleIndexes {
  /** The index of a function type. */
  type(type: FunctionType): number;
  /** The index of an imported table. */
  table(name: string): number;
}

/** The body of one function: statements are written in order, expressions as trees. */
export class Code {
  readonly #out = new Bytes(2048);
  readonly #locals: ValType[] = [];
  /** Free locals, by type, and the locals taken in the current scope. */
  readonly #free: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #taken: Local[] | undefined;
  #depth = 0;
  readonly #hints: BranchHint[] = [];

  constructor(
    readonly module: ModuleIndexes,
    /** Index of the function in its module. */
    readonly index: number,
    readonly params: readonly ValType[],
    readonly results: readonly ValType[],
  ) {}

  /** Bytes written so far. */
  get size(): number {
    return this.#out.length;
  }

  param<T extends ValType>(type: T, n: number): Expr<T> {
    assert(this.params[n] === type, `parameter ${n} is not of type ${type}`);
    return local(type, n);
  }

  /** A parameter as a local, which can be set. */
  paramLocal<T extends ValType>(type: T, n: number): Local<T> {
    assert(this.params[n] === type, `parameter ${n} is not of type ${type}`);
    return { type, index: n };
  }

  local<T extends ValType>(type: T): Local<T> {
    const index = this.#free[type].pop() ?? this.params.length + this.#locals.push(type) - 1;
    const l = { type, index };
    this.#taken?.push(l);
    return l;
  }

  /** A local that is not returned at the end of a scope. */
  permanentLocal<T extends ValType>(type: T): Local<T> {
    return { type, index: this.params.length + this.#locals.push(type) - 1 };
  }

  /** Runs `body`; the locals that it takes are free for others afterwards. */
  scope(body: () => void): void {
    const outer = this.#taken;
    this.#taken = [];
    body();
    for (const l of this.#taken) this.#free[l.type].push(l.index);
    this.#taken = outer;
  }

  get<T extends ValType>(l: Local<T>): Expr<T> {
    return local(l.type, l.index);
  }

  set<T extends ValType>(l: Local<T>, value: Expr<T>): void {
    this.emit(value);
    this.#out.byte(0x21);
    this.#out.u32(l.index);
  }

  /** Puts a value in a fresh local so that it can be used more than once; constants and locals are left as they are. */
  let<T extends ValType>(value: Expr<T>): Expr<T> {
    if (value.op === Op.localGet || value.op === Op.i32Const || value.op === Op.i64Const || value.op === Op.v128Const)
      return value;
    const l = this.local(value.type);
    this.set(l, value);
    return this.get(l);
  }

  /** Stores, named by width: value type and bytes give the opcode. */
  store(address: I32, value: Expr, bytes: number, offset = 0): void {
    this.emit(address);
    this.emit(value);
    const opcode = storeOpcode[`${value.type}/${bytes}`];
    assert(opcode !== undefined, `no store of ${bytes} bytes from ${value.type}`);
    this.#opcode(opcode);
    this.#out.u32(0);
    this.#out.u32(offset);
  }

  drop(value: Expr): void {
    this.emit(value);
    this.#out.byte(0x1a);
  }

  /** A call whose results, if any, stay on the stack: for functions without results. */
  call(index: number, args: readonly Expr[]): void {
    for (const a of args) this.emit(a);
    this.#out.byte(0x10);
    this.#out.u32(index);
  }

  block(body: (label: Label) => void): void {
    this.#open(0x02);
    body({ depth: this.#depth });
    this.end();
  }

  loop(body: (label: Label) => void): void {
    this.#open(0x03);
    body({ depth: this.#depth });
    this.end();
  }

  /** Opens a block whose end is written later by `end`. */
  openBlock(): Label {
    this.#open(0x02);
    return { depth: this.#depth };
  }

  openLoop(): Label {
    this.#open(0x03);
    return { depth: this.#depth };
  }

  end(): void {
    this.#out.byte(0x0b);
    this.#depth--;
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.emit(condition);
    this.#if(then, otherwise);
  }

  /** The same where the condition usually holds: engines that read branch hints move the other path out of the way. */
  likely(condition: I32, then: () => void, otherwise?: () => void): void {
    this.emit(condition);
    this.#hints.push({ offset: this.#out.length, taken: true });
    this.#if(then, otherwise);
  }

  /** The same where it rarely holds. */
  unlikely(condition: I32, then: () => void, otherwise?: () => void): void {
    this.emit(condition);
    this.#hints.push({ offset: this.#out.length, taken: false });
    this.#if(then, otherwise);
  }

  #if(then: () => void, otherwise?: () => void): void {
    this.#open(0x04);
    then();
    if (otherwise) {
      this.#out.byte(0x05);
      otherwise();
    }
    this.end();
  }

  br(label: Label): void {
    this.#out.byte(0x0c);
    this.#out.u32(this.#depth - label.depth);
  }

  brIf(label: Label, condition: I32): void {
    this.emit(condition);
    this.#out.byte(0x0d);
    this.#out.u32(this.#depth - label.depth);
  }

  brTable(index: I32, labels: readonly Label[], fallback: Label): void {
    this.emit(index);
    this.#out.byte(0x0e);
    this.#out.u32(labels.length);
    for (const l of labels) this.#out.u32(this.#depth - l.depth);
    this.#out.u32(this.#depth - fallback.depth);
  }

  return(...values: Expr[]): void {
    for (const v of values) this.emit(v);
    this.#out.byte(0x0f);
  }

  unreachable(): void {
    this.#out.byte(0x00);
  }

  /** Tail call (WebAssembly tail-call extension). */
  returnCall(index: number, args: readonly Expr[]): void {
    for (const a of args) this.emit(a);
    this.#out.byte(0x12);
    this.#out.u32(index);
  }

  returnCallIndirect(type: number, table: number, element: I32, args: readonly Expr[]): void {
    for (const a of args) this.emit(a);
    this.emit(element);
    this.#out.byte(0x13);
    this.#out.u32(type);
    this.#out.u32(table);
  }

  /** Fills `length` bytes of memory (bulk memory operations). */
  memoryFill(address: I32, value: I32, length: I32): void {
    this.emit(address);
    this.emit(value);
    this.emit(length);
    this.#out.byte(0xfc);
    this.#out.u32(11);
    this.#out.byte(0);
  }

  emit(e: Expr): void {
    const out = this.#out;
    const { op, call } = e;
    if (call) for (const argument of call.args) this.emit(argument);
    if (e.a) this.emit(e.a);
    if (e.b) this.emit(e.b);
    if (e.c) this.emit(e.c);
    switch (op) {
      case Op.localGet:
        out.byte(op);
        out.u32(e.imm as number);
        return;
      case Op.i32Const:
        out.byte(op);
        out.s32(e.imm as number);
        return;
      case Op.i64Const:
        out.byte(op);
        out.s64(e.imm as number | bigint);
        return;
      case Op.f32Const:
        out.byte(op);
        out.f32(e.imm as number);
        return;
      case Op.f64Const:
        out.byte(op);
        out.f64(e.imm as number);
        return;
      case Op.call:
        out.byte(op);
        out.u32(e.imm as number);
        return;
      case Op.callIndirect:
        out.byte(op);
        out.u32(e.imm as number);
        out.u32(call?.table ?? 0);
        return;
      default:
        this.#opcode(op);
        if (op >= 0x28 && op <= 0x35) {
          out.byte(0);
          out.u32(e.imm as number);
        } else if (op >= 0xfd000) this.#simdImmediates(e);
    }
  }

  #simdImmediates(e: Expr): void {
    const n = e.op - 0xfd000;
    if (e.imm instanceof Uint8Array) this.#out.append(e.imm);
    else if (n <= 0x0b || n === 0x5c || n === 0x5d) {
      this.#out.u32(0);
      this.#out.u32(e.imm as number);
    } else if (n >= 21 && n <= 34) this.#out.byte(e.imm as number);
  }

  #opcode(op: number): void {
    if (op >= 0xfd000) {
      this.#out.byte(0xfd);
      this.#out.u32(op - 0xfd000);
    } else if (op >= 0xfc00) {
      this.#out.byte(0xfc);
      this.#out.u32(op - 0xfc00);
    } else this.#out.byte(op);
  }

  #open(op: number): void {
    this.#out.byte(op);
    this.#out.byte(0x40);
    this.#depth++;
  }

  /** Appends size, locals and body to the code section. Returns the hints, by offsets from where the locals begin. */
  write(section: Bytes, typeByte: Record<ValType, number>): BranchHint[] {
    assert(this.#depth === 0, 'a block is left open');
    const head = new Bytes(64);
    const runs: { type: ValType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    head.u32(runs.length);
    for (const run of runs) {
      head.u32(run.count);
      head.byte(typeByte[run.type]);
    }
    section.u32(head.length + this.#out.length + 1);
    section.append(head.view());
    section.append(this.#out.view());
    section.byte(0x0b);
    return this.#hints.map(({ offset, taken }) => ({ offset: head.length + offset, taken }));
  }
}

const storeOpcode: Record<string, number> = {
  'i32/4': 0x36,
  'i64/8': 0x37,
  'f32/4': 0x38,
  'f64/8': 0x39,
  'i32/1': 0x3a,
  'i32/2': 0x3b,
  'i64/1': 0x3c,
  'i64/2': 0x3d,
  'i64/4': 0x3e,
  'v128/16': 0xfd00b,
};
