import type { Instruction } from '../instruction.ts';
import type { Fields } from '../pattern.ts';
import { type Alias, aliases } from './aliases.ts';

const aliasesByRow = new Map<string, Alias[]>();
for (const alias of aliases) {
  const known = aliasesByRow.get(alias.row);
  if (known) known.push(alias);
  else aliasesByRow.set(alias.row, [alias]);
}

/** A way to write one operation: a template, not yet taken apart. */
export interface Syntax {
  readonly row: Instruction;
  readonly text: string;
  readonly alias: Alias | undefined;
}

/** All ways to write the operation that a word's choice fields name, the preferred one first, the table's own last. */
export function syntaxes(row: Instruction, choices: Fields): Syntax[] {
  const own = row.asm(choices);
  const all: Syntax[] = [];
  const inputs: Syntax[] = [];
  for (const alias of aliasesByRow.get(row.name) ?? []) {
    const text = alias.asm(choices, own);
    if (text !== undefined) (alias.input ? inputs : all).push({ row, text, alias });
  }
  return [...all, { row, text: own, alias: undefined }, ...inputs];
}
