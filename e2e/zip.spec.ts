/** The user's files leave as a zip and come back; what is wrong with a zip is refused in one sentence. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { zipSync } from 'fflate';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], name));
      return data;
    },
    [name, [...bytes]] as const,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

const encoder = new TextEncoder();

test('all files leave as a zip and come back from it; what is replaced is asked for and can be taken back', async ({
  lab,
  page,
}) => {
  await lab.start();
  const files = lab.panel('Files (Domain-0)');
  const kept = files.getByRole('status');
  const undo = page.getByRole('button', { name: 'Undo' });
  const question = page.getByRole('dialog', { name: /^Import from/ });

  // New files need no question.
  const mine = {
    'lesson/etc/xen/mine.cfg': encoder.encode('name = "mine"\nkernel = "/guests/hello.img"\nmemory = 16\n'),
    'lesson/guests/new/mine.img': new Uint8Array(3000),
  };
  await drop(page, 'lesson.zip', zipSync(mine));
  await expect(page.getByText('2 files are imported from lesson.zip.')).toBeVisible();
  await expect(lab.file('/etc/xen/mine.cfg')).toContainText('yours');
  await expect(lab.file('/guests/new/mine.img')).toContainText('2.9 KiB');
  await expect(kept).toHaveText('2 changed files are in this browser’s storage.');
  await undo.click();
  await expect(lab.file('/guests/new')).toHaveCount(0);
  await expect(lab.file('/etc/xen/mine.cfg')).toHaveCount(0);
  await drop(page, 'lesson.zip', zipSync(mine));
  await expect(lab.file('/guests/new/mine.img')).toBeVisible();

  // Out, by the palette.
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('zip');
  const downloading = page.waitForEvent('download');
  await page.getByRole('option', { name: 'Download all files as a zip' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^el2lab-files-\d{4}-\d\d-\d\d\.zip$/);
  const zip = readFileSync(await download.path());

  // And in again: what it would replace is asked for, Escape cancels.
  await drop(page, 'again.zip', zip);
  await expect(lab.alert).toContainText('again.zip has nothing that differs from the files here.');
  await lab.open('/etc/xen/mine.cfg');
  await lab.replaceText('# other');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('tab', { name: 'mine.cfg', exact: true })).toBeVisible();
  await drop(page, 'again.zip', zip);
  await expect(question).toContainText('Import from again.zip? It replaces 1 file:');
  await expect(question.getByRole('listitem')).toHaveText(['/etc/xen/mine.cfg']);
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(lab.editor).toContainText('# other');
  await drop(page, 'again.zip', zip);
  await question.getByRole('button', { name: 'Import' }).click();
  await expect(lab.editor).toContainText('name = "mine"');
  await undo.click();
  await expect(lab.editor).toContainText('# other');

  // What is not as it should be is refused as a whole, in one sentence.
  const good = { 'etc/xen/good.cfg': encoder.encode('name = "good"\n') };
  const damaged = zipSync(good, { level: 0 });
  damaged[60] = 0;
  for (const [name, bytes, reason] of [
    ['up.zip', zipSync({ ...good, 'etc/../../x': new Uint8Array(1) }), 'is not the name of a file in Domain-0'],
    ['absolute.zip', zipSync({ ...good, '/etc/passwd': new Uint8Array(1) }), 'is not the name of a file in Domain-0'],
    ['else.zip', zipSync({ ...good, 'usr/bin/x': new Uint8Array(1) }), 'is outside etc, guests and root'],
    ['folder.zip', zipSync({ ...good, 'etc/xen': new Uint8Array(1) }), 'has the place of another file or folder'],
    ['damaged.zip', damaged, 'is damaged'],
    ['no.zip', encoder.encode('no zip at all, whatever its name says'), 'is not a zip, or not whole'],
  ] as const) {
    await drop(page, name, bytes);
    const sentence = lab.alert.getByRole('paragraph');
    await expect(sentence).toContainText(name);
    await expect(sentence).toContainText(reason);
    await expect(sentence).toHaveText(/^[^\n]+\.$/);
  }
  await expect(lab.file('/etc/xen/good.cfg')).toHaveCount(0);
});
