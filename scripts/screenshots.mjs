// `npm run screenshots`: builds the page and takes the picture of README.md: Linux with busy cores.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { hasLinux } from './images.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { servePage } from './serve.mjs';

await runScript(async () => {
  installPackages();
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Stop('The screenshots need Chromium: install it, or name its executable in CHROMIUM.');
  }
  if (!hasLinux()) throw new Stop('There is no Linux in images/: `npm run images` fetches it.');
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  const server = await servePage(0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  try {
    mkdirSync(join(root, 'docs/images'), { recursive: true });
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'light',
      locale: 'en-US',
    });
    await page.goto(`http://localhost:${server.port}/#board`);
    await page.getByRole('button', { name: 'Pace: real time' }).click();
    await page.getByRole('button', { name: 'Boot Linux' }).click();
    const shell = page.locator('[data-panel="serial"] .xterm-rows');
    const timeout = 600_000;
    await shell.getByText('/ #').waitFor({ timeout });
    await page.keyboard.press('Control+`');
    await page.keyboard.type('nproc; cat /proc/device-tree/model; echo\n');
    await page.keyboard.type('for i in 1 2 3; do while :; do :; done & done; echo $((6 * 7)) done\n');
    await shell.getByText('42 done').waitFor({ timeout });
    await page.keyboard.type('uname -a\n');
    await shell.getByText('GNU/Linux').waitFor({ timeout });
    const file = join(root, 'docs/images/linux.png');
    await page.screenshot({ path: file });
    console.log(`Wrote ${file}.`);
  } finally {
    await browser.close();
    await server.close();
  }
});
