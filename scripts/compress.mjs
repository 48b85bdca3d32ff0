// Compressed copies beside files (`main.js.br`, `main.js.gz`), which a server sends to browsers that accept them.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const suffixes = ['.br', '.gz'];

/** A smaller file fits into the first packets as it is. */
const least = 1024;

/**
 * Whether a file is the compressed copy of another.
 * @param {string} folder
 * @param {string} name
 */
export const isCopy = (folder, name) =>
  suffixes.some((suffix) => name.endsWith(suffix) && existsSync(join(folder, name.slice(0, -suffix.length))));

/** @param {string} file */
const timeOf = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;

/**
 * Whether a file has compressed copies that are not older than it.
 * @param {string} file
 */
export const hasFreshCopies = (file) => suffixes.every((suffix) => timeOf(file + suffix) >= timeOf(file));

/**
 * Writes the compressed copies of all files below a folder that lack them.
 * @param {string} folder
 * @returns {Promise<number>} how many files were compressed
 */
export async function compress(folder) {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const files = names
    .filter((name) => !suffixes.some((suffix) => name.endsWith(suffix)))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && statSync(file).size >= least && !hasFreshCopies(file));
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file);
      // The two highest levels of Brotli take many times as long, for a twentieth.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
  return files.length;
}
