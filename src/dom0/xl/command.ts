import type { LibxlContext } from '../libxl/context.ts';
import type { Processes } from '../os/processes.ts';
import type { ProgramContext } from '../os/program.ts';
import type { Task } from '../os/task.ts';

/** What xl needs of Dom0. */
export interface XlServices {
  readonly libxl: LibxlContext;
  /** Where processes that outlive xl are started. */
  readonly processes: Processes;
}

/** One run of xl. */
export interface Xl extends XlServices {
  readonly context: ProgramContext;
  /** xl -v and xl -N. */
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

export interface Parsed {
  /** By letter: the last argument given, or '' for an option without one. */
  readonly options: ReadonlyMap<string, string>;
  /** Every option in its place. */
  readonly given: readonly { readonly letter: string; readonly argument: string | null }[];
  readonly operands: readonly string[];
}

/** How a command is used: what `xl help COMMAND` prints, and the options that the command takes. */
export interface XlSyntax {
  /** The letters of xl's global options that the command uses, besides `vtT`. */
  readonly global?: 'f' | 'N' | 'fN';
  readonly usage: string;
  /** The lines that explain its options. */
  readonly options?: readonly string[];
  /** Short options as getopt(3) takes them: a letter each, with a colon when an argument follows. */
  readonly short?: string;
  /** Long options and their short forms. */
  readonly long?: Readonly<Record<string, string>>;
  /** How many operands it needs; 0 if left out. */
  readonly required?: number;
  /** It takes every word as an operand, also `-h`. */
  readonly readsNoOptions?: boolean;
}

/** A command of xl. Adding one means writing its descriptor and listing it in commands.ts. */
export interface XlCommand {
  readonly name: string;
  /** Its text in `xl help`. */
  readonly summary: string;
  readonly syntax: XlSyntax;
  /** Printed on standard error before anything else. */
  readonly notice?: string;
  /** Whether its first operand is a domain, for completion. */
  readonly takesDomain?: boolean;
  /** Rewrites the words before options are read. */
  readonly prepare?: (words: readonly string[]) => readonly string[];
  readonly run: Subcommand;
}

/** Runs a command whose words have been read. Returns its exit code. */
export type Subcommand = (xl: Xl, parsed: Parsed) => Task<number>;

/** Ends a command with a message on standard error and an exit code. */
export class Exit extends Error {
  constructor(
    override readonly message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** A command that takes no more time than starting xl. */
export const atOnce = (work: (xl: Xl, parsed: Parsed) => number): Subcommand =>
  // biome-ignore lint/correctness/useYield: it shares the type of those that wait.
  function* (xl, parsed) {
    return work(xl, parsed);
  };
