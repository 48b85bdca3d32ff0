/** Reads options and their values. */
import { UsageError } from '../exit-code.ts';

export const largestSeed = 2 ** 32 - 1;

/** Runs `parseArgs`. Throws UsageError. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    // parseArgs throws TypeErrors with messages for the user.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

/** A whole number in a range, both ends included; undefined if not given. Throws UsageError. */
export function integer(
  option: string,
  argument: string | undefined,
  [min, max]: readonly [number, number],
): number | undefined {
  if (argument === undefined) return undefined;
  const value = Number(argument);
  if (/^\d+$/.test(argument) && value >= min && value <= max) return value;
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not '${argument}'.`);
}

/** A time greater than 0; Infinity if not given. Throws UsageError. */
export function seconds(option: string, argument: string | undefined): number {
  if (argument === undefined) return Number.POSITIVE_INFINITY;
  const value = Number(argument);
  if (/^\d*\.?\d+$/.test(argument) && value > 0) return value;
  throw new UsageError(`${option} takes a number of seconds greater than 0, not '${argument}'.`);
}

/** Parses an option's argument. Throws UsageError for a SyntaxError. */
export function syntax<T>(option: string, argument: string, parse: (argument: string) => T): T {
  try {
    return parse(argument);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${option} '${argument}': ${error.message}.`);
    throw error;
  }
}
