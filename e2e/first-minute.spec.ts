import { expect, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('a newcomer tames the noisy neighbour: measure, one step, measure again', async ({ lab, page }) => {
  await lab.start();
  const latency = lab.panel('Latency');
  // Only what has said that it answers is asked.
  await expect(latency.getByRole('combobox').locator('option')).toHaveText(['rtos-a', 'rtos-b']);
  await latency.getByRole('button', { name: 'Measure (stat)' }).click();
  await expect(latency).toContainText('rtos-a’s worst latency is');
  await latency.getByRole('button', { name: 'xl vcpu-pin rtos-a 0 2' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# xl vcpu-pin rtos-a 0 2');
  await page.keyboard.press('Enter');
  await expect(latency).toContainText('No other guest may use its core, pCPU 2.');
  await latency.getByRole('button', { name: 'Start over (reset, stat)' }).last().click();
  // The waiting is seen, and a paused machine is given as its reason.
  await expect(latency.getByRole('progressbar')).toBeVisible();
  await page.keyboard.press('Shift+F5');
  await expect(latency).toContainText('The machine is paused');
  await page.keyboard.press('F5');
  const answer = latency.getByRole('row').nth(1).getByRole('cell');
  await expect(latency.getByRole('row')).toHaveCount(3, { timeout: 60_000 });
  // Alone on its core, the control task is late by Xen's own work only.
  await expect(answer.nth(3)).toHaveText(/^\d(\.\d)? µs$/);
  await expect(answer.nth(5)).toHaveText(/^\d\d?(\.\d)? µs$/);

  // A domain that does not run is not asked, and the panel says why.
  await lab.runInDom0('xl pause rtos-a');
  await expect(latency).toContainText('rtos-a does not run now, so it cannot answer.');
  await expect(latency.getByRole('button', { name: 'Measure (stat)' })).toHaveAttribute('aria-disabled', 'true');
});

test('a newcomer is met by the start page; the tour goes by keyboard, is left, resumed and ended', async ({
  lab,
  page,
}) => {
  await lab.arrive();
  const start = lab.panel('Start');
  await expect(start).toContainText('shares the cores between domains');
  await expect(start.getByRole('region', { name: 'What runs where' })).toContainText('pCPU 1');
  await start.getByRole('button', { name: 'Take the tour (5 steps)' }).focus();
  await page.keyboard.press('Enter');
  const tour = (title: string) => page.getByRole('dialog', { name: title });
  await expect(tour('What you see 1 of 5')).toBeFocused();
  await expect(tour('What you see')).toHaveAccessibleDescription(/^Xen’s domains/);
  await tour('What you see').getByRole('button', { name: 'Next' }).press('Enter');
  // The page types a command; the visitor presses Enter.
  await tour('Domain-0’s console').getByRole('button', { name: 'xl list' }).press('Enter');
  await expect(lab.console('dom0')).toContainText('dom0# xl list');
  await page.keyboard.press('Enter');
  await expect(lab.console('dom0')).toContainText('Time(s)');
  // Escape leaves the tour to the panel, and a reload forgets nothing.
  await tour('Domain-0’s console').getByRole('button', { name: 'Next' }).press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await page.getByRole('menuitem', { name: 'Help', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Tour' }).click();
  await tour('Who uses the cores 3 of 5').getByRole('button', { name: 'Next' }).click();
  await expect(tour('Make the real-time system real-time')).toBeFocused();
  await tour('Make the real-time system real-time').getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('tab', { name: 'hello.cfg' })).toBeVisible();
  await page.locator('.monaco-editor').getByText('Create this domain').click({ timeout: 60_000 });
  await expect(tour('Make a domain of your own').getByRole('status')).toContainText('Done.', { timeout: 60_000 });
  await tour('Make a domain of your own').getByRole('button', { name: 'Finish' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // The start page comes back by the menu, and by itself no more once it is closed.
  await page.getByRole('menuitem', { name: 'Help', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Start page' }).click();
  await expect(start.getByRole('button', { name: 'Take the tour (5 steps)' })).toBeVisible();
  await page.getByRole('button', { name: 'Close Start' }).click();
  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(page.getByRole('tab', { name: 'Start' })).toHaveCount(0);
});

test('the picture of what runs where follows the machine, and is a table too; words are explained', async ({
  lab,
  page,
}) => {
  await lab.start();
  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Go to What runs where' }).click();
  const panel = lab.panel('What runs where');
  const core = (pcpu: number) =>
    panel
      .getByRole('listitem')
      .filter({ hasText: `pCPU ${pcpu}` })
      .last();
  await expect(core(1)).toContainText(/noisy [1-9]\d? %/);
  await expect(core(2)).toContainText('idle');
  await lab.runInDom0('xl vcpu-pin noisy 0 2');
  await expect(core(2)).toContainText(/noisy [1-9]\d? %/, { timeout: 60_000 });
  await panel.getByRole('button', { name: 'Table' }).click();
  await expect(panel.getByRole('row', { name: /^noisy 0 / })).toContainText(/2 \(\d+ %\)/);

  // By keyboard as by pointer; Escape takes the meaning away.
  const word = panel.getByRole('button', { name: 'vCPU' });
  await word.focus();
  await expect(page.getByRole('tooltip')).toContainText('Virtual processor: what a domain takes for a CPU.');
  await expect(word).toHaveAccessibleDescription(/^vCPU Virtual processor/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip')).toHaveCount(0);
  await word.hover();
  await expect(page.getByRole('tooltip')).toBeVisible();
});

test('a config whose name is in use offers what to do, and creates once the name is free', async ({ lab, page }) => {
  await lab.start();
  await lab.open('/etc/xen/rtos-a.cfg');
  await expect(page.getByText('Use another name: rtos-a-2')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Create this domain')).toHaveCount(0);
  // The key says so too, and types nothing.
  await lab.editor.click();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'A domain rtos-a exists already.' })).toBeVisible();
  await expect(lab.console('dom0')).not.toContainText('xl create');
  await page.getByText('A domain rtos-a exists: xl destroy rtos-a').click();
  await expect(lab.console('dom0')).toContainText('dom0# xl destroy rtos-a');
  await page.keyboard.press('Enter');
  await page.getByText('Create this domain').click();
  await lab.expectDomains('Domain-0', 'rtos-b', 'noisy', 'rtos-a');

  // The other way: a free name, as an edit or as a quick fix.
  await page.getByText('Use another name: rtos-a-2').click();
  await expect(lab.editor).toContainText('"rtos-a-2"');
  await page.getByText('Create this domain').click();
  await lab.expectDomains('Domain-0', 'rtos-b', 'noisy', 'rtos-a', 'rtos-a-2');
});
