import { Core, FlagKind } from '../../a64/layout.ts';
import { runtimeFunction } from '../../a64/runtime.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';

/** (cpu): NZCV in bits 31-28, worked out from the operation that set the flags. */
export const storedFlags = runtimeFunction('storedFlags', ['i32'], 'i32', (code) => {
  const cpu = code.param('i32', 0);
  writeFlags(code, i32.load(cpu, Core.flagKind), i64.load(cpu, Core.flagA), i64.load(cpu, Core.flagB));
});

/** (kind, a, b): the same from values. */
export const lazyFlags = runtimeFunction('lazyFlags', ['i32', 'i64', 'i64'], 'i32', (code) => {
  writeFlags(code, code.param('i32', 0), code.param('i64', 1), code.param('i64', 2));
});

function writeFlags(code: Code, kindValue: I32, aValue: I64, bValue: I64): void {
  const kind = code.let(kindValue);
  const a = code.local('i64');
  const b = code.local('i64');
  const result = code.local('i64');
  const carry = code.local('i32');
  const overflow = code.local('i32');
  code.set(a, aValue);
  code.set(b, bValue);
  code.if(i32.eqz(kind), () => code.return(i32.wrap(code.get(a))));
  code.set(result, code.get(a));
  code.if(i32.ge_u(kind, i32.const(FlagKind.add64)), () => {
    // A 32-bit operation sets the flags of the 64-bit one on operands shifted to the top half.
    code.if(i32.ge_u(kind, i32.const(FlagKind.add32)), () => {
      code.set(a, i64.shl(code.get(a), i64.const(32)));
      code.set(b, i64.shl(code.get(b), i64.const(32)));
    });
    const sign = (e: I64): I32 => i64.lt_s(e, i64.const(0));
    code.if(
      i32.and(kind, i32.const(1)),
      () => {
        code.set(result, i64.sub(code.get(a), code.get(b)));
        code.set(carry, i64.ge_u(code.get(a), code.get(b)));
        code.set(overflow, sign(i64.and(i64.xor(code.get(a), code.get(b)), i64.xor(code.get(a), code.get(result)))));
      },
      () => {
        code.set(result, i64.add(code.get(a), code.get(b)));
        code.set(carry, i64.lt_u(code.get(result), code.get(a)));
        code.set(
          overflow,
          sign(i64.and(i64.xor(code.get(a), code.get(result)), i64.xor(code.get(b), code.get(result)))),
        );
      },
    );
  });
  code.return(
    i32.or(
      i32.or(
        i32.shl(i64.lt_s(code.get(result), i64.const(0)), i32.const(31)),
        i32.shl(i64.eqz(code.get(result)), i32.const(30)),
      ),
      i32.or(i32.shl(code.get(carry), i32.const(29)), i32.shl(code.get(overflow), i32.const(28))),
    ),
  );
  code.unreachable();
}
