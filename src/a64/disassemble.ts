import { assert } from '../base/assert.ts';
import { decoder, type Operation } from './decoder.ts';
import { syntaxes } from './syntax/operations.ts';
import { Template } from './syntax/template.ts';

interface Way {
  readonly template: Template;
  readonly when: ((f: Readonly<Record<string, number>>) => boolean) | undefined;
}

/** By row and choice of operation: the templates, the preferred first. */
const known = new Map<Operation, Way[]>();

/**
 * The instruction in GNU syntax, with the Arm ARM's preferred alias, as objdump prints it without its comments; `.inst`
 * and the word if it is unallocated. Targets of branches are absolute addresses.
 */
export function disassemble(word: number, pc: bigint): string {
  const decoded = decoder.decode(word >>> 0);
  if (!decoded) return `.inst 0x${(word >>> 0).toString(16).padStart(8, '0')}`;
  const { instruction, operation } = decoded;
  const ways = known.get(operation) ?? printed(operation);
  known.set(operation, ways);
  const fields = instruction.pattern.fieldsOf(word);
  for (const { template, when } of ways) {
    if (when && !when(fields)) continue;
    const text = template.print(fields, pc);
    if (text !== undefined) return text;
  }
  assert(false, `the syntax of ${instruction.name} cannot say ${word.toString(16)}`);
}

/** The ways to write an operation, without those for the assembler only. */
const printed = ({ instruction, choices }: Operation): Way[] =>
  syntaxes(instruction, choices)
    .filter(({ alias }) => !alias?.input)
    .map(({ text, alias }) => ({ template: new Template(text, instruction.pattern), when: alias?.when }));
