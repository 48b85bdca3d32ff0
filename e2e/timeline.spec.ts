import { readFileSync } from 'node:fs';
import { expect, patience, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('a newcomer finds in a few clicks why rtos-a waits, goes on by keys, and takes the record to Perfetto', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await page.keyboard.press('F1');
  await page.keyboard.type('Timeline');
  await page.keyboard.press('Enter');
  const timeline = lab.panel('Timeline');
  const of = timeline.getByRole('combobox', { name: 'Longest wait' });
  await expect(of).toContainText('rtos-a v0', patience);
  await of.selectOption('rtos-a v0');

  // The record is empty at first: it begins when the panel opens.
  const wait = timeline.getByRole('region', { name: 'Longest wait' });
  await expect(async () => {
    await timeline.getByRole('button', { name: 'Longest wait' }).click();
    await expect(wait).toContainText(/ran [\d.]+ ms of it/);
  }).toPass(patience);
  await expect(wait.getByRole('heading')).toHaveText(/^rtos-a v0 waits [\d.]+ ms for pCPU1$/);
  await expect(wait).toContainText('It was woken, and');
  await expect(wait).toContainText('Credit lets what has just begun run for its rate limit of 1 ms');
  const figures = timeline.getByRole('table', { name: /^Selection/ });
  await expect(figures.getByRole('row', { name: /^rtos-a v0 / })).toBeVisible();
  await expect(figures.getByRole('row', { name: /^Xen on pCPU1 / })).toBeVisible();

  const canvas = timeline.getByRole('slider', { name: /^Scheduling timeline/ });
  await canvas.focus();
  await page.keyboard.press('Escape');
  await expect(figures).toHaveCount(0);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const spoken = timeline.locator('[aria-live]');
  await expect(spoken).toHaveText(/^pCPU1: .*\d+\.\d{6} s/);
  await page.keyboard.press('/');
  await page.keyboard.type('wake rtos-a');
  await page.keyboard.press('Enter');
  await expect(spoken).toHaveText(/^rtos-a v0: rtos-a v0 is woken, at \d+\.\d{6} s/);
  await timeline.getByRole('button', { name: 'Table' }).click();
  await expect(timeline.getByRole('table', { name: /^Slices from/ })).toBeVisible();

  const downloaded = page.waitForEvent('download');
  await timeline.getByRole('button', { name: 'Perfetto' }).click();
  const file = await downloaded;
  expect(file.suggestedFilename()).toBe('timeline.pftrace');
  // Field 1 of a Trace: a TracePacket.
  expect(readFileSync(await file.path())[0]).toBe(0x0a);
});
