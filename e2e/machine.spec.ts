import { readFileSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { expect, test } from './lab.ts';

const guest = (name: string) => readFileSync(new URL(`../guests/build/${name}`, import.meta.url));

/** hello.img, which asks for PSCI SYSTEM_RESET on q in place of SYSTEM_OFF. */
const resetting = guest('hello.img');
resetting.writeUInt32LE(0x8400_0009, resetting.indexOf(Buffer.from([0x08, 0x00, 0x00, 0x84])));

test('the built-in guest prints its greeting at once', async ({ lab }) => {
  await lab.start();
  await expect(lab.console).toContainText('Hello from EL1.');
  await expect(lab.state).toHaveText('Running');
});

test('the guest echoes keys, and q powers the machine off', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('Control+`');
  await page.keyboard.type('abc?');
  await expect(lab.console).toContainText('abc?');
  await page.keyboard.type('q');
  await expect(lab.console).toContainText('Powering off.');
  await expect(lab.state).toHaveText('Powered off');
  await expect(lab.panel('Board')).toContainText('Core 0: off');
});

test('the same guest runs from an arm64 Image', async ({ lab }) => {
  await lab.start();
  const board = lab.panel('Board');
  await board.getByRole('button', { name: 'Boot hello.img' }).click();
  await expect(board).toContainText('arm64 Image');
  await lab.greeted();
});

test('a user’s own file boots from the file picker, and by drag and drop', async ({ lab, page }) => {
  await lab.start();
  const board = lab.panel('Board');
  await lab.open('mine.elf', guest('hello.elf'));
  await expect(board.getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
  await lab.greeted();

  const transfer = await page.evaluateHandle(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'dropped.img'));
      return data;
    },
    [...guest('hello.img')],
  );
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await expect(page.getByText('Drop a kernel (ELF or arm64 Image)')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(board.getByRole('button', { name: 'Boot dropped.img' })).toBeVisible();
  await expect(board).toContainText('arm64 Image');
  await lab.greeted();
  // Both are kept.
  await page.reload();
  await lab.greeted();
  await expect(board.getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
  await board.getByRole('button', { name: 'Boot dropped.img' }).click();
  await expect(board).toContainText('arm64 Image');
  await board.getByRole('button', { name: 'Remove mine.elf' }).click();
  await expect(board.getByRole('button', { name: 'Boot mine.elf' })).toHaveCount(0);
  await page.reload();
  await expect(board.getByRole('button', { name: 'Boot dropped.img' })).toBeVisible();
  await expect(board.getByRole('button', { name: 'Boot mine.elf' })).toHaveCount(0);
});

test('a machine is saved as a file and goes on from it; a file that is none is refused', async ({ lab, page }) => {
  await lab.start();
  const board = lab.panel('Board');
  const open = async (file: string | { name: string; mimeType: string; buffer: Buffer }) => {
    const chooser = page.waitForEvent('filechooser');
    await board.getByRole('button', { name: 'Open machine file…' }).click();
    await (await chooser).setFiles(file);
  };
  await page.keyboard.press('Control+`');
  await page.keyboard.type('abc?');
  await expect(lab.console).toContainText('abc?');
  const download = page.waitForEvent('download');
  await board.getByRole('button', { name: 'Save machine as file' }).click();
  const saved = await (await download).path();
  await page.keyboard.press('Control+`');
  await page.keyboard.type('q');
  await expect(lab.state).toHaveText('Powered off');
  await open(saved);
  await expect(lab.state).toHaveText('Running');
  await expect(lab.console).not.toContainText('Powering off.');
  await open({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('nothing') });
  await expect(lab.alert).toContainText('notes.txt is no snapshot of EL2 Lab.');
  await page.keyboard.press('Control+`');
  await page.keyboard.type('xyz');
  await expect(lab.console).toContainText('abc?xyz');
});

