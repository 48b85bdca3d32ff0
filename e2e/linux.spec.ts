import { existsSync } from 'node:fs';
import { expect, test } from './lab.ts';

const images = ['Image', 'zcu102.dtb', 'initrd.gz'].map((name) => new URL(`../images/${name}`, import.meta.url));

test.skip(
  !images.every((image) => existsSync(image)),
  'the images folder does not hold kernel, tree and initial RAM disk',
);

test('Linux boots on four cores and has a shell', async ({ lab, page }) => {
  test.setTimeout(300_000);
  await lab.start();
  await page.getByRole('button', { name: 'Pace: real time' }).click();
  const board = lab.panel('Board');
  await board.getByRole('button', { name: 'Boot Linux' }).click();
  const ready = board.getByRole('listitem').filter({ hasText: 'Ready for input' });
  await expect(ready).toContainText(/\d\.\d{3} s/, { timeout: 240_000 });
  await expect(board.getByRole('listitem').filter({ hasText: 'Cores up' })).toContainText(/\d\.\d{3} s/);
  // What an idle Linux does with a core has a name.
  await expect(board).toContainText('idle, powered down until an interrupt');
  await page.keyboard.press('Control+`');
  await page.keyboard.type('nproc\n');
  await expect(lab.console.locator('div').filter({ hasText: /^4\s*$/ })).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText('4 × Cortex-A53 · 2048 MiB');
});
