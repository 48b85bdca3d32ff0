import { existsSync } from 'node:fs';
import { expect, patience, test } from './xenLab.ts';

const images = ['xen', 'Image', 'zcu102.dtb', 'initrd.gz', 'modules.gz', 'dom0.gz'];

test.skip(
  !images.every((name) => existsSync(new URL(`../images/${name}`, import.meta.url))),
  'the images folder does not hold Xen and its Domain-0',
);

// What Domain-0 does then is tested on the command line (src/cli/real-xen.test.ts).
test('the real Xen is chosen in the page, opens at its prompt with the files that are there, and the model comes back', async ({
  lab,
  page,
}) => {
  // Where it has not been prepared, it boots.
  test.setTimeout(300_000);
  await lab.start();
  await lab.runInDom0('echo mine > /etc/xen/mine.cfg');
  await expect(lab.file('/etc/xen/mine.cfg')).toBeVisible(patience);
  const systems = page.getByRole('group', { name: 'Machine' });
  const xen = lab.console('xen');
  await systems.getByRole('button', { name: 'Xen 4.17' }).click();
  await expect(systems.getByRole('button', { name: 'Xen 4.17' })).toHaveAttribute('aria-pressed', 'true', {
    timeout: 60_000,
  });
  await expect(page.getByRole('contentinfo')).toContainText('Xen 4.17 · sched=credit');
  await expect(lab.console('dom0')).toContainText('dom0:~#', { timeout: 240_000 });
  await lab.runInDom0('cat /etc/xen/mine.cfg; xl list');
  await expect(lab.console('dom0')).toContainText(/cfg; xl list\s*mine.*Domain-0 .*rtos-b .*noisy /, patience);
  await expect(lab.file('/etc/xen/hello.cfg')).toBeVisible();
  // What Domain-0 writes is in the page, and what the page saves is in Domain-0.
  await lab.runInDom0('echo "# made there" > /etc/xen/made.cfg');
  await expect(lab.file('/etc/xen/made.cfg')).toBeVisible(patience);
  await lab.open('/etc/xen/made.cfg');
  await expect(lab.editor).toContainText('# made there');
  await lab.replaceText('# made here\n');
  await page.keyboard.press('Control+s');
  await lab.runInDom0('until grep here /etc/xen/made.cfg; do sleep 0.1; done');
  await expect(lab.console('dom0')).toContainText('# made here', patience);
  await page.getByRole('tab', { name: 'Xen serial' }).click();
  await expect(xen).toContainText(/\(XEN\)|xenbr0/, { timeout: 60_000 });
  await systems.getByRole('button', { name: 'Xen model' }).click();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(page.getByRole('contentinfo')).toContainText('Xen model 4.17');
});

test('without its images the page says how to get them, and the model goes on', async ({ lab, page }) => {
  await page.route('**/images/manifest.json', (route) => route.fulfill({ json: [] }));
  await lab.start();
  await page.getByRole('group', { name: 'Machine' }).getByRole('button', { name: 'Xen 4.17' }).click();
  await expect(lab.alert).toContainText('npm run images');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('Model and Xen 4.17');
  await page.keyboard.press('Enter');
  const comparison = lab.panel('Model and Xen 4.17');
  await comparison.getByRole('button', { name: 'Compare' }).click();
  await expect(comparison.getByRole('status')).toContainText('npm run images');
});
