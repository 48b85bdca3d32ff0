// The web server of the built page: sirv, with the headers of scripts/headers.mjs.
// `node scripts/serve.mjs [port]` serves dist/, and the fetched images below /images/, until it is interrupted.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { hasFreshCopies, isCopy } from './compress.mjs';
import { pageHeaders } from './headers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {import('sirv').RequestHandler} Handler */

/** Of what always has the same bytes at its address. */
const immutable = 'max-age=31536000, immutable';

/**
 * The headers of a file. sirv takes these instead of its own.
 * @param {Response} response
 * @param {string} pathname
 * @param {Readonly<Record<string, string>>} [headers] those of all files
 */
function setHeaders(response, pathname, headers = pageHeaders) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Files under assets/ carry a hash of their content in their names; everything else may change.
  const hashed = pathname.startsWith('/assets/');
  response.setHeader('Cache-Control', hashed ? immutable : 'no-cache');
  if (/\.(?:elf|img)$/.test(pathname)) response.setHeader('Content-Type', 'application/octet-stream');
}

/**
 * The files of a folder for the page to list, in the form of public/images/manifest.json.
 * @param {string} folder
 */
export function manifest(folder) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !isCopy(folder, name)) : [];
  const files = names.map((name) => ({ name, status: statSync(join(folder, name)) }));
  return JSON.stringify(
    files
      .filter(({ status }) => status.isFile())
      .map(({ name, status: { size, mtimeMs } }) => ({ name, size, version: Math.round(mtimeMs).toString(36) })),
  );
}

/**
 * Answers requests below /images/ with the files in `folder`, as they are now, and passes all others on.
 * @param {string} folder
 * @returns {Handler}
 */
export function imagesOf(folder) {
  const files = sirv(folder, {
    dev: true,
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders: (response, pathname) => {
      setHeaders(response, pathname);
      response.setHeader('Content-Type', 'application/octet-stream');
      // The page asks for a version of the manifest's.
      if (response.req.url?.includes('?')) response.setHeader('Cache-Control', immutable);
      // A RAM disk whose file is compressed stays so: the page gets the file.
      if (pathname.endsWith('.gz')) response.setHeader('Content-Encoding', 'identity');
    },
  });
  return (request, response, next) => {
    const path = request.url?.match(/^\/images(\/[^?]*)/)?.[1];
    if (path === undefined) return next?.();
    if (path === '/manifest.json') {
      setHeaders(response, path);
      response.setHeader('Content-Type', 'application/json');
      response.end(manifest(folder));
      return;
    }
    if (!hasFreshCopies(join(folder, path))) delete request.headers['accept-encoding'];
    request.url = request.url?.slice('/images'.length);
    files(request, response, () => notFound(response));
  };
}

/** @param {Response} response */
function notFound(response) {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
}

/**
 * Serves `folder` on the first free port at or after `firstPort`.
 * @param {string} folder
 * @param {number} firstPort
 * @param {object} [options]
 * @param {number} [options.lastPort] the last port to try: an error is thrown when none is free
 * @param {boolean} [options.everywhere] for other computers too, not for this one alone
 * @param {string} [options.images] a folder to serve below /images/
 * @param {Readonly<Record<string, string>>} [options.headers] of all files, instead of the page's
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export function serve(folder, firstPort, { lastPort = firstPort, everywhere = false, images, headers } = {}) {
  const page = sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders: (response, pathname) => setHeaders(response, pathname, headers),
  });
  const beside = images === undefined ? undefined : imagesOf(images);
  const server = createServer((request, response) => {
    const answer = () => page(request, response, () => notFound(response));
    if (beside) beside(request, response, answer);
    else answer();
  });
  return new Promise((resolve, reject) => {
    /** @param {number} port */
    const listen = (port) => {
      server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        if (error.code === 'EADDRINUSE' && port < lastPort) listen(port + 1);
        else reject(error);
      });
      server.listen(port, everywhere ? undefined : 'localhost', () => {
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

/** The addresses of this computer in its networks, as a URL has them. */
export const networkHosts = () =>
  Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses
      // A link-local address needs the name of an interface, which a URL cannot have.
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address)),
  );

/**
 * Serves the built page with the fetched images.
 * @param {number} firstPort
 * @param {{ lastPort?: number, everywhere?: boolean }} [options]
 */
export const servePage = (firstPort, options) =>
  serve(join(root, 'dist'), firstPort, { ...options, images: join(root, 'images') });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await servePage(Number(process.argv[2] ?? 5173));
  console.log(`http://localhost:${port}`);
}
