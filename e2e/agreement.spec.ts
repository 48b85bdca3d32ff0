import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';
import type { Fingerprint, fingerprint } from './fingerprint.ts';
import { expect, test } from './lab.ts';

const file = (path: string) => new URL(`../${path}`, import.meta.url);

/** By this virtual time, Linux has started all four cores and unpacked its initial RAM disk. */
const linux = {
  name: 'Linux',
  virtualSeconds: 0.3,
  files: { kernel: 'images/Image', initrd: 'images/initrd.gz', deviceTree: 'images/zcu102.dtb' },
};
const hello = { name: 'the hello guest', virtualSeconds: 0.01, files: { kernel: 'guests/build/hello.img' } };

for (const { name, virtualSeconds, files } of [hello, linux]) {
  const named = Object.entries(files);
  test(`Node and the browser run ${name} to the same state`, async ({ page }) => {
    test.skip(
      !named.every(([, path]) => existsSync(file(path))),
      'the images folder does not hold kernel, tree and initial RAM disk',
    );
    test.setTimeout(300_000);
    const module = await bundle('e2e/fingerprint.ts');
    const read = (path: string) => ({ name: path, bytes: new Uint8Array(readFileSync(file(path))) });
    const { fingerprint: inNode } = (await import(module)) as { fingerprint: typeof fingerprint };
    const here = inNode(Object.fromEntries(named.map(([role, path]) => [role, read(path)])) as never, virtualSeconds);

    await page.route('**/fingerprint.js', (route) => route.fulfill({ path: fileURLToPath(module) }));
    for (const [, path] of named)
      await page.route(`**/${path}`, (route) => route.fulfill({ path: fileURLToPath(file(path)) }));
    await page.route('**/empty.html', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('/empty.html');
    const there: Fingerprint = await page.evaluate(
      async ([named, virtualSeconds]) => {
        const script = '/fingerprint.js';
        const { fingerprint } = await import(script);
        const read = async (path: string) => ({
          name: path,
          bytes: new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer()),
        });
        const files = await Promise.all(named.map(async ([role, path]) => [role, await read(path)] as const));
        return fingerprint(Object.fromEntries(files), virtualSeconds);
      },
      [named, virtualSeconds] as const,
    );
    expect(there.console).not.toBe('');
    expect(there).toEqual(here);
  });
}
