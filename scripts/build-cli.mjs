import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages, root } from './install.mjs';
import { isStale } from './newest.mjs';

const bundle = 'dist-cli/main.js';
const sources = ['src', 'guests/build', 'package-lock.json', 'vite.cli.config.ts'];

/**
 * Bundles src/cli/main.ts unless the bundle is newer than every source.
 * @returns {Promise<string>} the URL of the bundle, to import
 */
export async function buildCommandLine() {
  if (isStale(bundle, sources)) {
    installPackages();
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.cli.config.ts') });
  }
  return pathToFileURL(join(root, bundle)).href;
}
