import type { LibxlContext } from '../libxl/context.ts';
import type { Processes } from '../os/processes.ts';
import type { Task } from '../os/task.ts';
import type { CommandContext } from '../shell/command.ts';
import { parseXlOptions } from './options.ts';
import { xlUsages } from './usages.ts';

/** What xl needs of Dom0. */
export interface XlServices {
  readonly libxl: LibxlContext;
  /** Where its daemons go on when xl has ended. */
  readonly processes: Processes;
}

/** One run of xl. */
export interface Xl extends XlServices {
  readonly context: CommandContext;
  /** xl -v, and xl -N. */
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

export interface Parsed {
  /** By letter, the argument that came last, or '' for one that takes none. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** What a subcommand does once its words have been read; its exit code. */
export type Subcommand = (xl: Xl, parsed: Parsed) => Task<number>;

/** A command that ends with a message on standard error and a code. */
export class Exit extends Error {
  constructor(
    override readonly message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** Reads a subcommand's words and runs it. */
export function* runSubcommand(xl: Xl, name: string, subcommand: Subcommand, words: readonly string[]): Task<number> {
  const { out, err } = xl.context;
  const usage = xlUsages.get(name);
  const parsed = usage ? parseXlOptions(name, usage, words) : { options: [], operands: words };
  if ('exitCode' in parsed) {
    err(parsed.stderr);
    out(parsed.stdout);
    return parsed.exitCode;
  }
  const options = new Map(parsed.options.map(({ letter, argument }) => [letter, argument ?? '']));
  try {
    return yield* subcommand(xl, { options, operands: parsed.operands });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    err(error.message);
    return error.code;
  }
}

/** A subcommand that needs no more time than xl's start. */
export const atOnce = (work: (xl: Xl, parsed: Parsed) => number): Subcommand =>
  // biome-ignore lint/correctness/useYield: it shares the type of those that wait.
  function* (xl, parsed) {
    return work(xl, parsed);
  };
