import { parseArgs } from 'node:util';
import { UsageError } from '../exit-code.ts';
import { parseInput, parsePattern, type TypedInput } from './patterns.ts';
import { type RunOptions, readRunOptions, replayOptionHelp, runOptionTypes, watchOptionsHelp } from './run-options.ts';
import { syntax, usage } from './values.ts';
import { type ConsoleFile, consoleFile } from './xen-options.ts';

export const resumeHelp = `Usage: el2lab resume FILE [options]

Goes on from a snapshot that --save has written, as the run did that wrote it: the serial port, or Domain-0's terminal, is on
standard output and takes standard input. Kernel, card and settings are those in the snapshot.

  --until REGEX          end when this appears from now on, on the serial port or Domain-0's terminal
  --input 'REGEX=>TEXT'  a kernel: when this has appeared, type the text; several are taken one after the other
  --console DOMAIN=FILE  with the model of Xen: write what the domains of this name print from now on to a file
${replayOptionHelp}${watchOptionsHelp}
Exit codes: as of the command that began the run.
`;

export interface ResumeOptions extends RunOptions {
  /** Path of a file. */
  readonly snapshot: string;
  readonly until: RegExp | null;
  readonly inputs: readonly TypedInput[];
  readonly consoles: readonly ConsoleFile[];
}

/** Reads the arguments after `resume`; null asks for help. Throws UsageError. */
export function parseResumeOptions(args: readonly string[]): ResumeOptions | null {
  const { sd: _sd, 'on-reset': _onReset, ...types } = runOptionTypes;
  const { values, positionals } = usage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        until: { type: 'string' },
        input: { type: 'string', multiple: true },
        console: { type: 'string', multiple: true },
        ...types,
      },
    }),
  );
  if (values.help) return null;
  const [snapshot, more] = positionals;
  if (snapshot === undefined || more !== undefined) throw new UsageError('resume needs one FILE.');
  return {
    snapshot,
    until: values.until === undefined ? null : syntax('--until', values.until, parsePattern),
    inputs: (values.input ?? []).map((argument) => syntax('--input', argument, parseInput)),
    consoles: (values.console ?? []).map(consoleFile),
    ...readRunOptions(values),
  };
}
