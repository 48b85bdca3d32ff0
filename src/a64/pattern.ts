import { assert } from '../base/assert.ts';

/**
 * Encodings are written as in the Arm ARM's diagrams: groups of bits and named fields from bit 31 down, for example `sf
 * 0 0 01011 shift:2 0 Rm imm6:6 Rn Rd`. A field is one bit unless a width follows; names that start with R are five.
 * `x` is a bit that the hardware ignores and should be one, `z` one that should be zero.
 *
 * Fields whose name starts with R or imm name operands; all others choose the operation.
 */
type Tokens<P extends string> = P extends `${infer Head} ${infer Tail}` ? Head | Tokens<Tail> : P;
type NameOf<T extends string> = T extends `${infer Name}:${string}` ? Name : T;
type Literal = `0${string}` | `1${string}` | `x${string}` | `z${string}`;

/** Names of all fields in a pattern. */
export type FieldNames<P extends string> = NameOf<Exclude<Tokens<P>, Literal>>;
/** Names of the fields that choose the operation. */
export type ChoiceNames<P extends string> = Exclude<FieldNames<P>, OperandName>;
export type OperandName = `R${string}` | `imm${string}`;

/** A named run of bits in an instruction word. */
export interface Field {
  readonly name: string;
  readonly low: number;
  readonly width: number;
  /** Whether it names an operand (register or immediate) rather than an operation. */
  readonly operand: boolean;
}

export type Fields = Readonly<Record<string, number>>;

export class Pattern {
  /** The bits of the fields that choose the operation. */
  readonly choiceMask: number;
  readonly #byName: ReadonlyMap<string, Field>;
  #view: (new (word: number) => Fields) | undefined;

  constructor(
    /** Bits that must match, and their values. */
    readonly mask: number,
    readonly value: number,
    /** What the assembler writes into ignored bits. */
    readonly filler: number,
    readonly fields: readonly Field[],
  ) {
    this.#byName = new Map(fields.map((field) => [field.name, field]));
    this.choiceMask = fields.reduce((bits, f) => (f.operand ? bits : bits | (((1 << f.width) - 1) << f.low)), 0);
  }

  field(name: string): Field | undefined {
    return this.#byName.get(name);
  }

  /** All fields of a word. Each is extracted when it is read, because decoding is frequent and few fields are read. */
  fieldsOf(word: number): Fields {
    this.#view ??= viewOf(this.fields);
    return new this.#view(word);
  }

  /** The fields that choose the operation. */
  choicesOf(word: number): Fields {
    return Object.fromEntries(this.fields.filter((f) => !f.operand).map((f) => [f.name, extract(word, f)]));
  }
}

/** A class of objects that have the fields as properties. */
function viewOf(fields: readonly Field[]): new (word: number) => Fields {
  class View {
    constructor(readonly word: number) {}
  }
  for (const field of fields) {
    const get = function (this: View): number {
      return extract(this.word, field);
    };
    Object.defineProperty(View.prototype, field.name, { get });
  }
  // The properties have been defined above by name, which the compiler cannot see.
  return View as unknown as new (
    word: number,
  ) => Fields;
}

/** Reads a pattern; its widths must sum to 32. */
export function parsePattern(text: string): Pattern {
  let mask = 0;
  let value = 0;
  let filler = 0;
  const fields: Field[] = [];
  let bit = 32;
  for (const token of text.split(' ')) {
    if (/^[01xz]+$/.test(token)) {
      for (const c of token) {
        bit--;
        if (c === '0' || c === '1') mask |= 1 << bit;
        if (c === '1') value |= 1 << bit;
        if (c === 'x') filler |= 1 << bit;
      }
    } else {
      const [name = '', digits] = token.split(':');
      const width = digits === undefined ? (name.startsWith('R') ? 5 : 1) : Number(digits);
      bit -= width;
      fields.push({ name, low: bit, width, operand: /^(R|imm)/.test(name) });
    }
  }
  assert(bit === 0, `pattern '${text}' is ${32 - bit} bits wide`);
  return new Pattern(mask >>> 0, value >>> 0, filler >>> 0, fields);
}

/** The field's value in an instruction word. */
export const extract = (word: number, field: Field): number => (word >>> field.low) & ((1 << field.width) - 1);