test('the page opens where it was, whenever it is closed; another tab says that its machine is not kept', async ({
  lab,
  page,
}) => {
  test.setTimeout(120_000);
  await lab.start();
  const seconds = async (of: Locator) => Number(/([\d.]+) s/.exec((await of.textContent()) ?? '')?.[1]);
  const kept = lab.panel('Board').getByText(/^Kept in this browser/);
  await page.keyboard.press('Control+`');
  for (const [typed, shown] of [
    ['one', 'one'],
    ['two', 'onetwo'],
  ] as const) {
    await page.keyboard.type(typed);
    await expect(lab.console).toContainText(shown);
    const before = await seconds(kept);
    await expect.poll(() => seconds(kept)).toBeGreaterThan(before + 1.5);
    const then = await seconds(kept);
    await page.reload();
    expect(await seconds(lab.goesOn)).toBeGreaterThanOrEqual(then);
    await expect(lab.console).toContainText(shown);
    await page.keyboard.press('Control+`');
  }
  // Paused, and at which pace, it stays as it was.
  await page.getByRole('button', { name: 'Pace: real time' }).click();
  await page.keyboard.press('Shift+F5');
  await expect(lab.panel('Board')).toContainText('Kept in this browser as it is now.');
  await page.reload();
  await expect(lab.state).toHaveText('Paused');
  await expect(page.getByRole('button', { name: 'Pace: unlimited' })).toBeVisible();
  const other = await page.context().newPage();
  await other.goto('/#board');
  await expect(other.getByText('Another tab keeps its machine in this browser.')).toBeVisible();
  await other.close();
  await page.getByRole('button', { name: 'Start afresh' }).click();
  await expect(lab.goesOn).toHaveCount(0);
  await expect(lab.console).not.toContainText('onetwo');
  await lab.greeted();
});

test('Linux opens at its shell where that has been prepared, and nothing else is fetched for it', async ({
  lab,
  page,
}) => {
  // A snapshot of the hello guest takes the place of Linux's, which is not on every server.
  await lab.start();
  const board = lab.panel('Board');
  for (const [name, value] of [
    ['Cores', '4'],
    ['Exception level', 'EL2'],
  ] as const)
    await board.getByRole('combobox', { name }).selectOption(value);
  await board.getByRole('button', { name: 'Boot hello.img' }).click();
  await expect(lab.console).toContainText('Hello from EL2.');
  await page.keyboard.press('Control+`');
  await page.keyboard.type('prepared');
  await expect(lab.console).toContainText('prepared');
  const download = page.waitForEvent('download');
  await board.getByRole('button', { name: 'Save machine as file' }).click();
  const snapshot = readFileSync(await (await download).path());

  const files = new Map([
    ...['Image', 'initrd.gz', 'zcu102.dtb'].map((name) => [name, Buffer.alloc(0)] as const),
    ['linux.snap', snapshot],
  ]);
  const asked: string[] = [];
  await page.context().route('**/images/**', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    if (name === 'manifest.json')
      return route.fulfill({ json: [...files.keys()].map((file) => ({ name: file, size: 1 })) });
    asked.push(name);
    const body = files.get(name);
    return body ? route.fulfill({ body }) : route.fulfill({ status: 404 });
  });
  await page.reload();
  await board.getByRole('button', { name: 'Boot hello.elf' }).click();
  await lab.greeted();
  await board.getByRole('button', { name: 'Boot Linux' }).click();
  await expect(lab.console).toContainText('prepared');
  expect(asked).toEqual(['linux.snap']);
});

test('an initial RAM disk is chosen for the next boot, and kept', async ({ lab, page }) => {
  await lab.start();
  const board = lab.panel('Board');
  await lab.open('mine.cpio', Buffer.from('070701'));
  const initrd = board.getByRole('combobox', { name: 'Initial RAM disk' });
  await expect(initrd.locator(':checked')).toHaveText('mine.cpio');
  await board.getByRole('combobox', { name: 'Kernel' }).selectOption('hello.img');
  await board.getByRole('button', { name: 'Boot the chosen files' }).click();
  await expect(board).toContainText('hello.img, mine.cpio');
  await lab.greeted();
  await page.reload();
  await initrd.selectOption('mine.cpio');
});

test('pause stops the machine, step executes one instruction, and run continues', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  const registers = lab.panel('Registers');
  const pc = registers.getByRole('row', { name: /^PC/ }).getByRole('cell');
  await expect(pc).toHaveText(/^[0-9a-f]{16}$/);
  const time = page.locator('[data-figure="virtual-time"]');
  const pausedAt = await time.textContent();
  const before = await pc.textContent();
  await page.keyboard.press('F10');
  await expect(pc).not.toHaveText(before ?? '');
  await expect(registers.locator('.changed').first()).toBeVisible();
  await page.keyboard.press('F5');
  await expect(lab.state).toHaveText('Running');
  await expect(time).not.toHaveText(pausedAt ?? '');
});

