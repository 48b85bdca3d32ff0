import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { serve } from '../scripts/serve.mjs';
import { serveFolder } from './plainServer.ts';
import { expect, test } from './xenLab.ts';

test.use({ serviceWorkers: 'allow' });
test.describe.configure({ timeout: 180_000 });
const patience = { timeout: 60_000 };
const dist = new URL('../dist/', import.meta.url).pathname;

/** The files of Linux for domains. */
const linux = ['Image', 'initrd.gz', 'guest-initrd.gz', 'guest-disk.img'];

/** Waits until the page is kept. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
  });

test('after the first visit the page works without its server: the ready session, the editor, what was booted', async ({
  lab,
  page,
}) => {
  const images = mkdtempSync(join(tmpdir(), 'el2lab-offline-'));
  for (const name of ['mine', ...linux]) writeFileSync(join(images, name), 'an image');
  const server = await serve(dist, 0, { images });
  const fetched = () => page.evaluate(async () => (await fetch('./images/mine')).text());
  const asked: string[] = [];
  page.on('request', (request) => {
    const name = request.url().match(/\/images\/(\w.*)\?/)?.[1];
    if (name) asked.push(name);
  });
  /** Xen looks into a file that is called Linux; it is none. */
  const createLinux = async () => {
    await lab.runInDom0('xl create /etc/xen/linux.cfg');
    await expect(lab.console('dom0')).toContainText('xc_dom_find_loader: no loader found', patience);
  };
  try {
    await page.goto(`http://localhost:${server.port}/`);
    await kept(page);
    expect(await fetched()).toBe('an image');
    // Linux is fetched when a domain needs it, and kept.
    await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
    expect(asked).toEqual([]);
    await createLinux();
    expect(asked.sort()).toEqual([...linux].sort());
    await expect
      .poll(() => page.evaluate(async () => Boolean(await caches.match('./images/manifest.json'))))
      .toBe(true);
  } finally {
    await server.close();
    rmSync(images, { recursive: true });
  }
  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.open('/etc/xen/hello.cfg');
  await expect(lab.editor).toContainText('hello');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await fetched()).toBe('an image');
  await createLinux();
  // The server's list of images is all that failed.
  await expect(fetch(`http://localhost:${server.port}/`)).rejects.toThrow();
});

test('a new version is offered, waits, and never takes an unsaved text with it', async ({ lab, page }) => {
  const changed = new Map<string, string>();
  const host = await serveFolder('/some/folder/', changed);
  const offer = page.getByRole('button', { name: 'New version: reload' });
  try {
    await page.goto(host.url);
    await kept(page);
    await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
    await lab.open('/etc/xen/hello.cfg');
    await lab.replaceText('# mine\n');
    await expect(offer).toHaveCount(0);
    // While the machine keeps the computer busy, Chromium puts off the fetching of the new version by up to a minute.
    await page.keyboard.press('Shift+F5');
    await expect(lab.state).toHaveText('Paused');

    changed.set('sw.js', `${readFileSync(join(dist, 'sw.js'), 'utf8')}\n// another version\n`);
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    await expect(offer).toBeVisible(patience);
    await expect(lab.editor).toContainText('# mine');

    // A text that is not saved is there in the new version, too.
    const loaded = page.waitForEvent('load');
    await offer.click();
    await loaded;
    await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
    await expect(offer).toHaveCount(0);
    await lab.open('/etc/xen/hello.cfg');
    await expect(lab.editor).toContainText('# mine');
  } finally {
    await host.close();
  }
});
