import { expect, test } from './lab.ts';

test('a machine goes back in its time, comes back, and goes on from a past moment when it is asked to', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.panel('Board').getByRole('button', { name: 'History of the cores' }).click();
  await page.keyboard.press('Control+`');
  await page.keyboard.type('abc');
  await expect(lab.console).toContainText('abc');
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');

  await page.keyboard.press('F8');
  await expect(lab.state).toHaveText('Paused in the past');
  await expect(page.getByText('This is the past:')).toBeVisible();
  await page.keyboard.press('Control+F8');
  await expect(lab.state).toHaveText('Paused');
  await expect(lab.console).toContainText('abc');

  const bar = page.getByRole('region', { name: 'The machine’s time' });
  await bar.getByRole('button', { name: 'What was typed when' }).click();
  await expect(bar.getByRole('listitem').first()).toContainText('serial');
  await bar.getByRole('slider').fill('0');
  await expect(lab.state).toHaveText('Paused in the past');
  await expect(lab.console).not.toContainText('abc');

  await page.getByRole('button', { name: 'Go on from here…' }).click();
  await page.getByRole('button', { name: 'Forget it and go on' }).click();
  await expect(lab.state).toHaveText('Paused');
  await page.keyboard.press('F5');
  await lab.greeted();
  await page.keyboard.press('Control+`');
  await page.keyboard.type('xyz');
  await expect(lab.console).toContainText('xyz');
  await expect(lab.console).not.toContainText('abc');
});
