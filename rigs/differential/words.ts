import { Decoder } from '../../src/a64/decoder.ts';
import type { Instruction } from '../../src/a64/instruction.ts';
import type { Field } from '../../src/a64/pattern.ts';
import { signExtend } from '../../src/base/bits.ts';
import { Random } from '../random.ts';
import { comparedSystemWords, excluded } from './exclusions.ts';

/** A row of the table with one choice of its operation. */
export interface Operation {
  readonly row: Instruction;
  /** All bits of a word but the operands'. */
  readonly bits: number;
  readonly operands: readonly Field[];
}

/** The surroundings of a test's words, to which they may refer by PC-relative addresses. */
export interface Surroundings {
  /** Whether a branch to an address leaves the test in a known way. */
  mayBranchTo(address: number, from: number): boolean;
  /** Literals for PC-relative loads lie from here… */
  readonly literals: number;
  /** …for so many bytes. */
  readonly literalsSize: number;
}

/** Where a test lies, and what is around it. */
interface TestPlace {
  readonly pc: number;
  readonly around: Surroundings;
}

const is = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;
const isLiteralLoad = (w: number): boolean => is(w, 0x3b000000, 0x18000000);
const isLoadExclusive = (w: number): boolean => is(w, 0x3fc00000, 0x08400000);
const isStoreExclusive = (w: number): boolean => is(w, 0x3fc00000, 0x08000000);

/** Distance of a direct branch in bytes, or undefined if the word is none (Arm ARM C4.1.89). */
export function branchOffset(word: number): number | undefined {
  if (is(word, 0x7c000000, 0x14000000)) return signExtend(word & 0x3ffffff, 26) * 4;
  if (is(word, 0xff000010, 0x54000000) || is(word, 0x7e000000, 0x34000000))
    return signExtend((word >>> 5) & 0x7ffff, 19) * 4;
  if (is(word, 0x7e000000, 0x36000000)) return signExtend((word >>> 5) & 0x3fff, 14) * 4;
  return undefined;
}

/** Whether a word branches or depends on its own address, so that it must be the last of a test. */
const endsTest = (w: number): boolean =>
  branchOffset(w) !== undefined ||
  isLiteralLoad(w) ||
  is(w, 0x1f000000, 0x10000000) || // ADR, ADRP
  is(w, 0xfe000000, 0xd6000000); // BR, BLR, RET

/** Draws instruction words from the table, so that every operation occurs. */
export class WordSource {
  readonly operations: readonly Operation[];
  readonly #decoder: Decoder;
  /** The operations of each row. */
  readonly rows: readonly (readonly Operation[])[];

  /**
   * @param only part of the names of the rows to draw from; all if empty.
   * @param accepts which words may be drawn: those that can be compared, unless told otherwise.
   */
  constructor(
    table: readonly Instruction[],
    only = '',
    readonly accepts: (word: number) => boolean = (word) => !excluded(word),
  ) {
    this.#decoder = new Decoder(table);
    const random = new Random(1);
    this.rows = table
      .filter((row) => row.name.toLowerCase().includes(only.toLowerCase()))
      .map((row) => choices(row).filter((operation) => this.of(operation, random) !== undefined))
      .filter((operations) => operations.length > 0);
    this.operations = this.rows.flat();
  }

  /** An operation: in half of the draws any, in half any row and then one of its own. */
  operation(random: Random): Operation {
    return random.oneIn(2) ? random.pick(this.operations) : random.pick(random.pick(this.rows));
  }

  /**
   * The words of a test at address `pc`, up to `most`: that operation, for some alone, for others after or before
   * others; store-exclusives mostly with the load-exclusive that belongs to them.
   */
  test(random: Random, operation: Operation, { pc, around }: TestPlace, most: number): number[] {
    const words: number[] = [];
    const before = random.oneIn(6) ? random.below(most) : 0;
    for (let tries = 0; words.length < before && tries < 20; tries++) {
      const word = this.#word(random, this.operation(random), pc + 4 * words.length, around);
      // A store-exclusive of another size than the load-exclusive before it is CONSTRAINED UNPREDICTABLE (Arm ARM
      // B2.9.5).
      if (word !== undefined && !endsTest(word) && !isLoadExclusive(word)) words.push(word);
    }
    let word: number | undefined;
    for (let tries = 0; word === undefined && tries < 100; tries++)
      word = this.#word(random, operation, pc + 4 * words.length, around);
    if (word === undefined) return [0xd503201f];
    if (isStoreExclusive(word) && !random.oneIn(4) && words.length + 1 < most) words.push(loadExclusive(random, word));
    words.push(word);
    return words;
  }

