import { FlagKind } from '../../a64/layout.ts';
import { Condition } from '../../a64/meaning.ts';
import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';

/** Whether a condition holds after an operation of a known kind on a and b; undefined where NZCV is as good. */
export function conditionAfter(kind: FlagKind, a: I64, b: I64, code: number): I32 | undefined {
  if (code >= Condition.al) return i32.const(1);
  const holds = positive(kind, a, b, code & ~1);
  return holds && (code & 1 ? i32.eqz(holds) : holds);
}

function positive(kind: FlagKind, a: I64, b: I64, code: number): I32 | undefined {
  switch (kind) {
    case FlagKind.sub64:
      return afterSubtraction(i64, a, b, code);
    case FlagKind.sub32:
      return afterSubtraction(i32, i32.wrap(a), i32.wrap(b), code);
    case FlagKind.add64:
      return afterAddition(i64, a, b, code);
    case FlagKind.add32:
      return afterAddition(i32, i32.wrap(a), i32.wrap(b), code);
    case FlagKind.logic:
      return afterLogic(a, code);
    default:
      return undefined;
  }
}

/** The operations that both integer types have. */
interface Integer<T> {
  const(n: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  xor(a: T, b: T): T;
  and(a: T, b: T): T;
  eq(a: T, b: T): I32;
  lt_s(a: T, b: T): I32;
  lt_u(a: T, b: T): I32;
  gt_s(a: T, b: T): I32;
  gt_u(a: T, b: T): I32;
  ge_s(a: T, b: T): I32;
  ge_u(a: T, b: T): I32;
}

function afterSubtraction<T>(type: Integer<T>, a: T, b: T, code: number): I32 | undefined {
  const zero = type.const(0);
  switch (code) {
    case Condition.eq:
      return type.eq(a, b);
    case Condition.cs:
      return type.ge_u(a, b);
    case Condition.mi:
      return type.lt_s(type.sub(a, b), zero);
    case Condition.vs:
      return type.lt_s(type.and(type.xor(a, b), type.xor(a, type.sub(a, b))), zero);
    case Condition.hi:
      return type.gt_u(a, b);
    case Condition.ge:
      return type.ge_s(a, b);
    default:
      return type.gt_s(a, b);
  }
}

function afterAddition<T>(type: Integer<T>, a: T, b: T, code: number): I32 | undefined {
  const zero = type.const(0);
  switch (code) {
    case Condition.eq:
      return type.eq(type.add(a, b), zero);
    case Condition.cs:
      return type.lt_u(type.add(a, b), a);
    case Condition.mi:
      return type.lt_s(type.add(a, b), zero);
    default:
      return undefined;
  }
}

function afterLogic(result: I64, code: number): I32 {
  const zero = i64.const(0);
  switch (code) {
    case Condition.eq:
      return i64.eqz(result);
    case Condition.mi:
      return i64.lt_s(result, zero);
    case Condition.ge:
      return i64.ge_s(result, zero);
    case Condition.gt:
      return i64.gt_s(result, zero);
    default:
      // C and V are clear, so CS, VS and HI never hold.
      return i32.const(0);
  }
}

/** Whether a condition holds for constant flags, N Z C V in bits 3-0. */
export function conditionOfConstant(nzcv: number, code: number): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const holds = [z, c, n, v, c && !z, n === v, n === v && !z, true][code >> 1] ?? true;
  return code & 1 && code !== Condition.nv ? !holds : holds;
}
