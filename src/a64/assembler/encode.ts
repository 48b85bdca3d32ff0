/** One instruction from its mnemonic and operands, by the instruction table's syntax. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Instruction } from '../instruction.ts';
import { conditions } from '../syntax/names.ts';
import { type Syntax, syntaxes } from '../syntax/operations.ts';
import type { OperandReader } from '../syntax/reader.ts';
import { Template } from '../syntax/template.ts';
import type { TextError } from '../syntax/tokens.ts';
import { table } from '../table/index.ts';

/** A way to write an instruction, and its word without operands. */
interface Candidate {
  readonly syntax: Syntax;
  readonly bits: number;
  template?: Template;
}

let known: ReadonlyMap<string, Candidate[]> | undefined;

/** The ways to write a mnemonic. All are found at the first call. */
function candidates(mnemonic: string): readonly Candidate[] | undefined {
  known ??= index();
  return known.get(mnemonic);
}

/** All ways to write each mnemonic: preferred aliases of a row before its own syntax, rows in the table's order. */
function index(): ReadonlyMap<string, Candidate[]> {
  const found = new Map<string, Candidate[]>();
  for (const row of table) {
    for (const bits of operationsOf(row)) {
      for (const syntax of syntaxes(row, row.pattern.choicesOf(bits))) {
        const mnemonic = mnemonicOf(syntax.text);
        const known = found.get(mnemonic);
        if (known) known.push({ syntax, bits });
        else found.set(mnemonic, [{ syntax, bits }]);
      }
    }
  }
  return found;
}

const mnemonicOf = (text: string): string =>
  /^[a-z0-9.]*/.exec(text.replace(/^b\.\{cond (\d+)\}/, (_, n: string) => `b.${conditions[Number(n)]?.[0]}`))?.[0] ??
  '';

/** The words of a row's operations with operands zero, except operations that no operand makes allocated. */
function operationsOf({ pattern, where }: Instruction): number[] {
  let all = [(pattern.value | pattern.filler) >>> 0];
  let operands = 0;
  for (const field of pattern.fields) {
    if (field.operand) operands |= (2 ** field.width - 1) << field.low;
    else
      all = all.flatMap((bits) => Array.from({ length: 1 << field.width }, (_, v) => (bits | (v << field.low)) >>> 0));
  }
  if (!where) return all;
  return all.filter((bits) => where(pattern.fieldsOf(bits)) || where(pattern.fieldsOf((bits | operands) >>> 0)));
}

/** Whether there is an instruction with this mnemonic, in lower case. */
export const isMnemonic = (mnemonic: string): boolean => candidates(mnemonic) !== undefined;

/** The word of an instruction whose mnemonic, in lower case, the reader has just passed. */
export function encode(mnemonic: string, input: OperandReader): Result<number, TextError> {
  const start = input.index;
  for (const candidate of candidates(mnemonic) ?? []) {
    const { syntax, bits } = candidate;
    const { pattern, where } = syntax.row;
    candidate.template ??= new Template(syntax.text, pattern);
    input.rewind(start);
    const word = candidate.template.parse(input, bits);
    if (word === undefined) continue;
    const fields = pattern.fieldsOf(word);
    if (syntax.alias?.when?.(fields) === false) continue;
    if (where?.(fields) === false) {
      input.reject(`No encoding of '${mnemonic}' takes these operands together.`, input.peek(-1));
      continue;
    }
    // What looks like a symbol may be a keyword of another syntax, as SY in `isb sy`.
    if (!input.unknownName) return ok(word);
  }
  return err(input.error);
}
