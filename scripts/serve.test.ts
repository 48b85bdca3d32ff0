import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from './serve.mjs';

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-serve-'));
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  writeFileSync(join(folder, 'dist/index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'dist/assets/a.js'), 'export {};');
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

test('a script has the media type that browsers require of modules', async () => {
  const response = await fetch(`http://localhost:${server.port}/assets/a.js`);
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

test.each(['/none', '/assets', '/../secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/%'])(
  'nothing is served for %s',
  async (path) => {
    // fetch() would normalize the path before it is sent.
    const status = await new Promise((resolve, reject) => {
      request({ port: server.port, host: 'localhost', path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  },
);

test('images are listed and served beside the page, other files are not found', async () => {
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  mkdirSync(join(folder, 'images/folder'), { recursive: true });
  writeFileSync(join(folder, 'images/Image'), 'kernel');
  const both = await serve(join(folder, 'dist'), 0, { images: join(folder, 'images') });
  const get = (path: string) => fetch(`http://localhost:${both.port}${path}`);
  expect(await (await get('/images/manifest.json')).json()).toEqual([{ name: 'Image', size: 6 }]);
  expect(await (await get('/images/Image')).text()).toBe('kernel');
  expect((await get('/images/..%2fsecret.txt')).status).toBe(404);
  expect(await (await get('/')).text()).toBe('<p>page</p>');
  await both.close();
});

test('the next free port is used, and no free port is an error', async () => {
  await expect(serve(join(folder, 'dist'), server.port)).rejects.toThrow('EADDRINUSE');
  const second = await serve(join(folder, 'dist'), server.port, { lastPort: server.port + 20 });
  expect(second.port).toBeGreaterThan(server.port);
  await second.close();
});
