import type { Meaning } from './meaning.ts';
import { type ChoiceNames, type FieldNames, type Fields, type Pattern, parsePattern } from './pattern.ts';

/**
 * How control goes on: to the next instruction; to a constant offset (aux 0), always or on a condition; to an address
 * in a register; or into TypeScript, which may change anything.
 */
export type Flow = 'next' | 'branch' | 'call' | 'conditional' | 'indirect' | 'system';

/**
 * Operand values computed when a word is decoded, because generated code would be long: offsets, masks, shift amounts.
 */
export type Aux = readonly [bigint | number, (bigint | number)?];

interface Spec<All extends string, Choice extends string> {
  /**
   * GNU syntax: mnemonic and operands, `{kind:field}` for each operand (see syntax/kinds.ts); a string for each choice
   * of operation.
   */
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
  // The types above have checked the field names against the pattern. From here on they are looked up by name.
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
