import { readFileSync } from 'node:fs';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

test('the network’s interfaces are listed, and what passes one is captured and downloaded', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('Go to Network');
  await page.keyboard.press('Enter');
  const network = lab.panel('Network');
  const row = network.getByRole('row').filter({ hasText: 'built-in host' });
  await expect(row).toContainText(/([0-9a-f]{2}:){5}[0-9a-f]{2}\s*10\.0\./);
  await row.getByRole('button', { name: /^Capture / }).click();
  await expect(row).toContainText('0 frames');
  await row.getByRole('button', { name: /^Stop the capture/ }).click();
  const downloading = page.waitForEvent('download');
  await row.getByRole('button', { name: /as \.pcap$/ }).click();
  const file = readFileSync(await (await downloading).path());
  // Nanoseconds (pcap-savefile(5)).
  expect(file.readUInt32LE(0)).toBe(0xa1b2_3c4d);
  await row.getByRole('button', { name: /^Delete the capture/ }).click();
  await expect(row.getByRole('button', { name: /^Capture / })).toBeVisible();
});
