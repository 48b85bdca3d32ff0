/** Two tabs of the page do not overwrite each other's files. */
import { readFileSync } from 'node:fs';
import { Lab as BoardLab, test as boardTest } from './lab.ts';
import { expect, test, XenLab } from './xenLab.ts';

test.describe.configure({ timeout: 240_000 });

test('a tab hears that another has saved or deleted a file, shows both versions, and has the user choose', async ({
  lab,
  page,
}) => {
  const other = new XenLab(await page.context().newPage());
  const tabs = [lab, other];
  for (const tab of tabs) {
    await tab.start();
    await tab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
    // Files can be changed all the same, and the machines leave the computer to each other.
    await tab.page.keyboard.press('Shift+F5');
    await expect(tab.state).toHaveText('Paused');
  }
  const save = async (tab: XenLab, text: string) => {
    await tab.page.bringToFront();
    await tab.open('/etc/xen/hello.cfg');
    await tab.replaceText(text);
    await tab.page.keyboard.press('Control+s');
  };
  const dialog = other.page.getByRole('dialog', { name: 'Two versions of /etc/xen/hello.cfg' });

  // The other tab hears of it, and its own save overwrites nothing.
  await save(lab, '# from the first');
  await expect(page.getByRole('tab', { name: 'hello.cfg', exact: true })).toBeVisible();
  await expect(other.alert).toContainText('/etc/xen/hello.cfg: Another tab of this page has saved another version.');
  await save(other, '# from the second');
  await expect(dialog).toBeVisible();
  await expect(dialog.locator('.original .view-lines')).toContainText('# from the second');
  await expect(dialog.locator('.modified .view-lines')).toContainText('# from the first');
  await expect(dialog.getByRole('button', { name: 'Keep mine' })).toBeFocused();
  await other.page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(other.page.getByRole('tab', { name: 'hello.cfg ●' })).toBeVisible();

  // Mine is kept: now the first tab hears of it, takes it, and can take that back.
  await other.alert.getByRole('button', { name: 'Compare…' }).click();
  await other.page.keyboard.press('Enter');
  await expect(other.alert).toHaveCount(0);
  await expect(other.page.getByRole('tab', { name: 'hello.cfg', exact: true })).toBeVisible();
  await page.bringToFront();
  await lab.alert.getByRole('button', { name: 'Compare…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click();
  await expect(lab.editor).toContainText('# from the second');
  await expect(lab.alert).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(lab.editor).toContainText('# from the first');

  // A file that is deleted.
  await other.page.bringToFront();
  await other.alert.getByRole('button', { name: 'Compare…' }).click();
  await dialog.getByRole('button', { name: 'Take theirs' }).click();
  await other.file('/etc/xen/hello.cfg').focus();
  await other.page.keyboard.press('Delete');
  await page.bringToFront();
  await expect(lab.alert).toContainText('/etc/xen/hello.cfg: Another tab of this page has deleted it.');
  await lab.alert.getByRole('button', { name: 'Compare…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it here too' }).click();
  await expect(lab.file('/etc/xen/hello.cfg')).toHaveCount(0);

  // Domain-0's shell changes a file whose text is not saved.
  await page.keyboard.press('F5');
  await lab.open('/etc/xen/noisy.cfg');
  await lab.replaceText('# mine');
  await lab.runInDom0('echo theirs > /etc/xen/noisy.cfg');
  await expect(lab.alert).toContainText('The file has changed in Domain-0, and your text is not saved.');
  await lab.alert.getByRole('button', { name: 'Compare…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click();
  await expect(lab.editor).toContainText('theirs');
  await expect(lab.alert).toHaveCount(0);
  expect(other.errors).toEqual([]);
});

boardTest(
  'a tab with the board hears of another’s file of the same name, and overwrites it only when asked',
  async ({ lab, page }) => {
    const other = new BoardLab(await page.context().newPage());
    const elf = readFileSync(new URL('../guests/build/hello.elf', import.meta.url));
    const changed = Buffer.concat([elf, Buffer.from('changed')]);
    for (const tab of [lab, other]) await tab.start();
    await page.bringToFront();
    await lab.open('mine.elf', elf);
    // A file that is new there is only listed.
    await other.page.bringToFront();
    await expect(other.panel('Board').getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
    await expect(other.alert).toHaveCount(0);
    await other.open('mine.elf', changed);
    await page.bringToFront();
    await expect(lab.alert).toContainText('mine.elf: Another tab of this page has saved another version.');
    await lab.alert.getByRole('button', { name: 'Keep mine' }).click();
    await expect(lab.alert).toHaveCount(0);
    await other.page.bringToFront();
    await expect(other.alert).toContainText('mine.elf: Another tab');
    await other.alert.getByRole('button', { name: 'Take theirs' }).click();
    await expect(other.alert).toHaveCount(0);
    await other.panel('Board').getByRole('button', { name: 'Remove mine.elf' }).click();
    await page.bringToFront();
    await expect(lab.alert).toContainText('Another tab of this page has deleted it.');
    await lab.alert.getByRole('button', { name: 'Delete it here too' }).click();
    await expect(lab.panel('Board').getByRole('button', { name: 'Boot mine.elf' })).toHaveCount(0);
    expect(other.errors).toEqual([]);
  },
);
