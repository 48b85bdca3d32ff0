// `npm start`: installs what is missing, builds the page, serves it and prints the address.
//   --host       serves it to other computers of the network too, and prints those addresses
//   --port N     on this port, or not at all; without, on the first free one from 5173

import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { hasApt } from './apt.mjs';
import { compress } from './compress.mjs';
import { fetchImages, hasLinux } from './images.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { isStale } from './newest.mjs';

const firstPort = 5173;
const lastPort = 5272;
const sources = [
  'src',
  'public',
  'guests/build',
  'index.html',
  'package-lock.json',
  'vite.config.ts',
  'scripts/headers.mjs',
];

/** The options of the command line. */
function options() {
  try {
    const { host, port } = parseArgs({ options: { host: { type: 'boolean' }, port: { type: 'string' } } }).values;
    if (port === undefined) return { everywhere: host === true, port: undefined };
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
      throw new Stop(`--port takes a number from 1 to 65535, not "${port}".`);
    }
    return { everywhere: host === true, port: Number(port) };
  } catch (error) {
    if (error instanceof Stop) throw error;
    throw new Stop(`npm start takes --host and --port N: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Serves the page; a Stop says why it cannot be served.
 * @param {ReturnType<typeof options>} options
 */
async function start({ everywhere, port }) {
  // Only now are the packages there that it needs.
  const { networkHosts, servePage } = await import('./serve.mjs');
  const first = port ?? firstPort;
  const server = await servePage(first, { lastPort: port ?? lastPort, everywhere }).catch(
    (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EACCES') throw new Stop(`Port ${first} is not yours to serve on: choose one above 1023.`);
      if (error.code !== 'EADDRINUSE') throw error;
      if (port === undefined) throw new Stop(`No port from ${firstPort} to ${lastPort} is free: choose one by --port.`);
      throw new Stop(`Port ${port} is taken by another program: choose another, or none for the first free one.`);
    },
  );
  console.log(`EL2 Lab is at http://localhost:${server.port}/ (Ctrl-C ends it).`);
  if (everywhere) {
    const hosts = networkHosts();
    console.log(hosts.length === 0 ? 'This computer is in no network.' : 'For other computers of the network:');
    for (const host of hosts) console.log(`  http://${host}:${server.port}/`);
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
}

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

/** Makes the snapshots on which the page opens, where there are none, or another version's. Until then, their systems boot. */
async function prepare() {
  const { prepareSystems } = await import('./prepare.mjs');
  await prepareSystems().catch((error) => {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
  });
}

await runScript(async () => {
  const chosen = options();
  installPackages();
  await offerImages();
  if (isStale('dist/index.html', sources)) {
    console.log('Building the page ...');
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }).catch((error) => {
      throw new Stop(`The page does not build: ${error.message}`);
    });
  }
  if (chosen.everywhere) {
    console.log('Compressing images/ ...');
    await compress(join(root, 'images'));
  }
  await start(chosen);
  await prepare();
});
