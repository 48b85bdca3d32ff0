/** AdvSIMD shifts by register: each lane by its own signed amount (Arm ARM C7.2, SSHL, SRSHL, SQSHL, SQRSHL). */
import type { Code } from '../../wasm/code.ts';
import { i32, type V128 } from '../../wasm/expr.ts';
import { v128 } from '../../wasm/simd.ts';
import { Core } from '../layout.ts';
import { type RuntimeFunction, runtimeFunction } from '../runtime.ts';
import { bitsOf, lane, maxSigned, negativeLanes, splatConst } from '../table/simd/lanes.ts';

/**
 * Shifts each lane by its own amount, which is not negative, bit by bit of the amount. Amounts from the lane's width on
 * shift everything out.
 */
function shiftEach(
  code: Code,
  { size, op }: { readonly size: number; readonly op: 'shl' | 'shr_s' | 'shr_u' },
  value: V128,
  amounts: V128,
): V128 {
  const bits = bitsOf(size);
  const l = lane(size);
  let shifted = value;
  for (let step = 1; step < bits; step *= 2) {
    const chosen = l.eq(v128.and(amounts, splatConst(size, step)), splatConst(size, step));
    shifted = code.let(v128.bitselect(l[op](shifted, i32.const(step)), shifted, chosen));
  }
  const out = l.gt_s(amounts, splatConst(size, bits - 1));
  return code.let(v128.bitselect(op === 'shr_s' ? negativeLanes(size, value) : v128.zero(), shifted, out));
}

function build(size: number, unsigned: boolean, rounding: boolean, saturating: boolean): RuntimeFunction<'v128'> {
  const name = `shiftByRegister${size}${unsigned ? 'u' : 's'}${rounding ? 'r' : ''}${saturating ? 'q' : ''}`;
  return runtimeFunction(name, ['i32', 'v128', 'v128'], 'v128', (code) => {
    const l = lane(size);
    const opRight = unsigned ? 'shr_u' : 'shr_s';
    const cpu = code.param('i32', 0);
    const a = code.param('v128', 1);
    const aside = i32.const(bitsOf(size) - 8);
    // The amount is the low byte of the lane, signed.
    const n = code.let(size === 0 ? code.param('v128', 2) : l.shr_s(l.shl(code.param('v128', 2), aside), aside));
    const right = code.let(negativeLanes(size, n));

    const amountLeft = code.let(v128.andnot(n, right));
    let left = shiftEach(code, { size, op: 'shl' }, a, amountLeft);
    if (saturating) {
      const back = shiftEach(code, { size, op: opRight }, left, amountLeft);
      const over = code.let(l.ne(back, a));
      const limit = unsigned ? splatConst(0, 0xff) : v128.xor(negativeLanes(size, a), maxSigned(size));
      left = code.let(v128.bitselect(limit, left, over));
      code.if(v128.any_true(over), () => {
        code.store(cpu, i32.or(i32.load(cpu, Core.fpsr), i32.const(1 << 27)), 4, Core.fpsr);
      });
    }

    // -1 - n is the distance less one, and that far the shift goes before its last step, which rounds.
    const before = code.let(v128.andnot(right, n));
    const almost = shiftEach(code, { size, op: opRight }, a, before);
    const last = l[opRight](almost, i32.const(1));
    const shifted = rounding ? l.add(last, v128.and(almost, splatConst(size, 1))) : last;
    code.return(v128.bitselect(shifted, left, right));
    code.unreachable();
  });
}

const functions = new Map<string, RuntimeFunction<'v128'>>();

/** (cpu, values, amounts): the values shifted, to the left by positive amounts; sets FPSR.QC where it saturates. */
export function shiftByRegister(
  size: number,
  unsigned: boolean,
  rounding: boolean,
  saturating: boolean,
): RuntimeFunction<'v128'> {
  const key = [size, unsigned, rounding, saturating].join();
  const known = functions.get(key);
  if (known) return known;
  const made = build(size, unsigned, rounding, saturating);
  functions.set(key, made);
  return made;
}
