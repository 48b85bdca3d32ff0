/** Everything that decides a run: what was started, and what entered it when. Plain data. */
import type { Recipe } from './boot.ts';
import type { Input } from './input.ts';

/** Changes when a journal of an earlier version could no longer be read. */
export const journalVersion = 1;

export interface JournalEntry {
  /** How many slices of the run had ended when it entered. */
  readonly slice: number;
  readonly input: Input;
}

export interface Journal {
  readonly version: typeof journalVersion;
  readonly recipe: Recipe;
  /** In the order in which they entered. */
  readonly inputs: readonly JournalEntry[];
  /** How many slices had ended when the journal was taken: the end of a replay. */
  readonly slices: number;
}
