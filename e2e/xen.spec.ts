import { readFileSync } from 'node:fs';
import { addDevice, boardTree } from '../src/xen/passthrough/board-testing.ts';
import { violations } from './axe.ts';
import { expect, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('a newcomer’s path: correct a config, create a domain, talk to it, see its share, pin, pause, destroy, return', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.domain('noisy')).toContainText(/[1-9]\d? %/);

  // A mistake in a config is marked, and a quick fix corrects it.
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('name = "mine"\nkernal = "/guests/hello.img"\nmemory = 16\n');
  await expect(lab.marks).not.toHaveCount(0);
  await expect(page.getByText('Create this domain')).toHaveCount(0);
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+.');
  await page.getByRole('option', { name: 'Change to “kernel”' }).click();
  await expect(lab.editor).toContainText('kernel = "/guests/hello.img"');
  await expect(page.getByText('Create this domain')).toBeVisible();

  // The new domain prints its greeting.
  await page.keyboard.press('Control+Enter');
  await expect(lab.console('dom0')).toContainText('xl create /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'mine');
  await lab.domain('mine').getByRole('button', { name: 'mine', exact: true }).click();
  await expect(lab.console('domain mine')).toContainText('Hello from a domain of Xen 4.17');
  await page.keyboard.type('k');
  await expect(lab.console('domain mine')).toContainText(/k\s*$/);

  // The RTOS answers on its own console.
  await page.getByRole('tab', { name: 'rtos-a', exact: true }).click();
  await page.keyboard.press('Control+7');
  await page.keyboard.type('stat\n');
  await expect(lab.console('domain rtos-a')).toContainText('latency p50');

  // The shares are in the plot, and as figures in the table.
  await lab.panel('CPU').getByRole('button', { name: 'Table' }).click();
  const shares = lab.panel('CPU').getByRole('table');
  const row = (lane: string, domain: string) => shares.getByRole('row', { name: new RegExp(`^${lane} ${domain} `) });
  await expect(row('pCPU1', 'noisy')).toContainText(/[1-9]\d\.\d %/);
  await expect(row('pCPU1', 'rtos-a')).toBeVisible();

  // A core of its own takes two steps here, since the new domain may run anywhere. Enter runs what the page types.
  const latency = lab.panel('Latency');
  await latency.getByRole('button', { name: 'Measure (stat)' }).click();
  for (const [step, command] of ['xl vcpu-pin rtos-a 0 2', 'xl vcpu-pin mine 0 0-1,3'].entries()) {
    await expect(latency).toContainText(`step ${step + 1} of 2`);
    await latency.getByRole('button', { name: command }).click();
    await expect(lab.console('dom0')).toContainText(`dom0# ${command}`);
    await page.keyboard.press('Enter');
  }
  await expect(latency).toContainText('No other guest may use its core, pCPU 2.');
  await expect(row('pCPU2', 'rtos-a')).toBeVisible();

  // Pause and destroy are typed as xl commands.
  await lab.act('noisy', 'Pause');
  await expect(lab.domain('noisy').getByTitle('paused')).toBeVisible();
  await expect(lab.console('dom0')).toContainText('xl pause noisy');
  await lab.act('mine', 'Destroy');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');

  // The file is still there at the next visit.
  await page.reload();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.file('/etc/xen/hello.cfg')).toContainText('yours');
  await lab.open('/etc/xen/hello.cfg');
  await expect(lab.editor).toContainText('name = "mine"');
});

test('the plot stands still while the machine is paused, and then continues', async ({ lab, page }) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  const plot = page.getByRole('slider', { name: /^CPU utilisation/ });
  const picture = () => plot.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  // Until the last reply from before the pause is drawn.
  let still = '';
  await expect
    .poll(async () => {
      const before = still;
      still = await picture();
      return before === still;
    })
    .toBe(true);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await picture()).toBe(still);
  await page.keyboard.press('F5');
  await expect.poll(picture).not.toBe(still);
});

