import { existsSync } from 'node:fs';
import { expect, test } from './lab.ts';

const images = ['Image', 'zcu102.dtb', 'initrd.gz'].map((name) => new URL(`../images/${name}`, import.meta.url));

test.skip(
  !images.every((image) => existsSync(image)),
  'the images folder does not hold kernel, tree and initial RAM disk',
);

test('Linux boots on four cores and has a shell; what it writes to the SD card is kept by itself, and it goes on when the page opens again', async ({
  lab,
  page,
}) => {
  test.setTimeout(300_000);
  await lab.start();
  await lab.command('Go to SD card');
  const card = lab.panel('SD card');
  await card.getByRole('combobox', { name: 'Size' }).selectOption('32 MiB');
  await card.getByRole('button', { name: 'Make the card and insert it' }).click();
  await page.getByRole('button', { name: 'Pace: real time' }).click();
  const board = lab.panel('Board');
  await board.getByRole('button', { name: 'Boot Linux' }).click();
  const ready = board.getByRole('listitem').filter({ hasText: 'Ready for input' });
  await expect(ready).toContainText(/\d\.\d{3} s/, { timeout: 240_000 });
  await expect(board.getByRole('listitem').filter({ hasText: 'Cores up' })).toContainText(/\d\.\d{3} s/);
  // What an idle Linux does with a core has a name.
  await expect(board).toContainText('idle, powered down until an interrupt', { timeout: 120_000 });
  await page.keyboard.press('Control+`');
  await page.keyboard.type('nproc\n');
  await expect(lab.console.locator('div').filter({ hasText: /^4\s*$/ })).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText('4 × Cortex-A53 · 2048 MiB');

  // Nobody reads the card, and it is not ejected before the page goes.
  await page.keyboard.type(
    'mkdir /m; mount -t vfat /dev/mmcblk0p1 /m; echo written by Linux > /m/note.txt; umount /m\n',
  );
  const files = card.getByRole('table', { name: 'Files on the card (FAT16)' });
  await lab.command('Go to SD card');
  await expect(files.getByRole('row')).toHaveText(/\/note\.txt\s*17 B/, { timeout: 60_000 });
  await expect(card).toContainText(
    /as at \d+\.\d+ s of virtual time\. (Kept in this browser|In this browser’s storage)\./,
  );
  await lab.pauseKept();
  await page.reload();
  // Linux is where it was, paused as it was, with the card in its slot.
  await expect(lab.goesOn).toBeVisible();
  await expect(files.getByRole('row')).toHaveText(/\/note\.txt\s*17 B/);
  await expect(lab.state).toHaveText('Paused');
  await page.keyboard.press('F5');
  await page.keyboard.press('Control+`');
  await page.keyboard.type('mount -t vfat /dev/mmcblk0p1 /m; cat /m/note.txt; nproc\n');
  await expect(lab.console.locator('div').filter({ hasText: /^written by Linux\s*$/ })).toHaveCount(1, {
    timeout: 60_000,
  });
});
