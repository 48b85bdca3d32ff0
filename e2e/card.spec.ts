import { readFileSync } from 'node:fs';
import { expect, test } from './lab.ts';

test.describe.configure({ timeout: 120_000 });

test('a card is made of files, stays in the slot through a boot, is ejected, kept, and inserted again', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.command('Go to SD card');
  const card = lab.panel('SD card');
  await expect(card).toContainText('The slot is empty.');
  await card.getByRole('combobox', { name: 'Size' }).selectOption('32 MiB');
  const chooser = page.waitForEvent('filechooser');
  await card.getByRole('button', { name: 'Add files…' }).click();
  await (await chooser).setFiles({ name: 'hello.txt', mimeType: 'text/plain', buffer: Buffer.from('on the card') });
  await card.getByRole('button', { name: 'Make the card and insert it' }).click();
  const files = card.getByRole('table', { name: 'Files on the card (FAT16)' });
  await expect(files.getByRole('row')).toHaveText(/\/hello\.txt\s*11 B/);

  await page.keyboard.press('Control+Shift+F5');
  await lab.greeted();
  await card.getByRole('button', { name: 'Read the card' }).click();
  await expect(card).toContainText(/as at \d+\.\d+ s of virtual time/);
  await expect(files.getByRole('row')).toHaveCount(1);
  const downloading = page.waitForEvent('download');
  await files.getByRole('button', { name: 'Download /hello.txt' }).click();
  expect(readFileSync(await (await downloading).path(), 'utf8')).toBe('on the card');

  await card.getByRole('button', { name: 'Eject' }).click();
  await expect(card).toContainText('The slot is empty.');
  await lab.pauseKept();
  await page.reload();
  await lab.greeted();
  await card.getByRole('button', { name: 'Insert card.img' }).click();
  await expect(files.getByRole('row')).toHaveCount(1);
});
