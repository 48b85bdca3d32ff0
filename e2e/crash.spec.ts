/** The tab is killed at random moments: the page opens where it was. `npm run crashes` does it fifty times. */
import { readFileSync } from 'node:fs';
import { Random } from '../rigs/random.ts';
import { expect, Lab, test } from './lab.ts';

const count = Number(process.env.EL2LAB_CRASHES ?? 2);
const guest = readFileSync(new URL('../guests/build/hello.elf', import.meta.url));
/** Virtual time that may be lost, in seconds. */
const lossMax = 2;

/** The virtual time that the status bar shows, in seconds. */
async function timeOf({ page }: Lab): Promise<number> {
  const text = await page.locator('[data-figure="virtual-time"]').innerText();
  const [, hours, minutes, seconds] = /(\d+):(\d+):([\d.]+)/.exec(text) ?? [];
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
}

test('whenever the tab is killed, the page opens where it was, and no file is lost', async ({ lab, context }) => {
  test.setTimeout(60_000 * (count + 1));
  await lab.start();
  await lab.open('mine.elf', guest);
  await lab.greeted();
  await expect(lab.panel('Board').getByText(/^Kept in this browser/)).toBeVisible();
  const random = new Random(Number(process.env.EL2LAB_SEED ?? 1));
  const losses: number[] = [];
  let typed = '';
  let one = lab;
  for (let round = 0; round < count; round++) {
    // At once, or up to two seconds of virtual time later; the keys are on their way, or have come back.
    const key = 'abcdefghijklmnop'.charAt(round % 16);
    const until = (await timeOf(one)) + random.below(200) / 100;
    await one.page.keyboard.press('Control+`');
    await one.page.keyboard.type(key);
    typed += key;
    await expect.poll(() => timeOf(one), { intervals: [20] }).toBeGreaterThanOrEqual(until);
    const killedAt = await timeOf(one);
    const debug = await context.newCDPSession(one.page);
    void debug.send('Page.crash').catch(() => {});
    await one.page.waitForEvent('crash');
    await one.page.close();

    one = new Lab(await context.newPage());
    await one.page.goto('/#board');
    const at = Number(/([\d.]+) s/.exec(await one.goesOn.innerText())?.[1]);
    losses.push(killedAt - at);
    expect(killedAt - at).toBeLessThanOrEqual(lossMax);
    await one.greeted();
    const shown = /powers off\.\s*([a-p]*)/.exec(await one.console.innerText())?.[1];
    expect([typed, typed.slice(0, -1)]).toContain(shown);
    typed = shown ?? '';
    await expect(one.panel('Board').getByRole('button', { name: 'Boot mine.elf' })).toBeVisible();
    expect(one.errors).toEqual([]);
  }
  losses.sort((a, b) => a - b);
  const figure = (share: number): string => (losses[Math.ceil(share * count) - 1] ?? 0).toFixed(2);
  test.info().annotations.push({ type: 'lost', description: `median ${figure(0.5)} s, at most ${figure(1)} s` });
  if (count > 2) console.log(`${count} times killed: lost ${figure(0.5)} s in the median, ${figure(1)} s at most`);
});
