/**
 * A bug is found by going back from what it shows to the store that caused it; the link of that moment shows the same
 * elsewhere.
 */
import { assemble } from '../src/a64/assembler/assemble.ts';
import { expect, Lab, test } from './lab.ts';

/** Where the guest's variable is, from its beginning; it is loaded at 0x80000. */
const variable = 0x1000;
const loadedAt = 0x80000;

/** How the guest's code is found behind the store of 9: `str w2, [x20]` is the last of two. */
const store = Buffer.from([0x82, 0x02, 0x00, 0xb9]);

/** At 1 s it stores a number; at 2.4 s, by mistake, another. At 3.2 s it looks, and says what it finds. */
const guest = assemble(`
    b start
    .word 0
    .quad 0x80000, 0x2000, 0b1010, 0, 0, 0
    .ascii "ARM\\x64"
    .word 0
  start:
    movz x19, #0xff00, lsl #16
    mov w1, #0x14
    str w1, [x19]
    // The event stream wakes WFE (Arm ARM, D11.2.4).
    mov x1, #0xd4
    msr cntkctl_el1, x1
    adr x20, variable
    movz x0, #0x5f5, lsl #16
    bl wait
    mov w2, #7
    str w2, [x20]
    movz x0, #0xe4e, lsl #16
    bl wait
    mov w2, #9
    str w2, [x20]
    movz x0, #0x1313, lsl #16
    bl wait
    ldr w3, [x20]
    add w3, w3, #0x30
    str w3, [x19, #0x30]
    adr x4, text
  next:
    ldrb w5, [x4], #1
    cbz w5, idle
    str w5, [x19, #0x30]
    b next
  idle:
    wfi
    b idle
  wait:
    mrs x6, cntvct_el0
    cmp x6, x0
    b.hs there
    wfe
    b wait
  there:
    ret
  text:
    .ascii " is wrong\\n\\0"
    .align 12
  variable:
    .zero 4096
`);

/** Has the machine stop where something is stored to the variable. */
async function watch({ page }: Lab): Promise<void> {
  const bar = page.getByRole('region', { name: 'The machine’s time' });
  const address = bar.getByRole('textbox', { name: 'Stop at stores to' });
  await address.fill(`0x${(loadedAt + variable).toString(16)}`);
  await address.press('Enter');
}

test('from the message of a bug one goes back to the store that caused it, and sends the moment as a link', async ({
  lab,
  page,
  browser,
}) => {
  test.setTimeout(150_000);
  if (!guest.ok) throw new Error(JSON.stringify(guest.error));
  const image = Buffer.from(guest.value.bytes);
  const patience = { timeout: 60_000 };
  await lab.start();
  await lab.panel('Board').getByRole('button', { name: 'History of the cores' }).click();
  await lab.open('bug.img', image);
  await expect(lab.console).toContainText('9 is wrong', patience);
  await page.keyboard.press('Shift+F5');
  await expect(lab.state).toHaveText('Paused');
  await watch(lab);
  await page.keyboard.press('Shift+F8');
  const behind = (loadedAt + image.lastIndexOf(store) + 4).toString(16).padStart(16, '0');
  const expectFound = async ({ page, state, console }: Lab, as: string): Promise<void> => {
    await expect(state).toHaveText(as, patience);
    await expect(page.locator('[data-figure="virtual-time"]')).toContainText('00:00:02.4');
    await expect(console).not.toContainText('is wrong');
    await page.keyboard.press('F1');
    await page.getByRole('dialog').getByRole('combobox').fill('Go to Registers');
    await page.getByRole('option', { name: 'Go to Registers' }).click();
    await expect(page.getByRole('row', { name: /^PC/ })).toContainText(behind);
  };
  await expectFound(lab, 'Paused in the past');
  await lab.command('Share this machine');
  const dialog = page.getByRole('dialog', { name: 'Share this machine' });
  await expect(dialog.getByRole('status')).toContainText('of at most', patience);
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();

  const context = await browser.newContext({ locale: 'en-US', serviceWorkers: 'block' });
  const other = new Lab(await context.newPage());
  await other.page.goto(link);
  await expect(other.page.getByText('The machine is at the moment of the link')).toBeVisible(patience);
  await other.panel('Board').getByRole('button', { name: 'History of the cores' }).click();
  await watch(other);
  await other.page.keyboard.press('F5');
  await expectFound(other, 'Paused');
  await other.page.keyboard.press('F5');
  await expect(other.console).toContainText('9 is wrong', patience);
  expect(other.errors).toEqual([]);
  await context.close();
});
