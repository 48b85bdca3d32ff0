import { readFileSync, writeFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { UsageError } from './exit-code.ts';

/** The bytes of a file that the user named. Throws UsageError. */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}.`);
  }
}

/** Throws UsageError. */
export function writeJson(path: string, value: unknown): void {
  try {
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}.`);
  }
}

/** The operating system's words for its error: `no such file or directory`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  return getSystemErrorMap().get(number)?.[1] ?? error.message;
}
