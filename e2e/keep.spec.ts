/** Nothing that the user has made or runs is lost in silence. */
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
  await systems.getByRole('button', { name: 'Xen' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(systems.getByRole('button', { name: 'Xen' })).toHaveAttribute('aria-pressed', 'true');
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
  await systems.getByRole('button', { name: 'Xen' }).click();
  await isWhole();
});
