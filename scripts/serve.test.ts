import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compress } from './compress.mjs';
import { networkHosts, serve } from './serve.mjs';

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;

const script = 'export const a = 1;\n'.repeat(1000);

/** What the server sends for a path as it is: fetch() would normalize the path, and decompress. */
const get = (
  path: string,
  encodings = '',
): Promise<{ status: number; head: IncomingMessage['headers']; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const headers = { 'Accept-Encoding': encodings };
    request({ port: server.port, host: 'localhost', path, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      resolve({ status: response.statusCode ?? 0, head: response.headers, body: Buffer.concat(parts) });
    })
      .on('error', reject)
      .end();
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-serve-'));
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  writeFileSync(join(folder, 'dist/index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'dist/assets/a.js'), script);
  await compress(join(folder, 'dist'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  server = await serve(join(folder, 'dist'), 0);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test('the page is sent with the headers that isolate it', async () => {
  const response = await fetch(`http://localhost:${server.port}/`);
  expect(await response.text()).toBe('<p>page</p>');
  expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
});

test('a script has the media type that browsers require of modules, and is kept for good by its hashed name', async () => {
  const { head } = await get('/assets/a.js');
  expect(head['content-type']).toBe('text/javascript');
  expect(head['cache-control']).toBe('max-age=31536000, immutable');
  expect(head['x-content-type-options']).toBe('nosniff');
  expect((await get('/')).head['cache-control']).toBe('no-cache');
});

test('a file is sent compressed as the browser accepts it', async () => {
  const brotli = await get('/assets/a.js', 'gzip, deflate, br');
  expect(brotli.head).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' });
  expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
  const gzip = await get('/assets/a.js', 'gzip');
  expect(gzip.head).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/javascript' });
  expect(gunzipSync(gzip.body).toString()).toBe(script);
  const plain = await get('/assets/a.js');
  expect(plain.head['content-encoding']).toBeUndefined();
  expect(plain.body.toString()).toBe(script);
});

test.each(['/none', '/assets', '/../secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/%'])(
  'nothing is served for %s',
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);

test('images are listed and served beside the page, other files are not found', async () => {
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  mkdirSync(join(folder, 'images/folder'), { recursive: true });
  writeFileSync(join(folder, 'images/Image'), 'kernel');
  const both = await serve(join(folder, 'dist'), 0, { images: join(folder, 'images') });
  const get = (path: string) => fetch(`http://localhost:${both.port}${path}`);
  expect(await (await get('/images/manifest.json')).json()).toEqual([
    { name: 'Image', size: 6, version: expect.any(String) },
  ]);
  const image = await get('/images/Image');
  expect(await image.text()).toBe('kernel');
  expect(image.headers.get('cache-control')).toBe('no-cache');
  const version = await get('/images/Image?v');
  expect(await version.text()).toBe('kernel');
  expect(version.headers.get('cache-control')).toContain('immutable');
  expect((await get('/images/..%2fsecret.txt')).status).toBe(404);
  expect(await (await get('/')).text()).toBe('<p>page</p>');
  await both.close();
});

test('images are sent compressed as long as the copy is of the file; a compressed RAM disk stays so', async () => {
  const images = join(folder, 'more');
  mkdirSync(images);
  writeFileSync(join(images, 'Image'), script);
  writeFileSync(join(images, 'initrd.gz'), script);
  expect(await compress(images)).toBe(1);
  expect(await compress(images)).toBe(0);
  const both = await serve(join(folder, 'dist'), 0, { images });
  const get = (path: string) => fetch(`http://localhost:${both.port}/images/${path}`);
  expect((await (await get('manifest.json')).json()).map(({ name }: { name: string }) => name)).toEqual([
    'Image',
    'initrd.gz',
  ]);
  const kernel = await get('Image');
  expect(kernel.headers.get('content-encoding')).toBe('gzip');
  expect(await kernel.text()).toBe(script);
  expect(await (await get('initrd.gz')).text()).toBe(script);
  writeFileSync(join(images, 'Image'), 'another');
  utimesSync(join(images, 'Image'), new Date(), new Date(Date.now() + 5000));
  expect(await (await get('Image')).text()).toBe('another');
  await both.close();
});

test('the next free port is used, and no free port is an error', async () => {
  await expect(serve(join(folder, 'dist'), server.port)).rejects.toThrow('EADDRINUSE');
  const second = await serve(join(folder, 'dist'), server.port, { lastPort: server.port + 20 });
  expect(second.port).toBeGreaterThan(server.port);
  await second.close();
});

test('other computers reach the page when they may', async () => {
  const [host] = networkHosts();
  if (host === undefined) return;
  const open = await serve(join(folder, 'dist'), 0, { everywhere: true });
  expect((await fetch(`http://${host}:${open.port}/`)).status).toBe(200);
  await open.close();
  await expect(fetch(`http://${host}:${server.port}/`)).rejects.toThrow();
});
