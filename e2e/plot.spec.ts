import { readFileSync } from 'node:fs';
import { expect, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('the plot is worked with by pointer: hover, wheel, drag, click, pins, double click', async ({ lab, page }) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  const cpu = lab.panel('CPU');
  const window = cpu.getByRole('combobox', { name: 'Window' });
  const hold = cpu.getByRole('button', { name: 'Hold' });
  const plot = cpu.getByRole('slider', { name: /^CPU utilisation/ });
  await window.selectOption('2 s');
  await expect(cpu.getByRole('slider', { name: /^Ends at/ })).toBeEnabled({ timeout: 60_000 });
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');

  // The second lane is pCPU1's, which three domains share.
  const box = await plot.boundingBox();
  if (!box) throw new Error('The plot has no place on the page.');
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.8, 0.35));
  await expect(cpu.locator('.tip')).toContainText(/pCPU1 · \d+\.\d{3} s/);
  await expect(cpu.locator('.tip')).toContainText(/noisy\d+ %/);

  await page.mouse.wheel(0, -240);
  await expect(window).toHaveValue('1');
  await page.mouse.down();
  await page.mouse.move(...at(0.9, 0.35), { steps: 4 });
  await page.mouse.up();
  await expect(hold).toHaveAttribute('aria-pressed', 'true');

  // A click chooses a moment, which stays when the pointer leaves for the button.
  await page.mouse.click(...at(0.7, 0.35));
  await cpu.getByRole('button', { name: 'Pin' }).click();
  await page.mouse.click(...at(0.2, 0.35));
  await cpu.getByRole('button', { name: 'Pin' }).click();
  const pins = cpu.getByRole('table', { name: /the second before A and B/ });
  await expect(pins.getByRole('columnheader', { name: 'B − A' })).toBeVisible();
  await expect(pins.getByRole('row', { name: /^pCPU1 noisy \d+\.\d % \d+\.\d % [+−]?\d+\.\d %$/ })).toBeVisible();
  await pins.getByRole('button', { name: 'Clear' }).click();
  await expect(pins).toHaveCount(0);

  await plot.dblclick();
  await expect(window).toHaveValue('10');
  await expect(hold).toHaveAttribute('aria-pressed', 'false');
});

test('the plot is worked with by keys, and exported with units', async ({ lab, page }) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.domain('noisy')).toContainText(/[1-9]\d? %/);
  const cpu = lab.panel('CPU');
  const plot = cpu.getByRole('slider', { name: /^CPU utilisation/ });
  await plot.focus();
  await page.keyboard.press('+');
  await expect(cpu.getByRole('combobox', { name: 'Window' })).toHaveValue('5');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  await expect(plot).toHaveAttribute('aria-valuetext', /^\d+\.\d{3} s, pCPU1, .*noisy \d+ %/);
  await page.keyboard.press('Enter');
  await expect(cpu.getByRole('table', { name: /before A/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(plot).toHaveAttribute('aria-valuetext', 'now');

  const csv = page.waitForEvent('download');
  await cpu.getByRole('button', { name: 'CSV' }).click();
  expect(readFileSync(await (await csv).path(), 'utf8')).toMatch(/^begin \[s\],sampled \[s\],CPU0 idle \[ns\],/);
  const png = page.waitForEvent('download');
  await cpu.getByRole('button', { name: 'PNG' }).click();
  const picture = readFileSync(await (await png).path());
  // Four lanes, the axis, a row of the legend and the title, two pixels each px (PNG specification, section 11.2.2).
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([2400, 2 * (4 * 72 + 18 + 48)]);
});