test('the plot can be held while the machine runs, and moved back in time', async ({ lab, page }) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  const cpu = lab.panel('CPU');
  await cpu.getByRole('combobox', { name: 'Window' }).selectOption('1 s');
  const slider = cpu.getByRole('slider', { name: /^Ends at/ });
  await expect(slider).toBeEnabled({ timeout: 60_000 });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(cpu.getByRole('button', { name: 'Hold' })).toHaveAttribute('aria-pressed', 'true');
  await expect(slider).toHaveAttribute('aria-valuetext', '1.000 s');
  await cpu.getByRole('button', { name: 'Table' }).click();
  await expect(cpu.getByRole('table')).toContainText('from 0.000 s to 1.000 s');
  const figures = await cpu.getByRole('table').textContent();
  const clock = page.locator('[data-figure="virtual-time"]');
  const then = (await clock.textContent()) ?? '';
  await expect(clock).not.toHaveText(then);
  expect(await cpu.getByRole('table').textContent()).toBe(figures);
  await cpu.getByRole('button', { name: 'Hold' }).click();
  await expect(slider).toHaveAttribute('aria-valuetext', 'now');
});

test('files are made, renamed, removed, uploaded and downloaded', async ({ lab, page }) => {
  await lab.start();
  const tree = page.getByRole('tree');
  await tree.getByRole('treeitem', { name: '/root' }).focus();
  await lab.panel('Files (Domain-0)').getByRole('button', { name: 'new config' }).click();
  await expect(page.getByRole('tab', { name: 'new.cfg' })).toBeVisible();
  await expect(lab.editor).toContainText('name   = "new"');
  await lab.file('/root/new.cfg').focus();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'New name' }).fill('other.cfg');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'other.cfg' })).toBeVisible();
  await lab.file('/root/other.cfg').focus();
  const downloading = page.waitForEvent('download');
  await lab.panel('Files (Domain-0)').getByRole('button', { name: 'Download' }).click();
  expect(readFileSync(await (await downloading).path(), 'utf8')).toContain('name   = "new"');
  await lab.file('/root/other.cfg').focus();
  await page.keyboard.press('Delete');
  await expect(lab.file('/root/other.cfg')).toHaveCount(0);

  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(10)], 'dropped.img'));
    data.items.add(new File(['name = "dropped"'], 'dropped.cfg'));
    return data;
  });
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  // The page says what each file is and where it goes; the user may choose.
  const dialog = page.getByRole('dialog', { name: 'Files for Domain-0' });
  await expect(dialog.getByRole('row', { name: /^dropped\.img/ })).toContainText('not a kernel that xl can start');
  await expect(dialog.getByRole('combobox', { name: 'Folder of dropped.img' })).toHaveValue('/guests');
  await expect(dialog.getByRole('combobox', { name: 'Folder of dropped.cfg' })).toHaveValue('/etc/xen');
  await dialog.getByRole('combobox', { name: 'Folder of dropped.img' }).selectOption('/root');
  await dialog.getByRole('button', { name: 'Put them there' }).click();
  await expect(lab.file('/root/dropped.img')).toContainText('10 B');
  await expect(lab.file('/root/dropped.img')).toBeInViewport();
  await expect(lab.file('/etc/xen/dropped.cfg')).toBeVisible();
  const notice = page.getByRole('status').filter({ hasText: 'in Domain-0 now' });
  await expect(notice).toContainText('/root/dropped.img, /etc/xen/dropped.cfg are in Domain-0 now.');
  await notice.getByRole('button', { name: 'Undo' }).click();
  await expect(lab.file('/root/dropped.img')).toHaveCount(0);
});

test('a device tree in /etc/xen gives a domain the second serial port with its interrupt', async ({ lab, page }) => {
  await lab.start();
  const tree = boardTree((bus) => addDevice(bus, 0xff01_0000, 22).setFlag('xen,passthrough'));
  const config =
    'name="uart"\nkernel="/guests/uart.img"\nmemory=16\niomem=["0xff010,1"]\nirqs=[54]\non_poweroff="preserve"\n';
  const choosing = page.waitForEvent('filechooser');
  await lab.panel('Files (Domain-0)').getByRole('button', { name: 'Upload…' }).click();
  await (await choosing).setFiles([
    { name: 'board.dtb', mimeType: 'application/octet-stream', buffer: Buffer.from(tree) },
    { name: 'uart.cfg', mimeType: 'text/plain', buffer: Buffer.from(config) },
  ]);
  const dialog = page.getByRole('dialog', { name: 'Files for Domain-0' });
  await expect(dialog.getByRole('combobox', { name: 'Folder of board.dtb' })).toHaveValue('/etc/xen');
  await dialog.getByRole('button', { name: 'Put them there' }).click();
  await expect(lab.file('/etc/xen/uart.cfg')).toBeVisible();
  await lab.runInDom0('xl create /etc/xen/uart.cfg');
  await expect(lab.console('dom0')).toContainText('failed give domain access to irq 54');
  await lab.runInDom0('reboot');
  const reset = page.locator('.banner').filter({ hasText: 'Resets since power-on: 1.' });
  await expect(reset).toBeVisible({ timeout: 60_000 });
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.runInDom0('xl create -c /etc/xen/uart.cfg');
  await expect(lab.console('dom0')).toContainText('54 is taken and left active.', { timeout: 60_000 });
});

