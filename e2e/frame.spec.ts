import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lab.ts';
import { serveFolder } from './plainServer.ts';

test('the language switches, is remembered, and <html lang> follows', async ({ lab, page }) => {
  await lab.start();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await expect(lab.tab('レジスタ')).toBeVisible();
  await expect(lab.state).toHaveText('実行中');
  await page.reload();
  await expect(lab.tab('シリアル コンソール')).toBeVisible();
  await lab.greeted();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(lab.tab('Serial console')).toBeVisible();
});

test('a Japanese browser gets Japanese', async ({ browser, baseURL }) => {
  const page = await browser.newPage({ locale: 'ja-JP', ...(baseURL ? { baseURL } : {}) });
  await page.goto('/#board');
  await expect(page.getByRole('menuitem', { name: 'マシン' })).toBeVisible();
  await page.close();
});

test('the theme follows the system until the user chooses one', async ({ lab, page }) => {
  await lab.start();
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'Light or dark' }).click();
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.reload();
  await lab.greeted();
  await expect(html).toHaveAttribute('data-theme', 'light');
  await lab.command('Follow the system’s light or dark theme');
  await expect(html).toHaveAttribute('data-theme', 'dark');
});

test('everything can be reached with the keyboard alone', async ({ lab, page }) => {
  await lab.start();
  // Menus.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('menuitem', { name: 'Machine' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Go to Board' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  // The console takes characters until Escape twice, also those that are bindings elsewhere.
  await expect(page.getByRole('textbox', { name: 'Serial console of UART 0' })).toBeFocused();
  await page.keyboard.type('k?');
  await expect(lab.console).toContainText('k?');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('textbox', { name: 'Serial console of UART 0' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(lab.panel('Serial console')).toBeFocused();
  // Outside a console, ? shows the keys.
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Both of the palette's keys, in a console too.
  await page.keyboard.press('Control+`');
  for (const keys of ['F1', 'Control+Shift+P']) {
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await page.keyboard.press('F1');
  await page.keyboard.type('pause');
  await page.keyboard.press('Enter');
  await expect(lab.state).toHaveText('Paused');
  // A panel's controls.
  await page.keyboard.press('Control+1');
  await expect(lab.panel('Board')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(
    lab
      .panel('Board')
      .getByRole('button', { name: /^Boot / })
      .first(),
  ).toBeFocused();
  // A panel's help.
  await page.keyboard.press('Shift+F1');
  await expect(lab.panel('Board')).toContainText('The simulated ZCU102');
});

test('keys right after F1 go to the palette, on a slow computer too', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('Control+`');
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  for (const [command, state] of [
    ['pause', 'Paused'],
    ['run', 'Running'],
  ] as const) {
    await page.keyboard.press('F1');
    await page.keyboard.type(command);
    await page.keyboard.press('Enter');
    await expect(lab.state).toHaveText(state);
  }
});

test('the palette finds a command by its name in another language', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill('一時停止');
  await expect(page.getByRole('dialog').getByRole('option')).toHaveCount(1);
  await expect(page.getByRole('option', { name: 'Pause' })).toBeVisible();
});

test('axe finds no serious fault in both themes and languages, menus and dialogs', async ({ lab, page }) => {
  test.slow();
  await lab.start();
  const check = async (where: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const found = serious.map(({ id, nodes }) => `${where}: ${id} ${nodes.map((node) => node.html).join(' ')}`);
    expect(found).toEqual([]);
  };
  await check('running');
  await page.keyboard.press('Shift+F5');
  await expect(lab.panel('Registers').getByRole('table')).toBeVisible();
  await page.getByRole('button', { name: 'Light or dark' }).click();
  await check('paused, dark');
  await page.getByRole('menuitem', { name: 'Machine' }).click();
  await check('menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '日本語' }).click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await check('keys, Japanese');
});

test('the page is cross-origin isolated by its server’s headers', async ({ lab, page }) => {
  await lab.start();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('the page works in a subfolder of a plain static host, which sends no headers', async ({ lab, page }) => {
  const host = await serveFolder('/some/folder/');
  try {
    await lab.start(`${host.url}#board`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  } finally {
    await host.close();
  }
});
