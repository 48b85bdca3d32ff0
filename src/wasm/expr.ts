/**
 * Expressions of WebAssembly as trees (WebAssembly Core Specification 2.0, section 5.4; tail calls and SIMD included).
 * A tree is emitted where it is used; a value that is used twice is first put in a local.
 */
export type ValType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export interface FunctionType {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/**
 * One node: the opcode (prefixed ones as 0xfc_00 + n and 0xfd_000 + n), its immediate, and its operands: `a` to `c`, or
 * those of a call. The translator makes thousands, so nodes are small and leaves are shared.
 */
export class Expr<T extends ValType = ValType> {
  /** Set by whoever makes the node, and never changed. */
  b: Expr | undefined = undefined;
  c: Expr | undefined = undefined;
  call: Call | undefined = undefined;

  constructor(
    readonly type: T,
    readonly op: number,
    readonly imm: number | bigint | Uint8Array = 0,
    readonly a: Expr | undefined = undefined,
  ) {}

  /** Gives a new node its other operands. */
  with(b: Expr, c?: Expr): this {
    this.b = b;
    this.c = c;
    return this;
  }
}

interface Call {
  readonly args: readonly Expr[];
  /** The table, for an indirect call. */
  readonly table: number;
}

export type I32 = Expr<'i32'>;
export type I64 = Expr<'i64'>;
export type F32 = Expr<'f32'>;
export type F64 = Expr<'f64'>;
export type V128 = Expr<'v128'>;

export const Op = {
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  v128Const: 0xfd00c,
  shuffle: 0xfd00d,
} as const;

const un =
  <R extends ValType, A extends ValType>(type: R, op: number) =>
  (a: Expr<A>): Expr<R> =>
    new Expr(type, op, 0, a);
const bin =
  <R extends ValType, A extends ValType, B extends ValType = A>(type: R, op: number) =>
  (a: Expr<A>, b: Expr<B>): Expr<R> =>
    new Expr(type, op, 0, a).with(b);
const load =
  <R extends ValType>(type: R, op: number) =>
  (address: I32, offset = 0): Expr<R> =>
    new Expr(type, op, offset, address);

/** The number a constant expression holds, or undefined. */
export const constantOf = (e: Expr): number | bigint | undefined =>
  (e.op === Op.i32Const || e.op === Op.i64Const) && !(e.imm instanceof Uint8Array) ? e.imm : undefined;

const isZero = (e: Expr): boolean => (e.op === Op.i32Const || e.op === Op.i64Const) && Number(e.imm) === 0;

/** Like `bin`, but an operation with zero on the right is the left side itself. */
const binZero =
  <T extends ValType>(type: T, op: number) =>
  (a: Expr<T>, b: Expr<T>): Expr<T> =>
    isZero(b) ? a : new Expr(type, op, 0, a).with(b);

/** Leaves by their immediate, for small ones. */
class Leaves<T extends ValType> {
  readonly #known: Expr<T>[] = [];

  constructor(
    readonly type: T,
    readonly op: number,
  ) {}

  of(imm: number): Expr<T> {
    if (imm < 0 || imm >= 1024) return new Expr(this.type, this.op, imm);
    this.#known[imm] ??= new Expr(this.type, this.op, imm);
    return this.#known[imm];
  }
}

const locals: { readonly [T in ValType]: Leaves<T> } = {
  i32: new Leaves('i32', Op.localGet),
  i64: new Leaves('i64', Op.localGet),
  f32: new Leaves('f32', Op.localGet),
  f64: new Leaves('f64', Op.localGet),
  v128: new Leaves('v128', Op.localGet),
};
const constants = { i32: new Leaves('i32', Op.i32Const), i64: new Leaves('i64', Op.i64Const) };

export const local = <T extends ValType>(type: T, index: number): Expr<T> => (locals[type] as Leaves<T>).of(index);
export const select = <T extends ValType>(condition: I32, yes: Expr<T>, no: Expr<T>): Expr<T> =>
  new Expr(yes.type, Op.select, 0, yes).with(no, condition);
/** A call of a function (by its index in the module) that returns one value. */
export const call = <T extends ValType>(type: T, index: number, args: readonly Expr[]): Expr<T> => {
  const made = new Expr(type, Op.call, index);
  made.call = { args, table: 0 };
  return made;
};
/** A function in a table: its type and the table by their indexes (see ModuleIndexes), and its slot. */
export interface TableFunction {
  readonly typeIndex: number;
  readonly table: number;
  readonly element: I32;
}

/** A call through a table of a function that returns one value. */
export const callIndirect = <T extends ValType>(
  type: T,
  { typeIndex, table, element }: TableFunction,
  args: readonly Expr[],
): Expr<T> => {
  const made = new Expr(type, Op.callIndirect, typeIndex, element);
  made.call = { args, table };
  return made;
};

export const i32 = {
  const: (n: number): I32 => constants.i32.of(n | 0),
  load: load('i32', 0x28),
  load8_s: load('i32', 0x2c),
  load8_u: load('i32', 0x2d),
  load16_s: load('i32', 0x2e),
  load16_u: load('i32', 0x2f),
  eqz: un<'i32', 'i32'>('i32', 0x45),
  eq: bin<'i32', 'i32'>('i32', 0x46),
  ne: bin<'i32', 'i32'>('i32', 0x47),
  lt_s: bin<'i32', 'i32'>('i32', 0x48),
  lt_u: bin<'i32', 'i32'>('i32', 0x49),
  gt_s: bin<'i32', 'i32'>('i32', 0x4a),
  gt_u: bin<'i32', 'i32'>('i32', 0x4b),
  le_s: bin<'i32', 'i32'>('i32', 0x4c),
  le_u: bin<'i32', 'i32'>('i32', 0x4d),
  ge_s: bin<'i32', 'i32'>('i32', 0x4e),
  ge_u: bin<'i32', 'i32'>('i32', 0x4f),
  clz: un<'i32', 'i32'>('i32', 0x67),
  ctz: un<'i32', 'i32'>('i32', 0x68),
  popcnt: un<'i32', 'i32'>('i32', 0x69),
  add: binZero('i32', 0x6a),
  sub: binZero('i32', 0x6b),
  mul: bin<'i32', 'i32'>('i32', 0x6c),
  div_s: bin<'i32', 'i32'>('i32', 0x6d),
  div_u: bin<'i32', 'i32'>('i32', 0x6e),
  rem_u: bin<'i32', 'i32'>('i32', 0x70),
  and: bin<'i32', 'i32'>('i32', 0x71),
  or: binZero('i32', 0x72),
  xor: binZero('i32', 0x73),
  shl: binZero('i32', 0x74),
  shr_s: binZero('i32', 0x75),
  shr_u: binZero('i32', 0x76),
  rotl: binZero('i32', 0x77),
  rotr: binZero('i32', 0x78),
  wrap: un<'i32', 'i64'>('i32', 0xa7),
  reinterpret: un<'i32', 'f32'>('i32', 0xbc),
  extend8_s: un<'i32', 'i32'>('i32', 0xc0),
  extend16_s: un<'i32', 'i32'>('i32', 0xc1),
  trunc_sat_f32_s: un<'i32', 'f32'>('i32', 0xfc00),
  trunc_sat_f32_u: un<'i32', 'f32'>('i32', 0xfc01),
  trunc_sat_f64_s: un<'i32', 'f64'>('i32', 0xfc02),
  trunc_sat_f64_u: un<'i32', 'f64'>('i32', 0xfc03),
};

export const i64 = {
  const: (n: number | bigint): I64 => (typeof n === 'number' ? constants.i64.of(n) : new Expr('i64', Op.i64Const, n)),
  load: load('i64', 0x29),
  load8_s: load('i64', 0x30),
  load8_u: load('i64', 0x31),
  load16_s: load('i64', 0x32),
  load16_u: load('i64', 0x33),
  load32_s: load('i64', 0x34),
  load32_u: load('i64', 0x35),
  eqz: un<'i32', 'i64'>('i32', 0x50),
  eq: bin<'i32', 'i64'>('i32', 0x51),
  ne: bin<'i32', 'i64'>('i32', 0x52),
  lt_s: bin<'i32', 'i64'>('i32', 0x53),
  lt_u: bin<'i32', 'i64'>('i32', 0x54),
  gt_s: bin<'i32', 'i64'>('i32', 0x55),
  gt_u: bin<'i32', 'i64'>('i32', 0x56),
  le_s: bin<'i32', 'i64'>('i32', 0x57),
  le_u: bin<'i32', 'i64'>('i32', 0x58),
  ge_s: bin<'i32', 'i64'>('i32', 0x59),
  ge_u: bin<'i32', 'i64'>('i32', 0x5a),
  clz: un<'i64', 'i64'>('i64', 0x79),
  ctz: un<'i64', 'i64'>('i64', 0x7a),
  popcnt: un<'i64', 'i64'>('i64', 0x7b),
  add: binZero('i64', 0x7c),
  sub: binZero('i64', 0x7d),
  mul: bin<'i64', 'i64'>('i64', 0x7e),
  div_s: bin<'i64', 'i64'>('i64', 0x7f),
  div_u: bin<'i64', 'i64'>('i64', 0x80),
  rem_u: bin<'i64', 'i64'>('i64', 0x82),
  and: bin<'i64', 'i64'>('i64', 0x83),
  or: binZero('i64', 0x84),
  xor: binZero('i64', 0x85),
  shl: binZero('i64', 0x86),
  shr_s: binZero('i64', 0x87),
  shr_u: binZero('i64', 0x88),
  rotl: binZero('i64', 0x89),
  rotr: binZero('i64', 0x8a),
  extend_s: un<'i64', 'i32'>('i64', 0xac),
  extend_u: un<'i64', 'i32'>('i64', 0xad),
  reinterpret: un<'i64', 'f64'>('i64', 0xbd),
  extend8_s: un<'i64', 'i64'>('i64', 0xc2),
  extend16_s: un<'i64', 'i64'>('i64', 0xc3),
  extend32_s: un<'i64', 'i64'>('i64', 0xc4),
  trunc_sat_f32_s: un<'i64', 'f32'>('i64', 0xfc04),
  trunc_sat_f32_u: un<'i64', 'f32'>('i64', 0xfc05),
  trunc_sat_f64_s: un<'i64', 'f64'>('i64', 0xfc06),
  trunc_sat_f64_u: un<'i64', 'f64'>('i64', 0xfc07),
};

export const f32 = {
  const: (n: number): F32 => new Expr('f32', Op.f32Const, n),
  load: load('f32', 0x2a),
  eq: bin<'i32', 'f32'>('i32', 0x5b),
  ne: bin<'i32', 'f32'>('i32', 0x5c),
  lt: bin<'i32', 'f32'>('i32', 0x5d),
  gt: bin<'i32', 'f32'>('i32', 0x5e),
  le: bin<'i32', 'f32'>('i32', 0x5f),
  ge: bin<'i32', 'f32'>('i32', 0x60),
  abs: un<'f32', 'f32'>('f32', 0x8b),
  neg: un<'f32', 'f32'>('f32', 0x8c),
  ceil: un<'f32', 'f32'>('f32', 0x8d),
  floor: un<'f32', 'f32'>('f32', 0x8e),
  trunc: un<'f32', 'f32'>('f32', 0x8f),
  nearest: un<'f32', 'f32'>('f32', 0x90),
  sqrt: un<'f32', 'f32'>('f32', 0x91),
  add: bin<'f32', 'f32'>('f32', 0x92),
  sub: bin<'f32', 'f32'>('f32', 0x93),
  mul: bin<'f32', 'f32'>('f32', 0x94),
  div: bin<'f32', 'f32'>('f32', 0x95),
  min: bin<'f32', 'f32'>('f32', 0x96),
  max: bin<'f32', 'f32'>('f32', 0x97),
  copysign: bin<'f32', 'f32'>('f32', 0x98),
  convert_i32_s: un<'f32', 'i32'>('f32', 0xb2),
  convert_i32_u: un<'f32', 'i32'>('f32', 0xb3),
  convert_i64_s: un<'f32', 'i64'>('f32', 0xb4),
  convert_i64_u: un<'f32', 'i64'>('f32', 0xb5),
  demote: un<'f32', 'f64'>('f32', 0xb6),
  reinterpret: un<'f32', 'i32'>('f32', 0xbe),
};

export const f64 = {
  const: (n: number): F64 => new Expr('f64', Op.f64Const, n),
  load: load('f64', 0x2b),
  eq: bin<'i32', 'f64'>('i32', 0x61),
  ne: bin<'i32', 'f64'>('i32', 0x62),
  lt: bin<'i32', 'f64'>('i32', 0x63),
  gt: bin<'i32', 'f64'>('i32', 0x64),
  le: bin<'i32', 'f64'>('i32', 0x65),
  ge: bin<'i32', 'f64'>('i32', 0x66),
  abs: un<'f64', 'f64'>('f64', 0x99),
  neg: un<'f64', 'f64'>('f64', 0x9a),
  ceil: un<'f64', 'f64'>('f64', 0x9b),
  floor: un<'f64', 'f64'>('f64', 0x9c),
  trunc: un<'f64', 'f64'>('f64', 0x9d),
  nearest: un<'f64', 'f64'>('f64', 0x9e),
  sqrt: un<'f64', 'f64'>('f64', 0x9f),
  add: bin<'f64', 'f64'>('f64', 0xa0),
  sub: bin<'f64', 'f64'>('f64', 0xa1),
  mul: bin<'f64', 'f64'>('f64', 0xa2),
  div: bin<'f64', 'f64'>('f64', 0xa3),
  min: bin<'f64', 'f64'>('f64', 0xa4),
  max: bin<'f64', 'f64'>('f64', 0xa5),
  copysign: bin<'f64', 'f64'>('f64', 0xa6),
  convert_i32_s: un<'f64', 'i32'>('f64', 0xb7),
  convert_i32_u: un<'f64', 'i32'>('f64', 0xb8),
  convert_i64_s: un<'f64', 'i64'>('f64', 0xb9),
  convert_i64_u: un<'f64', 'i64'>('f64', 0xba),
  promote: un<'f64', 'f32'>('f64', 0xbb),
  reinterpret: un<'f64', 'i64'>('f64', 0xbf),
};
