import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

/**
 * The time of the newest change in a file or below a folder, in milliseconds since 1970; 0 when it does not exist.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Whether a built file is missing or older than one of its sources.
 * @param {string} built relative to the project's folder, as are the sources
 * @param {string[]} sources files and folders
 */
export function isStale(built, sources) {
  const time = newest(join(root, built));
  return sources.some((source) => newest(join(root, source)) > time);
}
