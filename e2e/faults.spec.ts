import { readFileSync } from 'node:fs';
import { expect, test } from './lab.ts';

const hello = readFileSync(new URL('../guests/build/hello.elf', import.meta.url));

/** hello.elf with a changed field in its ELF header, or in the first program header, which follows it. */
function changed(change: (elf: DataView) => void): Buffer {
  const bytes = Buffer.from(hello);
  change(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return bytes;
}
const programHeaders = 64;

/** Files that cannot be booted, and the reason that the page must give. */
const badFiles: readonly [name: string, bytes: Buffer, reason: RegExp][] = [
  ['notes.txt', Buffer.from('This is no guest.'), /neither an ELF file nor an arm64 Image/],
  ['empty.elf', Buffer.alloc(0), /empty/],
  ['x86.elf', changed((elf) => elf.setUint16(18, 62, true)), /x86-64|machine/],
  ['far.elf', changed((elf) => elf.setBigUint64(programHeaders + 24, 0xc0_0000_0000n, true)), /outside DRAM/],
  ['short.elf', Buffer.from(hello.subarray(0, 80)), /./],
];

for (const [name, bytes, reason] of badFiles) {
  test(`${name} is refused in one sentence, and the machine runs on`, async ({ lab, page }) => {
    await lab.start();
    await lab.open(name, bytes);
    const text = lab.alert.getByRole('paragraph');
    await expect(text).toContainText(name);
    await expect(text).toHaveText(/^[^\n]+\.$/);
    await expect(text).toHaveText(reason);
    await expect(lab.state).toHaveText('Running');
    await page.keyboard.press('Control+2');
    await page.keyboard.type('still here');
    await expect(lab.console).toContainText('still here');
    await lab.alert.getByRole('button', { name: 'Dismiss' }).click();
    await expect(lab.alert).toHaveCount(0);
  });
}

test('a missing guest is refused by name', async ({ lab, page }) => {
  await lab.start();
  await page.route('**/*.img', (route) => route.fulfill({ status: 404 }));
  await lab.command('Boot the hello guest (Image)');
  await expect(lab.alert.getByRole('paragraph')).toHaveText(/^hello\.img: .*404/);
  await expect(lab.state).toHaveText('Running');
  // The browser itself reports the missing file.
  expect(lab.errors.splice(0)).toEqual([expect.stringContaining('404')]);
});

test('a crash of the worker is shown with its stack, and a restart restores guest, files and layout', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.open('mine.elf', hello);
  // The built-in guest has greeted in the same words: its machine is to be gone.
  await expect(lab.panel('Board').getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
  await expect(lab.state).toHaveText('Running');
  await lab.greeted();
  // The worker of the machine from before waits beside it, to be brought back.
  await page
    .workers()
    .at(-1)
    ?.evaluate(() => {
      setTimeout(() => {
        throw new Error('a bug in the simulator');
      });
    });
  await expect(lab.alert).toContainText('The machine’s worker has crashed: ');
  await expect(lab.alert).toContainText('a bug in the simulator');
  await lab.alert.getByText('Stack').click();
  await expect(lab.alert.locator('pre')).toContainText('Error: a bug in the simulator');
  await expect(lab.state).toHaveText('Crashed');
  expect(lab.errors.splice(0).join()).toContain('a bug in the simulator');

  await lab.alert.getByRole('button', { name: 'Restart the machine' }).click();
  await expect(lab.alert).toHaveCount(0);
  await lab.greeted();
  await expect(lab.state).toHaveText('Running');
  await expect(lab.panel('Board').getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
});

test('a worker that cannot be loaded is shown as a crash', async ({ lab, page }) => {
  await page.route('**/worker-*.js', (route) => route.abort());
  await page.goto('/#board');
  await expect(lab.alert).toContainText('The machine’s worker has crashed: its script could not be loaded');
  lab.errors.length = 0;
  await page.unroute('**/worker-*.js');
  await lab.alert.getByRole('button', { name: 'Restart the machine' }).click();
  await lab.greeted();
});

test('a panel that fails says so and can be reloaded; the others keep working', async ({ lab, page }) => {
  await page.route('**/Terminal-*.js', (route) => route.abort());
  await page.goto('/#board');
  const console = lab.panel('Serial console');
  await expect(console.getByRole('alert')).toContainText('This panel has failed');
  await expect(lab.panel('Board')).toContainText('hello.elf');
  await expect(lab.state).toHaveText('Running');
  lab.errors.length = 0;

  await page.unroute('**/Terminal-*.js');
  await console.getByRole('button', { name: 'Reload the panel' }).click();
  await lab.greeted();
});
