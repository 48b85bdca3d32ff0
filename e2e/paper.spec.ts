/** The example of the white paper WP474, as it was printed: explained, created, and its disk kept. */
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

const started = (times: number): string => `This is start number ${times} of this disk.`;

test('paper.cfg is explained, creates a domain as it is, and its disk is there after a reload', async ({
  lab,
  page,
}) => {
  // Where Linux is served, the volume would have that.
  await page.context().route('**/images/**', (route) => route.fulfill({ json: [] }));
  await lab.start();
  await lab.open('/etc/xen/paper.cfg');
  await expect(lab.editor).toContainText('builder = "hvm"');

  // The lines that are x86's are marked and say why.
  await expect(lab.marks).not.toHaveCount(0);
  await lab.editor.getByText('"hvm"').hover();
  await expect(page.getByText(/The real xl on Arm refuses it/)).toBeVisible();

  // As it stands it creates a domain, which counts its starts on the disk.
  const name = 'My Virtual Machine';
  const console = lab.console(`domain ${name}`);
  const create = async (): Promise<void> => {
    await lab.runInDom0('xl create /etc/xen/paper.cfg');
    await expect(lab.console('dom0')).toContainText('paper.cfg:2: el2lab: HVM', { timeout: 60_000 });
    await lab.domain(name).getByRole('button', { name, exact: true }).click({ timeout: 60_000 });
  };
  await create();
  await expect(console).toContainText(started(1), { timeout: 60_000 });
  await page.keyboard.type('n');
  await expect(console).toContainText('Sector 1:');

  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await create();
  await expect(console).toContainText(started(2), { timeout: 60_000 });
});

test('paper.cfg is rewritten for Arm by a quick fix', async ({ lab, page }) => {
  await lab.start();
  await lab.open('/etc/xen/paper.cfg');
  await lab.editor.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+.');
  await page.getByRole('option', { name: 'Rewrite for Arm' }).click();
  await expect(lab.editor).toContainText('type = "pvh"');
  await expect(lab.editor).toContainText('bootloader = "pygrub"');
  await expect(lab.marks).toHaveCount(0);
});
