import type { Locator, Page } from '@playwright/test';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 120_000 });

/** Elements of the page's frame that are cut at its edge. */
const cutParts = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.header button, .status > *')].flatMap((part) => {
      const { left, right, width } = part.getBoundingClientRect();
      return width > 0 && (left < 0 || right > innerWidth) ? [part.textContent ?? ''] : [];
    }),
  );

const widthOf = async (part: Locator): Promise<number> => (await part.boundingBox())?.width ?? 0;

test('a narrow page has one column with panels as tabs, and a wide one the user’s own arrangement again', async ({
  lab,
  page,
}) => {
  await lab.start();
  // The user's own arrangement: without latency, and with narrower domains.
  await page.getByRole('button', { name: 'Close Latency' }).click();
  const splitter = page.getByRole('separator', { name: 'Splitter between Domains and rtos-a.cfg' });
  await splitter.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  const width = await widthOf(lab.panel('Domains'));

  await page.setViewportSize({ width: 800, height: 600 });
  await expect(page.getByRole('tablist')).toHaveCount(2);
  await expect(lab.console('dom0')).toBeVisible();
  for (const [tab, panel] of [
    ['CPU', 'CPU'],
    ['rtos-a.cfg', 'rtos-a.cfg'],
    ['Domains', 'Domains'],
  ] as const) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await expect.poll(() => widthOf(lab.panel(panel))).toBe(800);
  }
  expect(await cutParts(page)).toEqual([]);
  // A panel that is opened meanwhile is open in the wide page too.
  await page.keyboard.press('Control+4');
  await expect(lab.panel('Latency')).toBeVisible();

  await page.setViewportSize({ width: 600, height: 640 });
  expect(await cutParts(page)).toEqual([]);

  // A telephone.
  await page.setViewportSize({ width: 320, height: 568 });
  expect(await cutParts(page)).toEqual([]);
  await page.keyboard.press('Control+6');
  await page.keyboard.type('echo reached\n');
  await expect(lab.console('dom0').getByText('reached', { exact: true })).toBeInViewport();
  await page.getByRole('menuitem', { name: 'Help' }).click();
  await expect(page.getByRole('menuitem', { name: 'Show all keys' })).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');

  // A window at 200 %.
  await page.setViewportSize({ width: 720, height: 450 });
  await expect(page.getByRole('tablist')).toHaveCount(1);
  expect(await cutParts(page)).toEqual([]);
  await page.keyboard.press('Control+3');
  await expect(lab.panel('CPU').getByRole('list', { name: 'Domains' })).toBeInViewport({ ratio: 1 });

  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(() => widthOf(lab.panel('Domains'))).toBe(width);
  await expect(lab.panel('CPU')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Latency' })).toHaveCount(1);
  await expect(page.getByRole('tab', { name: 'noisy', exact: true })).toHaveCount(1);

  // From a wide page to a telephone's width at once, and back.
  await page.setViewportSize({ width: 320, height: 568 });
  await expect(page.getByRole('tablist')).toHaveCount(2);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(() => widthOf(lab.panel('Domains'))).toBe(width);

  // It is saved, and a narrow page has changed nothing of it.
  await page.setViewportSize({ width: 800, height: 600 });
  await page.reload();
  await expect(lab.console('dom0')).toContainText('dom0#', { timeout: 60_000 });
  await expect(page.getByRole('tablist')).toHaveCount(2);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(async () => Math.abs((await widthOf(lab.panel('Domains'))) - width)).toBeLessThan(2);
});

test.describe('1280x720', () => {
  test.use({ viewport: { width: 1280, height: 720 } });

  test('shows the plot with its legend and latency’s figures without scrolling', async ({ lab, page }) => {
    await lab.start();
    await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
    await lab.panel('Latency').getByRole('button', { name: 'Measure (stat)' }).click();
    await expect(lab.panel('Latency').getByRole('row').nth(1)).toBeInViewport({ ratio: 1, timeout: 60_000 });
    for (const name of ['Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'Xen'])
      await expect(lab.panel('CPU').getByRole('listitem').filter({ hasText: name })).toBeInViewport({ ratio: 1 });
    const overflow = await lab
      .panel('CPU')
      .locator('.panel-content')
      .evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
    expect(overflow).toBe(0);
    expect(await cutParts(page)).toEqual([]);
  });
});

test('for projection, a panel fills the page and the type is larger, in consoles and editors too', async ({
  lab,
  page,
}) => {
  await lab.start();
  await page.keyboard.press('Control+3');
  await page.keyboard.press('F9');
  await expect.poll(() => widthOf(lab.panel('CPU'))).toBe(1440);
  await expect(lab.console('dom0')).toBeHidden();
  // Another panel takes its place.
  await page.keyboard.press('Control+6');
  await expect.poll(() => widthOf(lab.panel('Domain-0'))).toBe(1440);
  await expect(lab.panel('CPU')).toBeHidden();
  await page.getByRole('tab', { name: 'Domain-0', exact: true }).dblclick();
  await expect(lab.panel('CPU')).toBeVisible();
  await page.getByRole('button', { name: 'Maximise Latency' }).click();
  await expect(lab.panel('CPU')).toBeHidden();
  await page.getByRole('button', { name: 'Maximise Latency' }).click();
  await expect(lab.panel('CPU')).toBeVisible();

  const choose = async (name: string) => {
    await page.getByRole('menuitem', { name: 'View', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const sizes = async (body: string) => {
    await expect(page.locator('body')).toHaveCSS('font-size', body);
    await expect(lab.console('dom0')).toHaveCSS('font-size', body);
    await expect(lab.editor).toHaveCSS('font-size', body);
  };
  await choose('Larger type');
  await choose('Larger type');
  await sizes('19.5px');
  expect(await cutParts(page)).toEqual([]);
  await page.reload();
  await expect(lab.console('dom0')).toContainText('dom0#', { timeout: 60_000 });
  await expect(lab.editor).toBeVisible({ timeout: 60_000 });
  await sizes('19.5px');
  await choose('Smaller type');
  await sizes('16.25px');
});
