import type { Meaning } from './meaning.ts';
import { type ChoiceNames, extract, type FieldNames, type Pattern, parsePattern } from './pattern.ts';

export type Fields = Readonly<Record<string, number>>;

/**
 * How control goes on: to the next instruction; to a constant offset (aux 0), always or on a condition; to an address in
 * a register; or into TypeScript, which may change anything.
 */
export type Flow = 'next' | 'branch' | 'call' | 'conditional' | 'indirect' | 'system';

/** Operand values worked out at decode time, for what is tedious in generated code: offsets, masks, shift amounts. */
export type Aux = readonly [bigint | number, (bigint | number)?];

interface Spec<All extends string, Choice extends string> {
  /** GNU syntax: mnemonic and operands, `{kind:field}` for each operand (see syntax.ts); a string for each choice of operation. */
  readonly asm: string | ((f: Readonly<Record<Choice, number>>) => string);
  /** Says which field values are allocated, where the pattern does not. */
  readonly where?: (f: Readonly<Record<All, number>>) => boolean;
  readonly aux?: (f: Readonly<Record<All, number>>) => Aux;
  readonly flow?: Flow;
  /** Whether it uses FP and SIMD registers, so that it traps where they are disabled. */
  readonly fp?: boolean | ((f: Readonly<Record<Choice, number>>) => boolean);
  /** What it does. Operands are named, so the same text serves a constant and a field extracted at run time. */
  readonly run: (m: Meaning, f: Readonly<Record<Choice, number>>) => void;
}

/** One row of the instruction table: an encoding of the Arm ARM, section C6.2 or C7.2. */
export interface Instruction {
  /** The Arm ARM's heading, for example `ADD (shifted register)`. */
  readonly name: string;
  readonly pattern: Pattern;
  readonly asm: (f: Fields) => string;
  readonly where: ((f: Fields) => boolean) | undefined;
  readonly aux: ((f: Fields) => Aux) | undefined;
  readonly flow: Flow;
  readonly fp: (f: Fields) => boolean;
  readonly run: (m: Meaning, f: Fields) => void;
}

/** Defines one encoding. */
export function define<P extends string>(
  name: string,
  pattern: P,
  spec: Spec<FieldNames<P>, ChoiceNames<P>>,
): Instruction {
  const { asm, where, aux, fp } = spec;
  // The field names were checked against the pattern above; from here on they are looked up by the pattern itself.
  const widen = <R>(f: (fields: never) => R): ((fields: Fields) => R) => f as (fields: Fields) => R;
  return {
    name,
    pattern: parsePattern(pattern),
    asm: typeof asm === 'string' ? () => asm : widen(asm),
    where: where && widen(where),
    aux: aux && widen(aux),
    flow: spec.flow ?? 'next',
    fp: typeof fp === 'function' ? widen(fp) : () => fp ?? false,
    run: (m, f) => (spec.run as (m: Meaning, f: Fields) => void)(m, f),
  };
}

/** All fields of a word under a pattern. */
export function fieldsOf(pattern: Pattern, word: number): Record<string, number> {
  const f: Record<string, number> = {};
  for (const field of pattern.fields) f[field.name] = extract(word, field);
  return f;
}

/** The fields that choose the operation. */
export function choicesOf(pattern: Pattern, word: number): Record<string, number> {
  const f: Record<string, number> = {};
  for (const field of pattern.fields) if (!field.operand) f[field.name] = extract(word, field);
  return f;
}

/** An instruction word taken apart. */
export interface Decoded {
  readonly word: number;
  readonly instruction: Instruction;
  /** Identifies the operation among all: the same for all words that differ only in operands. */
  readonly choice: number;
}

/** Finds the table row for instruction words. */
export class Decoder {
  /** Rows with more fixed bits come first, so that a special case stands before the general one. */
  readonly #rows: readonly Instruction[];
  /** The rows that may match, by the word's top 11 bits; worked out when first asked for. */
  readonly #buckets = new Array<readonly Instruction[] | undefined>(2048);

  constructor(readonly table: readonly Instruction[]) {
    const byOnes: Instruction[][] = Array.from({ length: 33 }, () => []);
    for (const row of table) byOnes[32 - ones(row.pattern.mask)]?.push(row);
    this.#rows = byOnes.flat();
  }

  /** The row that a word belongs to, or undefined if it is unallocated. */
  decode(word: number): Decoded | undefined {
    for (const row of this.#buckets[word >>> 21] ?? this.#fill(word >>> 21)) {
      const { mask, value } = row.pattern;
      if ((word & mask) >>> 0 !== value) continue;
      if (row.where && !row.where(fieldsOf(row.pattern, word))) continue;
      return { word, instruction: row, choice: choiceKey(row.pattern, word) };
    }
    return undefined;
  }

  #fill(top: number): readonly Instruction[] {
    const bucket = this.#rows.filter(
      ({ pattern }) => (((top << 21) ^ pattern.value) & pattern.mask & 0xffe00000) === 0,
    );
    this.#buckets[top] = bucket;
    return bucket;
  }
}

const choiceKey = (pattern: Pattern, word: number): number => {
  let key = 0;
  for (const field of pattern.fields) if (!field.operand) key = key * 2 ** field.width + extract(word, field);
  return key;
};

const ones = (n: number): number => {
  let count = 0;
  for (let v = n >>> 0; v !== 0; v &= v - 1) count++;
  return count;
};
