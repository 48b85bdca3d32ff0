// A static file server for the built page, with the headers that make it cross-origin isolated.
// `node scripts/serve.mjs [port]` serves dist/ until it is interrupted.

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** With these two the page may use SharedArrayBuffer and precise timers (HTML Standard, "cross-origin isolation"). */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @type {Record<string, string>} */
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/**
 * The file of a request below `folder`, or undefined when there is none (or the path points outside).
 * @param {string} folder
 * @param {string} url
 */
function fileOf(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(folder + sep) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

/**
 * Serves `folder` on the first free port at or after `firstPort`.
 * @param {string} folder
 * @param {number} firstPort
 * @param {number} [lastPort] the last port to try; an error is thrown when none is free
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export function serve(folder, firstPort, lastPort = firstPort) {
  const server = createServer((request, response) => {
    const file = fileOf(folder, request.url ?? '/');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405).end();
    } else if (file === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
    } else {
      response.writeHead(200, {
        ...isolationHeaders,
        'Content-Type': types[extname(file)] ?? 'application/octet-stream',
        'Content-Length': statSync(file).size,
        // Files under assets/ carry a hash of their content in their names; everything else may change.
        'Cache-Control': file.includes(`${sep}assets${sep}`) ? 'max-age=31536000, immutable' : 'no-cache',
      });
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).pipe(response);
    }
  });
  return new Promise((resolve, reject) => {
    /** @param {number} port */
    const listen = (port) => {
      server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        if (error.code === 'EADDRINUSE' && port < lastPort) listen(port + 1);
        else reject(error);
      });
      server.listen(port, 'localhost', () => {
        server.removeAllListeners('error');
        const address = server.address();
        resolve({
          // Port 0 asks the system for any free one.
          port: typeof address === 'object' && address !== null ? address.port : port,
          close: () =>
            new Promise((done) => {
              server.close(() => done());
              server.closeAllConnections();
            }),
        });
      });
    };
    listen(firstPort);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await serve(join(root, 'dist'), Number(process.argv[2] ?? 5173));
  console.log(`http://localhost:${port}`);
}