test('reset starts the guest again', async ({ lab, page }) => {
  await lab.start();
  await page.keyboard.press('Control+2');
  await page.keyboard.type('xyz');
  await expect(lab.console).toContainText('xyz');
  await lab.command('Reset the machine');
  await expect(lab.console).not.toContainText('xyz');
  await lab.greeted();
});

test('a reset by the guest starts it again: the console goes on, and the page says what happened', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.open('again.img', resetting);
  // The guest before greets in the same words: keys typed too early would be its.
  await expect(lab.panel('Log')).toContainText('again.img: Image');
  await lab.greeted();
  await expect(page.locator('[data-figure="resets"]')).toHaveCount(0);
  const notice = page.locator('.banner').filter({ hasText: 'Resets since power-on' });
  for (const count of [1, 2]) {
    await page.keyboard.press('Control+2');
    await page.keyboard.type(`round ${count} q`);
    await expect(notice).toHaveText(
      new RegExp(
        `^Software reset the machine at [0-9.]+ s. It has started again. Resets since power-on: ${count}.Dismiss$`,
      ),
    );
    await expect(page.locator('[data-figure="resets"]')).toHaveText(`Resets: ${count}`);
    await expect(lab.console).toContainText(new RegExp(`round ${count} .*Hello from EL1.*key comes back`));
    await expect(page.locator('[data-announcements]')).toContainText('Software reset the machine at');
    await expect(lab.state).toHaveText('Running');
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await expect(notice).toHaveCount(0);
  }
  await expect(lab.panel('Log')).toContainText('software has reset the system (reset 2): it has started again');
  await lab.command('Reset the machine');
  await expect(page.locator('[data-figure="resets"]')).toHaveCount(0);
});

test('the next boot’s settings make the machine, and are remembered', async ({ lab, page }) => {
  await lab.start();
  const board = lab.panel('Board');
  await board.getByRole('combobox', { name: 'Cores' }).selectOption('4');
  await board.getByRole('combobox', { name: 'Memory' }).selectOption('512 MiB');
  await board.getByRole('combobox', { name: 'Exception level' }).selectOption('EL2');
  await board.getByRole('button', { name: 'Boot hello.elf' }).click();
  await expect(lab.console).toContainText('Hello from EL2.');
  await expect(board).toContainText('Core 3: off');
  await expect(page.getByRole('contentinfo')).toContainText('4 × Cortex-A53 · 512 MiB');
  await page.reload();
  await expect(lab.console).toContainText('Hello from EL2.');
});

test('the log says which guest was loaded', async ({ lab }) => {
  await lab.start();
  await expect(lab.panel('Log').getByRole('row', { name: /hello\.elf/ })).toBeVisible();
});

test('a guest that computes ends by itself at unlimited pace', async ({ lab, page }) => {
  await lab.start();
  await page.getByRole('button', { name: 'Pace: real time' }).click();
  await expect(page.getByRole('button', { name: 'Pace: unlimited' })).toBeVisible();
  await lab.panel('Board').getByRole('button', { name: 'Boot primes.elf' }).click();
  await expect(lab.console).toContainText('78498 primes in');
  await expect(lab.state).toHaveText('Powered off');
  // No core runs then, and how busy each was can still be seen.
  await expect(lab.panel('Board')).toContainText('Core 0: off');
  await lab.panel('Board').getByRole('button', { name: 'History of the cores' }).click();
  await lab.panel('CPU').getByRole('button', { name: 'Table' }).click();
  await expect(lab.panel('CPU').getByRole('row', { name: /^CPU0/ })).toContainText(/[1-9]\d*\.\d %/);
});

test('a paused machine sends the page nothing', async ({ lab, page }) => {
  await page.addInitScript(() => {
    const counts = { received: 0 };
    Object.assign(globalThis, { counts });
    const { addEventListener } = Worker.prototype;
    Worker.prototype.addEventListener = function (this: Worker, type: string, ...rest: [EventListener]) {
      if (type === 'message') addEventListener.call(this, type, () => void counts.received++);
      addEventListener.call(this, type, ...rest);
    };
  });
  await lab.start();
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  await expect(lab.panel('Registers').getByRole('table')).toBeVisible();
  // In each of these thirty frames, the page could ask and get a reply.
  const received = () =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 30; frame++) await new Promise(requestAnimationFrame);
      return (globalThis as unknown as { counts: { received: number } }).counts.received;
    });
  const before = await received();
  expect(await received()).toBe(before);
});
