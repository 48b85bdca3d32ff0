/** Nothing that the user has made or runs is lost in silence. */
import { execFileSync } from 'node:child_process';
import type { Page } from '@playwright/test';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

test('another system is chosen on purpose, and the one that is left keeps its domains and unsaved text', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');
  await lab.open('/etc/xen/noisy.cfg');
  await lab.replaceText('# not saved');
  const unsaved = page.getByRole('tab', { name: 'noisy.cfg ●' });
  await expect(unsaved).toBeVisible();
  const systems = page.getByRole('group', { name: 'Machine' });
  const board = page.locator('[data-panel="serial"] .xterm-rows');

  // Arrow keys choose nothing.
  await systems.getByRole('button', { name: 'Xen model' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(systems.getByRole('button', { name: 'Xen model' })).toHaveAttribute('aria-pressed', 'true');
  await expect(unsaved).toBeVisible();

  const isWhole = async () => {
    await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');
    await expect(lab.console('dom0')).toContainText('xl create /etc/xen/hello.cfg');
    await unsaved.click();
    await expect(lab.editor).toContainText('# not saved');
    await expect(lab.state).toHaveText('Running');
  };
  await systems.getByRole('button', { name: 'Board' }).focus();
  await page.keyboard.press('Enter');
  await expect(board).toContainText('Hello from EL1.');
  await page.goBack();
  await isWhole();
  await page.goForward();
  await expect(board).toContainText('Hello from EL1.');
  await systems.getByRole('button', { name: 'Xen model' }).click();
  await isWhole();

  // A reload needs no question: the text is kept, and the page says so.
  page.on('dialog', () => lab.errors.push('the page asked before it was reloaded'));
  await page.reload();
  const notice = page.locator('section[role="status"]').filter({ hasText: 'noisy.cfg' });
  await expect(notice).toContainText('noisy.cfg: the text that you had not saved is back in the editor.');
  await page.getByRole('tab', { name: 'rtos-a.cfg' }).click({ timeout: 60_000 });
  await notice.getByRole('button', { name: 'Show' }).click();
  await expect(lab.editor).toContainText('# not saved');
  await expect(notice).toHaveCount(0);
  await expect(unsaved).toBeVisible();
  // Undoing leads to the text of the file.
  await lab.editor.click();
  await page.keyboard.press('Control+z');
  await expect(lab.editor).toContainText('kernel = "/guests/spin.img"');
  await expect(page.getByRole('tab', { name: 'noisy.cfg', exact: true })).toBeVisible();
  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(notice).toHaveCount(0);
});

/** Drops a file with random bytes on the page, for Domain-0's /guests. */
async function drop(page: Page, name: string, size: number): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, size]) => {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name));
      return data;
    },
    [name, size] as const,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await page.getByRole('dialog').getByRole('button', { name: 'Put them there' }).click();
}

test('files are said to be kept when they are; if not, the page says why, goes on, and offers them as a zip', async ({
  lab,
  page,
  baseURL,
}) => {
  // The browser has little room.
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(baseURL ?? '');
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  await lab.start();
  const kept = lab.panel('Files (Domain-0)').getByRole('status');
  await drop(page, 'small.img', 10);
  await expect(kept).toHaveText('1 changed file is in this browser’s storage.');
  await drop(page, 'large.img', 5_000_000);
  await expect(lab.alert).toContainText('this browser’s room for the page is full');
  await expect(kept).toHaveText('1 changed file is not kept in this browser.');
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');

  // All of it can be downloaded, and another unzip reads it.
  const downloading = page.waitForEvent('download');
  await lab.alert.getByRole('button', { name: 'Download all files' }).click();
  const file = await (await downloading).path();
  const listed = execFileSync('unzip', ['-l', file], { encoding: 'utf8' });
  expect(listed).toMatch(/5000000 .* guests\/large\.img/);
  expect(listed).toContain('etc/xen/rtos-a.cfg');
  expect(listed).not.toContain('guests/rtos.img');
  execFileSync('unzip', ['-tq', file]);

  // A reset of the machine has the file all the same.
  await page.keyboard.press('Control+Shift+F5');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.file('/guests/large.img')).toContainText('4.8 MiB');

  // With room again, it is kept.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await lab.alert.getByRole('button', { name: 'Try again' }).click();
  await expect(lab.alert).toHaveCount(0);
  await expect(kept).toHaveText('2 changed files are in this browser’s storage.');
  await page.reload();
  await expect(lab.file('/guests/large.img')).toContainText('4.8 MiB', { timeout: 60_000 });

  // The browser's data are cleared under the page.
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await expect(lab.alert).toContainText('What this browser kept for this page is gone');
  await expect(kept).toHaveText('2 changed files are not kept in this browser.');
  await lab.alert.getByRole('button', { name: 'Try again' }).click();
  await expect(kept).toHaveText('2 changed files are in this browser’s storage.');
});

