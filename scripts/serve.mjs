// A static file server for the built page, with the headers that make it cross-origin isolated.
// `node scripts/serve.mjs [port]` serves dist/, and the fetched images below /images/, until it is interrupted.

import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** These headers let the page use SharedArrayBuffer and precise timers (HTML Standard, "cross-origin isolation"). */
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
 * The file of a request below `folder`, or undefined if there is none or the path leads outside.
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
 * The files of a folder for the page to list, in the form of public/images/manifest.json.
 * @param {string} folder
 */
export function manifest(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.map((name) => ({ name, status: statSync(join(folder, name)) }));
  return JSON.stringify(
    files.filter(({ status }) => status.isFile()).map(({ name, status }) => ({ name, size: status.size })),
  );
}

/**
 * Answers a request for a file below `folder`.
 * @param {string} folder
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} [path] of the file, where it is not that of the request
 */
function answer(folder, request, response, path = request.url ?? '/') {
  const file = fileOf(folder, path);
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
}

/**
 * Answers requests below /images/ with the files in `folder`, and passes all others on.
 * @param {string} folder
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, next: () => void) => void}
 */
export function imagesOf(folder) {
  return (request, response, next) => {
    const path = request.url?.match(/^\/images(\/[^?]*)/)?.[1];
    if (path === undefined) next();
    else if (path === '/manifest.json')
      response.writeHead(200, { ...isolationHeaders, 'Content-Type': types['.json'] }).end(manifest(folder));
    else answer(folder, request, response, path);
  };
}

/**
 * Serves `folder` on the first free port at or after `firstPort`, and `images`, if given, below /images/.
 * @param {string} folder
 * @param {number} firstPort
 * @param {{ lastPort?: number, images?: string }} [options] the last port to try: an error is thrown when none is free
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export function serve(folder, firstPort, { lastPort = firstPort, images } = {}) {
  const beside = images === undefined ? undefined : imagesOf(images);
  const server = createServer((request, response) => {
    const page = () => answer(folder, request, response);
    if (beside) beside(request, response, page);
    else page();
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

/**
 * Serves the built page with the fetched images.
 * @param {number} firstPort
 * @param {number} [lastPort]
 */
export const servePage = (firstPort, lastPort = firstPort) =>
  serve(join(root, 'dist'), firstPort, { lastPort, images: join(root, 'images') });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await servePage(Number(process.argv[2] ?? 5173));
  console.log(`http://localhost:${port}`);
}
