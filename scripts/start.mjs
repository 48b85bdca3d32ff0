// `npm start`: installs what is missing, builds the page, serves it and prints the address.

import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { hasApt } from './apt.mjs';
import { fetchImages, hasLinux } from './images.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { isStale } from './newest.mjs';
import { servePage } from './serve.mjs';

const firstPort = 5173;
const lastPort = 5272;
const sources = ['src', 'public', 'guests/build', 'index.html', 'package-lock.json', 'vite.config.ts'];

/** Offers to fetch Linux for the board if that is possible; without a terminal, only prints how. */
async function offerImages() {
  if (hasLinux()) return;
  if (!process.stdin.isTTY || !hasApt()) {
    console.log('For Linux on the board: `npm run images` fetches it, with apt.');
    return;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Fetch Debian's Linux and Xen for the board, some 65 MB? [y/N] ");
  terminal.close();
  if (!/^y/i.test(answer)) return;
  await fetchImages().catch((error) => {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
  });
}

await runScript(async () => {
  installPackages();
  await offerImages();
  if (isStale('dist/index.html', sources)) {
    console.log('Building the page ...');
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }).catch((error) => {
      throw new Stop(`The page does not build: ${error.message}`);
    });
  }
  const server = await servePage(firstPort, lastPort).catch((/** @type {Error} */ error) => {
    throw new Stop(`The page cannot be served on a port from ${firstPort} to ${lastPort}: ${error.message}.`);
  });
  console.log(`EL2 Lab is at http://localhost:${server.port}/ (Ctrl-C ends it).`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
});
