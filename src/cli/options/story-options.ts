import { parseArgs } from 'node:util';
import { type StoryName, storyNames } from '../../session/stories/stories.ts';
import { UsageError } from '../exit-code.ts';
import { type RunOptions, readRunOptions, runOptionsHelp, runOptionTypes } from './run-options.ts';
import { integer, largestSeed, usage } from './values.ts';

export const storyHelp = `Usage: el2lab story [NAME] [options]

Runs a story: boots its system of Xen's domains, types its commands into Domain-0, measures, and prints the figures as a table,
each with the bounds between which it must be. Standard error shows what is typed and measured. Without a name, lists the stories.
docs/stories.md has the figures beside those that others have published.

  --seed N               decides at which moments it acts, and the guests' random seeds (default 1)
${runOptionsHelp}
Exit codes: 0 all figures are within their bounds, 1 one is not or the story could not go on, 2 wrong usage, 3 a limit of time was
reached.
`;

export interface StoryOptions extends RunOptions {
  /** Null to list the stories. */
  readonly name: StoryName | null;
  readonly seed: number;
}

/** Reads the arguments after `story`; null asks for help. Throws UsageError. */
export function parseStoryOptions(args: readonly string[]): StoryOptions | null {
  // Who operates a story enters what it needs.
  const { replay: _replay, ...types } = runOptionTypes;
  const { values, positionals } = usage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seed: { type: 'string' }, ...types },
    }),
  );
  if (values.help) return null;
  const [given, more] = positionals;
  if (more !== undefined) throw new UsageError(`One story at a time: '${more}' is one too many.`);
  const name = storyNames.find((each) => each === given) ?? null;
  if (given !== undefined && name === null)
    throw new UsageError(`There is no story '${given}'; 'el2lab story' lists them.`);
  return { name, seed: integer('--seed', values.seed, [0, largestSeed]) ?? 1, ...readRunOptions(values) };
}
