import type { Browser } from '@playwright/test';
import { expect, patience, test, XenLab } from './xenLab.ts';

// It starts four machines.
test.describe.configure({ timeout: 180_000 });

/** The address in the dialog of sharing. */
async function shared({ page }: XenLab): Promise<string> {
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('Share this machine');
  await page.getByRole('option', { name: 'Share this machine' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this machine' });
  await expect(dialog.getByRole('status')).toContainText('of at most', patience);
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return link;
}

/** A visitor who has nothing yet. */
async function visitor(browser: Browser): Promise<XenLab> {
  const context = await browser.newContext({ locale: 'en-US', serviceWorkers: 'block' });
  return new XenLab(await context.newPage());
}

test('a link leads another browser to the same moment, and touches no file of its user', async ({ lab, browser }) => {
  await lab.start();
  await lab.runInDom0('echo shared > /root/note; echo "written $?"');
  await expect(lab.console('dom0')).toContainText('written 0', patience);
  await lab.page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  const link = await shared(lab);
  expect(link.length).toBeLessThan(4000);

  const other = await visitor(browser);
  await other.start();
  await other.runInDom0('echo mine > /root/note; echo kept');
  await expect(other.console('dom0')).toContainText('kept', patience);
  await other.page.goto(link);
  const notice = other.page.getByRole('status').filter({ hasText: 'moment of the link' });
  await expect(notice).toContainText('Its state is the recorded one.', patience);
  await expect(notice).toContainText('your own files are as they were');
  await expect(other.console('dom0')).toContainText('echo shared');
  await other.page.getByRole('button', { name: 'Undo' }).click();
  await expect(other.console('dom0')).toContainText('echo mine');
  // What is made of it anew has the user's own file.
  await other.page.goto('/');
  await other.page.reload();
  await expect(other.console('dom0')).toContainText('dom0#', patience);
  await other.runInDom0('cat /root/note');
  await expect(other.console('dom0')).toContainText('mine', patience);
  expect(other.errors).toEqual([]);
  await other.page.context().close();
});
