import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dom0File } from '../../session/api/files.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from './files.ts';

/** The built-in guests of Xen. This code runs in dist-cli, beside guests. */
const builtIn = fileURLToPath(new URL('../guests/build/xen', import.meta.url));

/** The images for /guests that are part of the program. */
export const builtInGuests = (): Dom0File[] =>
  filesBelow(builtIn, '/guests').filter(({ path }) => path.endsWith('.img'));

/** The files below a directory, with their paths in Domain-0 below `at`. Throws UsageError. */
export function filesBelow(directory: string, at = ''): Dom0File[] {
  const attempt = <T>(path: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${reason(error)}.`);
    }
  };
  const entries: Dirent[] = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const here = join(directory, entry.name);
      const there = `${at}/${entry.name}`;
      return entry.isDirectory()
        ? filesBelow(here, there)
        : [{ path: there, bytes: new Uint8Array(attempt(here, () => readFileSync(here))) }];
    });
}
