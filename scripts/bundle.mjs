import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { installPackages, root, Stop } from './install.mjs';

/**
 * Bundles a module for Node. Returns the URL of the result, for import().
 * @param {string} source relative to the project's folder
 * @param {{ sourcemap?: boolean }} [options] whether to write a source map beside it
 */
export async function bundle(source, { sourcemap = false } = {}) {
  installPackages();
  const name = basename(source, '.ts');
  const outDir = join(root, '.cache', name);
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: { ssr: source, outDir, target: 'node20', sourcemap },
  });
  return pathToFileURL(join(outDir, `${name}.js`)).href;
}

/**
 * The command line's options, all with a value.
 * @param {string[]} names
 * @returns {{ text: (name: string) => string | undefined, number: (name: string, otherwise: number) => number }}
 */
export function options(names) {
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: /** @type {const} */ ('string') }])),
  });
  return {
    text: (name) => values[name],
    number: (name, otherwise) => {
      const text = values[name];
      const value = text === undefined ? otherwise : Number(text);
      if (!Number.isSafeInteger(value) || value < 0) throw new Stop(`--${name} takes a number, not '${text}'.`);
      return value;
    },
  };
}
