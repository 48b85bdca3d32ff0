import { ExitCode } from '../exit-code.ts';

/** A command of el2lab. Adding one means writing its entry and listing it in main.ts. */
export interface Command {
  readonly name: string;
  /** Its line in `el2lab --help`. */
  readonly summary: string;
  /** Runs with the arguments after the name; the program's exit code. Throws UsageError. */
  run(args: readonly string[]): Promise<number>;
}

/** The parts of a command. `parse` returns null if `--help` is among the arguments, and may throw UsageError. */
interface CommandParts<Options> {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  parse(args: readonly string[]): Options | null;
  run(options: Options): Promise<number>;
}

/** Makes a command that prints its help for `--help`. */
export const command = <Options>({ name, summary, help, parse, run }: CommandParts<Options>): Command => ({
  name,
  summary,
  async run(args) {
    const options = parse(args);
    if (options !== null) return run(options);
    process.stdout.write(help);
    return ExitCode.done;
  },
});
