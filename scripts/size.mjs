// The size budget of the built page: `npm run size`, after a build. Sizes are after gzip, as a server would send them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { isCopy } from './compress.mjs';
import { root, runScript, Stop } from './install.mjs';

const dist = join(root, 'dist');

/**
 * Files that the page loads before it shows anything: the scripts, preloaded modules and style sheets of index.html.
 */
function firstLoad() {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  return [
    'index.html',
    ...[...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1] ?? ''),
  ];
}

const assets = () =>
  readdirSync(join(dist, 'assets'))
    .filter((name) => !isCopy(join(dist, 'assets'), name))
    .map((name) => `assets/${name}`);
const isWorker = (/** @type {string} */ file) => /^assets\/worker-[^/]*\.js$/.test(file);

/** Images of the built-in guests, and the agent of the real Xen's Dom0. */
const isGuest = (/** @type {string} */ file) => /\.img$|\/agent-[^/]*\.elf$/.test(file);

/** Monaco and its files. */
const isEditor = (/** @type {string} */ file) => /^assets\/(?:Editor-|editor|codicon|ja-)[^/]*$/.test(file);

/** @type {{ name: string, limit: number, files: () => string[] }[]} budgets in kilobytes (1000 bytes) */
const budgets = [
  // React, the English texts of what is not in a panel (src/app/i18n/enFirst.ts), and what keeps the user's files and texts,
  // apart from other tabs'.
  { name: 'first load', limit: 120, files: firstLoad },
  {
    name: 'panels and palette',
    // With the readers and makers of the card's file systems, which come when it is used: 11 kB; and the refusals in
    // Japanese, which come when there is one: 4 kB. Each story is about 1.5 kB of texts in two languages; the panel of
    // revisions is 3 kB; the English texts of panels are 6 kB. What fetches the real Xen: 0.5 kB. Sessions as links:
    // 3 kB. The model
    // beside the real Xen: 3 kB. Translations, with what each bit of a descriptor means in two languages, and why accesses were
    // refused: 12 kB. What opens prepared systems: 1 kB.
    // The timeline, with its texts in two languages: 14 kB.
    limit: 390,
    files: () => assets().filter((f) => !firstLoad().includes(f) && !isWorker(f) && !isEditor(f) && !isGuest(f)),
  },
  // With those of stories: a server, a monitor of RTOSes, one with a DMA channel, and one that exits to EL2: 4 kB;
  // and the agent of the real Xen's Dom0: 5 kB.
  { name: 'guests', limit: 60, files: () => assets().filter(isGuest) },
  // Monaco's core alone is about 700 kB, however few features are used. It is loaded last, while the machine already
  // runs.
  { name: 'editor', limit: 1106, files: () => assets().filter(isEditor) },
  // A board with its firmware's calls, Xen on it with its five schedulers and pools of CPUs, and Domain-0 with xl,
  // the grammars of
  // its devices, its manual in two languages, and Git: 13 kB; and what saves and loads the state of every part: 10 kB; and
  // Xen's mode without acceleration, with its story: 6 kB. The real Xen’s boot set, and the line to its Domain-0: 5 kB; what is
  // read in its memory, and the comparison with the model: 5 kB. The way back and forth in time: 7 kB. Walks
  // and maps of address spaces, and why accesses were refused: 7 kB. The scheduling timeline with its summaries and
  // files: 8 kB. Moments of Xen's and Domain-0's models: 4 kB,
  // half of it the names of fields.
  { name: 'machine worker', limit: 497, files: () => assets().filter(isWorker) },
];

/**
 * Measures the built page against its budgets and prints a line for each.
 * @returns {boolean} whether all are kept
 */
export function checkSizes() {
  const over = budgets.filter(({ name, limit, files }) => {
    const bytes = files().reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
    console.log(`${name}: ${(bytes / 1000).toFixed(1)} kB of ${limit} kB`);
    return bytes > limit * 1000;
  });
  return over.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    if (!checkSizes()) throw new Stop('The page is over its size budget (scripts/size.mjs).');
  });
}
