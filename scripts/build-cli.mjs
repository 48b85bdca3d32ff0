import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages, root } from './install.mjs';

const bundle = join(root, 'dist-cli/main.js');
const sources = ['src', 'guests/build', 'package-lock.json', 'vite.cli.config.ts'];

/**
 * The time of the newest change in a file or below a folder, in milliseconds since 1970.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Bundles src/cli/main.ts unless the bundle is newer than every source.
 * @returns {Promise<string>} the URL of the bundle, to import
 */
export async function buildCommandLine() {
  const built = existsSync(bundle) ? statSync(bundle).mtimeMs : 0;
  if (sources.some((path) => newest(join(root, path)) > built)) {
    installPackages();
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.cli.config.ts') });
  }
  return pathToFileURL(bundle).href;
}
