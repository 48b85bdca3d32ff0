import type { Code } from '../wasm/code.ts';
import type { Expr, FunctionType, ValType } from '../wasm/expr.ts';

/**
 * A function that generated code calls. With a body it is itself generated Wasm, shared by all translations; without
 * one it is a TypeScript function that the core provides under that name, as `(cpu, …) => number`.
 */
export interface RuntimeFunction<T extends ValType = ValType> extends FunctionType {
  readonly name: string;
  readonly result: T;
  readonly build?: Build;
}

/** Calls another runtime function from the body of one. */
export type CallRuntime = <T extends ValType>(f: RuntimeFunction<T>, args: readonly Expr[]) => Expr<T>;
type Build = (code: Code, call: CallRuntime) => void;

export const runtimeFunction = <T extends ValType>(
  name: string,
  params: readonly ValType[],
  result: T,
  build?: Build,
): RuntimeFunction<T> => ({ name, params, result, results: [result], ...(build && { build }) });

/**
 * Functions that the core provides in TypeScript. The first parameter is the core's base address, except in `decode`.
 */
export const HostFunction = {
  /** (cpu, word): executes a system instruction; returns a Status. */
  system: runtimeFunction('system', ['i32', 'i32'], 'i32'),
  /** (cpu, word): takes the exception for an unallocated encoding. */
  undefined: runtimeFunction('undefined', ['i32', 'i32'], 'i32'),
  /** (cpu, word): takes the exception for FP and SIMD where they are disabled. */
  fpTrap: runtimeFunction('fpTrap', ['i32', 'i32'], 'i32'),
  /** (cpu): takes the SP alignment fault. */
  spAlignment: runtimeFunction('spAlignment', ['i32'], 'i32'),
  /** (cpu, bytes, count): host address of the access in Core.accessAddress and accessKind, or -1 if it has none. */
  fill: runtimeFunction('fill', ['i32', 'i32', 'i32'], 'i32'),
  /** (cpu, bytes, count): does that access through Core.scratch; nonzero if it took an exception instead. */
  access: runtimeFunction('access', ['i32', 'i32', 'i32'], 'i32'),
  /** (cpu): takes the abort that Core.failed is about, of the instruction at pc; zero if it must be executed again. */
  abort: runtimeFunction('abort', ['i32'], 'i32'),
  /** (cpu): fills the instruction TLB for pc; nonzero if it took an exception instead. */
  fetch: runtimeFunction('fetch', ['i32'], 'i32'),
  /** (entry, word): fills an entry of the decode cache. */
  decode: runtimeFunction('decode', ['i32', 'i32'], 'i32'),
} as const;
