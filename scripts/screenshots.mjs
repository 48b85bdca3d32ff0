// `npm run screenshots`: builds the page, lets the first guest print, and takes the pictures of README.md.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { servePage } from './serve.mjs';

const pictures = /** @type {const} */ ([
  { name: 'page', colorScheme: 'light', locale: 'en-US' },
  { name: 'page-ja-dark', colorScheme: 'dark', locale: 'ja-JP' },
]);

await runScript(async () => {
  installPackages();
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Stop('The screenshots need Chromium: install it, or name its executable in CHROMIUM.');
  }
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  const server = await servePage(0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  try {
    mkdirSync(join(root, 'docs/images'), { recursive: true });
    for (const { name, colorScheme, locale } of pictures) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme, locale });
      await page.goto(`http://localhost:${server.port}/`);
      const terminal = page.locator('[data-panel="serial"] .xterm-rows');
      await terminal.getByText('Hello from EL').waitFor();
      await page.keyboard.press('Control+`');
      await page.keyboard.type('A key goes in, the guest sends it back.');
      await terminal.getByText('sends it back.').waitFor();
      // Paused, so that the registers are there to be seen.
      await page.keyboard.press('Shift+F5');
      await page.getByRole('rowheader', { name: 'X30' }).waitFor();
      const file = join(root, `docs/images/${name}.png`);
      await page.screenshot({ path: file });
      console.log(`Wrote ${file}.`);
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
});
