import type { Code } from '../wasm/code.ts';
import type { ValType } from '../wasm/expr.ts';

/**
 * A function that generated code calls. With a body it is itself generated Wasm, shared by all translations; without
 * one it is a TypeScript function that the core supplies under that name, as `(cpu, …) => number`.
 */
export interface RuntimeFunction<T extends ValType = ValType> {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly result: T;
  readonly build?: (code: Code, index: (f: RuntimeFunction) => number) => void;
}

export const runtimeFunction = <T extends ValType>(
  name: string,
  params: readonly ValType[],
  result: T,
  build?: (code: Code, index: (f: RuntimeFunction) => number) => void,
): RuntimeFunction<T> => ({ name, params, result, ...(build && { build }) });
