import { dom0Costs } from '../../os/costs.ts';
import { resolvePath } from '../../os/files.ts';
import type { Program, ProgramContext } from '../../os/program.ts';
import { compute } from '../../os/task.ts';

/** A program that does not wait. */
export const simple = (run: (context: ProgramContext) => number): Program['run'] =>
  function* (context) {
    yield* compute(dom0Costs.smallProgram);
    return run(context);
  };

export const complain = (context: ProgramContext, what: string, why: string): number => {
  context.err(`${context.name}: ${what}: ${why}\n`);
  return 1;
};

export const usage = (context: ProgramContext, text: string): number => {
  context.err(`Usage: ${context.name} ${text}\n`);
  return 1;
};

/** The texts of files, or of standard input if no file is named; null if a file cannot be read. */
export function texts(context: ProgramContext, names: readonly string[]): { name: string; text: string }[] | null {
  if (names.length === 0) return [{ name: '(standard input)', text: context.input ?? '' }];
  const found = names.map((name) => ({ name, read: context.files.readText(resolvePath(name, context.directory)) }));
  let failed = false;
  for (const { name, read } of found) {
    if (!read.ok) {
      complain(context, name, read.error);
      failed = true;
    }
  }
  return failed ? null : found.map(({ name, read }) => ({ name, text: read.ok ? read.value : '' }));
}

export const options = (args: readonly string[]): { flags: string; operands: string[] } => ({
  flags: args
    .filter((a) => /^-[a-zA-Z]+$/.test(a))
    .map((a) => a.slice(1))
    .join(''),
  operands: args.filter((a) => !/^-[a-zA-Z]+$/.test(a)),
});
