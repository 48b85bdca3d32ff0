import type { Page } from '@playwright/test';
import { expect, patience, test } from './xenLab.ts';

test.describe.configure({ timeout: 240_000 });

/** What has the focus, by its role or element and its name. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    const name = element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    return `${element?.getAttribute('role') ?? element?.localName} ${name}`.slice(0, 60);
  });

test('Tab reaches everything and leaves everything; consoles and editors by Escape twice', async ({ lab, page }) => {
  await lab.start();
  await expect(lab.editor).toBeVisible();
  const hint = page.locator('.leaving-hint');
  const stops: string[] = [];
  const leave = async (words: string) => {
    await expect(hint).toHaveText(words);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect(hint).toHaveCount(0);
  };
  for (let n = 0; n < 100; n++) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    if (stop === stops[0]) break;
    stops.push(stop);
    if (stop.startsWith('textarea Console'))
      await leave('Tab goes to the console. To leave it: Escape twice, then Tab.');
    if (stop.startsWith('textbox /etc')) await leave('Tab indents. To leave the editor: Escape twice, then Tab.');
  }
  expect(stops[0]).toBe('menuitem Machine');
  for (const stop of [
    'button Domain-0',
    'treeitem ▾xen',
    'textbox /etc/xen/rtos-a.cfg in Domain-0',
    'select Lanes',
    'button Start over (reset, stat)',
    'tab Domain-0',
    'textarea Console of Domain-0',
    'button Pause',
    'separator Splitter between Domains and Files (Domain-0)',
    'separator Splitter between CPU and Latency',
  ])
    expect
      .soft(
        stops.filter((other) => other.startsWith(stop)),
        `${stop} in\n${stops.join('\n')}`,
      )
      .toHaveLength(1);

  // Enter on the panel goes back in; with the pointer there is no hint.
  await page.keyboard.press('Control+6');
  await expect(page.getByRole('textbox', { name: 'Console of Domain-0' })).toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Console of Domain-0' })).toHaveAttribute(
    'aria-description',
    /Escape/,
  );
  await page.keyboard.type('ls');
  await expect(hint).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(lab.panel('Domain-0')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Console of Domain-0' })).toBeFocused();
  await page.mouse.click(900, 700);
  await expect(hint).toHaveCount(0);
});

test('keys lead to each console, to the next group of panels, and are all listed', async ({ lab, page }) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  for (const [digit, name] of [
    [5, 'Xen’s serial console'],
    [6, 'Console of Domain-0'],
    [7, 'Console of rtos-a'],
    [8, 'Console of rtos-b'],
    [9, 'Console of noisy'],
  ] as const) {
    await page.keyboard.press(`Control+${digit}`);
    await expect(page.getByRole('textbox', { name })).toBeFocused();
  }
  await page.keyboard.press('Control+3');
  await expect(lab.panel('CPU')).toBeFocused();
  await page.keyboard.press('F6');
  await expect(lab.panel('Latency')).toBeFocused();
  await page.keyboard.press('Shift+F6');
  await expect(lab.panel('CPU')).toBeFocused();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keys' });
  for (const words of ['Leave a console or the editor', 'In the editor: whether Tab indents', 'On a splitter: move it'])
    await expect(list.getByRole('cell', { name: words })).toBeVisible();
});

test('splitters move by the keyboard', async ({ lab, page }) => {
  await lab.start();
  const splitter = page.getByRole('separator', { name: 'Splitter between Domains and Files (Domain-0)' });
  const value = async () => Number(await splitter.getAttribute('aria-valuenow'));
  const height = async () => (await lab.panel('Domains').boundingBox())?.height ?? 0;
  await splitter.focus();
  await expect(splitter).toHaveCSS('background-color', 'rgb(11, 92, 173)');
  const before = { value: await value(), height: await height() };
  await page.keyboard.press('ArrowDown');
  await expect.poll(height).toBe(before.height + 16);
  expect(await value()).toBeGreaterThan(before.value);
  await page.keyboard.press('Shift+ArrowUp');
  await expect.poll(height).toBe(before.height - 48);
  await page.keyboard.press('ArrowLeft');
  expect(await height()).toBe(before.height - 48);
  await page.keyboard.press('End');
  await expect.poll(height).toBeGreaterThan(before.height + 48);
  const end = await value();
  await page.keyboard.press('Home');
  await expect.poll(value).toBeLessThan(before.value);
  await page.keyboard.press('End');
  await expect.poll(value).toBe(end);
  // The new place is saved as after a drag.
  const tall = await height();
  await page.reload();
  await expect.poll(height).toBe(tall);
});

test('creations, crashes, ends and panels are announced in words of the page’s language, in few sentences', async ({
  lab,
  page,
}) => {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records)
        if (target instanceof Element && target.matches('[data-announcements]'))
          for (const node of addedNodes) said.push(node.textContent ?? '');
    }).observe(document, { childList: true, subtree: true });
  });
  const said = () => page.evaluate(() => (window as typeof window & { said: string[] }).said);
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.createCrashed();
  await expect.poll(said).toContainEqual(expect.stringContaining('Created: hello'));
  await expect.poll(said).toContainEqual(expect.stringContaining('hello has crashed'));
  await lab.runInDom0('xl destroy hello');
  await expect.poll(said, patience).toContainEqual(expect.stringContaining('Ended: hello'));
  // No panel of the first layout, and no id.
  for (const text of await said()) expect(text).not.toMatch(/latency|cpu opened|editor \/|console dom/);
  await page.getByRole('button', { name: '日本語' }).click();
  await lab.file('/etc/xen/hello.cfg').click();
  await expect.poll(said).toContainEqual('/etc/xen/hello.cfg のエディターを開きました');
  await page.getByRole('button', { name: 'レイテンシを閉じる' }).click();
  await expect.poll(said).toContainEqual('レイテンシを閉じました');
  const before = (await said()).length;
  await page.getByRole('menuitem', { name: '表示', exact: true }).click();
  await page.getByRole('menuitem', { name: 'レイアウトを初期化' }).click();
  await expect.poll(said).toContainEqual('パネルを初期の配置に戻しました');
  expect((await said()).length).toBe(before + 1);
});
