/**
 * The syntax templates of the table, taken apart. `add {X:Rd}, {XSP:Rn}, {hex:imm12}` has a mnemonic, three
 * placeholders and the text between them. A placeholder names a kind of operand and the fields that it stands for,
 * joined from the most significant on; `{V.b[imm]:Rn}` has its index before them, `{X:Rn=Rm}` writes two fields that
 * must be equal.
 */
import { defined } from '../../base/assert.ts';
import type { Field, Fields, Pattern } from '../pattern.ts';
import { constant } from './immediates.ts';
import type { Kind } from './kind.ts';
import { kindNamed } from './kinds.ts';
import { conditions } from './names.ts';
import type { OperandReader } from './reader.ts';
import { element, elementAt, listElement } from './registers.ts';
import { tokenize } from './tokens.ts';

interface Operand {
  readonly kind: Kind;
  readonly fields: readonly Field[];
  readonly same: Field | undefined;
}

type Part = string | Operand;

export class Template {
  readonly mnemonic: string;
  readonly #parts: readonly Part[];
  /** Operand fields that no placeholder mentions: registers are 31 then, immediates 0. */
  readonly #rest: readonly Field[];

  constructor(text: string, pattern: Pattern) {
    const [mnemonic, operands] = splitMnemonic(text);
    this.mnemonic = mnemonic;
    this.#parts = splitParts(operands, pattern);
    const mentioned = new Set(
      this.#parts.flatMap((part) => (typeof part === 'string' ? [] : [...part.fields, part.same].map((f) => f?.name))),
    );
    this.#rest = pattern.fields.filter((field) => field.operand && !mentioned.has(field.name));
  }

  /** The text of an instruction at `pc`, or undefined if this syntax cannot express it. */
  print(fields: Fields, pc: bigint): string | undefined {
    for (const field of this.#rest) if (fields[field.name] !== unmentioned(field)) return undefined;
    let text = this.mnemonic;
    for (const part of this.#parts) {
      if (typeof part === 'string') text += part;
      else {
        const value = join(part.fields, fields);
        if (part.same && fields[part.same.name] !== value) return undefined;
        const printed = part.kind.print(value, pc);
        if (printed === undefined) return undefined;
        text += printed;
      }
    }
    return text;
  }

  /**
   * Reads operands to the end of the line into the fields of a word whose other bits are given. Undefined if they do
   * not follow this syntax: the reader knows why.
   */
  parse(input: OperandReader, bits: number): number | undefined {
    let word = bits;
    for (const field of this.#rest) word |= unmentioned(field) << field.low;
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        for (const token of textTokens(part)) if (!input.accept(token)) return input.fail(`'${token}'`);
      } else {
        let value = part.kind.parse(input);
        if (value === undefined) return undefined;
        if (part.same) word |= value << part.same.low;
        for (const field of part.fields.toReversed()) {
          const own = value & (2 ** field.width - 1);
          value = Math.floor(value / 2 ** field.width);
          // The fields that choose the operation are already set; the operand may need another choice.
          if (!field.operand && own !== ((bits >>> field.low) & (2 ** field.width - 1))) return undefined;
          word |= own << field.low;
        }
      }
    }
    return input.atEnd() ? word >>> 0 : input.fail('the end of the line');
  }
}

const unmentioned = (field: Field): number => (field.name.startsWith('R') ? 31 : 0);

function join(fields: readonly Field[], values: Fields): number {
  let all = 0;
  for (const { name, width } of fields) all = all * 2 ** width + (values[name] ?? 0);
  return all;
}

/** Conditions in mnemonics are text: `b.{cond 0}`. */
function splitMnemonic(text: string): [mnemonic: string, operands: string] {
  const expanded = text.replace(
    /^([a-z0-9.]*)\{cond (\d+)\}/,
    (_, head: string, n: string) => head + (conditions[Number(n)]?.[0] ?? ''),
  );
  const [mnemonic = ''] = /^[a-z0-9.]*/.exec(expanded) ?? [];
  return [mnemonic, expanded.slice(mnemonic.length)];
}

/** Text, placeholders, and numbers that are part of the syntax. */
function splitParts(text: string, pattern: Pattern): Part[] {
  return text
    .split(/(\{[^}]*\}|#[0-9a-fx.]+)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('#')) return { kind: constant(part), fields: [], same: undefined };
      return part.startsWith('{') ? placeholder(part.slice(1, -1), pattern) : part;
    });
}

function placeholder(text: string, pattern: Pattern): Operand {
  const field = (name: string): Field =>
    defined(
      pattern.fields.find((f) => f.name === name),
      `field ${name} of '{${text}}'`,
    );
  const match = defined(/^([^:[]*)(?:\[([^\]]*)\])?(?::(.*))?$/.exec(text), `syntax of '{${text}}'`);
  const [, name = '', index, names] = match;
  const [main = '', same] = (names ?? '').split('=');
  const registers = main === '' ? [] : main.split(':').map(field);
  const width = (fields: readonly Field[]): number => fields.reduce((sum, f) => sum + f.width, 0);
  const sameField = same === undefined ? undefined : field(same);
  if (index === undefined) return { kind: kindNamed(name, width(registers)), fields: registers, same: sameField };
  const [head = '', size = '', count = ''] = name.split(/[ .]/);
  if (/^\d/.test(index)) return { kind: elementAt(size, Number(index)), fields: registers, same: sameField };
  const indices = index.split(':').map(field);
  const kind =
    head === 'list'
      ? listElement(size, Number(count), width(indices))
      : element(size, width(indices), width(registers));
  return { kind, fields: [...indices, ...registers], same: sameField };
}

const texts = new Map<string, readonly string[]>();

/** The words of the text between placeholders, in lower case. */
function textTokens(text: string): readonly string[] {
  let found = texts.get(text);
  if (!found) {
    const tokens = tokenize(text);
    found = tokens.ok
      ? tokens.value.flatMap(({ kind, text: word }) => (kind === 'end' ? [] : [word.toLowerCase()]))
      : [];
    texts.set(text, found);
  }
  return found;
}