test('with its storage blocked the page says so at once, works, and asks before it is left', async ({ lab, page }) => {
  await page.addInitScript(() => {
    for (const name of ['indexedDB', 'localStorage'])
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      });
  });
  await lab.start();
  await expect(lab.alert).toContainText('This browser keeps nothing for this page');
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('name = "mine"\nkernel = "/guests/hello.img"\nmemory = 16\n');
  await page.keyboard.press('Control+Enter');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'mine');
  await expect(lab.panel('Files (Domain-0)').getByRole('status')).toHaveText(
    '1 changed file is not kept in this browser.',
  );
  const asked = page.waitForEvent('dialog');
  const reloaded = page.reload();
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.accept();
  await reloaded;
  lab.errors.length = 0;
});

test('what is deleted, replaced, discarded or reset can be taken back', async ({ lab, page }) => {
  // A browser that promises to keep what it has.
  await page.addInitScript(() => {
    navigator.storage.persist = async () => true;
  });
  await lab.start();
  const files = lab.panel('Files (Domain-0)');
  const notice = page.locator('section[role="status"]');
  const undo = notice.getByRole('button', { name: 'Undo' });
  const kept = files.getByRole('status');

  // Delete in the tree, of a file with a text that is not saved; the focus stays in the tree.
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('name = "mine"\n');
  await page.keyboard.press('Control+s');
  await expect(kept).toHaveText('1 changed file is kept in this browser.');
  await page.keyboard.type('# not saved');
  await lab.file('/etc/xen/hello.cfg').focus();
  await page.keyboard.press('Delete');
  await expect(lab.file('/etc/xen/hello.cfg')).toHaveCount(0);
  await expect(page.getByRole('tab', { name: 'hello.cfg' })).toHaveCount(0);
  await expect(page.locator('[role="treeitem"]:focus')).toHaveCount(1);
  await lab.file('/etc/xen/noisy.cfg').focus();
  await page.keyboard.press('Delete');
  await expect(notice).toContainText('noisy.cfg is deleted.');
  await undo.click();
  await expect(notice).toContainText('hello.cfg is deleted.');
  await undo.click();
  await expect(lab.file('/etc/xen/noisy.cfg')).not.toContainText('yours');
  await page.getByRole('tab', { name: 'hello.cfg ●' }).click();
  await expect(lab.editor).toContainText('# not saved');
  await expect(undo).toHaveCount(0);

  // By keyboard, too: the focus goes back to the tree.
  await lab.file('/etc/xen/noisy.cfg').focus();
  await page.keyboard.press('Delete');
  await expect(lab.file('/etc/xen/paper.cfg')).toBeFocused();
  await undo.focus();
  await page.keyboard.press('Enter');
  await expect(lab.file('/etc/xen/paper.cfg')).toBeFocused();
  await expect(lab.file('/etc/xen/noisy.cfg')).not.toContainText('yours');

  // A name that another file has.
  await lab.file('/etc/xen/noisy.cfg').focus();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'New name' }).fill('rogue.cfg');
  await page.keyboard.press('Enter');
  await expect(notice).toContainText('rogue.cfg is replaced.');
  await undo.click();
  await expect(lab.file('/etc/xen/noisy.cfg')).not.toContainText('yours');
  await expect(lab.file('/etc/xen/rogue.cfg')).not.toContainText('yours');

  // A reset: the machine from before has its domains and consoles.
  await lab.runInDom0('xl destroy noisy');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b');
  await page.keyboard.press('Control+Shift+F5');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await undo.click();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b');
  await expect(lab.console('dom0')).toContainText('xl destroy noisy');
  await expect(lab.state).toHaveText('Running');

  // All changes.
  await files.getByRole('button', { name: 'Discard my changes' }).click();
  await expect(notice).toContainText('Your changes to files are discarded');
  await expect(lab.file('/etc/xen/hello.cfg')).not.toContainText('yours');
  await expect(kept).toHaveCount(0);
  await undo.click();
  await expect(lab.file('/etc/xen/hello.cfg')).toContainText('yours');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b');
  await expect(kept).toHaveText('1 changed file is kept in this browser.');
});
