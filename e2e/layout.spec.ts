import { expect, test } from './lab.ts';

test('a panel dragged to another group is still there after a reload', async ({ lab, page }) => {
  await lab.start();
  await lab.tab('Log').dragTo(lab.tab('Registers'));
  const tabsTogether = page.getByRole('tablist').filter({ has: page.getByRole('tab', { name: 'Log' }) });
  await expect(tabsTogether.getByRole('tab')).toHaveCount(2);
  await expect(tabsTogether.getByRole('tab', { name: 'Registers' })).toBeVisible();

  await page.reload();
  await lab.greeted();
  await expect(tabsTogether.getByRole('tab')).toHaveCount(2);
  await expect(tabsTogether.getByRole('tab', { name: 'Registers' })).toBeVisible();

  // The arrow keys and Enter go to the other tab of the group.
  await lab.tab('Log').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(lab.tab('Registers')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(lab.tab('Registers')).toHaveAttribute('aria-selected', 'true');

  await lab.command('Reset the layout');
  await expect(tabsTogether.getByRole('tab')).toHaveCount(1);
});

test('a panel moves by command', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('Control+4');
  await lab.command('Move this panel up');
  const group = page.getByRole('tablist').filter({ has: page.getByRole('tab', { name: 'Log' }) });
  await expect(group.getByRole('tab', { name: 'Serial console' })).toBeVisible();
  await lab.command('Move this panel left');
  await expect(group.getByRole('tab')).toHaveCount(1);
});

test('a closed panel stays closed and comes back by its command', async ({ lab, page }) => {
  await lab.start();
  await page.getByRole('button', { name: 'Close Log' }).click();
  await expect(lab.tab('Log')).toHaveCount(0);
  await page.reload();
  await lab.greeted();
  await expect(lab.tab('Log')).toHaveCount(0);
  await page.keyboard.press('Control+4');
  await expect(lab.panel('Log')).toBeVisible();
});

for (const [what, saved] of [
  ['is not JSON', '{'],
  ['is of another version', JSON.stringify({ version: 99, layout: {} })],
  ['names an unknown panel', JSON.stringify({ version: 1, layout: { grid: {}, panels: { x: {} } } })],
  ['dockview cannot read', JSON.stringify({ version: 1, layout: { grid: {}, panels: {} } })],
] as const) {
  test(`a saved layout that ${what} is replaced by the default`, async ({ lab, page }) => {
    await page.addInitScript((layout) => localStorage.setItem('el2lab.layout', layout), saved);
    await lab.start();
    await expect(page.getByRole('tab')).toHaveCount(4);
  });
}

test('unreadable settings are replaced by the defaults', async ({ lab, page }) => {
  await page.addInitScript(() => localStorage.setItem('el2lab.settings', '{"version":1,"theme":"pink"}'));
  await lab.start();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});
