import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';
import type { NamedFile } from '../../session/api/boot.ts';
import { UsageError } from '../exit-code.ts';

/** The ZCU102's stock device tree among the fetched images. This code runs in dist-cli, beside images. */
const stockTree = fileURLToPath(new URL('../images/zcu102.dtb', import.meta.url));

/** Path of the stock device tree, or null if it has not been fetched. */
export const fetchedTree = (): string | null => (existsSync(stockTree) ? stockTree : null);

/** A file that the user named. Throws UsageError. */
export function readInput(path: string): NamedFile {
  try {
    return { name: path, bytes: readFileSync(path) };
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}.`);
  }
}

/** Writes pieces one behind the other; returns how many bytes they are. Throws UsageError. */
export function writePieces(path: string, pieces: readonly Uint8Array[]): number {
  try {
    const descriptor = openSync(path, 'w');
    const length = pieces.reduce((sum, piece) => sum + writeSync(descriptor, piece), 0);
    closeSync(descriptor);
    return length;
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}.`);
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
export function reason(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  return getSystemErrorMap().get(number)?.[1] ?? error.message;
}