test('the editor completes, explains, and saves', async ({ lab, page }) => {
  await lab.start();
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('name = "mine"\n');
  await page.keyboard.type('kern');
  await expect(page.getByRole('option', { name: /^kernel/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.type('"/guests/hello.img"');
  await expect(lab.editor).toContainText('kernel = "/guests/hello.img"');
  await lab.editor.getByText('kernel').hover();
  await expect(page.getByText('xl.cfg(5)').first()).toBeVisible();
  await expect(page.getByRole('tab', { name: 'hello.cfg ●' })).toBeVisible();
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('tab', { name: 'hello.cfg', exact: true })).toBeVisible();
  await lab.runInDom0('head -n 1 /etc/xen/hello.cfg');
  await expect(lab.console('dom0')).toContainText('name = "mine"');
});

test('a change by Domain-0’s shell is in the editor, and stays through a reboot of the machine', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.open('/etc/xen/hello.cfg');
  await lab.runInDom0('echo memory = 32 > /etc/xen/hello.cfg');
  await page.getByRole('tab', { name: 'hello.cfg' }).click();
  await expect(lab.editor).toContainText('memory = 32');

  await lab.runInDom0('reboot');
  const notice = page.locator('.banner').filter({ hasText: 'Resets since power-on' });
  await expect(notice).toContainText('Software reset the machine at', { timeout: 60_000 });
  await expect(notice).toContainText('Resets since power-on: 1.');
  await expect(lab.state).toHaveText('Running');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.domain('noisy')).toContainText(/[1-9]\d? %/);
  // A domain that has the number of one before does not continue its text.
  await page.keyboard.press('Control+7');
  await expect(lab.console('domain rtos-a')).toContainText('[the domain was created again]');
  await lab.runInDom0('clear; head -n 1 /etc/xen/hello.cfg; xl list');
  await expect(lab.console('dom0')).toContainText(/memory = 32.*Name.*Domain-0/s);
  await expect(lab.editor).toContainText('memory = 32');
});

test('xl create -c shows the console in Domain-0’s terminal, and opens its tab', async ({ lab, page }) => {
  await lab.start();
  await lab.runInDom0('xl create -c /etc/xen/hello.cfg');
  await expect(lab.console('dom0')).toContainText('Type something', { timeout: 60_000 });
  const tab = page.getByRole('tab', { name: 'hello', exact: true });
  await expect(tab).toHaveAttribute('aria-selected', 'false');
  await tab.click();
  await expect(lab.console('domain hello')).toContainText('Type something');
});

test('the cost of Xen’s work is shown, and can be switched off', async ({ lab, page }) => {
  await lab.start();
  const open = async () => {
    await page.getByRole('menuitem', { name: 'Machine', exact: true }).click();
    await page.getByRole('menuitem', { name: 'What Xen’s work costs…' }).click();
  };
  const dialog = page.getByRole('dialog');
  const trap = dialog.getByRole('row').filter({ hasText: 'Trap from a guest' });
  await open();
  await expect(trap).toContainText('400');
  await dialog.getByRole('checkbox').uncheck();
  await expect(dialog.getByRole('status')).toHaveText('This takes effect at the next reset of the machine.');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+F5');
  await open();
  await expect(trap.getByRole('cell').nth(1)).toHaveText('0');
  await expect(dialog.getByRole('status')).toBeEmpty();
});

for (const [theme, locale] of [
  ['light', 'en-US'],
  ['dark', 'ja-JP'],
] as const) {
  test(`is accessible (${theme}, ${locale})`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ locale, colorScheme: theme, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.goto('/');
    await expect(page.locator('.domains tbody tr')).toHaveCount(4, { timeout: 60_000 });
    await expect(page.locator('.start .picture')).toBeVisible();
    const newcomer = await violations(page);
    await page.locator('[data-path="/etc/xen/rtos-a.cfg"]').click();
    // The comments of the first configs are in the page's language.
    const comment = locale === 'ja-JP' ? '制御タスクは' : 'its control task';
    await expect(page.locator('.monaco-editor').first()).toContainText(comment);
    expect([...newcomer, ...(await violations(page))]).toEqual([]);
    await context.close();
  });
}
