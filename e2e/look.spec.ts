import type { Page } from '@playwright/test';
import { test as boardTest } from './lab.ts';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 120_000 });

for (const theme of ['light', 'dark'] as const) {
  test(`the editor’s menu and explanations can be read and cover no tab (${theme})`, async ({ lab, page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await lab.start();
    await lab.open('/etc/xen/hello.cfg');
    await lab.replaceText(`name = "mine"\nkernel = "/guests/${'long-'.repeat(60)}.img"\nmemory = 16\n`);
    // A menu over the text has the theme's background.
    await lab.editor.click({ button: 'right' });
    const menu = page.locator('.monaco-menu');
    await expect(menu).toBeVisible();
    const backgrounds = await menu.evaluate((element) => {
      const around: Element[] = [];
      for (let each: Element | null = element; each && !each.matches('.editor-host'); each = each.parentElement)
        around.push(each);
      return around.map((each) => getComputedStyle(each).backgroundColor);
    });
    expect(backgrounds).toContain(theme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(22, 22, 22)');
    await page.keyboard.press('Escape');
    // The explanation of the first line is below it.
    await lab.editor.getByText('name').hover();
    const hover = page.locator('.monaco-hover:visible');
    const tab = page.getByRole('tab', { name: 'hello.cfg' });
    await expect(hover).toContainText('xl.cfg(5)');
    const [box, tabBox] = [await hover.boundingBox(), await tab.boundingBox()];
    expect(box?.y).toBeGreaterThan((tabBox?.y ?? 0) + (tabBox?.height ?? 0));
    // A long message of xl wraps.
    await page.getByRole('tab', { name: 'Domains' }).hover();
    await expect(hover).toHaveCount(0);
    await lab.editor.getByText('long-').first().hover();
    await expect(hover).toContainText('Domain-0 has no file');
    const widths = await hover
      .locator('.marker, .hover-contents')
      .evaluateAll((all) => all.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    expect(Math.max(...widths)).toBeLessThanOrEqual(1);
  });
}

/** For each table in the page: columns whose header is not aligned as their cells. */
const crookedColumns = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('table')].flatMap((table) => {
      const [head, first] = [table.tHead?.rows[0], table.tBodies[0]?.rows[0]];
      if (!head || !first) return [];
      const align = (cell: Element | undefined) =>
        cell ? getComputedStyle(cell).textAlign.replace('right', 'end') : '';
      return [...head.cells].flatMap((cell, index) =>
        align(cell) === align(first.cells[index]) ? [] : [`${table.ariaLabel}: ${cell.textContent}`],
      );
    }),
  );

test('headers stand over their columns, states have words, and a crashed domain is offered what helps', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.panel('CPU').getByRole('button', { name: 'Table' }).click();
  await expect(lab.panel('CPU').getByRole('table')).toBeVisible();
  await lab.panel('Latency').getByRole('button', { name: 'Measure (stat)' }).click();
  await expect(lab.panel('Latency').getByRole('row')).toHaveCount(2, { timeout: 60_000 });
  expect(await crookedColumns(page)).toEqual([]);
  await expect(lab.domain('noisy').getByTitle(/running|runnable/)).toBeVisible();
  await lab.createCrashed();
  await lab.domain('hello').getByRole('button', { name: 'Actions of hello' }).click();
  await expect(page.getByRole('menuitem', { name: /Destroy/ })).toBeVisible();
  for (const name of ['Pause', 'Shut down']) await expect(page.getByRole('menuitem', { name })).toHaveCount(0);
  await page.getByRole('menuitem', { name: /Destroy/ }).click();
});

test('when all panels are closed, the page offers the first layout and each panel', async ({ lab, page }) => {
  await lab.start();
  for (const close = page.getByRole('button', { name: /^Close / }); (await close.count()) > 0; )
    await close.first().click();
  await expect(page.getByRole('main')).toContainText('All panels are closed.');
  await page.getByRole('button', { name: 'Go to Latency' }).click();
  await expect(lab.panel('Latency')).toBeVisible();
  await page.getByRole('button', { name: 'Close Latency' }).click();
  await page.getByRole('button', { name: 'Show the panels in their first places' }).click();
  await expect(lab.panel('CPU')).toBeVisible();
  await expect(lab.panel('Domain-0')).toBeVisible();
});

test('in forced colours, domains keep their colours and the active tab is told apart', async ({ lab, page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  const backgrounds = await lab
    .panel('Domains')
    .locator('.swatch')
    .evaluateAll((swatches) => swatches.map((each) => `${getComputedStyle(each).background}`));
  expect(new Set(backgrounds).size).toBe(4);
  const edge = (name: string) =>
    page.getByRole('tab', { name, exact: true }).evaluate((tab) => getComputedStyle(tab).borderBottomWidth);
  expect(await edge('Domain-0')).toBe('3px');
  expect(await edge('Xen serial')).toBe('0px');
  await page.getByRole('tab', { name: 'Domains' }).focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('tab', { name: 'Domains' })).toHaveCSS('outline-style', 'solid');
});

test('the focus is seen on tabs, buttons and panels, in both themes', async ({ lab, page }) => {
  await lab.start();
  for (const [theme, accent] of [
    ['light', 'rgb(11, 92, 173)'],
    ['dark', 'rgb(98, 176, 245)'],
  ] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.keyboard.press('Control+3');
    await expect(lab.panel('CPU')).toBeFocused();
    const seen: string[] = [];
    while (!seen.at(-1)?.startsWith('tab') && seen.length < 8) {
      await page.keyboard.press('Shift+Tab');
      await expect(page.locator(':focus')).toHaveCSS('outline', `${accent} solid 2px`);
      seen.push(await page.locator(':focus').evaluate((part) => `${part.role ?? part.localName} ${part.ariaLabel}`));
    }
    expect(seen).toEqual(['button Close CPU', 'button Maximise CPU', 'button What CPU shows', 'tab CPU']);
  }
});

boardTest.describe('the board', () => {
  boardTest.use({ viewport: { width: 1280, height: 720 }, locale: 'ja-JP' });

  boardTest('has its settings above the fold, each name in one line', async ({ lab, page }) => {
    await lab.start();
    await expect(page.getByRole('button', { name: '選択したファイルでブート' })).toBeInViewport({ ratio: 1 });
    const names = ['カーネル', '初期 RAM ディスク', 'デバイス ツリー', 'コマンド ライン'];
    for (const name of names) {
      const field = page.locator('.field').filter({ hasText: name });
      expect((await field.first().boundingBox())?.height, name).toBeLessThan(32);
    }
  });
});
