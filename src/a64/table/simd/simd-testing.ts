/** For tests of the AdvSIMD tables: words of every operation, vectors, and lanes as plain numbers. */
import type { Instruction } from '../../instruction.ts';
import type { Fields } from '../../pattern.ts';

/** One operation of a row: the values of the fields that choose it. */
export interface Operation {
  readonly row: Instruction;
  readonly choices: Fields;
}

/** Every combination of the choosing fields that is allocated with some operands. */
export function operationsOf(row: Instruction): Operation[] {
  let all: Record<string, number>[] = [{}];
  for (const field of row.pattern.fields) {
    if (field.operand) continue;
    all = all.flatMap((f) => Array.from({ length: 1 << field.width }, (_, value) => ({ ...f, [field.name]: value })));
  }
  return all
    .filter((choices) => !row.where || row.where(operandsFrom(row, choices, 0)))
    .map((choices) => ({ row, choices }));
}

/** All fields: Rd 0, Rn 1, Rm 2, immediates from the bits of a random number. */
export function operandsFrom(row: Instruction, choices: Fields, random: number): Fields {
  const f: Record<string, number> = { ...choices };
  let bits = random;
  for (const field of row.pattern.fields) {
    if (!field.operand) continue;
    if (field.name.startsWith('R')) f[field.name] = { Rd: 0, Rt: 0, Rn: 1, Rm: 2 }[field.name] ?? 3;
    else {
      f[field.name] = bits & ((1 << field.width) - 1);
      bits >>>= field.width;
    }
  }
  return f;
}

/** The instruction word with these fields. */
export function encode(row: Instruction, f: Fields): number {
  let word = row.pattern.value | row.pattern.filler;
  for (const field of row.pattern.fields) word |= (f[field.name] ?? 0) << field.low;
  return word >>> 0;
}

/** The lanes of the low `width` bits of a vector, unsigned, from the lowest on. */
export const lanesOf = (vector: bigint, bits: number, width: number): bigint[] =>
  Array.from({ length: width / bits }, (_, i) => BigInt.asUintN(bits, vector >> BigInt(bits * i)));

/** The vector with these lanes, each taken modulo 2^bits. */
export const vectorOf = (lanes: readonly bigint[], bits: number): bigint =>
  lanes.reduce((vector, lane, i) => vector | (BigInt.asUintN(bits, lane) << BigInt(bits * i)), 0n);

/** A lane as a number: unsigned, or in two's complement. */
export const numberOf = (lane: bigint, bits: number, unsigned: boolean): bigint =>
  unsigned ? BigInt.asUintN(bits, lane) : BigInt.asIntN(bits, lane);

/** Holds numbers within a lane's range and remembers whether it had to (FPSR.QC). */
export class Saturation {
  saturated = false;

  hold(value: bigint, bits: number, unsigned: boolean): bigint {
    const low = unsigned ? 0n : -(1n << BigInt(bits - 1));
    const high = unsigned ? (1n << BigInt(bits)) - 1n : (1n << BigInt(bits - 1)) - 1n;
    if (value >= low && value <= high) return value;
    this.saturated = true;
    return value < low ? low : high;
  }
}

/** a shifted by an amount, to the left where it is positive; to the right with rounding, if asked for. */
export function shifted(a: bigint, amount: bigint, rounding: boolean): bigint {
  if (amount >= 0n) return a << amount;
  return (a + (rounding ? 1n << (-amount - 1n) : 0n)) >> -amount;
}

/** Product of polynomials over {0, 1}. */
export function polynomialProduct(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 0n; b >> bit !== 0n; bit++) if ((b >> bit) & 1n) product ^= a << bit;
  return product;
}
