import { Core } from '../../a64/layout.ts';
import type { Code, Local } from '../../wasm/code.ts';
import { type I32, i32, i64, type ValType } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import type { RegisterSet } from './effects.ts';

/** The locals of a translation that hold registers and flags, each declared when it is first asked for. */
export class RegisterLocals {
  readonly flagKind: () => Local<'i32'>;
  readonly flagA: () => Local<'i64'>;
  readonly flagB: () => Local<'i64'>;
  readonly #x: Local<'i64'>[] = [];
  readonly #v: Local<'v128'>[] = [];

  constructor(readonly code: Code) {
    this.flagKind = onDemand(code, 'i32');
    this.flagA = onDemand(code, 'i64');
    this.flagB = onDemand(code, 'i64');
  }

  /** Xn; 31 is SP. */
  x(n: number): Local<'i64'> {
    this.#x[n] ??= this.code.permanentLocal('i64');
    return this.#x[n];
  }

  v(n: number): Local<'v128'> {
    this.#v[n] ??= this.code.permanentLocal('v128');
    return this.#v[n];
  }

  /** Loads registers of a core's state into their locals. */
  load(cpu: I32, set: RegisterSet): void {
    const { code } = this;
    forEachBit(set.x, (n) => code.set(this.x(n), i64.load(cpu, n === 31 ? Core.sp : Core.x + 8 * n)));
    forEachBit(set.v, (n) => code.set(this.v(n), v128.load(cpu, Core.v + 16 * n)));
    if (set.flags) {
      code.set(this.flagKind(), i32.load(cpu, Core.flagKind));
      code.set(this.flagA(), i64.load(cpu, Core.flagA));
      code.set(this.flagB(), i64.load(cpu, Core.flagB));
    }
  }

  /** Stores them. */
  store(cpu: I32, set: RegisterSet): void {
    const { code } = this;
    forEachBit(set.x, (n) => code.store(cpu, code.get(this.x(n)), 8, n === 31 ? Core.sp : Core.x + 8 * n));
    forEachBit(set.v, (n) => code.store(cpu, code.get(this.v(n)), 16, Core.v + 16 * n));
    if (set.flags) {
      code.store(cpu, code.get(this.flagKind()), 4, Core.flagKind);
      code.store(cpu, code.get(this.flagA()), 8, Core.flagA);
      code.store(cpu, code.get(this.flagB()), 8, Core.flagB);
    }
  }
}

/** A local that is declared when it is first used, because engines' baseline compilers clear every local on entry. */
export function onDemand<T extends ValType>(code: Code, type: T): () => Local<T> {
  let local: Local<T> | undefined;
  return () => {
    local ??= code.permanentLocal(type);
    return local;
  };
}

function forEachBit(bits: number, f: (n: number) => void): void {
  for (let n = 0; n < 32; n++) if ((bits >>> n) & 1) f(n);
}
