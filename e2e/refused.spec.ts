import { expect, test } from './lab.ts';

const links = [
  '#board=1.',
  '#board=9.AAAA',
  '#board=1.AAAA',
  `#board=1.${'A'.repeat(40_000)}`,
  '#board=1.<img src=x onerror=hacked=1>',
];
const files = ['https://elsewhere.example/x.snap', 'javascript:hacked=1', '../none.snap'];

test('links and files that are hostile, damaged or elsewhere are refused in a sentence, and the machine goes on', async ({
  lab,
  page,
}) => {
  await lab.start();
  await page.keyboard.press('Control+`');
  await page.keyboard.type('abc');
  await expect(lab.console).toContainText('abc');
  for (const link of links) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, link);
    await expect(lab.alert).toContainText(/link|machine/);
    await lab.alert.getByRole('button', { name: 'Dismiss' }).click();
    await expect(lab.state).toHaveText('Running');
    await expect(lab.console).toContainText('abc');
  }
  for (const file of files) {
    await page.goto(`/?session=${encodeURIComponent(file)}#board`);
    await expect(lab.alert).toContainText(/\.\s*Dismiss$/);
    await lab.greeted();
    await expect(lab.state).toHaveText('Running');
  }
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  // The browser says which of them were not there.
  lab.errors.splice(0, Number.POSITIVE_INFINITY, ...lab.errors.filter((error) => !error.includes('404')));
});
