import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';
import type { booted, Fingerprint, fingerprint, resumed, savedAt } from './fingerprint.ts';
import { expect, test } from './lab.ts';

/** What runs here and in the browser. */
interface Machines {
  readonly booted: typeof booted;
  readonly resumed: typeof resumed;
  readonly savedAt: typeof savedAt;
  readonly fingerprint: typeof fingerprint;
}

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
  test(`Node and the browser run ${name} to the same state, the browser also from a snapshot that Node has made`, async ({
    page,
  }) => {
    test.skip(
      !named.every(([, path]) => existsSync(file(path))),
      'the images folder does not hold kernel, tree and initial RAM disk',
    );
    test.setTimeout(300_000);
    const module = await bundle('e2e/fingerprint.ts');
    const read = (path: string) => ({ name: path, bytes: new Uint8Array(readFileSync(file(path))) });
    const { booted, fingerprint, savedAt } = (await import(module)) as Machines;
    const machine = booted(Object.fromEntries(named.map(([role, path]) => [role, read(path)])) as never);
    const middle = Buffer.from(await (await savedAt(machine, virtualSeconds / 2)).arrayBuffer());
    const here = fingerprint(machine, virtualSeconds);

    await page.route('**/fingerprint.js', (route) => route.fulfill({ path: fileURLToPath(module) }));
    for (const [, path] of named)
      await page.route(`**/${path}`, (route) => route.fulfill({ path: fileURLToPath(file(path)) }));
    await page.route('**/middle.snap', (route) => route.fulfill({ body: middle }));
    await page.route('**/empty.html', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('/empty.html');
    const [there, continued]: Fingerprint[] = await page.evaluate(
      async ([named, virtualSeconds]) => {
        const script = '/fingerprint.js';
        const { booted, fingerprint, resumed }: Machines = await import(script);
        const bytesOf = async (path: string) => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer());
        const read = async (path: string) => ({ name: path, bytes: await bytesOf(path) });
        const files = await Promise.all(named.map(async ([role, path]) => [role, await read(path)] as const));
        const whole = fingerprint(booted(Object.fromEntries(files) as never), virtualSeconds);
        return [whole, fingerprint(await resumed(await bytesOf('middle.snap')), virtualSeconds)];
      },
      [named, virtualSeconds] as const,
    );
    expect(here.console).not.toBe('');
    expect(there).toEqual(here);
    expect(continued).toEqual(here);
  });
}
