// `npm run screenshots`: builds the page and takes the pictures of README.md and docs/: Xen's first minute in light
// and dark, English and Japanese, Linux on the board with busy cores, and why a domain's access was refused.
//   --only xen    or linux, or translation

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { options } from './bundle.mjs';
import { findChromium } from './chromium.mjs';
import { hasLinux } from './images.mjs';
import { installPackages, root, runScript, Stop } from './install.mjs';

const timeout = 600_000;
const pictures = join(root, 'docs/images');
/** @typedef {import('@playwright/test').Page} Page */

/**
 * @param {Page} page
 * @param {string} name
 */
async function take(page, name) {
  const file = join(pictures, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`Wrote ${file}.`);
}

/**
 * The first minute with Xen: the RTOS asked, the noisy neighbour moved away, the RTOS asked again; a config with a mistake.
 * @param {Page} page in English, so that its words are known here
 * @param {string} url
 */
async function firstMinute(page, url) {
  // The visitor has seen the start page before.
  await page.addInitScript(
    `localStorage.setItem('el2lab.introduction', JSON.stringify({ version: 1, visited: true, step: null }))`,
  );
  await page.goto(url);
  await page.locator('.domains tbody tr').nth(3).waitFor({ timeout });
  await page.getByRole('combobox', { name: 'Window' }).selectOption('5 s');
  await virtualSeconds(page, 2);
  const latency = page.locator('[data-panel="latency"]');
  await latency.getByRole('button', { name: 'Measure (stat)' }).click();
  await latency.getByRole('button', { name: 'xl vcpu-pin rtos-a 0 2' }).click({ timeout });
  await page.keyboard.press('Enter');
  await latency.getByText('No other guest may use its core').waitFor({ timeout });
  await latency.getByRole('button', { name: 'Start over (reset, stat)' }).last().click();
  await page.locator('[data-path="/etc/xen/hello.cfg"]').click();
  await page.locator('.view-lines:visible').click();
  await page.getByText('kernel').first().dblclick();
  await page.keyboard.insertText('kernal');
  await virtualSeconds(page, 4);
  await latency.getByRole('row').nth(2).waitFor({ timeout });
  await page.keyboard.press('Control+6');
  await page.keyboard.type('xl vcpu-list\n');
  await page.locator('[data-panel="console dom0"] .xterm-rows').getByText('all / all').first().waitFor({ timeout });
}

/**
 * Takes the picture with the mistake's quick fixes open.
 * @param {Page} page
 * @param {string} name
 */
async function takeWithFixes(page, name) {
  await page.locator('.view-lines:visible').getByText('kernal').click();
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget').first().waitFor();
  await take(page, name);
  await page.keyboard.press('Escape');
}

/**
 * Waits for a virtual time.
 * @param {Page} page
 * @param {number} seconds below 60
 */
async function virtualSeconds(page, seconds) {
  const clock = page.locator('[data-figure="virtual-time"]');
  await clock.waitFor({ timeout });
  const shown = async () => Number((await clock.innerText()).match(/:(\d\d\.\d+)/)?.[1] ?? 0);
  while ((await shown()) < seconds) await page.waitForTimeout(50);
}

/**
 * @param {Page} page
 * @param {string} url
 */
async function busyLinux(page, url) {
  await page.goto(`${url}#board`);
  await page.getByRole('button', { name: 'Pace: real time' }).click();
  await page.getByRole('button', { name: 'Boot Linux' }).click();
  const shell = page.locator('[data-panel="serial"] .xterm-rows');
  await shell.getByText('/ #').waitFor({ timeout });
  await page.keyboard.press('Control+`');
  await page.keyboard.type('nproc; cat /proc/device-tree/model; echo\n');
  // What is typed before the prompt is back would be echoed in between.
  await shell.getByText('ZCU102 Rev1.0').waitFor({ timeout });
  await page.keyboard.type('for i in 1 2 3; do while :; do :; done & done; echo $((6 * 7)) done\n');
  await shell.getByText('42 done').waitFor({ timeout });
  await page.keyboard.type('uname -a\n');
  await shell.getByText('GNU/Linux').waitFor({ timeout });
}

/**
 * Why stage 2 refuses a domain's write.
 * @param {Page} page
 * @param {string} url
 */
async function refused(page, url) {
  await page.addInitScript(
    `localStorage.setItem('el2lab.introduction', JSON.stringify({ version: 1, visited: true, step: null }))`,
  );
  await page.goto(url);
  await page.locator('[data-panel="console dom0"] .xterm-rows').getByText('dom0#').waitFor({ timeout });
  await page.keyboard.press('Control+6');
  await page.keyboard.type('xl create /etc/xen/rogue.cfg\n');
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('Go to Log');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Why: rogue writes 0xff000000' }).click({ timeout });
  await page.getByRole('table', { name: 'Bits of the descriptor' }).waitFor({ timeout });
}

await runScript(async () => {
  installPackages();
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Stop('The screenshots need Chromium: install it, or name its executable in CHROMIUM.');
  }
  const only = options(['only']).text('only');
  /** @param {string} name */
  const takes = (name) => only === undefined || only === name;
  if (takes('linux') && !hasLinux()) throw new Stop('There is no Linux in images/: `npm run images` fetches it.');
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  const { servePage } = await import('./serve.mjs');
  const server = await servePage(0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  const url = `http://localhost:${server.port}/`;
  const newPage = () =>
    browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light', locale: 'en-US' });
  try {
    mkdirSync(pictures, { recursive: true });
    if (takes('xen')) {
      const page = await newPage();
      await firstMinute(page, url);
      await takeWithFixes(page, 'xen');
      await page.getByRole('button', { name: 'Light or dark' }).click();
      await takeWithFixes(page, 'xen-dark');
      await page.getByRole('button', { name: '日本語' }).click();
      await takeWithFixes(page, 'xen-ja-dark');
      await page.getByRole('button', { name: 'ライト / ダーク' }).click();
      await takeWithFixes(page, 'xen-ja');
      await page.close();
    }
    if (takes('linux')) {
      const page = await newPage();
      await busyLinux(page, url);
      await take(page, 'linux');
      await page.close();
    }
    if (takes('translation')) {
      const page = await newPage();
      await refused(page, url);
      await take(page, 'translation');
    }
  } finally {
    await browser.close();
    await server.close();
  }
});
