// `npm start`: installs what is missing, builds the page, serves it and prints the address.

import { join } from 'node:path';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { isStale } from './newest.mjs';
import { serve } from './serve.mjs';

const firstPort = 5173;
const lastPort = 5272;
const sources = ['src', 'public', 'guests/build', 'index.html', 'package-lock.json', 'vite.config.ts'];

await runScript(async () => {
  installPackages();
  if (isStale('dist/index.html', sources)) {
    console.log('Building the page ...');
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' }).catch((error) => {
      throw new Stop(`The page does not build: ${error.message}`);
    });
  }
  const server = await serve(join(root, 'dist'), firstPort, lastPort).catch((/** @type {Error} */ error) => {
    throw new Stop(`The page cannot be served on a port from ${firstPort} to ${lastPort}: ${error.message}.`);
  });
  console.log(`EL2 Lab is at http://localhost:${server.port}/ (Ctrl-C ends it).`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
});
