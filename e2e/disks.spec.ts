/** What Domain-0 and the domains write to disks is kept by the browser. */
import type { Page } from '@playwright/test';
import { expect, test, XenLab } from './xenLab.ts';

test.describe.configure({ timeout: 240_000 });

/** Has the machine's worker run a script first. */
async function inWorker(page: Page, script: string): Promise<void> {
  await page.route(/assets\/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

const copied = 'Another tab of this page has the disks of the domains.';

test('what was synced is there after the tab is killed, and undoing a start brings its disks back', async ({
  lab,
  page,
  context,
}) => {
  await lab.start();
  await lab.runInDom0('lvcreate -L 1G -n data vg; truncate -s 8M /var/lib/xen/images/x.img');
  await lab.runInDom0('echo it-stays | dd of=/dev/vg/data bs=1M seek=1000; sync; lvs');
  await expect(lab.console('dom0')).toContainText('data vg -wi-a-----   1.00g');
  await expect(lab.file('/dev/vg/data')).toBeVisible();
  const debug = await context.newCDPSession(page);
  void debug.send('Page.crash').catch(() => {});
  await page.waitForEvent('crash');
  await page.close();

  const other = new XenLab(await context.newPage());
  await other.start();
  const dom0 = other.console('dom0');
  await other.runInDom0('ls -l /var/lib/xen/images; hexdump -C -n 16 -s 1000M /dev/vg/data');
  await expect(dom0).toContainText('8388608 x.img');
  await expect(dom0).toContainText('|it-stays');

  // Another start has the disks, too; when it is undone, they are as they were.
  await other.page.keyboard.press('Control+Shift+F5');
  await expect(other.page.getByRole('button', { name: 'Undo' })).toBeVisible({ timeout: 60_000 });
  await expect(dom0).not.toContainText('it-stays');
  await expect(dom0).toContainText('dom0#');
  await other.runInDom0(
    'echo changed. | dd of=/dev/vg/data bs=1M seek=1000; sync; hexdump -C -n 16 -s 1000M /dev/vg/data',
  );
  await expect(dom0).toContainText('|changed.');
  await other.page.getByRole('button', { name: 'Undo' }).click();
  await expect(dom0).toContainText('|it-stays');
  await other.runInDom0('dd if=/dev/vg/data bs=1M skip=1000 count=1 status=none | head -n 1; sync; ls -l /dev/vg');
  await expect(dom0).toContainText('1073741824 data');
  await expect(dom0).not.toContainText('changed.');
  expect(other.errors).toEqual([]);
});

test('a second tab has a copy of the disks, which it cannot harm, and says so', async ({ lab, page, context }) => {
  await lab.start();
  await lab.runInDom0('lvcreate -L 4M -n one vg; echo mine | dd of=/dev/vg/one; sync');
  await expect(lab.console('dom0')).toContainText('records out');
  const other = new XenLab(await context.newPage());
  await other.start();
  await expect(other.alert).toContainText(copied);
  await other.runInDom0('hexdump -C /dev/vg/one; echo theirs | dd of=/dev/vg/one; sync');
  await expect(other.console('dom0')).toContainText('|mine');
  await expect(other.console('dom0')).toContainText('records out');
  await other.page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(other.alert).toHaveCount(0);
  await other.page.close();
  await page.reload();
  await expect(lab.console('dom0')).toContainText('dom0#', { timeout: 60_000 });
  await lab.runInDom0('hexdump -C /dev/vg/one');
  await expect(lab.console('dom0')).toContainText('|mine');
  await expect(lab.alert).toHaveCount(0);
});

test('a full store is told at once, the machine goes on, and all is kept when there is room again', async ({
  lab,
  page,
}) => {
  // A window of the test's has all the room that there is, so the browser's refusal is imitated.
  await inWorker(
    page,
    `let isFull = true;
    new BroadcastChannel('room').onmessage = () => { isFull = false; };
    const { write } = FileSystemSyncAccessHandle.prototype;
    FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
      if (isFull && options.at + bytes.length > 2 ** 20) throw new DOMException('full', 'QuotaExceededError');
      return write.call(this, bytes, options);
    };`,
  );
  const dom0 = lab.console('dom0');
  await lab.start();
  await lab.runInDom0('lvcreate -L 64M -n a vg; dd if=/dev/urandom of=/dev/vg/a bs=1M count=2; sync');
  await expect(lab.alert).toContainText('this browser’s room for the page is full', { timeout: 60_000 });
  await lab.runInDom0('echo goes-on | dd of=/dev/vg/a; hexdump -C -n 16 /dev/vg/a');
  await expect(dom0).toContainText('|goes-on');
  await page.evaluate(() => new BroadcastChannel('room').postMessage(null));
  await expect(lab.alert).toHaveCount(0);
  await page.reload();
  await expect(dom0).toContainText('dom0#', { timeout: 60_000 });
  await lab.runInDom0('hexdump -C -n 16 /dev/vg/a');
  await expect(dom0).toContainText('|goes-on');
});

test('a browser without synchronous files keeps the disks in IndexedDB', async ({ lab, page }) => {
  await inWorker(page, 'delete FileSystemFileHandle.prototype.createSyncAccessHandle;');
  const dom0 = lab.console('dom0');
  await lab.start();
  await lab.runInDom0('lvcreate -L 1G -n data vg; echo it-stays | dd of=/dev/vg/data bs=1M seek=1000; sync; lvs');
  await expect(dom0).toContainText('data vg -wi-a-----   1.00g');
  await page.reload();
  await expect(dom0).toContainText('dom0#', { timeout: 60_000 });
  await lab.runInDom0('hexdump -C -n 16 -s 1000M /dev/vg/data');
  await expect(dom0).toContainText('|it-stays');
  const files = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('el2lab-disks');
    return (await (await folder.getFileHandle('chunks')).getFile()).size;
  });
  expect(files).toBe(0);
});
