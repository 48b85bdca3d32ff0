/** The page is accessible in narrow windows, in forced colours, and with large type. */

import type { Page } from '@playwright/test';
import { violations } from './axe.ts';
import { test as boardTest, type Lab } from './lab.ts';
import { expect, test, type XenLab } from './xenLab.ts';

test.describe.configure({ timeout: 300_000 });

const wide = { width: 1440, height: 900 };

/** What axe finds in a page with large type: in narrow windows, each tab in its turn, and in forced colours. */
async function found(lab: XenLab | Lab): Promise<string[]> {
  const { page } = lab;
  const all: string[] = [];
  const check = async (where: string) => all.push(...(await violations(page)).map((each) => `${where}: ${each}`));
  await page.setViewportSize({ width: 600, height: 640 });
  await check('600 px');
  await page.setViewportSize({ width: 320, height: 640 });
  for (const tab of await page.getByRole('tablist').first().getByRole('tab').all()) {
    await tab.focus();
    await page.keyboard.press('Enter');
    await check(`320 px, ${await tab.getAttribute('aria-label')}`);
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ forcedColors: 'active' });
  await check('forced colours');
  return all;
}

/** Runs a command by its name in the palette. */
async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill(name);
  await page.keyboard.press('Enter');
}

/** The largest type. */
const largeType = () =>
  localStorage.setItem(
    'el2lab.settings',
    JSON.stringify({
      version: 1,
      theme: 'system',
      language: null,
      machine: { cpus: 1, memoryMiB: 2048, el: 1 },
      type: 150,
    }),
  );

test('axe finds nothing in Xen’s page', async ({ lab, page }) => {
  await page.addInitScript(largeType);
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await command(page, 'Go to Network');
  await expect(lab.panel('Network').getByRole('row').nth(1)).toBeVisible();
  await lab.act('noisy', 'Details');
  await expect(lab.panel('Domain details')).toContainText('Disks');
  await page.keyboard.press('Shift+F5');
  expect(await found(lab)).toEqual([]);
});

boardTest('axe finds nothing in the board’s page', async ({ lab, page }) => {
  await page.addInitScript(largeType);
  await lab.start();
  await command(page, 'Go to SD card');
  await expect(lab.panel('SD card')).toContainText('The slot is empty.');
  await command(page, 'Go to Network');
  await expect(lab.panel('Network').getByRole('row').nth(1)).toBeVisible();
  await page.keyboard.press('Shift+F5');
  expect(await found(lab)).toEqual([]);
});
