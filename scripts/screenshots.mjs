// `npm run screenshots`: builds the page, lets the first guest print, and takes the pictures of README.md.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';
import { serve } from './serve.mjs';

await runScript(async () => {
  installPackages();
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Stop('The screenshots need Chromium: install it, or name its executable in CHROMIUM.');
  }
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  const server = await serve(join(root, 'dist'), 0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
      locale: 'en-US',
    });
    await page.goto(`http://localhost:${server.port}/`);
    // The terminal's text for screen readers: what it draws is a picture.
    await page.locator('.xterm-accessibility').getByText('Hello from EL').waitFor();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('A key goes in, the guest sends it back.');
    await page.locator('.xterm-accessibility').getByText('sends it back.').waitFor();
    const file = join(root, 'docs/images/page.png');
    mkdirSync(join(root, 'docs/images'), { recursive: true });
    await page.screenshot({ path: file });
    console.log(`Wrote ${file}.`);
  } finally {
    await browser.close();
    await server.close();
  }
});
