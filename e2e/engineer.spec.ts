import { existsSync } from 'node:fs';
import { expect, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('an engineer’s path: a domain’s details, edited by typed commands; its crash, and its restart', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  const details = lab.panel('Domain details');
  await lab.act('noisy', 'Details');
  await expect(details).toContainText('/etc/xen/noisy.cfg');
  await expect(details).toContainText('PV console');
  await expect(details.getByRole('textbox', { name: 'pCPUs of vCPU 0' })).toHaveValue('1');

  // An edited value becomes a command in Domain-0’s shell; the user’s Enter runs it.
  const weight = details.getByRole('textbox', { name: 'Weight' });
  await expect(weight).toHaveValue('256');
  await weight.fill('512');
  await details.getByRole('button', { name: 'xl sched-credit -d noisy -w 512' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# xl sched-credit -d noisy -w 512');
  await page.keyboard.press('Enter');
  await expect(details.getByRole('button', { name: /^xl sched-credit/ })).toHaveCount(0);
  await expect(weight).toHaveValue('512');
  await details.getByRole('textbox', { name: 'pCPUs of vCPU 0' }).fill('2-3');
  await page.keyboard.press('Enter');
  await expect(lab.console('dom0')).toContainText('dom0# xl vcpu-pin noisy 0 2-3');
  await page.keyboard.press('Enter');
  await expect(details.getByRole('row', { name: /^0 / }).locator('.figure').nth(1)).toHaveText(/^[23]$/);

  // A crash: its reason, where, and the registers.
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');
  await lab.domain('hello').getByRole('button', { name: 'hello', exact: true }).click();
  await expect(lab.console('domain hello')).toContainText('Type something');
  await page.keyboard.type('c');
  await expect(lab.domain('hello').getByTitle(/crashed/)).toBeVisible();
  await lab.act('hello', 'Details');
  await expect(details.locator('.fault')).toHaveText('crashed');
  await expect(details).toContainText('hypercall sched_op');
  await expect(details.getByRole('row', { name: /^X16/ }).getByRole('cell')).toHaveText('000000000000001d');
  const id = await lab.domain('hello').getByRole('cell').first().textContent();

  // The machine goes back to its power-on, and returns.
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  await page.getByRole('region', { name: 'The machine’s time' }).getByRole('slider').fill('0');
  await expect(lab.state).toHaveText('Paused in the past');
  await expect(lab.panel('Domains')).not.toContainText('hello');
  await page.keyboard.press('Control+F8');
  await expect(lab.state).toHaveText('Paused');
  await expect(lab.domain('hello').getByTitle(/crashed/)).toBeVisible();
  await page.keyboard.press('F5');

  // What has crashed is not paused or rebooted but created again.
  await lab.domain('hello').getByRole('button', { name: 'Actions of hello' }).click();
  await expect(page.getByRole('menuitem', { name: /xl (pause|reboot|shutdown)/ })).toHaveCount(0);
  await page.getByRole('menuitem', { name: /^Restart/ }).click();
  await expect(lab.console('dom0')).toContainText('xl destroy hello && xl create /etc/xen/hello.cfg');
  await expect(lab.domain('hello').getByRole('cell').first()).not.toHaveText(id ?? '');
  await expect(details.locator('.fault')).toHaveCount(0);
});

test('Xen’s command line, pCPUs and memory of the next start are a form that says what each word does', async ({
  lab,
  page,
}) => {
  await lab.start();
  await page.getByRole('menuitem', { name: 'Machine', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Next start of Xen…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('status')).toHaveText('Xen runs with this now.');
  const line = dialog.getByRole('textbox', { name: 'Xen’s command line' });
  await line.fill('dom0_mem=4G');
  await expect(dialog.getByRole('status')).toContainText('dom0_mem has to be from 2M to 2032M');
  await expect(dialog.getByRole('button', { name: 'Start Xen again' })).toHaveAttribute('aria-disabled', 'true');
  await line.fill('dom0_mem=256M sched_credit_tslice_ms=5 tickless');
  await expect(dialog.getByRole('row', { name: /^dom0_mem=256M/ })).toContainText('takes effect');
  await expect(dialog.getByRole('row', { name: /^tickless/ })).toContainText('ignored');
  await dialog.getByRole('combobox', { name: 'Physical CPUs' }).selectOption('2');
  await expect(dialog.getByRole('status')).toContainText('takes effect at the next start');
  await dialog.getByRole('button', { name: 'Start Xen again' }).click();
  await expect(page.getByRole('contentinfo')).toContainText('ZCU102 2x Cortex-A53');
  await expect(lab.console('dom0')).toContainText('dom0#');
  await lab.runInDom0('xl sched-credit -s');
  await expect(lab.console('dom0')).toContainText('tslice=5ms');

  // Paused, a step executes one instruction of the core that runs a vCPU.
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Go to Registers' }).click();
  const registers = lab.panel('Registers');
  await expect(registers.getByRole('combobox', { name: 'Core' }).locator(':checked')).toHaveText(/^[01]: \S+ v0$/);
  const pc = registers.getByRole('row', { name: /^PC/ }).getByRole('cell');
  const before = (await pc.textContent()) ?? '';
  await page.keyboard.press('F10');
  await expect(pc).not.toHaveText(before);
  await expect(registers.locator('.changed').first()).toBeVisible();

  await page.reload();
  await expect(page.getByRole('contentinfo')).toContainText('ZCU102 2x Cortex-A53');
});

test('a console’s tab opens with its domain, says when that has ended, and is there for the next of its name', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  const tab = page.getByRole('tab', { name: 'hello', exact: true });
  await expect(tab).toHaveAttribute('aria-selected', 'false');
  await lab.runInDom0('xl destroy hello');
  await expect(tab).toHaveAccessibleDescription('does not exist now');
  // Its time in the figures keeps its name.
  const legend = page.getByRole('list', { name: 'Domains' });
  await expect(legend).toContainText('hello');
  await expect(legend).not.toContainText(/domain \d/);
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  await expect(tab).toHaveAccessibleDescription('');
  await page.keyboard.press('Control+Shift+Digit1');
  await expect(page.getByRole('textbox', { name: 'Console of hello' })).toBeFocused();
  await expect(lab.console('domain hello')).toContainText('Type something');

  // Dom0’s shell: Ctrl+R finds an earlier line.
  await page.getByRole('tab', { name: 'Domain-0', exact: true }).click();
  await page.locator('[data-panel="console dom0"] textarea').focus();
  await page.keyboard.press('Control+r');
  await page.keyboard.type('destroy');
  await expect(lab.console('dom0')).toContainText("(reverse-i-search)`destroy': xl destroy hello");
  await page.keyboard.press('Enter');
  await expect(tab).toHaveAccessibleDescription('does not exist now');
});

const images = ['Image', 'initrd.gz', 'guest-initrd.gz', 'guest-disk.img'];

test('linux-a is created by a click: Linux is fetched then and not before, and its console answers', async ({
  lab,
  page,
}) => {
  test.skip(
    !images.every((name) => existsSync(new URL(`../images/${name}`, import.meta.url))),
    'the images folder does not hold what npm run images fetches and makes',
  );
  test.setTimeout(600_000);
  const fetched: string[] = [];
  page.on('request', (request) => {
    const name = request.url().match(/\/images\/([^?]*)/)?.[1] ?? 'manifest.json';
    if (name !== 'manifest.json') fetched.push(name);
  });
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.open('/etc/xen/linux-a.cfg');
  expect(fetched).toEqual([]);
  await page.getByText('Create this domain').click();
  await expect(page.getByRole('status').filter({ hasText: 'A domain needs Linux.' })).toBeVisible({ timeout: 60_000 });
  await expect(lab.domain('linux-a')).toBeVisible({ timeout: 120_000 });
  expect(fetched.sort()).toEqual([...images].sort());
  await expect(lab.file('/guests/linux.img')).toContainText('MiB');
  await expect(lab.file('/guests/linux.img')).not.toContainText('yours');
  await lab.domain('linux-a').getByRole('button', { name: 'linux-a', exact: true }).click();
  const console = lab.console('domain linux-a');
  await expect(console).toContainText('LINUX-READY', { timeout: 400_000 });
  await page.keyboard.type('echo $((6 * 7)) from $(hostname)\n');
  await expect(console).toContainText('42 from linux-a', { timeout: 60_000 });
});
