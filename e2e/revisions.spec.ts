import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from './xenLab.ts';

// On a busy machine its commands, each of which is waited for, take long.
test.describe.configure({ timeout: 180_000 });

/** A file of Domain-0's as the browser has kept it. */
const keptText = (path: string): Promise<string> =>
  new Promise((resolve) => {
    const opening = indexedDB.open('el2lab.dom0');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('dom0').objectStore('dom0').get(path);
      reading.onsuccess = () => {
        opening.result.close();
        resolve(new TextDecoder().decode(reading.result?.bytes));
      };
    };
  });

test('each save keeps a revision: compared, restored by git, kept over a reload, and taken away as a bundle', async ({
  lab,
  page,
}, info) => {
  await lab.start();
  await lab.runInDom0('xl create -p /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('name = "hello"\nkernel = "/guests/hello.img"\nmemory = 32\n');
  await page.keyboard.press('Control+s');

  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Revisions' }).click();
  const revisions = lab.panel('Revisions');
  await expect(revisions.getByRole('row')).toHaveCount(2);
  await expect(revisions.getByRole('row').first()).toContainText('Save hello.cfg');
  await expect(revisions).toContainText(/hello runs revision [0-9a-f]{7}\. The file has changed since\./);

  await revisions.getByRole('row').nth(1).getByRole('button', { name: 'Compare' }).click();
  const compared = page.getByRole('dialog', { name: /hello\.cfg: [0-9a-f]{7} and now/ });
  await expect(compared.locator('.differences')).toContainText('memory = 32');
  await expect(compared.locator('.differences')).toContainText('A first domain');
  await page.screenshot({ path: info.outputPath('compare.png') });
  await compared.getByRole('button', { name: 'Restore' }).click();
  await expect(lab.console('dom0')).toContainText(/git -C \/etc\/xen checkout [0-9a-f]{7} -- hello\.cfg/);
  await expect(revisions.getByRole('row')).toHaveCount(3);
  await expect(lab.editor).toContainText('A first domain');
  await expect(revisions).not.toContainText('has changed since');
  await page.screenshot({ path: info.outputPath('revisions.png') });

  const downloaded = page.waitForEvent('download');
  await revisions.getByRole('button', { name: 'Download as bundle' }).click();
  const bundle = info.outputPath('xen.bundle');
  await (await downloaded).saveAs(bundle);
  const clone = join(info.outputDir, 'clone');
  execFileSync('git', ['clone', '-q', bundle, clone], { stdio: 'ignore' });
  expect(execFileSync('git', ['-C', clone, 'log', '--format=%s'], { encoding: 'utf8' })).toBe(
    'Save hello.cfg\nSave hello.cfg\nThe files as Domain-0 started with them\n',
  );
  execFileSync('git', ['-C', clone, 'fsck', '--strict'], { stdio: 'ignore' });

  // Another branch, and the bundle's branches under names of their own.
  await revisions.getByRole('textbox', { name: 'New branch' }).fill('try');
  await page.keyboard.press('Enter');
  await expect(revisions.getByRole('combobox', { name: 'Branch' })).toHaveValue('try');
  const chosen = page.waitForEvent('filechooser');
  await revisions.getByRole('button', { name: 'Import bundle…' }).click();
  await (await chosen).setFiles(bundle);
  await expect(revisions.getByRole('option')).toHaveText(['bundle/main', 'main', 'try']);

  await lab.runInDom0('echo vcpus = 1 >> /etc/xen/hello.cfg');
  await expect(revisions.getByRole('row')).toHaveCount(4);
  await expect(lab.panel('Files (Domain-0)').getByRole('status')).toHaveText(/^2 changed files are/);
  // No line counts Git's own files. The branch leads to the newest commit, and all is written: the page may be left
  // without a question.
  const [newest = ''] = /[0-9a-f]{7}/.exec(await revisions.getByRole('row').first().innerText()) ?? [];
  await expect.poll(() => page.evaluate(keptText, '/etc/xen/.git/refs/heads/try')).toContain(newest);
  await expect
    .poll(() => page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true }))))
    .toBe(true);
  await lab.start();
  await lab.runInDom0('clear; cd /etc/xen; git log --oneline; git status');
  await expect(lab.console('dom0')).toContainText(/Save hello\.cfg.*working tree clean/s);
});