  /** A word that may be unallocated: random bits, or an allocated word with some bits inverted. */
  noise(random: Random, pc: number, around: Surroundings): number {
    for (;;) {
      let word = random.u32();
      if (!random.oneIn(4)) {
        word = this.of(this.operation(random), random) ?? word;
        for (let flips = 1 + random.below(2); flips > 0; flips--) word = (word ^ (1 << random.below(32))) >>> 0;
      }
      const at = this.accepts(word) ? placed(random, word, pc, around) : undefined;
      if (at !== undefined) return at;
    }
  }

  /** A word of any operation, whatever it does. */
  any(random: Random): number | undefined {
    return this.of(this.operation(random), random);
  }

  #word(random: Random, operation: Operation, pc: number, around: Surroundings): number | undefined {
    const word = this.of(operation, random);
    return word === undefined ? undefined : placed(random, word, pc, around);
  }

  /** A word of an operation: random operands, or undefined where none that it tries is allocated and accepted. */
  of(operation: Operation, random: Random): number | undefined {
    const { row, bits, operands } = operation;
    for (let tries = 0; tries < 60; tries++) {
      let word = bits;
      let register = random.below(32);
      for (const field of operands) {
        if (!field.name.startsWith('R')) word |= immediate(random, field) << field.low;
        else {
          // Often the register of the field before, sometimes XZR or SP.
          if (!random.oneIn(8)) register = random.oneIn(12) ? 31 : random.below(32);
          word |= register << field.low;
        }
      }
      word >>>= 0;
      if (row.where && !row.where(row.pattern.fieldsOf(word))) continue;
      if (this.#decoder.decode(word)?.instruction === row && this.accepts(word)) return word;
    }
    return undefined;
  }
}

/** All values of the fields that choose a row's operation. */
function choices(row: Instruction): Operation[] {
  const { value, filler, fields } = row.pattern;
  let all = [value | filler];
  for (const field of fields) {
    if (field.operand) continue;
    all = all.flatMap((bits) => Array.from({ length: 1 << field.width }, (_, v) => bits | (v << field.low)));
  }
  const operands = fields.filter((field) => field.operand);
  const system = comparedSystemWords
    .filter((word) => (word & row.pattern.mask) >>> 0 === value)
    .map((bits) => ({ row, bits, operands: operands.filter(({ name }) => name === 'Rt') }));
  return [...all.map((bits) => ({ row, bits, operands })), ...system];
}

function immediate(random: Random, field: Field): number {
  const ones = 2 ** field.width - 1;
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return ones;
    case 2:
      return random.oneIn(2) ? 1 : 1 << (field.width - 1);
    default:
      return random.u32() & ones;
  }
}

/** Points a literal load at the literals; undefined for a branch to a forbidden target. */
function placed(random: Random, word: number, pc: number, around: Surroundings): number | undefined {
  if (isLiteralLoad(word)) {
    const target = around.literals + 4 * random.below(around.literalsSize / 4 - 3);
    return ((word & ~(0x7ffff << 5)) | ((((target - pc) >> 2) & 0x7ffff) << 5)) >>> 0;
  }
  const offset = branchOffset(word);
  return offset === undefined || around.mayBranchTo(pc + offset, pc) ? word : undefined;
}

/** The load-exclusive of the size and address of a store-exclusive, into other registers than its operands. */
function loadExclusive(random: Random, store: number): number {
  const used = [store & 31, (store >>> 5) & 31, (store >>> 10) & 31, (store >>> 16) & 31];
  const free = Array.from({ length: 31 }, (_, n) => n).filter((n) => !used.includes(n));
  const pair = (store >>> 21) & 1;
  const rt = random.pick(free);
  const rt2 = pair ? random.pick(free.filter((n) => n !== rt)) : 31;
  const acquire = random.below(2);
  return ((store & 0xffe003e0) | (1 << 22) | (31 << 16) | (acquire << 15) | (rt2 << 10) | rt) >>> 0;
}
